// What cannot be scored counts as the worst, is told by name, and evolution goes on.
import { describe, expect, it, onTestFinished } from 'vitest'
import type {
  DoneReport,
  FailureReport,
  PopulationReport,
} from '../../../src/actors/population/population-server.ts'
import {
  type EvaluatorOptions,
  startPopulation,
} from '../../../src/actors/population/population-supervisor.ts'
import { stop } from '../../../src/behaviours/gen-server.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { selfPlay } from '../../../src/evolution/strategy/self-play.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { deadlyNim, deadlyProblem, moodyNim, moodyProblem, sleepyProblem } from './moody.ts'

async function run(
  evaluator: EvaluatorOptions,
  problem: Problem,
  generationsMax = 5,
  settings = settingsFor('moody', 40),
): Promise<PopulationReport[]> {
  const reports: PopulationReport[] = []
  const over = Promise.withResolvers<DoneReport>()
  const reporter = spawn((report: PopulationReport) => {
    reports.push(report)
    if (report.type === 'done') over.resolve(report)
  })
  const { supervisor } = await startPopulation({
    problem,
    seed: 1,
    settings,
    evaluator,
    generationsMax,
    reporters: [reporter],
  })
  onTestFinished(() => stop(supervisor, 'shutdown'))
  await over.promise
  return reports
}

const failures = (reports: readonly PopulationReport[]): FailureReport[] =>
  reports.filter((report) => report.type === 'failure')

const ways: [string, EvaluatorOptions][] = [
  ['in this thread', { kind: 'inline' }],
  ['in worker threads, which import its module', { kind: 'pool', workers: 2 }],
  ['as processes', { kind: 'process' }],
]

describe('an environment that throws or answers NaN', () => {
  it.each(ways)('does not stop evolution %s', async (_, evaluator) => {
    const reports = await run(evaluator, moodyProblem)
    const told = failures(reports)
    expect(told.length).toBeGreaterThan(4)
    const place = 'moody, step 0 of episode 0, seed "moody evaluation"'
    const texts = told.map(({ failure }) => failure)
    expect(texts).toContain(`${place}: it threw: too bold for me`)
    expect(texts).toContain(`${place}: its reward is NaN`)
    for (const { genotype, seed } of told) {
      expect(genotype).toMatch(/^[0-9a-f]{64}$/)
      expect(seed).toBe(1)
    }
    const best = reports.flatMap((report) => (report.type === 'generation' ? [report.best] : []))
    expect(best).toHaveLength(5)
    expect(best.at(-1)?.fitness).toBeGreaterThan(0)
    // At most FAILURES_TOLD_MAX a generation.
    expect(told.length).toBeLessThanOrEqual(5 * 8)
  })

  it('is told the same whichever way it is run', async () => {
    const [first, ...others] = await Promise.all(ways.map(([, way]) => run(way, moodyProblem)))
    const told = (reports: readonly PopulationReport[]): unknown[] =>
      failures(reports).map(({ genotype, failure, generation }) => [genotype, failure, generation])
    for (const other of others) expect(told(other)).toEqual(told(first!))
  })
})

describe('a genotype that ends its worker thread', () => {
  it('is named, counts as the worst, and evolution goes on', async () => {
    const reports = await run({ kind: 'pool', workers: 2 }, deadlyProblem, 2)
    const told = failures(reports)
    expect(told.length).toBeGreaterThan(0)
    for (const { genotype, seed, failure } of told) {
      expect(genotype).toMatch(/^[0-9a-f]{64}$/)
      expect(seed).toBe(1)
      expect(failure).toContain('thread')
    }
    expect(reports.filter(({ type }) => type === 'generation')).toHaveLength(2)
  })
})

describe('matches that cannot be played', () => {
  const strategy = selfPlay({ opponents: 2 })
  const settings = { ...settingsFor('nim', 12), strategy }

  it.each([
    ['a player throws', moodyNim, 'bad loser', ways[0]![1]],
    ['a player throws in a worker thread', moodyNim, 'bad loser', ways[1]![1]],
    ['it ends its worker thread again and again', deadlyNim, 'thread', ways[1]![1]],
  ] as const)('do not stop evolution when %s', async (_, problem, reason, evaluator) => {
    const reports = await run(evaluator, problem, 2, settings)
    const told = failures(reports)
    expect(told.length).toBeGreaterThan(0)
    for (const { failure } of told) expect(failure).toContain('a match was not played')
    expect(told.some(({ failure }) => failure.includes(reason))).toBe(true)
    const generations = reports.filter(({ type }) => type === 'generation')
    expect(generations).toHaveLength(2)
  })
})

describe('a network as processes that stalls', () => {
  it('has no score after its timeout, and evolution goes on', async () => {
    const evaluator = { kind: 'process', stallTimeoutMs: 30 } as const
    const told = failures(await run(evaluator, sleepyProblem, 2))
    expect(told.length).toBeGreaterThan(0)
    expect(told[0]!.failure).toContain('stalled')
  })
})
