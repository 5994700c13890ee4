// Optimisers of a vector of numbers, such as the weights of one network: begin at a point, ask for
// candidates, tell their fitness, again and again. Pure functions over plain data.
//
//   let state = cmaEs.init([0, 0, 0], { sigma0: 0.5 }, 42)
//   while (!hasStopped(state)) {
//     const candidates = cmaEs.ask(state)
//     state = cmaEs.tell(state, candidates, candidates.map((x) => -sphere(x)))
//   }
//   console.log(state.best, state.stop)
//
// Fitness is higher-is-better, as everywhere in Arbor (the literature of these algorithms mostly
// minimises: hand in the negative), and what is not a number is the worst. `ask` draws from streams
// named by (seed, iteration, place), so it answers the same as often as it is asked, and a
// `structuredClone` of a state continues bit for bit. Candidates are handed back with their fitness
// because they may have been changed in between (tuned, repaired), or may come from elsewhere.
//
// Not for topologies: the vector has one meaning and one length from beginning to end.
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { rankable } from '../fitness.ts'

/** What the states of all optimisers hold. Plain data. */
export interface OptimiserState {
  /** Of the optimiser that made it. */
  readonly name: string
  readonly seed: number | string
  /** Rounds of asking and telling that are over. */
  readonly iteration: number
  /** Candidates told so far. */
  readonly evaluations: number
  /** Where the search stands: the point that it would answer with if asked for one. */
  readonly mean: Float64Array
  /** The best candidate told so far. */
  readonly best?: Candidate
  /**
   * Why it should end: the criteria that are met, each with what it was compared with. Empty while
   * the search has prospects. An optimiser goes on all the same if it is told more.
   */
  readonly stop: Readonly<Record<string, number>>
}

export interface Candidate {
  readonly x: Float64Array
  readonly fitness: number
  /** Evaluations until it was found, itself included. */
  readonly evaluations: number
}

/** Criteria that end any optimiser. */
export interface BudgetSettings {
  /** Ends when a fitness reaches this. */
  readonly ftarget?: number
  /** Ends after so many evaluations. */
  readonly maxfevals?: number
  /** Ends after so many iterations. */
  readonly maxiter?: number
}

export interface Optimiser<State extends OptimiserState, Settings extends object> {
  readonly name: string
  /** The first state. Throws EvolutionSettingsError for settings out of range. */
  init(x0: ArrayLike<number>, settings: Settings, seed: number | string): State
  /** The candidates to evaluate now; the same whenever it is asked. */
  ask(state: State): Float64Array[]
  /**
   * What follows from the fitness of each candidate. Throws a RangeError for numbers of candidates
   * or components that do not fit.
   */
  tell(state: State, candidates: readonly Float64Array[], fitnesses: ArrayLike<number>): State
}

/** Whether any criterion for the end is met. */
export function hasStopped({ stop }: OptimiserState): boolean {
  return Object.keys(stop).length > 0
}

/** Indices from the best fitness to the worst; of equals the earlier first. */
export function fromBestToWorst(fitnesses: ArrayLike<number>): number[] {
  const indices = Array.from({ length: fitnesses.length }, (_, index) => index)
  const rank = (index: number): number => rankable(fitnesses[index]!)
  // Two infinities have no difference.
  return indices.sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) > rank(a) ? 1 : -1))
}

/** The better of what was best and the best candidate of this round. */
export function bestOf(
  { best, evaluations }: OptimiserState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
  first: number,
): { readonly best?: Candidate } {
  const fitness = rankable(fitnesses[first]!)
  if (best !== undefined && best.fitness >= fitness) return { best }
  return { best: { x: candidates[first]!.slice(), fitness, evaluations: evaluations + first + 1 } }
}

/** The criteria of a budget that are met. */
export function budgetStop(
  { ftarget, maxfevals, maxiter }: BudgetSettings,
  { best, evaluations, iteration }: Pick<OptimiserState, 'best' | 'evaluations' | 'iteration'>,
): Record<string, number> {
  const stop: Record<string, number> = {}
  if (ftarget !== undefined && best !== undefined && best.fitness >= ftarget) stop.ftarget = ftarget
  if (maxfevals !== undefined && evaluations >= maxfevals) stop.maxfevals = maxfevals
  if (maxiter !== undefined && iteration >= maxiter) stop.maxiter = maxiter
  return stop
}

/** Throws a RangeError unless there are `count` candidates of `size` components, with fitness. */
export function checkTold(
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
  count: number,
  size: number,
): void {
  if (candidates.length !== count || fitnesses.length !== count) {
    const told = `${candidates.length} candidates and ${fitnesses.length} fitnesses`
    throw new RangeError(`told ${told}: tell ${count}, those that were asked for`)
  }
  for (const { length } of candidates) {
    if (length !== size) throw new RangeError(`a candidate of ${length} components, not ${size}`)
  }
}

/** A finite starting point of `1` to `max` components, copied. */
export function startPoint(x0: ArrayLike<number>, max: number): Float64Array {
  checkSetting('components of x0', x0.length, 1, max, true)
  const point = Float64Array.from(x0)
  if (!point.every(Number.isFinite)) {
    throw new EvolutionSettingsError('x0 has a component that is not finite')
  }
  return point
}

/** Throws EvolutionSettingsError unless the value lies in its range. */
export function checkSetting(
  name: string,
  value: number,
  min: number,
  max: number,
  isWhole: boolean = false,
): void {
  if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return
  const kind = isWhole ? 'a whole number' : 'a number'
  const range = max === Number.POSITIVE_INFINITY ? `of ${min} or more` : `from ${min} to ${max}`
  throw new EvolutionSettingsError(`${name} is ${value}: use ${kind} ${range}`)
}

/** Throws EvolutionSettingsError for a budget out of range. */
export function checkBudget({ ftarget, maxfevals, maxiter }: BudgetSettings): void {
  const unbounded = Number.POSITIVE_INFINITY
  if (ftarget !== undefined) checkSetting('ftarget', ftarget, -unbounded, unbounded)
  if (maxfevals !== undefined) checkSetting('maxfevals', maxfevals, 1, unbounded)
  if (maxiter !== undefined) checkSetting('maxiter', maxiter, 1, unbounded)
}
