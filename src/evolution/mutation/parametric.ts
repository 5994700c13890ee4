// Mutation of weights and biases.
import { GENOTYPE_WEIGHT_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import type { GenomeWriter } from '../genome-pool.ts'

/** The shape of a random step of scale 1. Cauchy: mostly small, now and then very large. */
export type StepDistribution = 'uniform' | 'gaussian' | 'cauchy'

export interface WeightMutation {
  /** Chance that a child's weights are mutated at all. */
  readonly probability: number
  /** Chance of each weight then. */
  readonly each: number
  /** Chance that a mutated weight is drawn anew instead of perturbed. */
  readonly replace: number
  readonly distribution: StepDistribution
  /**
   * Scale of a perturbation: half width (uniform), deviation (gaussian), half width at half height.
   */
  readonly step: number
  /**
   * The scale is halved for each child up to this many times, at random: coarse and fine search.
   */
  readonly halvings: number
  /** A new weight is uniform within ± this. */
  readonly initial: number
  /** Weights and biases stay within ± this. */
  readonly limit: number
}

/** Perturbs or replaces the weights of the open genotype, and its `biases` if wanted. */
export function mutateWeights(
  writer: GenomeWriter,
  mutation: WeightMutation,
  biases: boolean,
  random: Random,
): void {
  const step = mutation.step / (1 << random.integer(mutation.halvings + 1))
  mutateColumn(writer.weight, writer.linkBegin, writer.linkEnd, step, mutation, random)
  if (!biases) return
  mutateColumn(writer.bias, writer.neuronBegin, writer.neuronEnd, step, mutation, random)
}

/** A weight for a new link. */
export function newWeight(mutation: WeightMutation, random: Random): number {
  return uniform(random) * mutation.initial
}

function mutateColumn(
  values: Float64Array,
  begin: number,
  end: number,
  step: number,
  mutation: WeightMutation,
  random: Random,
): void {
  const { each, replace, distribution, initial } = mutation
  const limit = Math.min(mutation.limit, GENOTYPE_WEIGHT_MAX)
  const replaceBelow = each * replace * TWO_32
  const mutateBelow = each * TWO_32
  for (let i = begin; i < end; i++) {
    const drawn = random.uint32()
    if (drawn >= mutateBelow) continue
    const value =
      drawn < replaceBelow
        ? uniform(random) * initial
        : values[i]! + perturbation(distribution, random) * step
    values[i] = Math.max(-limit, Math.min(limit, value))
  }
}

const TWO_32 = 0x1_0000_0000

/** A multiple of 2^-31 in [-1, 1). */
function uniform(random: Random): number {
  return random.uint32() / 0x8000_0000 - 1
}

function perturbation(distribution: StepDistribution, random: Random): number {
  if (distribution === 'uniform') return uniform(random)
  const deviate = random.gaussian()
  if (distribution === 'gaussian') return deviate
  // The quotient of two normal deviates is Cauchy distributed.
  const divisor = random.gaussian()
  return divisor === 0 ? deviate : deviate / divisor
}
