// What the parent of a brain knows of its nodes: a fold over their events, without clock or screen.
//
//   let progress = newProgress(['node-1', 'node-2'])
//   progress = advance(progress, { node: 'node-1', report: { event: 'generation', … } })
import type { BrainEvent } from '../../actors/brain/brain-event.ts'

/** How a node stands, as far as its events tell. */
export type NodeState = 'starting' | 'shared' | 'alone' | 'down' | 'solved' | 'done'

/** One line of the live table. */
export interface NodeProgress {
  readonly name: string
  readonly state: NodeState
  readonly generation: number
  readonly bestFitness: number | undefined
  /** Of all lives of the node. */
  readonly evaluations: number
  /** Of the lives that ended: what the counters of a restarted node begin above. */
  readonly before: Counters
  readonly now: Counters
  readonly evaluationsPerSecond: number
  /** The figures of its strategy, by name. */
  readonly measures: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
  readonly restarts: number
}

/** Counters that a node begins at zero in each life. */
export interface Counters {
  readonly evaluations: number
  readonly generations: number
  readonly sent: number
  readonly received: number
  readonly imports: number
  readonly refused: number
}

export type Solution = Extract<BrainEvent, { event: 'solved' }> & { readonly node: string }

export interface Progress {
  readonly nodes: readonly NodeProgress[]
  /** How often the station was started again. */
  readonly stationRestarts: number
  readonly solution: Solution | undefined
}

/** What reaches the parent: a line of a node, or news of its operating-system process. */
export interface NodeReport {
  readonly node: string
  readonly report: BrainEvent | { readonly event: 'exited' } | { readonly event: 'restarted' }
}

const zero: Counters = {
  evaluations: 0,
  generations: 0,
  sent: 0,
  received: 0,
  imports: 0,
  refused: 0,
}

/** Before anything was heard. */
export function newProgress(names: readonly string[]): Progress {
  return {
    solution: undefined,
    stationRestarts: 0,
    nodes: names.map((name) => ({
      name,
      state: 'starting',
      generation: 0,
      bestFitness: undefined,
      evaluations: 0,
      before: zero,
      now: zero,
      evaluationsPerSecond: 0,
      measures: {},
      refused: {},
      restarts: 0,
    })),
  }
}

/** What is known after one more report; any program but the nodes is the station. */
export function advance(progress: Progress, { node, report }: NodeReport): Progress {
  if (!progress.nodes.some(({ name }) => name === node)) {
    const isRestart = report.event === 'restarted'
    return { ...progress, stationRestarts: progress.stationRestarts + (isRestart ? 1 : 0) }
  }
  const nodes = progress.nodes.map((row) => (row.name === node ? advanceNode(row, report) : row))
  const solution =
    report.event === 'solved' && report.fitness > (progress.solution?.fitness ?? -Infinity)
      ? { ...report, node }
      : progress.solution
  return { ...progress, nodes, solution }
}

function advanceNode(row: NodeProgress, report: NodeReport['report']): NodeProgress {
  switch (report.event) {
    case 'generation':
      return withGeneration(row, report)
    case 'connected':
      return { ...row, state: 'shared' }
    case 'disconnected':
      return { ...row, state: 'alone' }
    case 'solved':
      return {
        ...row,
        state: 'solved',
        bestFitness: Math.max(report.fitness, row.bestFitness ?? report.fitness),
      }
    case 'stopped':
      return report.reason === 'generations' ? { ...row, state: 'done' } : row
    case 'exited':
      return {
        ...row,
        state: row.state === 'done' ? 'done' : 'down',
        evaluationsPerSecond: 0,
        before: sum(row.before, row.now),
        now: zero,
      }
    case 'restarted':
      return { ...row, state: 'starting', restarts: row.restarts + 1 }
    default:
      return row
  }
}

function withGeneration(
  row: NodeProgress,
  report: Extract<BrainEvent, { event: 'generation' }>,
): NodeProgress {
  const now: Counters = {
    evaluations: report.evaluations,
    generations: report.generation + 1,
    sent: report.sent,
    received: report.received,
    imports: report.imports,
    refused: Object.values(report.refused).reduce((total, count) => total + count, 0),
  }
  return {
    ...row,
    generation: report.generation,
    bestFitness: Math.max(report.bestFitness, row.bestFitness ?? report.bestFitness),
    evaluations: row.before.evaluations + now.evaluations,
    now,
    evaluationsPerSecond: report.evaluationsPerSecond,
    measures: report.measures ?? {},
    refused: report.refused,
  }
}

function sum(a: Counters, b: Counters): Counters {
  return {
    evaluations: a.evaluations + b.evaluations,
    generations: a.generations + b.generations,
    sent: a.sent + b.sent,
    received: a.received + b.received,
    imports: a.imports + b.imports,
    refused: a.refused + b.refused,
  }
}

/** Counters of one node over all its lives. */
export function countersOf(row: NodeProgress): Counters {
  return sum(row.before, row.now)
}

/** The whole brain in numbers; `generations` of the node that has had most. */
export function totals(progress: Progress): Counters & {
  readonly restarts: number
  readonly bestFitness: number | undefined
} {
  const best = progress.nodes.flatMap(({ bestFitness }) => bestFitness ?? [])
  return {
    ...progress.nodes.map(countersOf).reduce(sum, zero),
    restarts: progress.nodes.reduce(
      (total, { restarts }) => total + restarts,
      progress.stationRestarts,
    ),
    bestFitness: best.length === 0 ? undefined : Math.max(...best),
    generations: Math.max(0, ...progress.nodes.map((row) => countersOf(row).generations)),
  }
}

/** Until all have had so many generations, at the speed of now; undefined while none is known. */
export function secondsLeft({ nodes }: Progress, generations: number): number | undefined {
  const times = nodes.map(({ generation, now, evaluationsPerSecond }) => {
    const perGeneration = now.evaluations / (generation + 1)
    return (perGeneration * Math.max(0, generations - generation - 1)) / evaluationsPerSecond
  })
  const longest = Math.max(...times)
  return Number.isFinite(longest) ? longest : undefined
}
