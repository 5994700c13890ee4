// CoSyNE, cooperative synapse neuroevolution (Gomez, Schmidhuber & Miikkulainen 2008, "Accelerated
// Neural Evolution through Cooperatively Coevolved Synapses", JMLR 9, algorithm 2): every weight of
// the network has a subpopulation of values, a column; a row through all columns is a network.
// After each evaluation the best rows have children, and the values within each column change
// places, the more readily the worse their row, so that a value is judged in many networks.
//
//   let state = cosyne.init(x0, { sigma0: 1 }, 42)
//   state = cosyne.tell(state, candidates, fitnesses)   // candidates = cosyne.ask(state)
//
// For recurrent networks with few weights; it needs no step size that fits.
import { OPTIMISER_DIMENSIONS_MAX, OPTIMISER_POPSIZE_MAX } from '../../limits.ts'
import { type Random, seededRandom } from '../../runtime/random.ts'
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { rankable } from '../fitness.ts'
import { cos, exp, log, sin } from '../network/elementary.ts'
import {
  checkFitnessTolerances,
  type FitnessHistory,
  type FitnessTolerances,
  fitnessStop,
  noFitness,
  rememberFitness,
} from './fitness-history.ts'
import {
  type BudgetSettings,
  bestOf,
  budgetStop,
  checkBudget,
  checkSetting,
  checkTold,
  fromBestToWorst,
  type Optimiser,
  type OptimiserState,
  startPoint,
} from './optimiser.ts'

export const cosyneScalings = ['paper', 'rank'] as const
/** How fitness becomes a number from 0 to 1: by its value, or by its rank. */
export type CosyneScaling = (typeof cosyneScalings)[number]

/** Plain data. */
export interface CosyneSettings extends BudgetSettings, FitnessTolerances {
  /** First values lie around x0 with this standard deviation. */
  readonly sigma0: number
  /** Rows; default 40, as the paper's double pole. */
  readonly popsize?: number
  /** Part of the rows, its best, that have children, which replace as many of the worst; default 1/4. */
  readonly parents?: number
  /** Chance that a value of a child is mutated; default 0.3. */
  readonly mutation?: number
  /** Scale of the Cauchy distribution that a mutation adds; default 0.3. */
  readonly scale?: number
  /** Default `paper`. */
  readonly scaling?: CosyneScaling
  /** Whether values change places at all; default true. Without, it is a plain genetic algorithm. */
  readonly permute?: boolean
}

/** Plain data. */
export interface CosyneState extends OptimiserState {
  readonly settings: Required<
    Omit<CosyneSettings, keyof BudgetSettings | keyof FitnessTolerances>
  > &
    CosyneSettings
  /** What will be asked: one row a network. */
  readonly rows: readonly Float64Array[]
  readonly history: FitnessHistory
}

/**
 * The chance with which each value of a row changes places, by the fitness of the rows: 1 - s^(1/n)
 * for n columns, s from 0 for the worst to 1 for the best. Between equals by value, all change.
 */
export function permutationProbabilities(
  fitnesses: ArrayLike<number>,
  columns: number,
  scaling: CosyneScaling,
): Float64Array {
  const order = fromBestToWorst(fitnesses)
  const count = order.length
  const result = new Float64Array(count)
  const best = fitnesses[order[0]!]!
  const finite = order.filter((index) => Number.isFinite(fitnesses[index]!))
  const worst = fitnesses[finite.at(-1) ?? order[0]!]!
  order.forEach((index, rank) => {
    const byValue = Number.isFinite(fitnesses[index]!)
      ? (fitnesses[index]! - worst) / (best - worst)
      : 0
    const share = scaling === 'rank' ? (count - 1 - rank) / (count - 1) : byValue
    result[index] = share > 0 ? 1 - (share === 1 ? 1 : exp(log(share) / columns)) : 1
  })
  return result
}

