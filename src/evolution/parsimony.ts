// Fitness that minds size: of two networks that do as well, the smaller one shall win.
import { exp, log } from './network/elementary.ts'

/** Subtracts a penalty for every neuron (faber_tweann's size_proportional). */
export function sizePenalty(fitness: number, neurons: number, penalty: number): number {
  return fitness - neurons * penalty
}

/**
 * Divides by a power of the size (DXNN's size_proportional). Its exponent is 0.05 for the order of
 * a population and 1 for a hall of fame.
 */
export function sizeProportional(fitness: number, size: number, exponent: number): number {
  const neurons = Math.max(1, size)
  return exponent === 1 ? fitness / neurons : fitness / exp(exponent * log(neurons))
}

/** DXNN's exponents. */
export const RANKING_EXPONENT = 0.05
export const HALL_OF_FAME_EXPONENT = 1

/** What is made of a raw fitness before selection sees it; default nothing. */
export type PostprocessorSettings =
  | { readonly kind: 'none' }
  /** DXNN: fitness / neurons^exponent (0.05). */
  | { readonly kind: 'size_proportional'; readonly exponent?: number }
  /** faber_tweann: fitness - neurons × penalty. */
  | { readonly kind: 'size_penalty'; readonly penalty: number }

/** The fitness that selection sees. */
export function postprocessed(
  fitness: number,
  neurons: number,
  settings: PostprocessorSettings,
): number {
  if (settings.kind === 'size_penalty') return sizePenalty(fitness, neurons, settings.penalty)
  if (settings.kind === 'none') return fitness
  return sizeProportional(fitness, neurons, settings.exponent ?? RANKING_EXPONENT)
}
