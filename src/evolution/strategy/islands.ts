// Islands: several NEAT populations that evolve apart and now and then send genotypes to each other
// (Whitley, Rana & Heckendorn 1999), so that one that has settled too early is woken by another.
//
//   const settings = { ...settingsFor('dpnv'), strategy: islands({ topology: 'ring' }) }
//
// Migrants are genotypes: they enter the next generation of the island they come to as they are, in
// the place of children, and stay where they came from as well.

import { ISLANDS_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { distance } from '../distance.ts'
import type { StrategyEvent } from '../evolution-event.ts'
import { EvolutionSettingsError, oneOf, whole } from '../evolution-settings.ts'
import { rankable } from '../fitness.ts'
import { type GenomePool, repacked, unpackGenotype, unpackGenotypes } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { genotypeId } from '../genotype-codec.ts'
import { joinedKin } from '../lineage.ts'
import { metaMeasures } from '../meta-control/meta-controller.ts'
import { advance, createPopulation, kinOfPopulation, type Population } from '../population.ts'
import { joinedSpecies, speciesSizes } from '../speciation.ts'
import { begun, championAfter, fitnessesOf, gathered, parametersOf, streamOf } from './round.ts'
import type { EvolutionState, Strategy, StrategySettings } from './strategy.ts'

export interface IslandSettings extends StrategySettings {
  readonly name: 'islands'
  /** How many; `populationSize` is divided among them. */
  readonly islands: number
  /** Generations from one migration to the next. */
  readonly migrationInterval: number
  /** Genotypes that each island sends along each way. */
  readonly migrants: number
  /** Which of its genotypes: the best, any, or those that differ most (the best and the rest). */
  readonly emigrants: Emigrants
  /**
   * Ways: each to the next (`ring`), to all others (`full`), to one drawn anew each time
   * (`random`), or `ways`.
   */
  readonly topology: Topology
  /** For `custom`: pairs of islands, from 0. */
  readonly ways: readonly (readonly [from: number, to: number])[]
}

export const topologies = ['ring', 'full', 'random', 'custom'] as const
export type Topology = (typeof topologies)[number]

export const emigrantChoices = ['best', 'random', 'diverse'] as const
export type Emigrants = (typeof emigrantChoices)[number]

const defaults: IslandSettings = {
  name: 'islands',
  islands: 4,
  migrationInterval: 5,
  migrants: 2,
  emigrants: 'best',
  topology: 'ring',
  ways: [],
}

/** Settings of the strategy: those given, and the default of every other. */
export function islands(given: Partial<IslandSettings> = {}): IslandSettings {
  return { ...defaults, ...given }
}

export interface Archipelago extends EvolutionState {
  readonly islands: readonly Population[]
  /** Genotypes that have migrated so far. */
  readonly migrations: number
}

export const islandStrategy: Strategy<Archipelago> = {
  name: 'islands',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    const parameters = parametersOf(base.settings, defaults)
    check(parameters, base.settings.populationSize)
    const { strategy: _, ...settings } = base.settings
    const sizes = dividedInto(settings.populationSize, parameters.islands)
    const populations = sizes.map((populationSize, island) =>
      createPopulation(task, { ...settings, populationSize }, `${seed}/island/${island}`),
    )
    return { ...base, islands: populations, migrations: 0 }
  },
  ask: ({ islands: all }) => all.flatMap(({ genomes }) => unpackGenotypes(genomes)),
  tell(state, evaluations) {
    const asked = state.islands.reduce((sum, { genomes }) => sum + genomes.size, 0)
    const fitnesses = fitnessesOf(evaluations, asked)
    const parameters = parametersOf(state.settings, defaults)
    const starts = state.islands.map((_, island) =>
      state.islands.slice(0, island).reduce((sum, { genomes }) => sum + genomes.size, 0),
    )
    const told = toldIn(state, fitnesses)
    const arrivals = arrivalsOf(state, told, parameters)
    const next = state.islands.map((population, island) => {
      const start = starts[island]!
      const own = evaluations.slice(start, start + population.genomes.size)
      const arrived = arrivals[island]!
      const visited = { ...population, immigrants: arrived.map(({ genotype }) => genotype) }
      return withMigrants(advance(visited, own), arrived)
    })
    const all = gathered(state.shape, genotypesOf(state.islands))
    const champion = championAfter(state, fitnesses, (index) => unpackGenotype(all, index))
    return {
      ...state,
      generation: state.generation + 1,
      evaluations: state.evaluations + asked,
      immigrants: [],
      ...(champion === undefined ? {} : { champion }),
      islands: next,
      migrations:
        state.migrations +
        arrivals.reduce((sum, { length }) => sum + length, 0) -
        state.immigrants.length,
    }
  },
  kin({ islands: all }, evaluations) {
    let start = 0
    const parts = all.map((population) => {
      const { size } = population.genomes
      const kin = kinOfPopulation(population, evaluations.slice(start, start + size))
      start += size
      return { kin, size }
    })
    return joinedKin(parts)
  },
  inherit(state, heirs) {
    let start = 0
    const islands = state.islands.map((population) => {
      const own = heirs.slice(start, start + population.genomes.size)
      start += own.length
      return { ...population, genomes: repacked(state.shape, own) }
    })
    return { ...state, islands }
  },
  living: ({ islands: all, shape }) => gathered(shape, genotypesOf(all)),
  events(before, evaluations, { islands: all, generation }) {
    const told = toldIn(before, fitnessesOf(evaluations, evaluations.length))
    const arrivals = arrivalsOf(before, told, parametersOf(before.settings, defaults))
    return arrivals.flatMap((arrived, to) =>
      arrived.flatMap(({ from }, place): StrategyEvent[] => {
        if (from === undefined) return []
        // They stand first, as they are when they come.
        const id = genotypeId(unpackGenotype(all[to]!.genomes, place))
        return [{ type: 'migration', generation, id, from, to }]
      }),
    )
  },
  measures: ({ islands: all, migrations }) => ({
    islands: all.length,
    migrations,
    species: all.reduce((sum, { species }) => sum + species.length, 0),
    ...metaMeasures(...all.map(({ meta }) => meta)),
  }),
  speciesSizes: ({ islands: all }) =>
    joinedSpecies(all.map(({ speciesOf }) => speciesSizes(speciesOf))),
}

