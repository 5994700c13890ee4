// What holds for the lineage of every strategy: nobody comes from nowhere, and operators are named
// that changed something, no others.
import { describe, expect, it } from 'vitest'
import {
  ask,
  type EvolutionState,
  inject,
  lineageOf,
  matchesOf,
  measuresOf,
  startEvolution,
  strategyNames,
  tell,
} from '../../src/evolution/evolution.ts'
import type { EvolutionSettings } from '../../src/evolution/evolution-settings.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { genotypeId } from '../../src/evolution/genotype-codec.ts'
import { ancestors, type LineageRow } from '../../src/evolution/lineage.ts'
import { evaluateAsked } from '../../src/evolution/match.ts'
import type {
  FloatAttribute,
  NeatPythonMutation,
} from '../../src/evolution/mutation/neat-python.ts'
import { defaultRoulette, operatorNames } from '../../src/evolution/mutation/operator.ts'
import { coevolution } from '../../src/evolution/strategy/coevolution.ts'
import { hallOfFame } from '../../src/evolution/strategy/hall-of-fame.ts'
import { islands } from '../../src/evolution/strategy/islands.ts'
import { mapElites } from '../../src/evolution/strategy/map-elites.ts'
import { noveltySearch } from '../../src/evolution/strategy/novelty.ts'
import { rtneat } from '../../src/evolution/strategy/rtneat.ts'
import { selfPlay } from '../../src/evolution/strategy/self-play.ts'
import { steadyState } from '../../src/evolution/strategy/steady-state.ts'
import type { StrategySettings } from '../../src/evolution/strategy/strategy.ts'
import { structuralHash } from '../../src/evolution/structural-hash.ts'
import { grownGenotype } from './generated-genotype.ts'
import { nim } from './strategy/nim.ts'
import { evaluated, settingsOf, shape } from './strategy/strategy-run.ts'

const strategies: readonly (readonly [what: string, strategy: StrategySettings])[] = [
  ['generational', { name: 'generational' }],
  ['steady_state', steadyState({ replace: 3 })],
  ['rtneat', rtneat({ minimumAge: 2, agentsPerTick: 5, ticksPerReplacement: 1 })],
  ['rtneat, all act', rtneat({ agentsPerTick: 0 })],
  ['islands', islands({ islands: 3, migrationInterval: 2 })],
  ['novelty', noveltySearch({ noveltyThreshold: 0.05, fitnessWeight: 0.3 })],
  ['hall_of_fame', hallOfFame()],
  ['hall_of_fame, in part', hallOfFame({ shofRatio: 0.5 })],
  ['map_elites', mapElites()],
  ['map_elites, neat', mapElites({ variation: 'neat' })],
  ['coevolution', coevolution()],
  ['self_play', selfPlay()],
  ['cma_es', { name: 'cma_es' }],
]

const rounds = 16

interface Run {
  readonly state: EvolutionState
  readonly rows: readonly LineageRow[]
  readonly asked: readonly Genotype[]
}

const isGame = ({ strategy }: EvolutionSettings) => /coevolution|self_play/.test(strategy!.name)

/** Evolves; an immigrant comes in on the way. */
function run(settings: EvolutionSettings, task = isGame(settings) ? nim : shape): Run {
  let state = startEvolution(task, settings, 1)
  const [rows, all]: [LineageRow[], Genotype[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const asked = ask(state)
    const matches = matchesOf(state)
    const scores = matches === undefined ? asked.map(evaluated) : evaluateAsked(nim, asked, matches)
    rows.push(...lineageOf(state, scores))
    all.push(...asked)
    if (round === 3) {
      const foreign = grownGenotype(task.inputs, task.outputs, 'elsewhere', 12)
      const admission = inject(state, foreign)
      if (!admission.ok) throw new Error(admission.reason)
      state = admission.state
    }
    state = tell(state, scores)
  }
  return { state, rows, asked: all }
}

const withLineage = (strategy: StrategySettings, change: Partial<EvolutionSettings> = {}) =>
  settingsOf(strategy, { lineage: true, ...change })

/** What is left of a state when nothing in it is about lineage. */
function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const entries = Object.entries(value).filter(
    ([name]) => !['lineage', 'births', 'livingBirths'].includes(name),
  )
  return Object.fromEntries(entries.map(([name, one]) => [name, without(one)]))
}

