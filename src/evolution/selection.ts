// Selection: how many children a species may have, and who may be their parent.
import { rankable } from './fitness.ts'

/**
 * Divides `total` children among shares, in proportion and exactly (largest remainder, the first of
 * equals). Shares of zero altogether are treated as equal.
 */
export function allotOffspring(shares: readonly number[], total: number): number[] {
  const sum = shares.reduce((a, b) => a + b, 0)
  const wanted = shares.map((share) =>
    sum > 0 && Number.isFinite(sum) ? (share / sum) * total : total / shares.length,
  )
  const allotted = wanted.map(Math.floor)
  let missing = total - allotted.reduce((a, b) => a + b, 0)
  const byRemainder = shares
    .map((_, index) => index)
    .sort((a, b) => wanted[b]! - allotted[b]! - (wanted[a]! - allotted[a]!) || a - b)
  for (const index of byRemainder) {
    if (missing <= 0) break
    allotted[index] = allotted[index]! + 1
    missing--
  }
  return allotted
}

/** Members by falling fitness, earlier ones first among equals. */
export function ranked(members: readonly number[], fitnesses: ArrayLike<number>): number[] {
  return [...members].sort((a, b) => {
    const [fitnessA, fitnessB] = [rankable(fitnesses[a]!), rankable(fitnesses[b]!)]
    return fitnessA === fitnessB ? a - b : fitnessB > fitnessA ? 1 : -1
  })
}

/** The best part of ranked members, at least one: those who may be parents. */
export function survivors(rankedMembers: readonly number[], rate: number): number[] {
  return rankedMembers.slice(0, Math.max(1, Math.ceil(rankedMembers.length * rate)))
}

/** How neat-python divides children: straight by share, or half-way there from the size before. */
export type SpawnMethod = 'smoothed' | 'proportional'

/**
 * neat-python's spawn amounts: children per species by adjusted fitness (none negative), at least
 * `minSpeciesSize` each, `populationSize` altogether. Throws a RangeError when that is impossible.
 */
export function spawnAmounts(
  adjusted: readonly number[],
  previousSizes: readonly number[],
  populationSize: number,
  minSpeciesSize: number,
  method: SpawnMethod,
): number[] {
  const wanted = roughSpawnAmounts(adjusted, previousSizes, populationSize, minSpeciesSize, method)
  return exactSpawnAmounts(wanted, populationSize, minSpeciesSize)
}

/** The same before the sum is made exact. */
export function roughSpawnAmounts(
  adjusted: readonly number[],
  previousSizes: readonly number[],
  populationSize: number,
  minSpeciesSize: number,
  method: SpawnMethod,
): number[] {
  const sum = adjusted.reduce((a, b) => a + b, 0)
  const share = (fitness: number): number => (sum > 0 ? (fitness / sum) * populationSize : 0)
  if (method === 'proportional') {
    return adjusted.map((fitness) => Math.max(minSpeciesSize, roundHalfEven(share(fitness))))
  }
  const moved = adjusted.map((fitness, place) => {
    const before = previousSizes[place]!
    const half = (Math.max(minSpeciesSize, share(fitness)) - before) * 0.5
    const step = roundHalfEven(half)
    return before + (step !== 0 ? step : Math.sign(half))
  })
  const norm = populationSize / moved.reduce((a, b) => a + b, 0)
  return moved.map((size) => Math.max(minSpeciesSize, roundHalfEven(size * norm)))
}

/** Missing children go to the smallest species first, surplus ones are taken from the largest. */
function exactSpawnAmounts(
  amounts: readonly number[],
  populationSize: number,
  minSpeciesSize: number,
): number[] {
  if (amounts.length === 0 || amounts.length * minSpeciesSize > populationSize) {
    const species = `${amounts.length} species of at least ${minSpeciesSize}`
    throw new RangeError(`${species} do not fit into a population of ${populationSize}`)
  }
  const exact = [...amounts]
  let missing = populationSize - exact.reduce((a, b) => a + b, 0)
  const ascending = exact.map((_, place) => place).sort((a, b) => amounts[a]! - amounts[b]!)
  for (let i = 0; missing > 0; i++, missing--) {
    const place = ascending[i % ascending.length]!
    exact[place] = exact[place]! + 1
  }
  while (missing < 0) {
    const descending = exact.map((_, place) => place).sort((a, b) => exact[b]! - exact[a]!)
    for (const place of descending) {
      if (missing === 0 || exact[place]! <= minSpeciesSize) continue
      exact[place] = exact[place]! - 1
      missing++
    }
  }
  return exact
}

/** To the nearest integer, halves to the even one, as Python rounds. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}
