import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import {
  best,
  inject,
  measure,
  type PopulationPid,
  type PopulationReport,
  subscribeReports,
} from '../../../src/actors/population/population-server.ts'
import {
  type EvaluatorOptions,
  type PopulationTreeOptions,
  populationSpec,
  startPopulation,
} from '../../../src/actors/population/population-supervisor.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import { doublePoleNoVelocity } from '../../../src/evolution/environment/double-pole.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import type { Name, Pid } from '../../../src/runtime/pid.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit, processCount, waitForExit } from '../../../src/runtime/signal.ts'
import type { SupervisorPid } from '../../../src/supervisors/supervisor.ts'
import { Supervisor } from '../../../src/supervisors/supervisor.ts'
import { grownGenotype } from '../../evolution/generated-genotype.ts'
import { threadCount } from './worker-threads.ts'

type Report = PopulationReport<string>

/** Keeps reports; `next` waits for the first that satisfies, past ones included. */
class Reports {
  readonly all: Report[] = []
  readonly #waiting: { matches: (report: Report) => boolean; done: (report: Report) => void }[] = []
  readonly pid: Pid<Report> = spawn((report: Report) => {
    this.all.push(report)
    for (const waiting of this.#waiting) if (waiting.matches(report)) waiting.done(report)
  })

  first<Type extends Report['type']>(
    type: Type,
    matches: (report: Extract<Report, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<Report, { type: Type }>> {
    const isIt = (report: Report): report is Extract<Report, { type: Type }> =>
      report.type === type && matches(report as Extract<Report, { type: Type }>)
    const found = this.all.find(isIt)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve) => {
      this.#waiting.push({ matches: isIt, done: (report) => isIt(report) && resolve(report) })
    })
  }

  /** What must not depend on time or place. */
  history(): unknown[] {
    return this.all.map((report) => {
      const { population: _, ...facts } = report
      return facts.type === 'generation' ? { ...facts, seconds: 0, evaluationsPerSecond: 0 } : facts
    })
  }
}

let trees: SupervisorPid[] = []
afterEach(async () => {
  for (const tree of trees) await stop(tree, 'shutdown')
  trees = []
  await expect.poll(threadCount).toBe(0)
})

async function evolve(
  options: Partial<PopulationTreeOptions<string>> = {},
): Promise<{ population: PopulationPid<string>; reports: Reports; supervisor: SupervisorPid }> {
  const reports = new Reports()
  const { population, supervisor } = await startPopulation<string>({
    problem: xor,
    seed: 7,
    settings: settingsFor((options.problem ?? xor).name, 100),
    evaluator: { kind: 'inline' },
    reporters: [reports.pid],
    ...options,
  })
  trees.push(supervisor)
  return { population, reports, supervisor }
}

const evaluators: [string, EvaluatorOptions][] = [
  ['one worker thread', { kind: 'pool', workers: 1 }],
  ['two worker threads', { kind: 'pool', workers: 2 }],
  ['three worker threads', { kind: 'pool', workers: 3 }],
  ['neuron processes', { kind: 'process' }],
]

describe('a run', () => {
  it.each(evaluators)('is decided by its seed, in %s as in this thread', async (_, evaluator) => {
    const seeds = [1, 2]
    for (const seed of seeds) {
      const here = await evolve({ seed, generationsMax: 40 })
      const there = await evolve({ seed, generationsMax: 40, evaluator })
      await Promise.all([here.reports.first('done'), there.reports.first('done')])
      expect(there.reports.history(), `seed ${seed}`).toEqual(here.reports.history())
      expect(there.reports.all.length).toBeGreaterThan(2)
    }
  })

  it.each(evaluators.slice(0, 3))(
    'of recurrent networks is so, too, in %s',
    async (_, evaluator) => {
      const problem = doublePoleNoVelocity
      const here = await evolve({ problem, generationsMax: 12 })
      const there = await evolve({ problem, generationsMax: 12, evaluator })
      await Promise.all([here.reports.first('done'), there.reports.first('done')])
      expect(there.reports.history()).toEqual(here.reports.history())
    },
  )

  it('reports every generation, its champion, and the end', async () => {
    const { population, reports } = await evolve({ seed: 3, settings: settingsFor('xor') })
    const done = await reports.first('done')
    const champion = await reports.first('champion', ({ verification }) => verification.solved)
    expect(done).toMatchObject({ reason: 'solved', population })
    const generations = reports.all.filter((report) => report.type === 'generation')
    generations.forEach((report, index) => {
      expect(report.generation).toBe(index)
      expect(report.evaluations).toBe(150 * (index + 1))
      expect(report.best.fitness).toBeGreaterThanOrEqual(report.meanFitness)
      expect(report.meanFitness).toBeGreaterThanOrEqual(report.worstFitness)
      expect(report.species).toBeGreaterThan(0)
      const again = xor.evaluate(new Network(compile(report.best.genotype)))
      expect(again.fitness).toBe(report.best.fitness)
    })
    expect(champion).toMatchObject({ generation: done.generation, evaluations: done.evaluations })
    expect(xor.verify(new Network(compile(champion.genotype)))).toEqual(champion.verification)
    expect(done.best.fitness).toBe(Math.max(...generations.map((report) => report.best.fitness)))
  })

  it('goes on when the champion fails the full criterion, which is tried once', async () => {
    const strict: Problem = { ...xor, verify: () => ({ solved: false, detail: 'never enough' }) }
    const { reports } = await evolve({ problem: strict, seed: 3, generationsMax: 60 })
    expect(await reports.first('done')).toMatchObject({ reason: 'generations', generation: 59 })
    const champions = reports.all.filter((report) => report.type === 'champion')
    expect(champions.length).toBeGreaterThan(0)
    expect(new Set(champions.map(({ genotype }) => JSON.stringify(genotype))).size).toBe(
      champions.length,
    )
  })

  it('ends with the last generation that is allowed', async () => {
    const unsolvable: Problem = { ...xor, verify: () => ({ solved: false, detail: '' }) }
    const byGenerations = await evolve({ problem: unsolvable, generationsMax: 1 })
    expect(await byGenerations.reports.first('done')).toMatchObject({
      reason: 'generations',
      generation: 0,
      evaluations: 100,
    })
    const byEvaluations = await evolve({ problem: unsolvable, evaluationsMax: 399 })
    expect(await byEvaluations.reports.first('done')).toMatchObject({
      reason: 'evaluations',
      generation: 2,
      evaluations: 300,
    })
  })
})

describe('best', () => {
  it('is the best of all generations, and when it was found', async () => {
    const { population, reports } = await evolve({ generationsMax: 5 })
    await reports.first('done')
    const generations = reports.all.filter((report) => report.type === 'generation')
    const top = generations.reduce((a, b) => (b.best.fitness > a.best.fitness ? b : a))
    const { generation, evaluations } = top
    expect(await best(population)).toEqual({ ...top.best, generation, evaluations })
  })
})

/** A run that does not end by itself. */
const endless: Problem = {
  ...doublePoleNoVelocity,
  verify: () => ({ solved: false, detail: '' }),
}

describe('inject', () => {
  it('lets a genotype join the next generation, with its origin', async () => {
    // A champion of another run, in a place where nothing as good can be yet.
    const other = await evolve({ seed: 3, settings: settingsFor('xor') })
    const { genotype, fitness } = await other.reports.first('champion')
    const { population, reports } = await evolve({ seed: 8 })
    inject(population, { genotype, fitness, origin: 'another island' })
    const report = await reports.first('generation', ({ generation }) => generation === 1)
    expect(report.best).toEqual({ genotype, fitness, origin: 'another island' })
    const champion = await reports.first('champion')
    expect(champion).toMatchObject({ origin: 'another island', genotype, generation: 1 })
    expect(await best(population)).toMatchObject({ origin: 'another island', generation: 1 })
    expect(await reports.first('done')).toMatchObject({ best: { origin: 'another island' } })
  })

  it('survives what does not fit', async () => {
    const { population, reports } = await evolve({ problem: endless })
    const genotype: Genotype = grownGenotype(5, 2, 1, 3)
    inject(population, { genotype, fitness: 1e9, origin: 'nowhere' })
    const later = await reports.first('generation', ({ generation }) => generation === 2)
    expect(later.best.origin).toBeUndefined()
  })
})

describe('measure', () => {
  it('scores foreign genotypes while generations pass, and counts no evaluations', async () => {
    const { population, reports } = await evolve({ problem: endless })
    const genotype = grownGenotype(3, 1, 1, 3)
    const evaluations = await measure(population, [genotype, genotype])
    const expected = endless.evaluate(new Network(compile(genotype)))
    expect(evaluations).toEqual([expected, expected])
    const second = await reports.first('generation', ({ generation }) => generation === 1)
    expect(second.evaluations).toBe(200)
    await expect(measure(population, [grownGenotype(5, 2, 1, 3)])).rejects.toMatchObject({
      code: 'wrong_shape',
    })
  })
})

describe('subscribeReports', () => {
  it('sends what happens from now on, until the reporter ends', async () => {
    const { population, reports } = await evolve({ problem: endless })
    await reports.first('generation', ({ generation }) => generation === 1)
    const late = new Reports()
    await subscribeReports(population, late.pid)
    const heard = await late.first('generation')
    expect(heard.generation).toBeGreaterThan(1)
    exit(late.pid, 'kill')
    const { length } = late.all
    await reports.first('generation', ({ generation }) => generation === heard.generation + 3)
    expect(late.all.length).toBeLessThanOrEqual(length + 1)
  })
})

describe('startPopulation', () => {
  it.each(['pool', 'inline', 'process'] as const)('leaves nothing behind (%s)', async (kind) => {
    const count = processCount()
    const reports = new Reports()
    const { supervisor } = await startPopulation<string>({
      problem: endless,
      seed: 1,
      settings: settingsFor('dpnv', 50),
      evaluator: { kind, workers: 2 },
      reporters: [reports.pid],
    })
    await reports.first('generation')
    await stop(supervisor, 'shutdown')
    expect(processCount()).toBe(count + 1)
    await expect.poll(threadCount).toBe(0)
  })
})

describe('a program whose population has stopped', () => {
  it('has no timer left that would keep it running', async () => {
    const program = fileURLToPath(new URL('run-and-stop.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    expect(JSON.parse(stdout)).toEqual([])
  })
})

describe('the tree of a population', () => {
  it('refuses a problem that worker threads do not know', async () => {
    const own: Problem = { ...xor, name: 'mine', reference: { task: 'mine' } }
    const settings = settingsFor('xor', 10)
    const evaluator = { kind: 'pool', workers: 1 } as const
    const failure = startPopulation({ problem: own, seed: 1, settings, evaluator })
    await expect(failure).rejects.toMatchObject({ code: 'unknown_problem' })
    const { supervisor, population } = await startPopulation({
      ...{ problem: own, seed: 1, settings },
      evaluator: { kind: 'inline' },
      generationsMax: 1,
    })
    trees.push(supervisor)
    expect(await measure(population, [])).toEqual([])
  })
})

describe('populationSpec', () => {
  const name: Name<PopulationPid<string>> = 'tested-population'

  it('starts the population again when it crashes, with threads of its own only', async () => {
    const reports = new Reports()
    const spec = populationSpec<string>({
      name,
      problem: endless,
      seed: 1,
      settings: settingsFor('dpnv', 50),
      evaluator: { kind: 'pool', workers: 2 },
      reporters: [reports.pid],
    })
    const tree = await start(new Supervisor({ children: [spec] }))
    trees.push(tree)
    await reports.first('generation')
    const population = whereis(name)
    exit(population!, 'struck_by_lightning')
    await reports.first('generation', (report) => report.population !== population)
    expect(whereis(name)).not.toBe(population)
    await expect.poll(threadCount).toBe(2)
    expect(await best(name)).toBeDefined()
  })

  it('gives up with the reason when genotypes cannot be evaluated', async () => {
    const worker = new URL('dead-worker.ts', import.meta.url)
    const { population, supervisor } = await evolve({
      problem: endless,
      evaluator: { kind: 'pool', workers: 1, worker },
    })
    trees = []
    const reason = await waitForExit(population)
    expect(reason).toMatchObject({ evaluation_failed: { code: 'thread_ended' }, generation: 0 })
    expect(await waitForExit(supervisor)).toBe('shutdown')
  })
})
