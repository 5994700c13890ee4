// What a person sees of a brain: a live table on a terminal, a line a fact elsewhere, JSON on
// request.
import { setLogger } from '../../runtime/logger.ts'
import { crashReporter } from '../failure.ts'
import { writeEvent } from '../output.ts'
import { Screen, styled, type Terminal } from '../screen.ts'
import { counted, formatDuration, groupDigits } from '../table.ts'
import type { Listening } from './monitor.ts'
import type { Done } from './outcome.ts'
import type { NodeReport, Progress } from './progress.ts'
import { secondsLeft, totals } from './progress.ts'
import { brainTable, formatFitness, measuresText } from './table.ts'

export interface BrainViewOptions {
  readonly task: string
  readonly seed: number
  /** Nodes of a brain; undefined for one population alone. */
  readonly nodes: number | undefined
  /** After which evolution stops: then the time that is left can be told. */
  readonly generations?: number
  readonly json: boolean
}

export interface BrainView {
  listening(listening: Listening): void
  started(program: string, pid: number | undefined): void
  report(report: NodeReport, progress: Progress): void
  exited(program: string, status: number | null, signal: string | null): void
  complained(program: string, line: string): void
  stopping(): void
  finished(done: Done, files: readonly string[]): void
}

/** The view that the options ask for; it also tells of processes that crash. */
export function brainView(options: BrainViewOptions, stream: Terminal = process.stdout): BrainView {
  const view = options.json ? new JsonView(options) : new PersonView(options, stream)
  setLogger(crashReporter((line) => view.complained('arbor', line)))
  return view
}

class JsonView implements BrainView {
  readonly #isAlone: boolean

  constructor({ task, seed, nodes }: BrainViewOptions) {
    this.#isAlone = nodes === undefined
    writeEvent(
      nodes === undefined ? { event: 'evolve', task, seed } : { event: 'brain', task, seed, nodes },
    )
  }

  listening(listening: Listening): void {
    writeEvent(listening)
  }

  started(node: string, pid: number | undefined): void {
    writeEvent({ event: 'program_started', node, pid })
  }

  report({ node, report }: NodeReport): void {
    writeEvent(this.#isAlone ? report : { node, ...report })
  }

  exited(node: string, status: number | null, signal: string | null): void {
    writeEvent({ event: 'program_ended', node, status, signal })
  }

  complained(program: string, line: string): void {
    process.stderr.write(`${program}: ${line}\n`)
  }

  stopping(): void {}

  finished(done: Done): void {
    writeEvent(done)
  }
}

class PersonView implements BrainView {
  readonly #stream: Terminal
  readonly #screen: Screen
  readonly #options: BrainViewOptions
  #isStopping = false
  #bestTold = Number.NEGATIVE_INFINITY
  #bestText = ''
  #solutionTold = Number.NEGATIVE_INFINITY
  /** Node and reason of what was refused: a flood is one line, and counted in the table. */
  readonly #refusalsTold: Set<string> = new Set()

  constructor(options: BrainViewOptions, stream: Terminal) {
    this.#options = options
    this.#stream = stream
    this.#screen = new Screen(stream)
    const { task, seed, nodes } = options
    const who = nodes === undefined ? 'one population evolves' : `${nodes} nodes evolve`
    this.#screen.line(`${nodes === 1 ? 'one node evolves' : who} ${task} (seed ${seed})`)
  }

  listening({ host, port }: Listening): void {
    this.#screen.line(`station  listens on ${host}:${port}`)
  }

  started(program: string, pid: number | undefined): void {
    this.#screen.line(`${program.padEnd(8)} is process ${pid}`)
  }

  report({ node, report }: NodeReport, progress: Progress): void {
    // What nodes say while they stop is for the results; the table stands as it was.
    if (this.#isStopping) return
    const { restarts } = totals(progress)
    this.#screen.show((columns) => [
      '',
      ...brainTable(progress.nodes, columns, this.#options.nodes === undefined),
      '',
      ...this.#measures(progress),
      `restarts ${restarts}${this.#estimate(progress)}${this.#isStopping ? '' : '   Ctrl-C stops'}`,
    ])
    const line = this.#lineOf(node, report)
    if (line === undefined) return
    this.#screen.line(this.#options.nodes === undefined ? line : `${node.padEnd(8)} ${line}`)
  }