function init(x0: ArrayLike<number>, settings: CosyneSettings, seed: number | string): CosyneState {
  const mean = startPoint(x0, OPTIMISER_DIMENSIONS_MAX)
  const defaults = { popsize: 40, parents: 0.25, mutation: 0.3, scale: 0.3, permute: true }
  // The best row stays, and mutations are large: equal fitness is no sign of the end.
  const patience = { tolfun: 0, tolfunhist: 0, tolflatfitness: Number.POSITIVE_INFINITY }
  const full = { ...patience, ...defaults, scaling: 'paper' as const, ...settings }
  checkBudget(full)
  checkFitnessTolerances(full)
  checkSetting('sigma0', full.sigma0, 0, Number.MAX_VALUE)
  checkSetting('popsize', full.popsize, 2, OPTIMISER_POPSIZE_MAX, true)
  checkSetting('parents', full.parents, 0, 0.5)
  checkSetting('mutation', full.mutation, 0, 1)
  checkSetting('scale', full.scale, 0, Number.MAX_VALUE)
  if (!cosyneScalings.includes(full.scaling)) {
    const known = cosyneScalings.join(', ')
    throw new EvolutionSettingsError(`scaling is ${full.scaling}: use one of ${known}`)
  }
  const stream = seededRandom(seed).fork('first')
  const rows = Array.from({ length: full.popsize }, (_, place): Float64Array => {
    const random = stream.fork(place)
    return mean.map((value) => value + full.sigma0 * random.gaussian())
  })
  return {
    name: 'cosyne',
    seed,
    iteration: 0,
    evaluations: 0,
    mean,
    stop: {},
    settings: full,
    rows,
    history: noFitness,
  }
}

function tell(
  state: CosyneState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): CosyneState {
  const { settings, mean, seed, iteration } = state
  const columns = mean.length
  checkTold(candidates, fitnesses, settings.popsize, columns)
  const order = fromBestToWorst(fitnesses)
  const random = seededRandom(seed).fork(iteration)
  const rows: Float64Array[] = order.map((index) => candidates[index]!.slice())
  const children = childrenOf(rows, settings, random.fork('children'))
  children.forEach((child, i) => {
    rows[rows.length - 1 - i] = child
  })
  if (settings.permute) {
    const chances = permutationProbabilities(fitnesses, columns, settings.scaling)
    const ranked = order.map((index) => chances[index]!)
    permuteColumns(rows, ranked, random.fork('permutation'))
  }
  const ranked = order.map((index) => rankable(fitnesses[index]!))
  const next = {
    ...state,
    ...bestOf(state, candidates, fitnesses, order[0]!),
    mean: candidates[order[0]!]!.slice(),
    iteration: iteration + 1,
    evaluations: state.evaluations + candidates.length,
    rows,
    history: rememberFitness(state.history, ranked, columns),
  }
  return {
    ...next,
    stop: { ...budgetStop(settings, next), ...fitnessStop(next.history, settings) },
  }
}

/** Children of the best rows, by one-point crossover and mutation, as many as there are parents. */
function childrenOf(
  ranked: readonly Float64Array[],
  { parents, mutation, scale }: CosyneState['settings'],
  random: Random,
): Float64Array[] {
  const count = Math.floor(parents * ranked.length)
  return Array.from({ length: count }, (_, place) => {
    const chance = random.fork(place)
    const first = ranked[chance.integer(count)]!
    const second = ranked[chance.integer(count)]!
    const point = chance.integer(first.length + 1)
    return first.map((value, i) => {
      const inherited = i < point ? value : second[i]!
      return chance.next() < mutation ? inherited + scale * cauchy(chance) : inherited
    })
  })
}

/** Standard Cauchy: the tangent of an angle drawn evenly between -pi/2 and pi/2. */
function cauchy(random: Random): number {
  const angle = Math.PI * (random.next() - 0.5)
  return sin(angle) / cos(angle)
}

/** Lets the values of each column that are marked by chance change places among themselves. */
function permuteColumns(
  rows: readonly Float64Array[],
  chances: readonly number[],
  random: Random,
): void {
  const columns = rows[0]!.length
  for (let column = 0; column < columns; column++) {
    const chance = random.fork(column)
    const marked = rows.filter((_, place) => chance.next() < chances[place]!)
    // Fisher and Yates.
    for (let last = marked.length - 1; last > 0; last--) {
      const a = marked[last]!
      const b = marked[chance.integer(last + 1)]!
      const value = a[column]!
      a[column] = b[column]!
      b[column] = value
    }
  }
}

export const cosyne: Optimiser<CosyneState, CosyneSettings> = {
  name: 'cosyne',
  init,
  ask: ({ rows }) => rows.map((row) => row.slice()),
  tell,
}
