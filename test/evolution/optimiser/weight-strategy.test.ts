import { describe, expect, it } from 'vitest'
import { doublePole } from '../../../src/evolution/environment/double-pole.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import {
  ask,
  type EvolutionState,
  inject,
  measuresOf,
  startEvolution,
  strategyNames,
  tell,
} from '../../../src/evolution/evolution.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { layeredGenotype } from '../../../src/evolution/optimiser/layered-genotype.ts'
import { optimiserNames } from '../../../src/evolution/optimiser/optimisation.ts'
import { optimise } from '../../../src/evolution/optimiser/optimise.ts'
import { topologyFor, weightTaskFor } from '../../../src/evolution/optimiser/settings.ts'
import {
  type WeightStrategySettings,
  weightStrategy,
} from '../../../src/evolution/optimiser/weight-strategy.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'

const settingsWith = (strategy: WeightStrategySettings) => ({ ...settingsFor('xor'), strategy })

function round(state: EvolutionState): EvolutionState {
  const networks = ask(state).map((genotype) => new Network(compile(genotype)))
  return tell(
    state,
    networks.map((network) => xor.evaluate(network)),
  )
}

describe.each(optimiserNames)('the strategy %s', (name) => {
  const strategy = weightStrategy({ name: name as 'cma_es', hidden: [3] })

  it('is known, and gets better at XOR on one topology', () => {
    expect(strategyNames()).toContain(name)
    let state = startEvolution(xor, settingsWith(strategy), 1)
    const first = ask(state)
    for (const genotype of first) expect(checkGenotype(genotype).ok).toBe(true)
    while (state.evaluations < 3_000) state = round(state)
    expect(state.champion!.fitness).toBeGreaterThan(9)
    const links = ({ from, to }: { from: number; to: number }): string => `${from} ${to}`
    expect(state.champion!.genotype.links.map(links)).toEqual(first[0]!.links.map(links))
  })

  it('continues a copy bit for bit', () => {
    let state = startEvolution(xor, settingsWith(strategy), 'seed')
    for (let i = 0; i < 3; i++) state = round(state)
    let copy = structuredClone(state)
    for (let i = 0; i < 3; i++) {
      state = round(state)
      copy = round(copy)
    }
    expect(copy).toEqual(state)
    expect(measuresOf(state)).toMatchObject({ restarts: 0, iteration: 6 })
  })
})

describe('a strategy of weights', () => {
  it('evaluates immigrants beside its candidates, and may take them for champions', () => {
    const task = weightTaskFor('xor')
    const solution = optimise(xor, topologyFor('xor', xor), task.settings, 1)
    expect(solution.verification?.solved).toBe(true)
    const state = startEvolution(xor, settingsWith({ name: 'cma_es', hidden: [4] }), 1)
    const admission = inject(state, solution.champion)
    expect(admission.ok).toBe(true)
    if (!admission.ok) return
    // It may come while the candidates are being evaluated, as any other: it is asked for next.
    expect(ask(admission.state)).toEqual(ask(state))
    const joined = round(admission.state)
    expect(joined.immigrants).toEqual([])
    const candidates = ask(round(state))
    expect(ask(joined)).toEqual([...candidates, solution.champion])
    const next = round(joined)
    expect(next.champion!.genotype).toEqual(solution.champion)
    expect(next.evaluations).toBe(joined.evaluations + candidates.length + 1)
    expect(ask(next)).toHaveLength(candidates.length)
  })

  it('searches on the topology it is given, from its own weights', () => {
    const genotype = optimise(
      xor,
      topologyFor('xor', xor),
      weightTaskFor('xor').settings,
      1,
    ).champion
    const strategy = weightStrategy({ name: 'one_fifth', genotype, sigma0: 1e-9, popsize: 3 })
    const state = round(startEvolution(xor, settingsWith(strategy), 1))
    expect(state.champion!.fitness).toBeCloseTo(
      xor.evaluate(new Network(compile(genotype))).fitness,
    )
  })

  it('refuses a topology of another task, and settings out of range', () => {
    const genotype = layeredGenotype({ shape: doublePole, hidden: [] })
    const start = (strategy: WeightStrategySettings) => () =>
      startEvolution(xor, settingsWith(strategy), 1)
    expect(start({ name: 'snes', genotype })).toThrow('genotype has 6 inputs and 1 outputs')
    expect(start({ name: 'snes', sigma0: 0 })).toThrow('sigma0 is 0')
  })
})

describe('optimise', () => {
  it('solves the double pole, and is the same for the same seed', () => {
    const { settings } = weightTaskFor('dpv')
    const topology = topologyFor('dpv', doublePole)
    const solved = optimise(doublePole, topology, settings, 3)
    expect(solved.verification?.solved).toBe(true)
    expect(solved.evaluations).toBeLessThan(2_000)
    const { champion, evaluations } = optimise(doublePole, topology, settings, 3)
    expect({ champion, evaluations }).toEqual({
      champion: solved.champion,
      evaluations: solved.evaluations,
    })
    const network = new Network(compile(champion))
    expect(doublePole.verify(network).solved).toBe(true)
  })

  it('ends by its budget with the best it found', () => {
    const settings = { ...weightTaskFor('dpv').settings, maxfevals: 30 }
    const ended = optimise(doublePole, topologyFor('dpv', doublePole), settings, 1)
    expect(ended.evaluations).toBe(32)
    expect(ended.verification).toBeUndefined()
    const again = doublePole.evaluate(new Network(compile(ended.champion)))
    expect(again).toEqual(ended.evaluation)
  })
})
