// Which neurons an attempt of the tuning loop perturbs, how far, and how many failed attempts end
// it (DXNN, Sher 2013, section 11.5; the functions and their figures are faber's, section 2.2).
//
//   selectNeurons('dynamic', { generation: 9, neurons: [0, 8], ... }, random)
//   // [{ neuron: 1, spread: 0.5 }]
import type { Random } from '../runtime/random.ts'
import type { TuningDurationName, TuningSelection } from './agent.ts'
import { exp, log } from './network/elementary.ts'

const PI = Math.PI

/** A neuron to perturb: its place, and the width over which its weights are perturbed. */
export interface Chosen {
  readonly neuron: number
  readonly spread: number
}

/** What the choice depends on. */
export interface Tunable {
  /** Of the agent: ages are counted from it. */
  readonly generation: number
  /** Generation in which each neuron was made or last changed. */
  readonly neurons: readonly number[]
  /** Multiples of pi. */
  readonly perturbationRange: number
  /** Factor of the spread per generation of age. */
  readonly annealing: number
}

/** Oldest age that is still active or recent. */
const ACTIVE_AGE = 3

/**
 * The neurons of one attempt, ascending by place; never none.
 *
 * - `all`: every neuron, full spread.
 * - `dynamic`: ages up to a limit drawn anew each time, sqrt(1 / u), spread annealed by age.
 * - `active`: ages up to 3, spread annealed. `recent`: the same at full spread.
 * - `current`: age 0. `lastgen`: those of the youngest age that there is, full spread.
 * - `..._random`: of these, each with chance one half, at least one.
 */
export function selectNeurons(
  selection: TuningSelection,
  tunable: Tunable,
  random: Random,
): readonly Chosen[] {
  const [base, isRandom] = selection.endsWith('_random')
    ? [selection.slice(0, -'_random'.length), true]
    : [selection, false]
  const chosen = selected(base, tunable, base === 'dynamic' ? ageLimit(random) : 0)
  return isRandom ? someOf(chosen, random) : chosen
}

/** The age limit of `dynamic`: 1 / sqrt(u) for u in (0, 1]. */
function ageLimit(random: Random): number {
  return Math.sqrt(1 / (1 - random.next()))
}

/** The choice without chance; `limit` is the age limit of `dynamic`. */
export function selected(base: string, tunable: Tunable, limit: number): readonly Chosen[] {
  switch (base) {
    case 'all':
      return within(tunable, Number.POSITIVE_INFINITY, false)
    case 'dynamic':
      return within(tunable, limit, true)
    case 'active':
      return within(tunable, ACTIVE_AGE, true)
    case 'recent':
      return within(tunable, ACTIVE_AGE, false)
    case 'lastgen':
      return within(tunable, tunable.generation - Math.max(...tunable.neurons), false)
    default:
      return within(tunable, 0, true)
  }
}

function within(tunable: Tunable, limit: number, isAnnealed: boolean): readonly Chosen[] {
  const { generation, neurons, perturbationRange, annealing } = tunable
  const full = perturbationRange * PI
  const chosen = neurons.flatMap((made, neuron) => {
    const age = generation - made
    if (made < generation - limit) return []
    return [{ neuron, spread: isAnnealed ? full * power(annealing, age) : full }]
  })
  return chosen.length > 0 ? chosen : [{ neuron: 0, spread: full }]
}

/** base to the power of a whole number. */
function power(base: number, exponent: number): number {
  let product = 1
  for (let i = 0; i < exponent; i++) product *= base
  return product
}

function someOf(chosen: readonly Chosen[], random: Random): readonly Chosen[] {
  const some = chosen.filter(() => random.next() < 0.5)
  return some.length > 0 ? some : [chosen[random.integer(chosen.length)]!]
}

/** Attempts of `const` when its parameter is no positive integer. */
const CONST_ATTEMPTS = 15

/**
 * How many attempts in a row may fail. `const`: the parameter. `wsize_proportional`: 10 + W^p with
 * W the weights of neurons aged at most 3. `nsize_proportional`: the same with their number. The
 * power is kept within [0, 100].
 */
export function tuningAttempts(
  { name, parameter }: { readonly name: TuningDurationName; readonly parameter: number },
  { generation, neurons }: Tunable,
  weightCounts: readonly number[],
): number {
  if (name === 'const') {
    return Number.isInteger(parameter) && parameter > 0 ? parameter : CONST_ATTEMPTS
  }
  let size = 0
  neurons.forEach((made, neuron) => {
    if (made < generation - ACTIVE_AGE) return
    size += name === 'wsize_proportional' ? weightCounts[neuron]! : 1
  })
  const raised = exp(parameter * log(Math.max(1, size)))
  return 10 + Math.max(0, Math.min(100, Math.floor(raised + 0.5)))
}