it('is kept by every strategy', () => {
  const tested = new Set(strategies.map(([, { name }]) => name))
  const untested = strategyNames().filter((name) => !tested.has(name))
  // The other optimisers are the same strategy as cma_es.
  for (const name of untested) {
    const { rows } = run(withLineage({ name }))
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['sample', 'immigrant']))
  }
})

describe.each(strategies)('%s', (_, strategy) => {
  const { rows, asked, state } = run(withLineage(strategy))

  it('evolves alike with lineage and without', () => {
    expect(without(state)).toEqual(without(run(settingsOf(strategy)).state))
  })

  it('has plain data in its state, as a checkpoint needs', () => {
    expect(structuredClone(state)).toEqual(state)
  })

  it('has a row for every genotype that was evaluated', () => {
    const ids = new Set(rows.map(({ id }) => id))
    for (const genotype of asked) expect(ids).toContain(genotypeId(genotype))
  })

  it('has parents of earlier generations for all that were bred here', () => {
    const bornIn = new Map<string, number>()
    for (const { generation, id, kind, parents } of rows) {
      const isFirst = ['seed', 'immigrant', 'sample'].includes(kind)
      expect(parents.length).toBe(isFirst ? 0 : kind === 'crossed' ? 2 : 1)
      for (const parent of parents) expect(bornIn.get(parent)).toBeLessThan(generation)
      if (!bornIn.has(id)) bornIn.set(id, generation)
    }
    expect(rows.every(({ kind, generation }) => generation > 0 || /seed|sample/.test(kind))).toBe(
      true,
    )
  })

  it('has copies and migrants that are what their parent was, and nobody else is', () => {
    for (const { id, kind, parents } of rows) {
      expect(parents.includes(id)).toBe(kind === 'copy' || kind === 'migrant')
    }
  })

  it('knows the immigrant', () => {
    const came = rows.filter(({ kind }) => kind === 'immigrant')
    expect(came).toHaveLength(1)
  })

  it('names operators that changed the structure as much as they say', () => {
    const genotypes = new Map(asked.map((genotype) => [genotypeId(genotype), genotype]))
    let mutants = 0
    for (const { id, kind, parents, operators } of rows) {
      if (kind !== 'mutant') continue
      mutants++
      const [before, after] = [genotypes.get(parents[0]!)!, genotypes.get(id)!]
      const count = (name: string): number => operators.filter((one) => one === name).length
      const [neurons, links] = [count('add_neuron'), count('add_link')]
      expect(after.neurons.length - before.neurons.length).toBe(neurons)
      expect(after.links.length - before.links.length).toBe(2 * neurons + links)
      expect(operators.length).toBeGreaterThan(0)
      const isSame = structuralHash(before) === structuralHash(after)
      expect(isSame).toBe(!operators.some((name) => !/weights|iso_line/.test(name)))
    }
    expect(mutants > 0 || /cma_es|map_elites/.test(strategy.name)).toBe(true)
  })

  it('leads from the champion to those without parents', () => {
    const champion = genotypeId(state.champion!.genotype)
    const line = ancestors(champion, rows)
    expect(line.at(-1)?.id).toBe(champion)
    const known = new Set<string>()
    for (const { id, parents } of line) {
      for (const parent of parents) expect(known).toContain(parent)
      known.add(id)
    }
  })
})