function* genotypesOf(all: readonly Population[]): Generator<readonly [GenomePool, number]> {
  for (const { genomes } of all) {
    for (let index = 0; index < genomes.size; index++) yield [genomes, index]
  }
}

function check(parameters: IslandSettings, populationSize: number): void {
  const { islands: count, migrants, topology, ways } = parameters
  whole('islands', count, 1, Math.min(ISLANDS_MAX, populationSize))
  whole('migrationInterval', parameters.migrationInterval, 1, Number.MAX_SAFE_INTEGER)
  oneOf('emigrants', parameters.emigrants, emigrantChoices)
  oneOf('topology', topology, topologies)
  for (const [from, to] of ways) {
    if (isIsland(from, count) && isIsland(to, count) && from !== to) continue
    throw new EvolutionSettingsError(`ways has ${from} to ${to}: islands are 0 to ${count - 1}`)
  }
  const smallest = Math.floor(populationSize / count)
  const mostWays = Math.max(1, mostWaysInto(topology, ways, count))
  // All that can come at once have room, and one place is left for the best of the island's own.
  whole('migrants', migrants, 0, Math.max(0, Math.floor((smallest - 1) / mostWays)))
}

/** How many ways can lead to one island. */
function mostWaysInto(topology: Topology, ways: IslandSettings['ways'], count: number): number {
  if (topology === 'ring') return 1
  if (topology !== 'custom') return count - 1
  const into = new Array<number>(count).fill(0)
  for (const [, to] of ways) into[to] = into[to]! + 1
  return into.reduce((a, b) => Math.max(a, b), 0)
}

function isIsland(index: number, count: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < count
}

/** `total` in as equal parts as can be, larger ones first. */
function dividedInto(total: number, parts: number): number[] {
  const least = Math.floor(total / parts)
  return Array.from({ length: parts }, (_, part) => least + (part < total - least * parts ? 1 : 0))
}