  /** Of one population alone: those of several nodes would not fit. */
  #measures({ nodes }: Progress): string[] {
    const text = this.#options.nodes === undefined ? measuresText(nodes[0]?.measures ?? {}) : ''
    return text === '' ? [] : [text]
  }

  #estimate(progress: Progress): string {
    const { generations } = this.#options
    if (generations === undefined) return ''
    const seconds = secondsLeft(progress, generations)
    return seconds === undefined ? '' : `   at most ${formatDuration(seconds)} left`
  }

  /**
   * Facts that stay on the screen; the table shows the rest. Without a table, new bests are told
   * too.
   */
  #lineOf(node: string, report: NodeReport['report']): string | undefined {
    switch (report.event) {
      case 'connected':
        return 'shares with the station'
      case 'disconnected':
        return `evolves on alone: ${reasonOf(report.reason)}`
      case 'restarted':
        return styled('yellow', 'restarted', this.#stream)
      case 'imported':
        return this.#screen.isLive ? undefined : `let in ${formatFitness(report.fitness)}`
      case 'refused': {
        const refusal = `${node} ${report.reason}`
        if (this.#refusalsTold.has(refusal)) return undefined
        this.#refusalsTold.add(refusal)
        return styled('yellow', `refuses genotypes: ${report.reason}`, this.#stream)
      }
      case 'generation': {
        if (this.#screen.isLive || report.bestFitness <= this.#bestTold) return undefined
        this.#bestTold = report.bestFitness
        const best = formatFitness(report.bestFitness)
        // Progress in the sixth digit is none for a person.
        if (best === this.#bestText) return undefined
        this.#bestText = best
        const own = measuresText(report.measures ?? {})
        return `generation ${report.generation}, best ${best}${own === '' ? '' : `, ${own}`}`
      }
      case 'solved':
        if (report.fitness <= this.#solutionTold) return undefined
        this.#solutionTold = report.fitness
        return styled('green', `solved: ${report.detail}`, this.#stream)
      default:
        return undefined
    }
  }

  exited(program: string, status: number | null, signal: string | null): void {
    const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`
    this.#screen.line(styled('red', `${program.padEnd(8)} ${how}`, this.#stream))
  }

  complained(program: string, line: string): void {
    this.#screen.line(`${program.padEnd(8)} ${line}`)
  }

  stopping(): void {
    this.#isStopping = true
    this.#screen.end()
  }

  finished(done: Done, files: readonly string[]): void {
    const { solved, evaluations, seconds, imports, refused, restarts } = done
    const outcome = solved
      ? styled('green', 'solved', this.#stream)
      : styled('yellow', 'not solved', this.#stream)
    const starts =
      done.generalisation === null ? '' : `, ${done.generalisation} of 625 other starts`
    this.#screen.line(
      `${this.#options.task} ${outcome}: best fitness ` +
        `${formatFitness(done.bestFitness ?? undefined)}${starts}` +
        (done.detail === undefined ? '' : `; ${done.detail}`),
    )
    const shared =
      this.#options.nodes === undefined
        ? ''
        : `${counted(imports, 'genotype')} let in, ${refused} refused, `
    this.#screen.line(
      `${groupDigits(evaluations)} evaluations in ${formatDuration(seconds)}; ` +
        `${shared}${counted(restarts, 'restart')}`,
    )
    if (files.length > 0) this.#screen.line(`wrote ${files.join(', ')}`)
  }
}

/** The one reason that a person can mend, in words. */
function reasonOf(reason: string): string {
  if (!reason.includes('replaced_by_newer_handshake')) return reason
  return 'another node came with the same key (give each a --key of its own)'
}
