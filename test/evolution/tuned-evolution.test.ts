// Strategies whose genotypes are tuned: what is counted, what is inherited, and who is refused.
import { describe, expect, it } from 'vitest'
import type { HeredityType } from '../../src/evolution/agent.ts'
import type { Evaluation, Problem } from '../../src/evolution/environment/environment.ts'
import { xor } from '../../src/evolution/environment/xor.ts'
import { evaluateLives, evaluationsSpent, heirsOf } from '../../src/evolution/evaluate-tuned.ts'
import {
  ask,
  type EvolutionState,
  lineageOf,
  livesOf,
  startEvolution,
  strategyNames,
  tell,
} from '../../src/evolution/evolution.ts'
import type { EvolutionSettings } from '../../src/evolution/evolution-settings.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { genotypeId } from '../../src/evolution/genotype-codec.ts'
import { ancestors, type LineageRow } from '../../src/evolution/lineage.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { optimiserNames } from '../../src/evolution/optimiser/optimisation.ts'
import { settingsFor } from '../../src/evolution/strategy/settings.ts'

const { samples: _, ...unsampled } = xor
/** XOR that says what a network does. */
const walker: Problem = {
  ...unsampled,
  behaviourSize: 2,
  evaluate: (network) => {
    const evaluation = xor.evaluate(network)
    return { ...evaluation, behaviour: [evaluation.fitness / 16, network.plan.links / 20] }
  },
}

const tuned = ['generational', 'hall_of_fame', 'islands', 'map_elites', 'novelty', 'rtneat']
const able = [...tuned, 'steady_state']

function settings(name: string, heredity: HeredityType = 'darwinian'): EvolutionSettings {
  return {
    ...settingsFor('xor', 16),
    strategy: { name },
    tuning: {
      tuningDurationF: { name: 'const', parameter: 2 },
      perturbationRanges: [0.1, 0.5],
      heredityTypes: [heredity],
    },
  }
}

function lived(state: EvolutionState): Evaluation[] {
  return evaluateLives(walker, ask(state), livesOf(state)!)
}

function stateAfter(name: string, rounds: number, heredity?: HeredityType): EvolutionState {
  let state = startEvolution(walker, settings(name, heredity), 3)
  for (let round = 0; round < rounds; round++) state = tell(state, lived(state))
  return state
}

const weightsOf = ({ links }: Genotype): string => JSON.stringify(links.map((link) => link.weight))

describe.each(able)('%s with tuning', (name) => {
  it('gives its first genotypes agents, drawn from the settings', () => {
    const agents = ask(startEvolution(walker, settings(name), 3)).map(({ agent }) => agent)
    const ranges = agents.map((agent) => agent?.perturbationRange)
    expect(new Set(ranges)).toEqual(name === 'rtneat' ? new Set([ranges[0]]) : new Set([0.1, 0.5]))
    expect(agents[0]).toMatchObject({ tuningDuration: { name: 'const', parameter: 2 } })
  })

  it('counts every evaluation of every life', () => {
    let state = startEvolution(walker, settings(name), 3)
    let spent = 0
    for (let round = 0; round < 20; round++) {
      const evaluations = lived(state)
      spent += evaluationsSpent(evaluations)
      state = tell(state, evaluations)
      expect(state.evaluations).toBe(spent)
    }
    expect(spent).toBeGreaterThan(20 * 2)
  })

  it('has a champion that scores what it is said to', () => {
    for (const heredity of ['darwinian', 'baldwinian'] as const) {
      const { champion } = stateAfter(name, 20, heredity)
      const { fitness } = walker.evaluate(new Network(compile(champion!.genotype)))
      expect(fitness).toBe(champion!.fitness)
    }
  })

  it('tells a lineage without gaps, tuning included', () => {
    let state = startEvolution(walker, { ...settings(name), lineage: true }, 3)
    const rows: LineageRow[] = []
    for (let round = 0; round < 12; round++) {
      const evaluations = lived(state)
      rows.push(...lineageOf(state, evaluations))
      state = tell(state, evaluations)
    }
    const known = new Set<string>()
    for (const { id, parents, kind } of rows) {
      if (kind !== 'mutant' || !parents.includes(id)) {
        for (const parent of parents) expect(known).toContain(parent)
      }
      known.add(id)
    }
    expect(rows.some(({ operators }) => operators.includes('tuning'))).toBe(true)
    expect(ancestors(genotypeId(state.champion!.genotype), rows)).not.toEqual([])
  })

  it('goes on from a copy, bit for bit', () => {
    let [state, copy] = [stateAfter(name, 5), structuredClone(stateAfter(name, 5))]
    for (let round = 0; round < 5; round++) {
      ;[state, copy] = [tell(state, lived(state)), tell(structuredClone(copy), lived(copy))]
      expect(copy).toEqual(state)
    }
  })
})

describe('heredity', () => {
  it('lets the best of a generation go on as it was tuned, or as it was born', () => {
    for (const heredity of ['darwinian', 'lamarckian', 'baldwinian'] as const) {
      const state = startEvolution(walker, settings('generational', heredity), 3)
      const asked = ask(state)
      const evaluations = lived(state)
      const fitnesses = evaluations.map(({ fitness }) => fitness)
      const best = fitnesses.indexOf(Math.max(...fitnesses))
      const next = ask(tell(state, evaluations)).map(weightsOf)
      const heirs = heirsOf(asked, evaluations)
      expect(next).toContain(weightsOf(heirs[best]!))
      const isAsBorn = weightsOf(heirs[best]!) === weightsOf(asked[best]!)
      expect(isAsBorn).toBe(heredity === 'baldwinian')
    }
  })

  it('leaves no champion without ancestors', () => {
    for (const heredity of ['darwinian', 'lamarckian', 'baldwinian'] as const) {
      let state = startEvolution(
        walker,
        { ...settings('generational', heredity), lineage: true },
        3,
      )
      const rows: LineageRow[] = []
      for (let generation = 0; generation < 4; generation++) {
        const evaluations = lived(state)
        rows.push(...lineageOf(state, evaluations))
        state = tell(state, evaluations)
      }
      const id = genotypeId(state.champion!.genotype)
      expect(ancestors(id, rows).at(-1)?.id, heredity).toBe(id)
      expect(ancestors(id, rows)[0]?.kind, heredity).toBe('seed')
    }
  })

  it('changes the one that was tuned where it lives on', () => {
    const state = stateAfter('rtneat', 16)
    const [asked] = ask(state)
    const [evaluation] = lived(state)
    const [heir] = heirsOf([asked!], [evaluation!])
    const { living } = tell(state, [evaluation!]) as unknown as { living: { weight: Float64Array } }
    for (const { weight } of heir!.links) expect(living.weight).toContain(weight)
  })
})

describe('tuning that is not asked for', () => {
  it('changes nothing: no agent, no life, the same course', () => {
    const state = startEvolution(xor, settingsFor('xor', 16), 3)
    expect(livesOf(state)).toBeUndefined()
    expect(ask(state).every(({ agent }) => agent === undefined)).toBe(true)
  })
})

describe('strategies that cannot use it', () => {
  it('refuse it, and say who can', () => {
    const unable = strategyNames().filter((name) => !able.includes(name))
    expect(unable).toEqual(['coevolution', 'self_play', ...optimiserNames].sort())
    for (const name of unable) {
      const start = (): unknown => startEvolution(xor, settings(name), 1)
      expect(start, name).toThrow(/tuning is set, but the strategy .* use one of generational/)
    }
  })
})
