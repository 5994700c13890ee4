// Competitive coevolution (Rosin & Belew 1997, "New methods for competitive coevolution"): two NEAT
// populations, each the other's test. Everybody meets a common sample of the other population and
// of its hall of fame; beating an opponent that few others beat counts more (competitive fitness
// sharing, section 3).
//
//   const strategy = coevolution({ opponents: 6, hofOpponents: 4 })
//
// The problem has to be a game (`Problem.play`); those of the first population are its first
// player, those of the second its second.
import { HALL_OF_FAME_MAX } from '../../limits.ts'
import type { Evaluation } from '../environment/environment.ts'
import { whole } from '../evolution-settings.ts'
import { bestIndex } from '../fitness.ts'
import { unpackGenotype, unpackGenotypes } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { genotypeId } from '../genotype-codec.ts'
import { joinedKin } from '../lineage.ts'
import { firstScore } from '../match.ts'
import { metaMeasures } from '../meta-control/meta-controller.ts'
import {
  createPopulation,
  kinOfPopulation,
  nextGeneration,
  type Population,
} from '../population.ts'
import { joinedSpecies, speciesSizes } from '../speciation.ts'
import { archiveEvents, begun, gathered, parametersOf, streamOf } from './round.ts'
import type { EvolutionState, Match, Strategy, StrategySettings } from './strategy.ts'

export interface CoevolutionSettings extends StrategySettings {
  readonly name: 'coevolution'
  /** Opponents sampled from the other population each generation, the same for all. */
  readonly opponents: number
  /** Opponents sampled from its hall of fame. */
  readonly hofOpponents: number
  /** Champions of each population that are kept; beyond it the oldest is forgotten. */
  readonly hofMax: number
  /** Whether fitness is shared; otherwise it is the mean score. */
  readonly fitnessSharing: boolean
}

const defaults: CoevolutionSettings = {
  name: 'coevolution',
  opponents: 6,
  hofOpponents: 4,
  hofMax: 100,
  fitnessSharing: true,
}

/** Settings of the strategy: those given, and the default of every other. */
export function coevolution(given: Partial<CoevolutionSettings> = {}): CoevolutionSettings {
  return { ...defaults, ...given }
}

/** A population and the champions it had, oldest first. */
export interface Side {
  readonly population: Population
  readonly hall: readonly Genotype[]
}

export interface CoevolutionState extends EvolutionState {
  readonly sides: readonly [Side, Side]
}

export const coevolutionStrategy: Strategy<CoevolutionState> = {
  name: 'coevolution',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    check(parametersOf(base.settings, defaults))
    const { strategy: _, ...settings } = base.settings
    const restart = { ...settings.restart, patience: 0 }
    const sideOf = (side: number): Side => {
      const population = createPopulation(task, { ...settings, restart }, `${seed}/side/${side}`)
      return { population, hall: [] }
    }
    return { ...base, sides: [sideOf(0), sideOf(1)] }
  },
  ask: ({ sides }) => [
    ...sides.flatMap(({ population }) => unpackGenotypes(population.genomes)),
    ...sides.flatMap(({ hall }) => hall),
  ],
  matches: (state) => encountersIn(state).map(({ match }) => match),
  tell(state, evaluations) {
    const encounters = encountersIn(state)
    if (evaluations.length !== encounters.length) {
      throw new RangeError(`${evaluations.length} evaluations for ${encounters.length} matches`)
    }
    return told(state, encounters, evaluations)
  },
  living: ({ sides, shape }) =>
    gathered(
      shape,
      sides.flatMap(({ population: { genomes } }) =>
        Array.from({ length: genomes.size }, (_, index) => [genomes, index] as const),
      ),
    ),
  kin({ sides }, evaluations) {
    const start = sides[0].population.genomes.size
    return joinedKin(
      sides.map(({ population }, side) => ({
        kin: kinOfPopulation(population, evaluations.slice(side === 0 ? 0 : start)),
        size: population.genomes.size,
      })),
    )
  },
  events(before, _evaluations, after) {
    const names = ({ sides }: CoevolutionState): string[] =>
      sides.flatMap(({ hall }, side) => hall.map((one) => `${side} ${genotypeId(one)}`))
    return archiveEvents('hall_of_fame', after.generation, names(before), names(after))
  },
  measures: ({ sides }) => ({
    species: sides.reduce((sum, { population }) => sum + population.species.length, 0),
    hallOfFame: sides.reduce((sum, { hall }) => sum + hall.length, 0),
    ...metaMeasures(...sides.map(({ population }) => population.meta)),
  }),
  speciesSizes: ({ sides }) =>
    joinedSpecies(sides.map(({ population }) => speciesSizes(population.speciesOf))),
}

