// The part of a plan that only genotypes with traits have: kinds of neuron, aggregation,
// plasticity, modulatory links, processing of outputs. Plans of plain genotypes do without
// (plan-image.ts, version 1); those with it are images of version 2.
//
// Structure, behind the activations, each part at a multiple of 8 bytes:
//   kind            Uint8[neurons]          codes of neuron-type.ts
//   aggregation     Uint8[neurons]          codes of aggregation.ts
//   rule            Uint8[neurons]          codes of plasticity-rule.ts
//   processing      Uint8[outputs]          index in actuatorProcessings, by output
//   begins          Uint8[outputs]          1 where an actuator begins: it is processed together
//   modulatory      Int32[neurons]          links modulatory[i] .. rowPtr[i + 1] feed the modulator
//   coefficientPtr  Int32[2 neurons + 1]    backbone and head of each neuron, one after the other
// Numbers, behind the weights:
//   response        Float64[neurons]        1 where the weights of the plan have it in them
//   timeConstant    Float64[neurons]
//   stateBound      Float64[neurons]
//   coefficients    Float64[]
//   parameters      Float64[]               neuron after neuron, as many as its rule has
//   linkParameters  Float64[]               link after link, as many as the rule of its target has
import { GENOTYPE_COEFFICIENTS_MAX } from '../../limits.ts'
import {
  type ActuatorGene,
  actuatorProcessings,
  type Genotype,
  type LinkGene,
} from '../genotype.ts'
import { aggregationCode, aggregationNames } from './aggregation.ts'
import { neuronTypeCode, neuronTypes } from './neuron-type.ts'
import { plasticityCode, plasticityRule, plasticityRules } from './plasticity-rule.ts'

export interface PlanTraits {
  readonly kind: Uint8Array
  readonly aggregation: Uint8Array
  readonly rule: Uint8Array
  readonly processing: Uint8Array
  readonly begins: Uint8Array
  readonly modulatory: Int32Array
  readonly coefficientPtr: Int32Array
  readonly response: Float64Array
  readonly timeConstant: Float64Array
  readonly stateBound: Float64Array
  readonly coefficients: Float64Array
  readonly parameters: Float64Array
  readonly linkParameters: Float64Array
}

/** What the sizes of the parts follow from, beside the plan's own counts. */
export interface TraitCounts {
  readonly coefficients: number
  readonly parameters: number
  readonly linkParameters: number
}

const align = (bytes: number): number => (bytes + 7) & ~7

/** Bytes of the structure. */
export function traitStructureBytes(neurons: number, outputs: number): number {
  return 3 * align(neurons) + 2 * align(outputs) + align(4 * neurons) + align(4 * (2 * neurons + 1))
}

/** Bytes of the numbers. */
export function traitNumberBytes(neurons: number, counts: TraitCounts): number {
  const { coefficients, parameters, linkParameters } = counts
  return 8 * (3 * neurons + coefficients + parameters + linkParameters)
}

/** Views of the parts, whose two stretches begin at `structure` and `numbers` of `buffer`. */
export function viewTraits(
  buffer: ArrayBufferLike,
  structure: number,
  numbers: number,
  neurons: number,
  outputs: number,
  counts: TraitCounts,
): PlanTraits {
  const { coefficients, parameters, linkParameters } = counts
  const aggregation = structure + align(neurons)
  const rule = aggregation + align(neurons)
  const processing = rule + align(neurons)
  const begins = processing + align(outputs)
  const modulatory = begins + align(outputs)
  const coefficientPtr = modulatory + align(4 * neurons)
  const timeConstant = numbers + 8 * neurons
  const stateBound = timeConstant + 8 * neurons
  const coefficientsAt = stateBound + 8 * neurons
  const parametersAt = coefficientsAt + 8 * coefficients
  const linkParametersAt = parametersAt + 8 * parameters
  return {
    kind: new Uint8Array(buffer, structure, neurons),
    aggregation: new Uint8Array(buffer, aggregation, neurons),
    rule: new Uint8Array(buffer, rule, neurons),
    processing: new Uint8Array(buffer, processing, outputs),
    begins: new Uint8Array(buffer, begins, outputs),
    modulatory: new Int32Array(buffer, modulatory, neurons),
    coefficientPtr: new Int32Array(buffer, coefficientPtr, 2 * neurons + 1),
    response: new Float64Array(buffer, numbers, neurons),
    timeConstant: new Float64Array(buffer, timeConstant, neurons),
    stateBound: new Float64Array(buffer, stateBound, neurons),
    coefficients: new Float64Array(buffer, coefficientsAt, coefficients),
    parameters: new Float64Array(buffer, parametersAt, parameters),
    linkParameters: new Float64Array(buffer, linkParametersAt, linkParameters),
  }
}

/** Has this neuron or link anything that a plain plan cannot say? */
export function hasTraits({ neurons, links, actuators }: Genotype): boolean {
  for (let i = 0; i < neurons.length; i++) {
    const { neuronType, aggregation, response, plasticity } = neurons[i]!
    if (
      neuronType !== undefined ||
      aggregation !== undefined ||
      response !== undefined ||
      plasticity !== undefined
    ) {
      return true
    }
  }
  for (let k = 0; k < links.length; k++) if (links[k]!.modulatory === true) return true
  return actuators?.some(({ processing = 'identity' }) => processing !== 'identity') === true
}

