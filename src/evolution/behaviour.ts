// Behaviours: points that say what a network did, and how far apart they are (Lehman & Stanley
// 2011, section 3).

export type Behaviour = readonly number[]

/** The Euclidean distance; of the coordinates both have. */
export function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a[i]! - b[i]!
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

/** The sum of the coordinates' distances. */
export function manhattan(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < Math.min(a.length, b.length); i++) sum += Math.abs(a[i]! - b[i]!)
  return sum
}

/**
 * How sparse it is around a behaviour: the mean distance to its k nearest neighbours, to all when
 * there are fewer, 0 when there are none.
 */
export function novelty(behaviour: Behaviour, neighbours: readonly Behaviour[], k: number): number {
  const distances = Float64Array.from(neighbours, (one) => euclidean(behaviour, one)).sort()
  const count = Math.min(k, distances.length)
  let sum = 0
  for (let i = 0; i < count; i++) sum += distances[i]!
  return count === 0 ? 0 : sum / count
}

/** Whether a point can be compared at all. */
export function isBehaviour(value: Behaviour | undefined): value is Behaviour {
  return value?.every(Number.isFinite) ?? false
}

/** The novelty of each; -Infinity without a behaviour. Its equals are neighbours like any other. */
export function noveltiesOf(
  behaviours: readonly (Behaviour | undefined)[],
  archive: readonly Behaviour[],
  k: number,
): number[] {
  return behaviours.map((behaviour, place) => {
    if (behaviour === undefined) return Number.NEGATIVE_INFINITY
    const others = behaviours.filter((other, at) => at !== place && other !== undefined)
    return novelty(behaviour, [...others.filter(isBehaviour), ...archive], k)
  })
}
