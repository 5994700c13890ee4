// Several fitnesses at once: who is worse than nobody, in fronts, and how crowded it is there
// (Deb, Pratap, Agarwal & Meyarivan 2002, "NSGA-II", sections III.A and III.B).
//
//   const fronts = nonDominatedFronts(objectives)      // fronts[0]: dominated by no one
//   const order = paretoRanked(objectives)             // best first: by front, then sparse first
//
// All objectives are maximised; what is not a number is worse than every number.
import { rankable } from './fitness.ts'

/** One list a genotype, all of one length. */
export type Objectives = readonly (readonly number[])[]

/** Whether a is at least as good as b everywhere and better somewhere. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetter = false
  for (let i = 0; i < a.length; i++) {
    const [own, others] = [rankable(a[i]!), rankable(b[i]!)]
    if (own < others) return false
    if (own > others) isBetter = true
  }
  return isBetter
}

/** The fronts, each ascending: of every front the members are dominated by earlier fronts only. */
export function nonDominatedFronts(objectives: Objectives): number[][] {
  const { length } = objectives
  const dominated: number[][] = objectives.map(() => [])
  const dominators = new Int32Array(length)
  for (let a = 0; a < length; a++) {
    for (let b = a + 1; b < length; b++) {
      if (dominates(objectives[a]!, objectives[b]!)) {
        dominated[a]!.push(b)
        dominators[b]!++
      } else if (dominates(objectives[b]!, objectives[a]!)) {
        dominated[b]!.push(a)
        dominators[a]!++
      }
    }
  }
  const fronts: number[][] = []
  let front = objectives.map((_, index) => index).filter((index) => dominators[index] === 0)
  while (front.length > 0) {
    fronts.push(front)
    const next: number[] = []
    for (const index of front) {
      for (const worse of dominated[index]!) {
        dominators[worse]!--
        if (dominators[worse] === 0) next.push(worse)
      }
    }
    front = next.sort((a, b) => a - b)
  }
  return fronts
}

/** The number of each one's front, 1 for those dominated by no one. */
export function frontNumbers(objectives: Objectives): number[] {
  const numbers = new Array<number>(objectives.length).fill(0)
  for (const [number, front] of nonDominatedFronts(objectives).entries()) {
    for (const index of front) numbers[index] = number + 1
  }
  return numbers
}

/**
 * How far the neighbours of each member of a front are, summed over the objectives, each scaled by
 * its range in the front; infinite at the ends of an objective.
 */
export function crowdingDistances(objectives: Objectives, front: readonly number[]): number[] {
  const distances = front.map(() => 0)
  const dimensions = front.length === 0 ? 0 : objectives[front[0]!]!.length
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const valueAt = (place: number): number => rankable(objectives[front[place]!]![dimension]!)
    const order = front
      .map((_, place) => place)
      .sort((a, b) => compare(valueAt(a), valueAt(b)) || a - b)
    const [lowest, highest] = [order[0]!, order[order.length - 1]!]
    distances[lowest] = Number.POSITIVE_INFINITY
    distances[highest] = Number.POSITIVE_INFINITY
    const range = valueAt(highest) - valueAt(lowest)
    if (!(range > 0 && Number.isFinite(range))) continue
    for (let i = 1; i + 1 < order.length; i++) {
      const gap = valueAt(order[i + 1]!) - valueAt(order[i - 1]!)
      distances[order[i]!] = distances[order[i]!]! + gap / range
    }
  }
  return distances
}

/** All, best first: by front, within a front the less crowded first, then the earlier. */
export function paretoRanked(objectives: Objectives): number[] {
  return nonDominatedFronts(objectives).flatMap((front) => {
    const distances = crowdingDistances(objectives, front)
    return front
      .map((_, place) => place)
      .sort((a, b) => compare(distances[b]!, distances[a]!) || a - b)
      .map((place) => front[place]!)
  })
}

/**
 * One number a genotype that orders them as `paretoRanked` does, for whoever works with one
 * fitness: the best has as many as there are, the worst 1.
 */
export function paretoFitness(objectives: Objectives): Float64Array {
  const fitnesses = new Float64Array(objectives.length)
  for (const [rank, index] of paretoRanked(objectives).entries()) {
    fitnesses[index] = objectives.length - rank
  }
  return fitnesses
}

/** What an objective may be: DXNN's names. */
export const objectiveNames = [
  'main_fitness',
  'inverse_tot_n',
  'inverse_links',
  'novelty',
  'objectives',
] as const
export type ObjectiveName = (typeof objectiveNames)[number]

/** What of an evaluated genotype objectives are made of. */
export interface Weighed {
  readonly fitness: number
  readonly neurons: number
  readonly links: number
  readonly novelty?: number
  /** Those of the problem. */
  readonly objectives?: readonly number[]
}

/** The objectives of a genotype, in the order of their names. */
export function objectivesOf(names: readonly ObjectiveName[], of: Weighed): number[] {
  return names.flatMap((name) => {
    if (name === 'main_fitness') return [of.fitness]
    if (name === 'inverse_tot_n') return [1 / Math.max(1, of.neurons)]
    if (name === 'inverse_links') return [1 / Math.max(1, of.links)]
    if (name === 'novelty') return [of.novelty ?? 0]
    return of.objectives ?? []
  })
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
