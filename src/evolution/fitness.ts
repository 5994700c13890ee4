// Fitness as selection sees it. A fitness is a number, higher is better; what is not a number (a
// network that diverged, a task that failed) is worse than every number.

/** The fitness, or -Infinity for what cannot be ranked. */
export function rankable(fitness: number): number {
  return Number.isNaN(fitness) ? Number.NEGATIVE_INFINITY : fitness
}

/** Index of the highest fitness, the first of equals; -1 for none. */
export function bestIndex(fitnesses: ArrayLike<number>): number {
  let best = fitnesses.length > 0 ? 0 : -1
  for (let i = 1; i < fitnesses.length; i++) {
    if (rankable(fitnesses[i]!) > rankable(fitnesses[best]!)) best = i
  }
  return best
}

/**
 * Explicit fitness sharing (Stanley & Miikkulainen 2002, section 3.3): a member's fitness divided
 * by the size of its species, summed over the species, which is the mean fitness of its members.
 * One share a species, in the order of `members`; infinities count as 0. Sharing needs fitness that
 * does not fall below 0: if any does, all are raised by the lowest.
 */
export function sharedFitness(
  fitnesses: ArrayLike<number>,
  members: readonly (readonly number[])[],
): number[] {
  let lowest = 0
  for (let i = 0; i < fitnesses.length; i++) {
    if (Number.isFinite(fitnesses[i]!)) lowest = Math.min(lowest, fitnesses[i]!)
  }
  return members.map((indices) => {
    let sum = 0
    for (const index of indices) {
      if (Number.isFinite(fitnesses[index]!)) sum += fitnesses[index]! - lowest
    }
    return indices.length === 0 ? 0 : sum / indices.length
  })
}
