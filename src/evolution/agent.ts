// Parameters of one agent, evolved with it: how its weights are tuned in a life, how many and which
// mutations its offspring gets (DXNN's agent record; Sher, "Handbook of Neuroevolution Through
// Erlang", 2013, chapter 11). A genotype without them is treated by the settings of its run.

/** Which neurons an attempt of the tuning loop perturbs (actors/neuron/tuning.ts). */
export const tuningSelections = [
  'all',
  'all_random',
  'dynamic',
  'dynamic_random',
  'active',
  'active_random',
  'recent',
  'recent_random',
  'current',
  'current_random',
  'lastgen',
  'lastgen_random',
] as const
export type TuningSelection = (typeof tuningSelections)[number]

/** How many failed attempts end the tuning loop. */
export const tuningDurations = ['const', 'wsize_proportional', 'nsize_proportional'] as const
export type TuningDurationName = (typeof tuningDurations)[number]

/** How many mutations an offspring gets. */
export const mutationCounts = ['const', 'ncount_exponential', 'ncount_linear'] as const
export type MutationCountName = (typeof mutationCounts)[number]

/**
 * What of a life is inherited. As in DXNN, `darwinian`: tuned weights as they were before plasticity
 * changed them; `lamarckian`: as they were at the end. Ours, `baldwinian`: none of it, tuning counts
 * for the fitness alone (Hinton & Nowlan 1987, "How learning can guide evolution").
 */
export const heredityTypes = ['darwinian', 'lamarckian', 'baldwinian'] as const
export type HeredityType = (typeof heredityTypes)[number]

export interface AgentParameters {
  /** How many times its lineage has been mutated; the age of a neuron is counted from it. */
  readonly generation: number
  /** Default `dynamic_random`. */
  readonly tuningSelection: TuningSelection
  /** Default `wsize_proportional` of 0.5. */
  readonly tuningDuration: { readonly name: TuningDurationName; readonly parameter: number }
  /** Factor of the spread per generation of age; default 0.5. */
  readonly annealing: number
  /** Multiples of pi that a perturbation spreads over; default 1. */
  readonly perturbationRange: number
  /** Default `ncount_exponential` of 0.5. */
  readonly mutationCount: { readonly name: MutationCountName; readonly parameter: number }
  /** Default `darwinian`. */
  readonly heredity: HeredityType
  /** Roulette weights of mutation operators by name, ascending by name; others keep the run's. */
  readonly operatorWeights: readonly (readonly [operator: string, weight: number])[]
}

/** DXNN's defaults (section 1.3 of its constraint record). */
export const defaultAgent: AgentParameters = {
  generation: 0,
  tuningSelection: 'dynamic_random',
  tuningDuration: { name: 'wsize_proportional', parameter: 0.5 },
  annealing: 0.5,
  perturbationRange: 1,
  mutationCount: { name: 'ncount_exponential', parameter: 0.5 },
  heredity: 'darwinian',
  operatorWeights: [],
}
