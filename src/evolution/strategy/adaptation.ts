// Mutation that adapts its own strength; off unless asked for.
//
// `one_fifth` (Rechenberg 1973): one scale for all; it grows when more than a fifth of the children
// are better than the parent they came from, and shrinks when fewer are. `self_adaptive` (Schwefel
// 1977; Beyer & Schwefel 2002, equation 31): every genotype has a scale of its own, inherited with
// a log-normal change, so that good scales spread with the genotypes they led to.
//
// A scale multiplies the step of weight mutations and, with `structure`, the chances of new neurons
// and links.
//
// `meta_control` sets rates by what it sees of evolution: meta-control/meta-controller.ts.
import type { Random } from '../../runtime/random.ts'
import type { EvolutionSettings } from '../evolution-settings.ts'
import { rankable } from '../fitness.ts'
import type { MetaControlSettings } from '../meta-control/meta-controller.ts'
import type { MutationSettings } from '../mutation/mutation.ts'
import { exp } from '../network/elementary.ts'
import { CROSSED, MUTANT, type Parentage } from './breeding.ts'

export type AdaptationSettings = ScaleSettings | MetaControlSettings

export const adaptationKinds = ['one_fifth', 'self_adaptive', 'meta_control'] as const

export interface ScaleSettings {
  readonly kind: 'one_fifth' | 'self_adaptive'
  /** `one_fifth`: the scale is multiplied by this, or divided; default 0.85 (Schwefel). */
  readonly factor?: number
  /** `self_adaptive`: standard deviation of the logarithm's change; default 0.2. */
  readonly rate?: number
  /** Scales stay within these; default 0.01 to 10. */
  readonly min?: number
  readonly max?: number
  /** Whether the chances of new neurons and links are scaled as well; default false. */
  readonly structure?: boolean
}

/** The scales of a first generation; none where none adapt. */
export function firstScales({ populationSize, reproduction }: EvolutionSettings): {
  readonly scales?: Float64Array
} {
  const { adaptation } = reproduction
  if (adaptation === undefined || adaptation.kind === 'meta_control') return {}
  return { scales: new Float64Array(populationSize).fill(1) }
}

/** The part of successes that the one-fifth rule aims at. */
const SUCCESS_WANTED = 0.2

/**
 * The scales of the evaluated generation by the one-fifth rule: `before` changed by how many
 * children were better than their first parent, whose fitness is given.
 */
export function oneFifthScale(
  before: number,
  { kind, first }: Parentage,
  parentFitnesses: ArrayLike<number>,
  fitnesses: ArrayLike<number>,
  settings: ScaleSettings,
): number {
  let [born, better] = [0, 0]
  for (let child = 0; child < kind.length; child++) {
    if (kind[child] !== MUTANT && kind[child] !== CROSSED) continue
    born++
    if (rankable(fitnesses[child]!) > rankable(parentFitnesses[first[child]!]!)) better++
  }
  const { factor = 0.85 } = settings
  if (born === 0 || better === born * SUCCESS_WANTED) return before
  return within(better > born * SUCCESS_WANTED ? before / factor : before * factor, settings)
}

/** A child's own scale, from that of its parent. */
export function inheritedScale(parent: number, settings: ScaleSettings, random: Random): number {
  if (settings.kind === 'one_fifth') return parent
  const { rate = 0.2 } = settings
  return within(parent * exp(rate * random.fork('adaptation').gaussian()), settings)
}

/** Mutation as strong as a scale says. */
export function scaledMutation(
  mutation: MutationSettings,
  scale: number,
  { structure = false }: ScaleSettings,
): MutationSettings {
  const weights = { ...mutation.weights, step: mutation.weights.step * scale }
  if (!structure) return { ...mutation, weights }
  const addNeuron = Math.min(1, mutation.addNeuron * scale)
  const addLink = Math.min(1, mutation.addLink * scale)
  return { ...mutation, weights, addNeuron, addLink }
}

function within(scale: number, { min = 0.01, max = 10 }: ScaleSettings): number {
  return Math.max(min, Math.min(max, scale))
}