/** The fitnesses of each island. */
function toldIn({ islands: all }: Archipelago, fitnesses: Float64Array): Float64Array[] {
  let start = 0
  return all.map(({ genomes }) => {
    start += genomes.size
    return fitnesses.subarray(start - genomes.size, start)
  })
}

/** Those that have come from another island are told apart from those from outside. */
function withMigrants(population: Population, arrived: readonly Arrival[]): Population {
  const { births } = population
  if (births === undefined) return population
  return {
    ...population,
    births: births.map((birth, place) => {
      const { genotype, from } = arrived[place] ?? {}
      if (genotype === undefined || from === undefined || birth.kind !== 'immigrant') return birth
      return { kind: 'migrant', parents: [genotypeId(genotype)], operators: [], from }
    }),
  }
}

interface Arrival {
  readonly genotype: Genotype
  /** The island that it left; undefined for one from outside. */
  readonly from?: number
}

/** Who comes to each island: those from outside, in turn, then migrants when it is time. */
function arrivalsOf(
  state: Archipelago,
  told: readonly Float64Array[],
  parameters: IslandSettings,
): Arrival[][] {
  const { islands: all, immigrants, generation } = state
  const arrivals: Arrival[][] = all.map(() => [])
  for (const [turn, genotype] of immigrants.entries()) {
    arrivals[turn % all.length]!.push({ genotype })
  }
  if ((generation + 1) % parameters.migrationInterval !== 0) return arrivals
  const random = streamOf(state, generation + 1).fork('migration')
  for (const [from, to] of waysOf(parameters, all.length, random)) {
    const { genomes, settings } = all[from]!
    const way = random.fork(from).fork(to)
    for (const index of emigrantsOf(genomes, told[from]!, parameters, settings.speciation, way)) {
      arrivals[to]!.push({ genotype: unpackGenotype(genomes, index), from })
    }
  }
  return arrivals
}

/** The ways of this migration. */
function waysOf(
  { topology, ways }: IslandSettings,
  count: number,
  random: Random,
): (readonly [from: number, to: number])[] {
  if (topology === 'custom') return [...ways]
  if (count < 2) return []
  const others = Array.from({ length: count }, (_, from) => from)
  if (topology === 'ring') return others.map((from) => [from, (from + 1) % count] as const)
  if (topology === 'random') {
    return others.map((from) => {
      const step = 1 + random.fork(from).integer(count - 1)
      return [from, (from + step) % count] as const
    })
  }
  return others.flatMap((from) =>
    others.filter((to) => to !== from).map((to) => [from, to] as const),
  )
}

/** Places of those who go. */
function emigrantsOf(
  genomes: GenomePool,
  fitnesses: Float64Array,
  { migrants, emigrants }: IslandSettings,
  speciation: Population['settings']['speciation'],
  random: Random,
): number[] {
  const all = Array.from({ length: genomes.size }, (_, index) => index)
  if (emigrants === 'random') return drawn(all, migrants, random)
  const best = all.sort((a, b) => compare(fitnesses[b]!, fitnesses[a]!) || a - b)
  if (emigrants === 'best') return best.slice(0, migrants)
  const plain = unpackGenotypes(genomes)
  const chosen = best.slice(0, Math.min(1, migrants))
  while (chosen.length < Math.min(migrants, best.length)) {
    // The one farthest from those that were chosen already.
    let [farthest, most] = [-1, Number.NEGATIVE_INFINITY]
    for (const index of best) {
      if (chosen.includes(index)) continue
      const apart = chosen.reduce(
        (least, other) => Math.min(least, distance(plain[other]!, plain[index]!, speciation)),
        Number.POSITIVE_INFINITY,
      )
      if (apart > most) [farthest, most] = [index, apart]
    }
    chosen.push(farthest)
  }
  return chosen
}

/** So many of them, without repetition. */
function drawn(all: readonly number[], count: number, random: Random): number[] {
  const left = [...all]
  return Array.from({ length: Math.min(count, all.length) }, () => {
    const [one] = left.splice(random.integer(left.length), 1)
    return one!
  })
}

function compare(a: number, b: number): number {
  const [own, other] = [rankable(a), rankable(b)]
  return own === other ? 0 : own < other ? -1 : 1
}
