// Populations whose genotypes are tuned: whoever runs them, the same bits, the same count.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CheckpointFile } from '../../../src/actors/population/checkpoint-file.ts'
import type {
  DoneReport,
  PopulationReport,
} from '../../../src/actors/population/population-server.ts'
import {
  type EvaluatorOptions,
  type PopulationTreeOptions,
  startPopulation,
} from '../../../src/actors/population/population-supervisor.ts'
import { stop } from '../../../src/behaviours/gen-server.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { evaluateLives, evaluationsSpent } from '../../../src/evolution/evaluate-tuned.ts'
import { ask, livesOf, startEvolution, tell } from '../../../src/evolution/evolution.ts'
import type { EvolutionSettings } from '../../../src/evolution/evolution-settings.ts'
import { bestIndex } from '../../../src/evolution/fitness.ts'
import { defaultRoulette, type RouletteSettings } from '../../../src/evolution/mutation/operator.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { performerOf } from '../../../src/evolution/tuning.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { moodyProblem } from './moody.ts'

/** DXNN's operators with all that can be inherited: plastic neurons, agents that change. */
const roulette: RouletteSettings = {
  ...defaultRoulette,
  weights: {
    ...{ add_neuron: 2, add_outlink: 2, add_bias: 1, mutate_pf: 4, mutate_response: 1 },
    ...{ mutate_tuning_selection: 1, mutate_heredity_type: 1, mutate_weights: 1 },
  },
  mutationCount: { name: 'const', parameter: 2 },
  neuralPfns: ['none', 'hebbian', 'ojas'],
}

function settings(strategy: string, populationSize = 10): EvolutionSettings {
  const plain = settingsFor('xor', populationSize)
  const mutation = { ...plain.reproduction.mutation, roulette }
  return {
    ...plain,
    strategy: { name: strategy },
    reproduction: { ...plain.reproduction, mutation },
    tuning: {
      tuningSelectionFs: ['dynamic_random', 'all'],
      tuningDurationF: { name: 'const', parameter: 3 },
      heredityTypes: ['darwinian', 'lamarckian', 'baldwinian'],
    },
  }
}

type Given = Partial<PopulationTreeOptions> & Pick<PopulationTreeOptions, 'evaluator' | 'settings'>

async function run(given: Given): Promise<PopulationReport[]> {
  const reports: PopulationReport[] = []
  const over = Promise.withResolvers<DoneReport>()
  const reporter = spawn((report: PopulationReport) => {
    reports.push(report)
    if (report.type === 'done') over.resolve(report)
  })
  const { supervisor } = await startPopulation({
    problem: xor,
    seed: 3,
    generationsMax: 4,
    stopWhenSolved: false,
    reporters: [reporter],
    ...given,
  })
  onTestFinished(() => stop(supervisor, 'shutdown'))
  await over.promise
  return reports
}

/** What must be the same, of every report. */
const told = (reports: readonly PopulationReport[]): unknown[] =>
  reports.map((report) => {
    if (report.type === 'failure') return [report.genotype, report.failure, report.evaluations]
    const best = report.type === 'champion' ? report : report.best
    return [report.type, report.evaluations, report.generation, best.genotype, best.fitness]
  })

const ways: [string, EvaluatorOptions][] = [
  ['one thread', { kind: 'pool', workers: 1 }],
  ['two threads', { kind: 'pool', workers: 2 }],
  ['three threads', { kind: 'pool', workers: 3 }],
  ['processes', { kind: 'process' }],
]

const inline = { kind: 'inline' } as const

describe('a population that is tuned', () => {
  const expected = new Map<string, Promise<PopulationReport[]>>()
  it.each(ways)('comes to the same bits by %s as in this thread', async (_, evaluator) => {
    for (const strategy of ['generational', 'steady_state']) {
      const given = { settings: settings(strategy), generationsMax: 6 }
      const here = expected.get(strategy) ?? run({ ...given, evaluator: inline })
      expected.set(strategy, here)
      expect(told(await run({ ...given, evaluator }))).toEqual(told(await here))
    }
  })

  it('comes to what the pure functions make of its seed, and counts every trial', async () => {
    let state = startEvolution(xor, settings('generational'), 3)
    const expected: unknown[] = []
    for (let generation = 0; generation < 4; generation++) {
      const asked = ask(state)
      const evaluations = evaluateLives(xor, asked, livesOf(state)!)
      const best = bestIndex(evaluations.map(({ fitness }) => fitness))
      const spent = state.evaluations + evaluationsSpent(evaluations)
      const genotype = performerOf(asked[best]!, evaluations[best]!)
      const { fitness } = evaluations[best]!
      expected.push(['generation', spent, generation, genotype, fitness])
      expect(xor.evaluate(new Network(compile(genotype))).fitness).toBe(fitness)
      state = tell(state, evaluations)
    }
    const reports = await run({
      evaluator: inline,
      settings: settings('generational'),
    })
    expect(told(reports).slice(0, 4)).toEqual(expected)
  })

  it('ends when its evaluations are spent, trials included', async () => {
    const reports = await run({
      evaluator: inline,
      settings: settings('generational'),
      generationsMax: 1_000,
      evaluationsMax: 500,
    })
    const done = reports.at(-1)!
    expect(done).toMatchObject({ type: 'done', reason: 'evaluations' })
    expect(done.evaluations).toBeGreaterThan(400)
    expect(done.generation).toBeLessThan(20)
  })

  it.each([
    ['in this thread', { kind: 'inline' }],
    ['in threads', { kind: 'pool', workers: 2 }],
    ['as processes', { kind: 'process' }],
  ] as [string, EvaluatorOptions][])('goes on when trials fail %s', async (_, evaluator) => {
    const problem: Problem = moodyProblem
    const given = { problem, settings: settings('generational', 8), generationsMax: 2 }
    const reports = await run({ ...given, evaluator })
    expect(told(reports)).toEqual(told(await run({ ...given, evaluator: inline })))
    expect(reports.filter(({ type }) => type === 'generation')).toHaveLength(2)
  })

  it('goes on from a checkpoint bit for bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arbor-tuned-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const store = (name: string): CheckpointFile => new CheckpointFile(join(folder, name))
    const given = { evaluator: inline, settings: settings('generational') }
    const whole = { store: store('whole'), intervalMs: 0 }
    await run({ ...given, checkpoint: whole, generationsMax: 8 })
    const halves = { store: store('halves'), intervalMs: 0 }
    await run({ ...given, checkpoint: halves, generationsMax: 3 })
    await run({ ...given, checkpoint: { ...halves, resume: true }, generationsMax: 8 })
    const loaded = await halves.store.load()
    expect(loaded).toEqual(await whole.store.load())
    const { population } = loaded!
    expect(population.generation).toBe(7)
    expect(population.evaluations).toBeGreaterThan(7 * 10 * 4)
  })
})
