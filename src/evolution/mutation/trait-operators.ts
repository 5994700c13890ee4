// Operators that change what a neuron is and how its weights are (DXNN, Sher 2013, sections 8.5 and
// 15.3; faber's operators for LTC and CfC neurons).
import type { Random } from '../../runtime/random.ts'
import {
  AGGREGATION,
  BACKBONE,
  HEAD,
  LINK_PARAMETERS,
  linkParametersOf,
  NEURON_TYPE,
  PLAIN,
  PLASTICITY,
  PLASTICITY_PARAMETERS,
  RESPONSE,
  STATE_BOUND,
  TIME_CONSTANT,
} from '../gene-traits.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { OUTPUT_LAYER } from '../genotype.ts'
import { activationCode } from '../network/activation.ts'
import { aggregationCode } from '../network/aggregation.ts'
import { neuronTypeCode } from '../network/neuron-type.ts'
import { plasticityCode, plasticityRules } from '../network/plasticity-rule.ts'
import { drawParameters, randomNeuron, ruleOf, touch } from './connect.ts'
import type { MutationOperator } from './operator.ts'

const TURN = 6.283185307179586

/** Uniform in ± half of that. */
function spread(width: number, random: Random): number {
  return (random.next() - 0.5) * width
}

function clip(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value))
}

function anyNeuron(writer: GenomeWriter, random: Random): number {
  return writer.neuronBegin + random.integer(writer.neuronEnd - writer.neuronBegin)
}

function typeOf(writer: GenomeWriter, neuron: number): number {
  const at = writer.traitsAt[neuron]!
  return at === PLAIN ? 0 : writer.traits[at + NEURON_TYPE]!
}

/** Draws one of some codes other than the present one; undefined when there is none. */
function anotherOf(codes: readonly number[], present: number, random: Random): number | undefined {
  const others = codes.filter((code) => code !== present)
  return others.length === 0 ? undefined : others[random.integer(others.length)]
}

/** Perturbs all incoming weights of one neuron, and its bias if it has one. */
export const mutateWeightsOperator: MutationOperator = (writer, settings, random) => {
  const neuron = anyNeuron(writer, random)
  const id = writer.neuronId[neuron]
  const width = TURN * settings.perturbationRange
  const limit = settings.weightLimit
  let found = false
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) {
    if (writer.to[link] !== id) continue
    writer.weight[link] = clip(writer.weight[link]! + spread(width, random), -limit, limit)
    found = true
  }
  if (found) touch(writer, neuron)
  if (writer.bias[neuron] === 0) return found
  touch(writer, neuron)
  writer.bias[neuron] = clip(writer.bias[neuron]! + spread(width, random), -limit, limit)
  return true
}

/** Another activation for a hidden neuron; those of outputs belong to the problem. */
export const mutateAf: MutationOperator = (writer, settings, random) => {
  const neuron = randomNeuron(writer, (at) => writer.layer[at]! < OUTPUT_LAYER, random)
  if (neuron < 0) return false
  const codes = settings.neuralAfs.map(activationCode)
  const code = anotherOf(codes, writer.activation[neuron]!, random)
  if (code === undefined) return false
  writer.activation[neuron] = code
  touch(writer, neuron)
  return true
}

export const mutateAggrF: MutationOperator = (writer, settings, random) => {
  const neuron = anyNeuron(writer, random)
  const at = writer.traitsAt[neuron]!
  const present = at === PLAIN ? 0 : writer.traits[at + AGGREGATION]!
  const code = anotherOf(settings.neuralAggrFs.map(aggregationCode), present, random)
  if (code === undefined) return false
  const own = writer.ownTraits(neuron)
  writer.traits[own + AGGREGATION] = code
  touch(writer, neuron)
  return true
}

/** Multiplies the response by up to a half more or less, sign kept. */
export const mutateResponse: MutationOperator = (writer, settings, random) => {
  const at = writer.ownTraits(anyNeuron(writer, random))
  const factor = 1 + spread(1, random) * settings.perturbationRange
  writer.traits[at + RESPONSE] = clip(writer.traits[at + RESPONSE]! * factor, -30, 30)
  return true
}

export const mutateNeuronType: MutationOperator = (writer, settings, random) => {
  const neuron = anyNeuron(writer, random)
  const codes = settings.neuronTypes.map(neuronTypeCode)
  const code = anotherOf(codes, typeOf(writer, neuron), random)
  if (code === undefined) return false
  const at = writer.ownTraits(neuron)
  writer.traits[at + NEURON_TYPE] = code
  touch(writer, neuron)
  return true
}

