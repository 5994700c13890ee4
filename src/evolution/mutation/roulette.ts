// Mutation as DXNN does it: an offspring goes through a number of operators, each chosen by a
// roulette over their weights (Sher 2013, section 8.5). mutation.ts has NEAT's way beside it.
//
//   const applied = mutateByRoulette(writer, defaultRoulette, random)   // e.g. ['add_neuron']
//
// An operator that finds nothing to change has used its draw. A genotype whose agent has weights or
// a count of its own is mutated by those: so they evolve.
import type { Random } from '../../runtime/random.ts'
import type { MutationCountName } from '../agent.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { exp, log } from '../network/elementary.ts'
import * as agents from './agent-operators.ts'
import { countGeneration } from './connect.ts'
import * as links from './link-operators.ts'
import * as neurons from './neuron-operators.ts'
import {
  type MutationOperator,
  type OperatorName,
  operatorNames,
  type RouletteSettings,
} from './operator.ts'
import { toggleLink } from './topological.ts'
import * as traits from './trait-operators.ts'

const operators: Readonly<Record<OperatorName, MutationOperator>> = {
  add_actuator: links.addActuator,
  add_actuatorlink: links.addActuatorlink,
  add_bias: neurons.addBias,
  add_delay: neurons.addDelay,
  add_inlink: links.addInlink,
  add_leaky: neurons.addLeaky,
  add_modulatorylink: links.addModulatorylink,
  add_neuron: neurons.addNeuronOperator,
  add_outlink: links.addOutlink,
  add_sensor: links.addSensor,
  add_sensorlink: links.addSensorlink,
  insplice: neurons.insplice,
  mutate_af: traits.mutateAf,
  mutate_aggr_f: traits.mutateAggrF,
  mutate_annealing: agents.mutateAnnealing,
  mutate_heredity_type: agents.mutateHeredityType,
  mutate_ltc_weights: traits.mutateLtcWeights,
  mutate_neuron_type: traits.mutateNeuronType,
  mutate_operator_weights: agents.mutateOperatorWeights,
  mutate_perturbation_range: agents.mutatePerturbationRange,
  mutate_pf: traits.mutatePf,
  mutate_plasticity_parameters: traits.mutatePlasticityParameters,
  mutate_response: traits.mutateResponse,
  mutate_state_bound: traits.mutateStateBound,
  mutate_time_constant: traits.mutateTimeConstant,
  mutate_tot_topological_mutations: agents.mutateTotTopologicalMutations,
  mutate_tuning_duration: agents.mutateTuningDuration,
  mutate_tuning_selection: agents.mutateTuningSelection,
  mutate_weights: traits.mutateWeightsOperator,
  outsplice: neurons.outsplice,
  remove_actuatorlink: links.removeActuatorlink,
  remove_bias: neurons.removeBias,
  remove_inlink: links.removeInlink,
  remove_modulatorylink: links.removeModulatorylink,
  remove_neuron: neurons.removeNeuron,
  remove_outlink: links.removeOutlink,
  remove_sensorlink: links.removeSensorlink,
  toggle_link: (writer, _settings, random) => toggleLink(writer, random),
}

/** One operator on the open genotype; false when it found nothing to change. */
export function applyOperator(
  name: OperatorName,
  writer: GenomeWriter,
  settings: RouletteSettings,
  random: Random,
): boolean {
  return operators[name](writer, settings, random)
}

/** Mutates the open genotype; answers the operators that changed it, in order. */
export function mutateByRoulette(
  writer: GenomeWriter,
  given: RouletteSettings,
  random: Random,
): OperatorName[] {
  countGeneration(writer)
  const settings = withAgent(writer, given)
  const count = mutationCount(settings.mutationCount, writer.neuronEnd - writer.neuronBegin, random)
  const applied: OperatorName[] = []
  for (let i = 0; i < count; i++) {
    const name = spin(settings.weights, random)
    if (name !== undefined && applyOperator(name, writer, settings, random)) applied.push(name)
  }
  return applied
}

/** The settings with what the genotype's agent says of itself. */
function withAgent(writer: GenomeWriter, settings: RouletteSettings): RouletteSettings {
  const { agent } = writer
  if (agent === undefined) return settings
  const own = Object.fromEntries(agent.operatorWeights)
  return {
    ...settings,
    weights: { ...settings.weights, ...own },
    mutationCount: agent.mutationCount,
    perturbationRange: agent.perturbationRange,
  }
}

/**
 * How many operators an offspring of so many neurons goes through, at least one. `const`: that
 * many. `ncount_linear`: neurons times the parameter. `ncount_exponential`: uniform from 1 to
 * neurons to the power of the parameter (DXNN; faber's is always 1).
 */
export function mutationCount(
  { name, parameter }: { readonly name: MutationCountName; readonly parameter: number },
  neurons: number,
  random: Random,
): number {
  if (name === 'const') return Math.max(1, Math.round(parameter))
  if (name === 'ncount_linear') return Math.max(1, Math.round(neurons * parameter))
  const most = Math.max(1, Math.round(exp(parameter * log(Math.max(1, neurons)))))
  return 1 + random.integer(most)
}

/** An operator, with a chance in proportion to its weight; undefined when all weights are 0. */
function spin(weights: RouletteSettings['weights'], random: Random): OperatorName | undefined {
  let total = 0
  for (const name of operatorNames) total += weights[name] ?? 0
  if (!(total > 0)) return undefined
  let left = random.next() * total
  let last: OperatorName | undefined
  for (const name of operatorNames) {
    const weight = weights[name] ?? 0
    if (weight <= 0) continue
    last = name
    left -= weight
    if (left < 0) return name
  }
  return last
}