function check({ opponents, hofOpponents, hofMax }: CoevolutionSettings): void {
  whole('opponents', opponents, 1, HALL_OF_FAME_MAX)
  whole('hofOpponents', hofOpponents, 0, HALL_OF_FAME_MAX)
  whole('hofMax', hofMax, 1, HALL_OF_FAME_MAX)
}

/** A match, and whose test it is. */
interface Encounter {
  readonly match: Match
  readonly side: 0 | 1
  /** Place in its population. */
  readonly player: number
  /** Place in the sample. */
  readonly opponent: number
}

function encountersIn(state: CoevolutionState): Encounter[] {
  const { sides, generation } = state
  const parameters = parametersOf(state.settings, defaults)
  const [first, second] = sides
  const sizes = [first.population.genomes.size, second.population.genomes.size]
  const starts = [0, sizes[0]!]
  const halls = [sizes[0]! + sizes[1]!, sizes[0]! + sizes[1]! + first.hall.length]
  const encounters: Encounter[] = []
  for (const side of [0, 1] as const) {
    const random = streamOf(state, generation).fork('opponents').fork(side)
    const other = 1 - side
    const { hall } = sides[other]!
    const sample = [
      ...Array.from({ length: parameters.opponents }, () => {
        return starts[other]! + random.integer(sizes[other]!)
      }),
      ...Array.from({ length: Math.min(parameters.hofOpponents, hall.length) }, () => {
        return halls[other]! + random.integer(hall.length)
      }),
    ]
    for (let player = 0; player < sizes[side]!; player++) {
      for (const [opponent, place] of sample.entries()) {
        const own = starts[side]! + player
        const match: Match = side === 0 ? [own, place] : [place, own]
        encounters.push({ match, side, player, opponent })
      }
    }
  }
  return encounters
}

function told(
  state: CoevolutionState,
  encounters: readonly Encounter[],
  evaluations: readonly Evaluation[],
): CoevolutionState {
  const { hofMax, fitnessSharing } = parametersOf(state.settings, defaults)
  const { generation, immigrants } = state
  const after = ([0, 1] as const).map((side) => {
    const { population, hall } = state.sides[side]
    const { genomes } = population
    const scores = scoresOf(side, genomes.size, encounters, evaluations)
    const fitnesses = fitnessSharing ? sharedScores(scores) : scores.map(mean)
    const best = bestIndex(fitnesses)
    const arriving = immigrants.filter((_, turn) => turn % 2 === side)
    return {
      champion: unpackGenotype(genomes, best),
      score: mean(scores[best]!),
      side: {
        population: nextGeneration({ ...population, immigrants: arriving }, fitnesses),
        hall: [...hall, unpackGenotype(genomes, best)].slice(-hofMax),
      },
    }
  })
  const [first, second] = after
  return {
    ...state,
    generation: generation + 1,
    evaluations: state.evaluations + encounters.length,
    immigrants: [],
    // Scores of different generations cannot be compared: the latest champion is the one.
    champion: { genotype: first!.champion, fitness: first!.score, generation },
    sides: [first!.side, second!.side],
  }
}

/** Of each player the score against each of the sample. */
function scoresOf(
  side: 0 | 1,
  size: number,
  encounters: readonly Encounter[],
  evaluations: readonly Evaluation[],
): number[][] {
  const scores: number[][] = Array.from({ length: size }, () => [])
  for (const [place, encounter] of encounters.entries()) {
    if (encounter.side !== side) continue
    const first = firstScore(evaluations[place]!)
    scores[encounter.player]![encounter.opponent] = side === 0 ? first : 1 - first
  }
  return scores
}

/** Each score divided by what all players together won from that opponent, summed. */
export function sharedScores(scores: readonly (readonly number[])[]): number[] {
  const opponents = scores[0]?.length ?? 0
  const won = Array.from({ length: opponents }, (_, opponent) =>
    scores.reduce((sum, own) => sum + own[opponent]!, 0),
  )
  return scores.map((own) =>
    own.reduce((sum, score, opponent) => sum + (score === 0 ? 0 : score / won[opponent]!), 0),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
}
