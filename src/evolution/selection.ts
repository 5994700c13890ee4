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