describe('a row', () => {
  it('has the species that the generation reports, islands, cells and ways of migration', () => {
    const { rows } = run(withLineage(islands({ islands: 3, migrationInterval: 2 })))
    const first = startEvolution(shape, withLineage(islands({ islands: 3 })), 1)
    const seeds = rows.filter(({ generation }) => generation === 0)
    const species = new Set(seeds.map((row) => `${row.island}/${row.species}`))
    expect(species.size).toBe(measuresOf(first).species)
    for (const { kind, island, from } of rows) {
      expect(from === undefined).toBe(kind !== 'migrant')
      if (kind === 'migrant') expect((from! + 1) % 3).toBe(island)
    }
    const mapped = run(withLineage(mapElites())).rows
    for (const { cell } of mapped) expect(cell).toBeLessThan(100)
    for (const { cell } of mapped) expect(cell).toBeGreaterThanOrEqual(0)
  })

  it('has the species by behaviour, which is known after the evaluation', () => {
    const { speciation } = settingsOf({ name: 'generational' })
    const byBehaviour = { speciation: { ...speciation, method: 'behaviour' as const } }
    const { rows } = run(withLineage({ name: 'generational' }, byBehaviour))
    for (const { species } of rows) expect(species).toBeGreaterThanOrEqual(0)
  })
})

/** A run whose children all have one parent and mutate in that way. */
function mutated(mutation: Partial<EvolutionSettings['reproduction']['mutation']>): Run {
  const { reproduction } = settingsOf({ name: 'generational' })
  const changed = {
    ...reproduction,
    mutateOnly: 1,
    mutation: { ...reproduction.mutation, ...mutation },
  }
  return run(withLineage({ name: 'generational' }, { reproduction: changed }))
}

describe('the operators', () => {
  it("are DXNN's by name, where a roulette chooses them", () => {
    const weights = Object.fromEntries(operatorNames.map((name) => [name, 1]))
    const { rows } = mutated({ roulette: { ...defaultRoulette, weights } })
    const named = new Set(rows.flatMap(({ operators }) => operators))
    for (const name of named) expect(operatorNames).toContain(name)
    expect(named.size).toBeGreaterThan(12)
  })

  it("are neat-python's, each where it changed something", () => {
    const rate = (mutateRate: number, initMean = 0): FloatAttribute => ({
      ...{ initMean, initStdev: 1, initType: 'gaussian', replaceRate: 0.01, mutateRate },
      ...{ mutatePower: 0.5, minValue: -3, maxValue: 3 },
    })
    const neatPython: NeatPythonMutation = {
      ...{ nodeAddProb: 0.3, nodeDeleteProb: 0.1, connAddProb: 0.3, connDeleteProb: 0.2 },
      ...{ singleStructuralMutation: false, structuralMutationSurer: 'default' },
      feedForward: true,
      activation: { default: 'tanh', options: ['tanh', 'relu'], mutateRate: 0.1 },
      aggregation: { default: 'dot_product', options: ['dot_product', 'max'], mutateRate: 0.05 },
      ...{ bias: rate(0.1), response: rate(0), timeConstant: rate(0), weight: rate(0.1) },
      ...{ enabledMutateRate: 0.05, enabledRateToTrueAdd: 0, enabledRateToFalseAdd: 0 },
      ...{ initialConnection: 'full_direct', connectionFraction: 1, numHidden: 1 },
    }
    const { rows, asked } = mutated({ neatPython })
    const genotypes = new Map(asked.map((genotype) => [genotypeId(genotype), genotype]))
    const of = (id: string, what: (one: Genotype) => readonly unknown[]): string =>
      JSON.stringify(what(genotypes.get(id)!))
    let seen = 0
    for (const { id, kind, parents, operators } of rows) {
      if (kind !== 'mutant') continue
      const [parent] = parents as [string]
      const isChanged = (what: (one: Genotype) => readonly unknown[]): boolean =>
        of(parent, what) !== of(id, what)
      if (!operators.some((name) => /node|connection/.test(name))) {
        seen++
        const has = (name: string): boolean => operators.includes(name)
        expect(isChanged(({ links }) => links.map(({ weight }) => weight))).toBe(
          has('mutate_weight'),
        )
        expect(isChanged(({ links }) => links.map(({ enabled }) => enabled))).toBe(
          has('mutate_enabled'),
        )
        expect(isChanged(({ neurons }) => neurons.map(({ bias }) => bias))).toBe(has('mutate_bias'))
        expect(isChanged(({ neurons }) => neurons.map((one) => one.activation))).toBe(
          has('mutate_activation'),
        )
      }
    }
    expect(seen).toBeGreaterThan(20)
  })
})
