// Who becomes a parent: selection functions by name, those of DXNN (Sher 2013; selection_algorithm
// of DXNN2) and the classical ones.
//
//   const pick = parentPicker({ fitnesses, sizes }, { name: 'tournament', tournamentSize: 3 })
//   const parent = pick(random)
//
// All work on fitness that is higher for better; those that divide by it or draw in proportion to
// it raise negative values by the lowest.
import type { Random } from '../runtime/random.ts'
import { rankable } from './fitness.ts'
import { HALL_OF_FAME_EXPONENT, sizeProportional } from './parsimony.ts'

/**
 * - `truncation`: each of the best `survivalThreshold`, with equal chance.
 * - `tournament`: the best of `tournamentSize` drawn at random.
 * - `roulette`: in proportion to fitness.
 * - `size_proportional`: in proportion to fitness / neurons^0.05.
 * - `rank`: in proportion to the rank, 1 for the worst.
 * - `competition`, `steady_state`: of the best `survivalThreshold`, in proportion to the neurons
 *   that their fitness pays for at the population's mean price, per neuron they have.
 * - `top3`: each of the best three, with equal chance.
 * - `hof_competition`, `hof_efficiency`: in proportion to fitness / neurons.
 * - `hof_rank`: as `rank`. `hof_random`: all alike.
 * - `hof_top3`: of the best three, in proportion to fitness.
 */
export const selectionNames = [
  'truncation',
  'tournament',
  'roulette',
  'size_proportional',
  'rank',
  'competition',
  'steady_state',
  'top3',
  'hof_competition',
  'hof_rank',
  'hof_top3',
  'hof_efficiency',
  'hof_random',
] as const
export type SelectionName = (typeof selectionNames)[number]

export interface SelectionSettings {
  readonly name: SelectionName
  /** `tournament`: how many compete; default 3. */
  readonly tournamentSize?: number
  /** `truncation`, `competition`: part that may be parents; default 0.5. */
  readonly survivalThreshold?: number
}

/** Those who may be parents: at least one. */
export interface Candidates {
  readonly fitnesses: ArrayLike<number>
  /** Neurons of each. */
  readonly sizes: ArrayLike<number>
}

/** A function that draws the index of a parent. */
export function parentPicker(
  candidates: Candidates,
  settings: SelectionSettings,
): (random: Random) => number {
  const { fitnesses } = candidates
  if (settings.name === 'tournament') {
    const { tournamentSize = 3 } = settings
    return (random) => tournament(fitnesses, fitnesses.length, tournamentSize, random)
  }
  return spinner(selectionWeights(candidates, settings))
}

/** The chances of all candidates as parents, up to a common factor. None for `tournament`. */
export function selectionWeights(
  { fitnesses, sizes }: Candidates,
  { name, survivalThreshold = 0.5 }: SelectionSettings,
): Float64Array {
  const raised = raisedToZero(fitnesses)
  const order = rankedDown(fitnesses)
  const best = (count: number): ReadonlySet<number> => new Set(order.slice(0, Math.max(1, count)))
  const weigh = (weight: (index: number) => number): Float64Array =>
    Float64Array.from(raised, (_, index) => weight(index))
  const among = (set: ReadonlySet<number>, weight: (index: number) => number): Float64Array =>
    weigh((index) => (set.has(index) ? weight(index) : 0))
  const survivors = (): ReadonlySet<number> => best(Math.ceil(order.length * survivalThreshold))
  const neurons = (index: number): number => Math.max(1, sizes[index]!)
  switch (name) {
    case 'truncation':
    case 'tournament':
      return among(survivors(), () => 1)
    case 'roulette':
      return raised
    case 'size_proportional':
      return weigh((index) => sizeProportional(raised[index]!, neurons(index), 0.05))
    case 'rank':
    case 'hof_rank': {
      const ranks = new Float64Array(order.length)
      for (const [place, index] of order.entries()) ranks[index] = order.length - place
      return ranks
    }
    case 'competition':
    case 'steady_state': {
      // The price of a neuron is the same for all and cancels out.
      return among(survivors(), (index) => raised[index]! / neurons(index))
    }
    case 'top3':
      return among(best(3), () => 1)
    case 'hof_top3':
      return among(best(3), (index) => raised[index]!)
    case 'hof_competition':
    case 'hof_efficiency':
      return weigh((index) =>
        sizeProportional(raised[index]!, neurons(index), HALL_OF_FAME_EXPONENT),
      )
    case 'hof_random':
      return weigh(() => 1)
  }
}

/**
 * DXNN's `competition` for a whole generation: how many places of the next one each agent has, the
 * first of which is its own; 0 = it dies. `places` altogether.
 */
export function competitionAllotments(
  candidates: Candidates,
  places: number,
  survivalThreshold = 0.5,
): number[] {
  const weights = selectionWeights(candidates, { name: 'competition', survivalThreshold })
  const sum = weights.reduce((a, b) => a + b, 0)
  const wanted = Array.from(weights, (weight) =>
    sum > 0 ? (weight / sum) * places : places / weights.length,
  )
  const allotted = wanted.map(Math.floor)
  const byRemainder = wanted
    .map((_, index) => index)
    .sort((a, b) => wanted[b]! - allotted[b]! - (wanted[a]! - allotted[a]!) || a - b)
  let missing = places - allotted.reduce((a, b) => a + b, 0)
  for (const index of byRemainder) {
    if (missing-- <= 0) break
    allotted[index] = allotted[index]! + 1
  }
  return allotted
}

/** The index of the best of `size` drawn with replacement from the first `among`. */
export function tournament(
  fitnesses: ArrayLike<number>,
  among: number,
  size: number,
  random: Random,
): number {
  let best = random.integer(among)
  for (let i = 1; i < size; i++) {
    const other = random.integer(among)
    if (rankable(fitnesses[other]!) > rankable(fitnesses[best]!)) best = other
  }
  return best
}

/** Draws indices in proportion to weights; with equal chances when all are 0. */
export function spinner(weights: ArrayLike<number>): (random: Random) => number {
  const sums = new Float64Array(weights.length)
  let total = 0
  for (let i = 0; i < weights.length; i++) {
    total += weights[i]!
    sums[i] = total
  }
  return (random) => {
    if (!(total > 0 && Number.isFinite(total))) return random.integer(weights.length)
    const drawn = random.next() * total
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! > drawn) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** All raised by the lowest if that is below 0; what is not finite is 0. */
function raisedToZero(fitnesses: ArrayLike<number>): Float64Array {
  let lowest = 0
  for (let i = 0; i < fitnesses.length; i++) {
    if (Number.isFinite(fitnesses[i]!)) lowest = Math.min(lowest, fitnesses[i]!)
  }
  return Float64Array.from(fitnesses, (fitness) =>
    Number.isFinite(fitness) ? fitness - lowest : 0,
  )
}

/** Indices by falling fitness, earlier ones first among equals. */
function rankedDown(fitnesses: ArrayLike<number>): number[] {
  return Array.from(fitnesses, (_, index) => index).sort((a, b) => {
    const [own, other] = [rankable(fitnesses[a]!), rankable(fitnesses[b]!)]
    return own === other ? a - b : other > own ? 1 : -1
  })
}
