// Phased search (Green 2004, "Phased searching with NEAT"; SharpNEAT's complexity regulation):
// networks grow until their mean size reaches a ceiling; then, until it falls no more, structure is
// only taken away.
//
//   const settings = { ...defaultSettings, complexity: { ceiling: 'relative', ... } }
//
// The measure of complexity is the mean number of links. While simplifying, children have one
// parent and lose a gene or only change weights.
import type { Random } from '../runtime/random.ts'
import type { MutationSettings } from './mutation/mutation.ts'
import { defaultRoulette } from './mutation/operator.ts'

export interface ComplexitySettings {
  /** Whether the ceiling is fixed, or moves: so much above where the last simplification ended. */
  readonly ceiling: 'absolute' | 'relative'
  /** Mean links, or links above. */
  readonly complexityCeiling: number
  /** Generations that simplification lasts at least. */
  readonly minSimplificationGenerations: number
  /** Generations over which complexity is averaged to see whether it falls; default 100. */
  readonly window?: number
}

/** Where a run stands. Plain data. */
export interface Regulation {
  readonly mode: 'complexifying' | 'simplifying'
  readonly ceiling: number
  /** Generation in which the mode began. */
  readonly since: number
  /** Mean complexities of the last generations, the newest last. */
  readonly history: readonly number[]
  /** The mean of the history, a generation ago. */
  readonly meanBefore: number
}

/** What a run begins with. */
export function firstRegulation({ complexityCeiling }: ComplexitySettings): Regulation {
  const mode = 'complexifying'
  return { mode, ceiling: complexityCeiling, since: 0, history: [], meanBefore: 0 }
}

/** Where the run stands after a generation of that mean complexity. */
export function regulated(
  before: Regulation,
  complexity: number,
  generation: number,
  settings: ComplexitySettings,
): Regulation {
  const { window = 100, minSimplificationGenerations, complexityCeiling } = settings
  const history = [...before.history, complexity].slice(-window)
  const mean = history.reduce((a, b) => a + b, 0) / history.length
  const now = { ...before, history, meanBefore: mean }
  if (before.mode === 'complexifying') {
    if (complexity <= before.ceiling) return now
    return { ...now, mode: 'simplifying', since: generation }
  }
  const ceiling =
    settings.ceiling === 'relative' ? complexity + complexityCeiling : complexityCeiling
  const isLongEnough = generation - before.since > minSimplificationGenerations
  const hasStalled = mean - before.meanBefore >= 0
  if (!(isLongEnough && complexity < before.ceiling && hasStalled)) return { ...now, ceiling }
  return { ...now, mode: 'complexifying', since: generation, ceiling }
}

/** Chance that a child of a simplifying generation loses a gene; otherwise its weights change. */
const REMOVAL = 0.5

/** How a child of a simplifying generation mutates. */
export function simplifying(mutation: MutationSettings, random: Random): MutationSettings {
  if (random.fork('simplify').next() >= REMOVAL) {
    const { roulette: _, ...plain } = mutation
    return { ...plain, addNeuron: 0, addLink: 0, toggleLink: 0 }
  }
  const weights = { remove_neuron: 1, remove_inlink: 2, remove_outlink: 2, remove_sensorlink: 1 }
  const mutationCount = { name: 'const' as const, parameter: 1 }
  return {
    ...mutation,
    roulette: { ...defaultRoulette, ...mutation.roulette, weights, mutationCount },
  }
}