/**
 * The counts of a genotype; `targets` has, for each of the first `links` of the plan's links that
 * are not modulatory, the index of the neuron it leads to, and -1 for the others.
 */
export function countTraits(
  { neurons }: Genotype,
  targets: Int32Array,
  links: number,
): TraitCounts {
  let [coefficients, parameters, linkParameters] = [0, 0, 0]
  const perLink = neurons.map(({ plasticity, backbone = [], head = [] }) => {
    coefficients += backbone.length + head.length
    const rule = plasticityRule(plasticity?.rule ?? 'none')
    parameters += rule.neuron.length
    return rule.link.length
  })
  for (let k = 0; k < links; k++) linkParameters += perLink[targets[k]!] ?? 0
  return { coefficients, parameters, linkParameters }
}

/**
 * Fills the traits of a plan whose rows stand: `genes` has for each of its links the gene. Takes
 * the response of sums whose weights do not learn into those weights.
 */
export function fillTraits(
  traits: PlanTraits,
  rowPtr: Int32Array,
  weight: Float64Array,
  genotype: Genotype,
  genes: (link: number) => LinkGene,
): void {
  let [coefficients, parameters, linkParameters] = [0, 0, 0]
  genotype.neurons.forEach((neuron, i) => {
    const { aggregation = 'dot_product', neuronType = 'standard', response = 1 } = neuron
    const { backbone = [], head = [], plasticity } = neuron
    const rule = plasticityRule(plasticity?.rule ?? 'none')
    const begin = rowPtr[i]!
    const end = traits.modulatory[i]!
    traits.kind[i] = neuronTypeCode(neuronType)
    traits.aggregation[i] = aggregationCode(aggregation)
    traits.rule[i] = plasticityCode(plasticity?.rule ?? 'none')
    const isSum = aggregation === 'dot_product' || aggregation === 'diff_product'
    const isFolded = isSum && plasticity === undefined
    if (isFolded) for (let k = begin; k < end; k++) weight[k]! *= response
    traits.response[i] = isFolded ? 1 : response
    traits.timeConstant[i] = neuron.timeConstant ?? 1
    traits.stateBound[i] = neuron.stateBound ?? 1
    traits.coefficients.set(backbone, coefficients)
    coefficients += backbone.length
    traits.coefficientPtr[2 * i + 1] = coefficients
    traits.coefficients.set(head, coefficients)
    coefficients += head.length
    traits.coefficientPtr[2 * i + 2] = coefficients
    traits.parameters.set(plasticity?.parameters ?? [], parameters)
    parameters += rule.neuron.length
    for (let k = begin; k < end; k++, linkParameters += rule.link.length) {
      if (rule.link.length > 0) traits.linkParameters.set(genes(k).parameters ?? [], linkParameters)
    }
  })
  fillOutputs(traits, genotype.actuators ?? [])
}

function fillOutputs({ processing, begins }: PlanTraits, actuators: readonly ActuatorGene[]): void {
  let output = 0
  for (const { length, processing: name = 'identity' } of actuators) {
    processing.fill(actuatorProcessings.indexOf(name), output, output + length)
    begins[output] = 1
    output += length
  }
}

/** Why the traits of an image are not those of a plan; undefined if they could be. */
export function faultOfTraits(traits: PlanTraits, rowPtr: Int32Array): string | undefined {
  const { kind, aggregation, rule, modulatory, coefficientPtr } = traits
  let [parameters, linkParameters] = [0, 0]
  if (coefficientPtr[0] !== 0) return 'coefficients begin late'
  for (let i = 0; i < kind.length; i++) {
    const named = plasticityRules[rule[i]!]
    if (kind[i]! >= neuronTypes.length) return `neuron ${i} is of no known type`
    if (aggregation[i]! >= aggregationNames.length) return `neuron ${i} has no known aggregation`
    if (named === undefined) return `neuron ${i} has no known plasticity`
    const end = modulatory[i]!
    if (end < rowPtr[i]! || end > rowPtr[i + 1]!) return `modulatory links of neuron ${i}`
    parameters += named.neuron.length
    linkParameters += (end - rowPtr[i]!) * named.link.length
    for (let part = 2 * i; part < 2 * i + 2; part++) {
      const count = coefficientPtr[part + 1]! - coefficientPtr[part]!
      if (!(count >= 0 && count <= GENOTYPE_COEFFICIENTS_MAX)) return `coefficients of neuron ${i}`
    }
    // Comparisons that NaN fails, too.
    if (!(traits.timeConstant[i]! > 0)) return `the time constant of neuron ${i}`
    if (!(traits.stateBound[i]! > 0)) return `the state bound of neuron ${i}`
  }
  if (coefficientPtr[2 * kind.length] !== traits.coefficients.length) return 'coefficients'
  if (parameters !== traits.parameters.length) return 'parameters do not tally with the rules'
  if (linkParameters !== traits.linkParameters.length) return 'parameters of links do not tally'
  if (traits.processing.some((code) => code >= actuatorProcessings.length)) return 'processing'
  if (traits.begins.some((begins) => begins > 1)) return 'actuators'
  const { response, timeConstant, stateBound, coefficients } = traits
  const numbers = [response, timeConstant, stateBound, coefficients, traits.parameters]
  const areFinite = [...numbers, traits.linkParameters].every((part) => part.every(Number.isFinite))
  return areFinite ? undefined : 'a trait is not finite'
}
