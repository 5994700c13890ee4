// Elo ratings (Elo 1978): how strong players are, from who beat whom. All matches of a round are
// rated together, by the ratings before it, so that their order does not matter; points only pass
// from one player to the other.
import { exp } from './network/elementary.ts'

export const FIRST_RATING = 1_500
/** Most points that a match can move. */
export const RATING_K = 32

/** The score to be expected of a player: 1 = certain to win; a lead of 400 points means 10 to 1. */
export function expectedScore(own: number, others: number): number {
  return 1 / (1 + exp((Math.LN10 * (others - own)) / 400))
}

/** One match: places of two players in the list of ratings, and the score of the first, 0 to 1. */
export interface RatedMatch {
  readonly first: number
  readonly second: number
  readonly score: number
}

/** The ratings after a round of matches. */
export function rated(
  ratings: ArrayLike<number>,
  matches: readonly RatedMatch[],
  k: number = RATING_K,
): Float64Array {
  const after = Float64Array.from(ratings)
  for (const { first, second, score } of matches) {
    const points = k * (score - expectedScore(ratings[first]!, ratings[second]!))
    after[first] = after[first]! + points
    after[second] = after[second]! - points
  }
  return after
}