/** Scales a field of a neuron whose kind has a state. */
function scaling(field: number, min: number, max: number): MutationOperator {
  return (writer, settings, random) => {
    const neuron = randomNeuron(writer, (at) => typeOf(writer, at) !== 0, random)
    if (neuron < 0) return false
    const at = writer.ownTraits(neuron)
    const factor = 1 + spread(1, random) * settings.perturbationRange
    writer.traits[at + field] = clip(writer.traits[at + field]! * factor, min, max)
    touch(writer, neuron)
    return true
  }
}

export const mutateTimeConstant: MutationOperator = scaling(TIME_CONSTANT, 0.001, 100)
export const mutateStateBound: MutationOperator = scaling(STATE_BOUND, 0.1, 10)

/** Perturbs the backbone and head of an LTC or CfC neuron; an empty one gets two coefficients. */
export const mutateLtcWeights: MutationOperator = (writer, settings, random) => {
  const liquid = [neuronTypeCode('ltc'), neuronTypeCode('cfc')]
  const neuron = randomNeuron(writer, (at) => liquid.includes(typeOf(writer, at)), random)
  if (neuron < 0) return false
  const at = writer.ownTraits(neuron)
  for (const list of [at + BACKBONE, at + HEAD]) perturbList(writer.traits, list, settings, random)
  touch(writer, neuron)
  return true
}

function perturbList(
  heap: Float64Array,
  at: number,
  { perturbationRange, weightLimit }: { perturbationRange: number; weightLimit: number },
  random: Random,
): void {
  if (heap[at] === 0) {
    heap[at] = 2
    for (let i = 1; i <= 2; i++) heap[at + i] = random.next() - 0.5
    return
  }
  for (let i = 1; i <= heap[at]!; i++) {
    const value = heap[at + i]! + spread(TURN * perturbationRange, random)
    heap[at + i] = clip(value, -weightLimit, weightLimit)
  }
}

/** Another plasticity rule, with parameters drawn anew for the neuron and its incoming links. */
export const mutatePf: MutationOperator = (writer, settings, random) => {
  const neuron = anyNeuron(writer, random)
  const codes = settings.neuralPfns.map(plasticityCode)
  const code = anotherOf(codes, ruleOf(writer, neuron), random)
  if (code === undefined) return false
  const at = writer.ownTraits(neuron)
  const { traits } = writer
  traits[at + PLASTICITY] = code
  plasticityRules[code]!.neuron.forEach((_, i) => {
    traits[at + PLASTICITY_PARAMETERS + i] = random.next() - 0.5
  })
  forIncoming(writer, neuron, (link) => drawParameters(writer, link, code, random))
  touch(writer, neuron)
  return true
}

/** Limits of a parameter in DXNN: 2 pi per weight, 20 pi per neuron. */
const LINK_PARAMETER_LIMIT = TURN
const NEURON_PARAMETER_LIMIT: number = 10 * TURN

/** Perturbs the parameters of a plastic neuron, each with chance 1 / sqrt(count) (DXNN). */
export const mutatePlasticityParameters: MutationOperator = (writer, _settings, random) => {
  const neuron = randomNeuron(writer, (at) => ruleOf(writer, at) !== 0, random)
  if (neuron < 0) return false
  const rule = ruleOf(writer, neuron)
  const own = plasticityRules[rule]!.neuron.length
  const at = writer.ownTraits(neuron) + PLASTICITY_PARAMETERS
  perturbEach(writer.traits, at, own, NEURON_PARAMETER_LIMIT, random)
  const wanted = linkParametersOf(rule)
  if (wanted === 0) return own > 0
  forIncoming(writer, neuron, (link) => {
    const from = writer.ownLinkTraits(link) + LINK_PARAMETERS
    perturbEach(writer.linkTraits, from, wanted, LINK_PARAMETER_LIMIT, random)
  })
  touch(writer, neuron)
  return true
}

function perturbEach(
  heap: Float64Array,
  from: number,
  count: number,
  limit: number,
  random: Random,
): void {
  const chance = 1 / Math.sqrt(Math.max(1, count))
  for (let i = from; i < from + count; i++) {
    if (random.next() >= chance) continue
    heap[i] = clip(heap[i]! + spread(2 * limit, random), -limit, limit)
  }
}

/** Every incoming link that is not modulatory. */
function forIncoming(writer: GenomeWriter, neuron: number, change: (link: number) => void): void {
  const id = writer.neuronId[neuron]
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) {
    if (writer.to[link] === id && !writer.isModulatory(link)) change(link)
  }
}
