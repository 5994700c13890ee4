// Mutation operators by name, and the weights of the roulette that chooses among them (DXNN, Sher
// 2013, chapter 8; faber's list of them). Each changes the open genotype of a writer, or finds
// nothing to change and says so.
//
//   const settings = { ...defaultRoulette, weights: { ...defaultRoulette.weights, add_delay: 5 } }
//   mutateByRoulette(writer, settings, random)       // roulette.ts
//
// What DXNN calls an actuator is an output neuron here: a link to one is an actuator link.
import type { Random } from '../../runtime/random.ts'
import type { MutationCountName } from '../agent.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import type { ActivationName } from '../network/activation.ts'
import type { AggregationName } from '../network/aggregation.ts'
import type { NeuronType } from '../network/neuron-type.ts'
import type { PlasticityRuleName } from '../network/plasticity-rule.ts'

export const operatorNames = [
  'add_actuator',
  'add_actuatorlink',
  'add_bias',
  'add_delay',
  'add_inlink',
  'add_leaky',
  'add_modulatorylink',
  'add_neuron',
  'add_outlink',
  'add_sensor',
  'add_sensorlink',
  'insplice',
  'mutate_af',
  'mutate_aggr_f',
  'mutate_annealing',
  'mutate_heredity_type',
  'mutate_ltc_weights',
  'mutate_neuron_type',
  'mutate_operator_weights',
  'mutate_perturbation_range',
  'mutate_pf',
  'mutate_plasticity_parameters',
  'mutate_response',
  'mutate_state_bound',
  'mutate_time_constant',
  'mutate_tot_topological_mutations',
  'mutate_tuning_duration',
  'mutate_tuning_selection',
  'mutate_weights',
  'outsplice',
  'remove_actuatorlink',
  'remove_bias',
  'remove_inlink',
  'remove_modulatorylink',
  'remove_neuron',
  'remove_outlink',
  'remove_sensorlink',
  'toggle_link',
] as const

export type OperatorName = (typeof operatorNames)[number]

/** Changes the open genotype; false when there was nothing that it could change. */
export type MutationOperator = (
  writer: GenomeWriter,
  settings: RouletteSettings,
  random: Random,
) => boolean

export interface RouletteSettings {
  /** Roulette weights; an operator that is not named is never chosen. */
  readonly weights: Readonly<Partial<Record<OperatorName, number>>>
  /** How many operators an offspring goes through; each draw counts, fruitful or not. */
  readonly mutationCount: { readonly name: MutationCountName; readonly parameter: number }
  /** Multiples of pi that a change of weights spreads over. */
  readonly perturbationRange: number
  /** Weights and biases stay within ± this. */
  readonly weightLimit: number
  /** Whether new links may lead to the same or a lower layer. */
  readonly connectionArchitecture: 'feedforward' | 'recurrent'
  readonly neuralAfs: readonly ActivationName[]
  readonly neuralAggrFs: readonly AggregationName[]
  readonly neuralPfns: readonly PlasticityRuleName[]
  readonly neuronTypes: readonly NeuronType[]
}

/** Faber's weights where it has some (sum 240), and the settings of DXNN's constraint record. */
export const defaultRoulette: RouletteSettings = {
  weights: {
    add_bias: 10,
    add_outlink: 40,
    add_inlink: 40,
    add_neuron: 40,
    outsplice: 40,
    add_sensorlink: 1,
    add_sensor: 1,
    add_actuator: 1,
    mutate_neuron_type: 5,
    mutate_time_constant: 20,
    mutate_state_bound: 10,
    mutate_ltc_weights: 30,
  },
  mutationCount: { name: 'ncount_exponential', parameter: 0.5 },
  perturbationRange: 1,
  weightLimit: 31.41592653589793,
  connectionArchitecture: 'recurrent',
  neuralAfs: ['tanh', 'cos', 'gaussian'],
  neuralAggrFs: ['dot_product'],
  neuralPfns: ['none'],
  neuronTypes: ['standard', 'ltc', 'cfc'],
}
