// Self-play: one NEAT population whose genotypes play against each other and against champions of
// the past, so that what was learnt once is not forgotten (Rosin & Belew 1997, section 4). Ratings
// are Elo's (elo.ts) and make generations comparable.
//
//   const strategy = selfPlay({ opponents: 4, archiveOpponents: 2 })
//
// The problem has to be a game (`Problem.play`).

import { HALL_OF_FAME_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { FIRST_RATING, RATING_K, rated } from '../elo.ts'
import type { Evaluation } from '../environment/environment.ts'
import { oneOf, whole, within } from '../evolution-settings.ts'
import { bestIndex } from '../fitness.ts'
import { unpackGenotype, unpackGenotypes } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { firstScore, meanScores } from '../match.ts'
import { metaMeasures } from '../meta-control/meta-controller.ts'
import {
  createPopulation,
  kinOfPopulation,
  nextGeneration,
  type Population,
} from '../population.ts'
import { speciesSizes } from '../speciation.ts'
import { archiveEvents, begun, parametersOf, streamOf } from './round.ts'
import type { EvolutionState, Match, Strategy, StrategySettings } from './strategy.ts'

export interface SelfPlaySettings extends StrategySettings {
  readonly name: 'self_play'
  /** Opponents that each genotype draws from its generation. */
  readonly opponents: number
  /** Opponents that each draws from the archive. */
  readonly archiveOpponents: number
  /** How those are drawn: all alike, the latest, or those rated nearest. */
  readonly archiveSampling: 'uniform' | 'latest' | 'elo'
  /** Champions kept; beyond it the oldest but the best is forgotten. */
  readonly archiveMax: number
  /** Generations from one champion to the next that enters the archive. */
  readonly archiveInterval: number
  /** Each pair meets twice, so that either moves first. */
  readonly bothSides: boolean
  /** What is selected for: the mean score of a genotype's matches, or its rating. */
  readonly fitness: 'score' | 'elo'
  readonly firstRating: number
  /** Most points that a match can move. */
  readonly k: number
}

const defaults: SelfPlaySettings = {
  name: 'self_play',
  opponents: 4,
  archiveOpponents: 2,
  archiveSampling: 'uniform',
  archiveMax: 100,
  archiveInterval: 1,
  bothSides: true,
  fitness: 'score',
  firstRating: FIRST_RATING,
  k: RATING_K,
}

/** Settings of the strategy: those given, and the default of every other. */
export function selfPlay(given: Partial<SelfPlaySettings> = {}): SelfPlaySettings {
  return { ...defaults, ...given }
}

/** An opponent from the past. */
export interface Opponent {
  readonly genotype: Genotype
  readonly rating: number
  readonly generation: number
}

export interface SelfPlayState extends EvolutionState {
  readonly population: Population
  /** Of each genotype; children begin with their parent's. */
  readonly ratings: Float64Array
  /** Oldest first. */
  readonly archive: readonly Opponent[]
}

export const selfPlayStrategy: Strategy<SelfPlayState> = {
  name: 'self_play',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    const parameters = parametersOf(base.settings, defaults)
    check(parameters)
    // Scores are relative: that they do not rise says nothing.
    const { strategy: _, ...settings } = base.settings
    const restart = { ...settings.restart, patience: 0 }
    const population = createPopulation(task, { ...settings, restart }, seed)
    const ratings = new Float64Array(population.genomes.size).fill(parameters.firstRating)
    return { ...base, population, ratings, archive: [] }
  },
  ask: ({ population, archive }) => [
    ...unpackGenotypes(population.genomes),
    ...archive.map(({ genotype }) => genotype),
  ],
  matches: matchesIn,
  tell(state, evaluations) {
    const matches = matchesIn(state)
    if (evaluations.length !== matches.length) {
      throw new RangeError(`${evaluations.length} evaluations for ${matches.length} matches`)
    }
    return told(state, matches, evaluations)
  },
  living: ({ population }) => population.genomes,
  // Those of the archive, behind them, were told of when they lived.
  kin: ({ population }, evaluations) => kinOfPopulation(population, evaluations),
  events(before, _evaluations, { archive, generation }) {
    const names = (opponents: readonly Opponent[]): string[] =>
      opponents.map((one) => String(one.generation))
    return archiveEvents('opponents', generation, names(before.archive), names(archive))
  },
  measures: ({ population, archive, ratings }) => ({
    species: population.species.length,
    archive: archive.length,
    bestRating: ratings.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    ...metaMeasures(population.meta),
  }),
  speciesSizes: ({ population }) => speciesSizes(population.speciesOf),
}

