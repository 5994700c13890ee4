import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { problemOf } from '../../src/evolution/environment/problem.ts'
import { xor } from '../../src/evolution/environment/xor.ts'
import {
  ask,
  type EvolutionState,
  inject,
  matchesOf,
  measuresOf,
  registerStrategy,
  startEvolution,
  strategyNames,
  tell,
} from '../../src/evolution/evolution.ts'
import { EvolutionSettingsError } from '../../src/evolution/evolution-settings.ts'
import { packGenotypes } from '../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { createPopulation, nextGeneration } from '../../src/evolution/population.ts'
import { defaultSettings, settingsFor } from '../../src/evolution/strategy/settings.ts'
import type { Strategy } from '../../src/evolution/strategy/strategy.ts'
import { grownGenotype } from './generated-genotype.ts'

/** Runs a task by the strategy of its settings. */
function run(task: string, generations: number, seed: number): EvolutionState {
  const problem = problemOf({ task })
  let state = startEvolution(problem, settingsFor(task), seed)
  for (let i = 0; i < generations; i++) {
    const networks = ask(state).map((genotype) => new Network(compile(genotype)))
    state = tell(
      state,
      networks.map((network) => problem.evaluate(network)),
    )
  }
  return state
}

describe('NEAT as a strategy', () => {
  // The bits of two runs before strategies existed: genotypes and champion.
  const golden = [
    ['xor', 20, 'b6a9460008111c452a4343c78faa28011aba834f5b888504e1c8b99934d5f35f'],
    ['dpnv', 12, '867a463074aa23b707918966219518169ea0c9882411554c49eb8729d3d0a02e'],
  ] as const

  for (const [task, generations, hash] of golden) {
    it(`still gives the bits it always gave: ${task}`, () => {
      const state = run(task, generations, 7)
      const bits = JSON.stringify([ask(state), state.champion])
      expect(createHash('sha256').update(bits).digest('hex')).toBe(hash)
    })
  }

  it('is what `nextGeneration` does', () => {
    const settings = { ...defaultSettings, populationSize: 10 }
    const fitnesses = Array.from({ length: 10 }, (_, i) => i)
    const scores = fitnesses.map((fitness) => ({ fitness, steps: 1, solved: false }))
    const population = createPopulation(xor, settings, 1)
    const state = startEvolution(xor, settings, 1)
    expect(state).toEqual(population)
    expect(tell(state, scores)).toEqual(nextGeneration(population, fitnesses))
    expect(measuresOf(state)).toMatchObject({ species: population.species.length })
    expect(matchesOf(state)).toBeUndefined()
  })

  it('takes in immigrants, once', () => {
    const state = startEvolution(xor, { ...defaultSettings, populationSize: 4 }, 1)
    const neurons = (genotype: Genotype): Genotype['neurons'] =>
      genotype.neurons.map((neuron) => ({ ...neuron, activation: xor.outputActivation }))
    const plain = grownGenotype(2, 1, 1, 4)
    const foreign = { ...plain, neurons: neurons(plain) }
    const first = inject(state, foreign)
    if (!first.ok) throw new Error(first.reason)
    expect(inject(first.state, foreign)).toEqual({ ok: false, reason: 'duplicate' })
    expect(inject(state, grownGenotype(3, 1, 1, 4))).toEqual({ ok: false, reason: 'shape' })
    const scores = ask(state).map(() => ({ fitness: 1, steps: 1, solved: false }))
    expect(ask(tell(first.state, scores))[0]).toEqual(foreign)
  })
})

describe('registerStrategy', () => {
  interface Counted extends EvolutionState {
    readonly told: number
  }
  const counting: Strategy<Counted> = {
    name: 'counting',
    init: (task, settings, seed) => {
      const { inputs, outputs, outputActivation, hiddenActivation } = task
      const shape = { inputs, outputs, outputActivation, hiddenActivation }
      return { shape, settings, seed, generation: 0, evaluations: 0, immigrants: [], told: 0 }
    },
    ask: () => [grownGenotype(2, 1, 1, 0)],
    tell: (state, { length }) => ({ ...state, told: state.told + length }),
    living: () => packGenotypes(2, 1, []),
    measures: ({ told }) => ({ told }),
  }

  it('makes a strategy of the user run by its name', () => {
    registerStrategy(counting)
    registerStrategy(counting)
    expect(strategyNames()).toContain('counting')
    let state = startEvolution(xor, { ...defaultSettings, strategy: { name: 'counting' } }, 1)
    state = tell(state, [{ fitness: 1, steps: 1, solved: false }])
    expect(measuresOf(state)).toEqual({ told: 1 })
  })

  it('refuses a second strategy of a name', () => {
    registerStrategy(counting)
    expect(() => registerStrategy({ ...counting })).toThrow(RangeError)
  })

  it('names the strategies there are when one is asked for that is not', () => {
    const settings = { ...defaultSettings, strategy: { name: 'alchemy' } }
    expect(() => startEvolution(xor, settings, 1)).toThrow(EvolutionSettingsError)
    expect(() => startEvolution(xor, settings, 1)).toThrow(/alchemy: use one of .*generational/)
  })
})
