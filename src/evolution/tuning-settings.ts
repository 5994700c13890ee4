// What the settings of a run say of tuning (tuning.ts): with them every genotype of a population is
// tuned whenever it is evaluated, as its agent says; what tuning has found is inherited or not, as
// its heredity says.
//
//   const settings = { ...settingsFor('xor'), tuning: { heredityTypes: ['lamarckian'] } }
//
// The names are those of DXNN's constraint. Of a list every genotype of the first generation draws
// one; operators such as `mutate_tuning_selection` (mutation/roulette.ts) change it in a lineage.
import type { Random } from '../runtime/random.ts'
import {
  type AgentParameters,
  defaultAgent,
  type HeredityType,
  type TuningSelection,
} from './agent.ts'

/** Plain data; every list has one value or more. */
export interface TuningSettings {
  /** Which neurons an attempt perturbs; default `dynamic_random`. */
  readonly tuningSelectionFs?: readonly TuningSelection[]
  /** How many attempts in a row may fail; default `wsize_proportional` of 0.5. */
  readonly tuningDurationF?: AgentParameters['tuningDuration']
  /** Factors of the spread per generation of a neuron's age, 0 to 1; default 0.5. */
  readonly annealingParameters?: readonly number[]
  /** Multiples of pi that a perturbation spreads over, 0 to 100; default 1. */
  readonly perturbationRanges?: readonly number[]
  /** What of a life is inherited; default `darwinian`. */
  readonly heredityTypes?: readonly HeredityType[]
  /** How many operators of a roulette an offspring goes through; default: as the roulette says. */
  readonly totTopologicalMutationsFs?: readonly AgentParameters['mutationCount'][]
}

/**
 * The agent that the settings give a genotype: of each list a value drawn, or without a `random`
 * the first. `mutationCount` is that of the run's roulette, where it has one.
 */
export function agentFrom(
  settings: TuningSettings,
  mutationCount: AgentParameters['mutationCount'] = defaultAgent.mutationCount,
  random?: Random,
): AgentParameters {
  const one = <T>(values: readonly T[] | undefined, otherwise: T): T => {
    const { length } = values ?? []
    return values?.[random === undefined || length < 2 ? 0 : random.integer(length)] ?? otherwise
  }
  return {
    ...defaultAgent,
    tuningSelection: one(settings.tuningSelectionFs, defaultAgent.tuningSelection),
    tuningDuration: settings.tuningDurationF ?? defaultAgent.tuningDuration,
    annealing: one(settings.annealingParameters, defaultAgent.annealing),
    perturbationRange: one(settings.perturbationRanges, defaultAgent.perturbationRange),
    heredity: one(settings.heredityTypes, defaultAgent.heredity),
    mutationCount: one(settings.totTopologicalMutationsFs, mutationCount),
  }
}