function check(parameters: SelfPlaySettings): void {
  whole('opponents', parameters.opponents, 0, HALL_OF_FAME_MAX)
  whole('archiveOpponents', parameters.archiveOpponents, 0, HALL_OF_FAME_MAX)
  whole(
    'opponents altogether',
    parameters.opponents + parameters.archiveOpponents,
    1,
    HALL_OF_FAME_MAX,
  )
  oneOf('archiveSampling', parameters.archiveSampling, ['uniform', 'latest', 'elo'])
  whole('archiveMax', parameters.archiveMax, 1, HALL_OF_FAME_MAX)
  whole('archiveInterval', parameters.archiveInterval, 1, Number.MAX_SAFE_INTEGER)
  oneOf('fitness', parameters.fitness, ['score', 'elo'])
  within('firstRating', parameters.firstRating, 0, Number.MAX_VALUE)
  within('k', parameters.k, 0, Number.MAX_VALUE)
}

/** Who meets whom; champions of the past stand behind the population. */
function matchesIn(state: SelfPlayState): Match[] {
  const { population, generation } = state
  const { size } = population.genomes
  const parameters = parametersOf(state.settings, defaults)
  const random = streamOf(state, generation).fork('matches')
  const matches: Match[] = []
  const meet = (first: number, second: number): void => {
    matches.push([first, second])
    if (parameters.bothSides) matches.push([second, first])
  }
  for (let player = 0; player < size; player++) {
    const own = random.fork(player)
    if (size > 1) {
      for (let i = 0; i < parameters.opponents; i++) {
        meet(player, (player + 1 + own.integer(size - 1)) % size)
      }
    }
    for (const opponent of archiveOpponents(state, player, parameters, own.fork('archive'))) {
      meet(player, size + opponent)
    }
  }
  return matches
}

/** Places in the archive. */
function archiveOpponents(
  { archive, ratings }: SelfPlayState,
  player: number,
  { archiveOpponents: wanted, archiveSampling }: SelfPlaySettings,
  random: Random,
): number[] {
  const count = Math.min(wanted, archive.length)
  if (count === 0) return []
  if (archiveSampling === 'uniform') {
    return Array.from({ length: count }, () => random.integer(archive.length))
  }
  const places = archive.map((_, place) => place)
  if (archiveSampling === 'latest') return places.slice(-count)
  const apart = (place: number): number => Math.abs(archive[place]!.rating - ratings[player]!)
  return places.sort((a, b) => apart(a) - apart(b) || b - a).slice(0, count)
}

function told(
  state: SelfPlayState,
  matches: readonly Match[],
  evaluations: readonly Evaluation[],
): SelfPlayState {
  const { population, archive, settings, generation, immigrants } = state
  const { genomes } = population
  const parameters = parametersOf(settings, defaults)
  const all = [...state.ratings, ...archive.map(({ rating }) => rating)]
  const results = matches.map(([first, second], place) => ({
    first,
    second,
    score: firstScore(evaluations[place]!),
  }))
  const after = rated(all, results, parameters.k)
  const ratings = after.slice(0, genomes.size)
  const scores = meanScores(all.length, matches, evaluations).slice(0, genomes.size)
  const fitnesses = parameters.fitness === 'elo' ? ratings : scores
  const next = nextGeneration({ ...population, immigrants }, fitnesses)
  const best = bestIndex(fitnesses)
  const champion = {
    genotype: unpackGenotype(genomes, best),
    rating: ratings[best]!,
    generation,
  }
  const known = archive.map((one, place) => ({ ...one, rating: after[genomes.size + place]! }))
  const isTime = generation % parameters.archiveInterval === 0
  const kept = isTime ? trimmed([...known, champion], parameters.archiveMax) : known
  // The strongest known, by today's ratings: an old champion may have been found out since.
  const strongest = [...kept, champion].reduce((a, b) => (b.rating > a.rating ? b : a))
  return {
    ...state,
    generation: generation + 1,
    evaluations: state.evaluations + matches.length,
    immigrants: [],
    champion: {
      genotype: strongest.genotype,
      fitness: strongest.rating,
      generation: strongest.generation,
    },
    population: next,
    ratings: inheritedRatings(next, ratings, parameters.firstRating),
    archive: kept,
  }
}

/** What fits; of those too many the oldest goes, unless it is the strongest. */
function trimmed(archive: readonly Opponent[], archiveMax: number): Opponent[] {
  if (archive.length <= archiveMax) return [...archive]
  const strongest = archive.reduce((a, b) => (b.rating > a.rating ? b : a))
  const oldest = archive.findIndex((one) => one !== strongest || archiveMax < 2)
  return archive.toSpliced(oldest, archive.length - archiveMax)
}

function inheritedRatings(
  { parentage, genomes }: Population,
  ratings: Float64Array,
  firstRating: number,
): Float64Array {
  return Float64Array.from({ length: genomes.size }, (_, child) => {
    const parent = parentage?.first[child] ?? -1
    return parent < 0 ? firstRating : ratings[parent]!
  })
}
