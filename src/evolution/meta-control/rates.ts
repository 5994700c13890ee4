// The rates that meta-control sets, where they stand in the settings, and the bounds they keep
// whatever a controller says.
//
// A controller speaks in parts: 0.5 is the rate of the settings, 0 the lower bound, 1 the upper.
import type { MutationSettings } from '../mutation/mutation.ts'
import type { ReproductionSettings } from '../strategy/breeding.ts'

export interface Rates {
  /** Part of a child's weights that change (`mutation.weights.each`). */
  readonly mutationRate: number
  /** Scale of a change (`mutation.weights.step`). */
  readonly mutationStrength: number
  /** Part of a species that may be parents (`survivalThreshold`). */
  readonly selectionRatio: number
  /** Chances per child (`mutation.addNeuron`, `mutation.addLink`). */
  readonly addNodeRate: number
  readonly addConnectionRate: number
}

export type RateName = keyof Rates

/** In the order of the controller's outputs. */
export const rateNames = [
  'mutationRate',
  'mutationStrength',
  'selectionRatio',
  'addNodeRate',
  'addConnectionRate',
] as const

export type Bounds = readonly [min: number, max: number]
export type RateBounds = Readonly<Record<RateName, Bounds>>

/** Those of faber_neuroevolution (its `param_bounds`). */
export const peerBounds: RateBounds = {
  mutationRate: [0.01, 0.5],
  mutationStrength: [0.05, 1],
  selectionRatio: [0.1, 0.5],
  addNodeRate: [0, 0.1],
  addConnectionRate: [0, 0.2],
}

/** The rates of settings without a controller. */
export function fixedRates({ survivalThreshold, mutation }: ReproductionSettings): Rates {
  return {
    mutationRate: mutation.weights.each,
    mutationStrength: mutation.weights.step,
    selectionRatio: survivalThreshold,
    addNodeRate: mutation.addNeuron,
    addConnectionRate: mutation.addLink,
  }
}

/**
 * The bounds given; for the others the peer's, widened so that half and twice the fixed rate are
 * within. Chances end at 1.
 */
export function boundsAround(fixed: Rates, given: Partial<RateBounds> = {}): RateBounds {
  return mapRates((name) => {
    const [min, max] = peerBounds[name]
    const most = name === 'mutationStrength' ? Number.MAX_VALUE : 1
    const wide = [Math.min(min, 0.5 * fixed[name]), Math.min(most, Math.max(max, 2 * fixed[name]))]
    return given[name] ?? ([wide[0]!, wide[1]!] as const)
  })
}

/** The rate that a part from 0 to 1 stands for. */
export function rateAt(part: number, fixed: number, [min, max]: Bounds): number {
  const base = Math.max(min, Math.min(max, fixed))
  const share = part >= 0 && part <= 1 ? part : part > 1 ? 1 : 0
  const rate = share < 0.5 ? min + 2 * share * (base - min) : base + (2 * share - 1) * (max - base)
  return Math.max(min, Math.min(max, rate))
}

/** Rates within their bounds; those that are no number are the fixed ones. */
export function boundedRates(rates: Rates, fixed: Rates, bounds: RateBounds): Rates {
  return mapRates((name) => {
    const [min, max] = bounds[name]
    const rate = Number.isNaN(rates[name]) ? fixed[name] : rates[name]
    return Math.max(min, Math.min(max, rate))
  })
}

/** Reproduction at these rates. */
export function atRates(settings: ReproductionSettings, rates: Rates): ReproductionSettings {
  const { mutation } = settings
  const weights = {
    ...mutation.weights,
    each: rates.mutationRate,
    step: rates.mutationStrength,
  }
  const changed: MutationSettings = {
    ...mutation,
    weights,
    addNeuron: rates.addNodeRate,
    addLink: rates.addConnectionRate,
  }
  return { ...settings, survivalThreshold: rates.selectionRatio, mutation: changed }
}

/** A value for every rate. */
export function mapRates<T>(valueFor: (name: RateName) => T): Record<RateName, T> {
  return {
    mutationRate: valueFor('mutationRate'),
    mutationStrength: valueFor('mutationStrength'),
    selectionRatio: valueFor('selectionRatio'),
    addNodeRate: valueFor('addNodeRate'),
    addConnectionRate: valueFor('addConnectionRate'),
  }
}
