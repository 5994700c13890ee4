// The optional part of packed genes: a record of fixed width for each neuron and each link that has
// one, in a heap of the pool (genome-pool.ts). Plain genes have none and cost nothing.
//
//   const at = writer.ownTraits(neuron)              // its record, made when it had none
//   writer.traits[at + TIME_CONSTANT] = 2
//
// Records are of fixed width so that operators change them in place, lists included: a list has its
// count first and room for as many as there may be.
import { GENOTYPE_COEFFICIENTS_MAX } from '../limits.ts'
import type { LinkGene, NeuronGene } from './genotype.ts'
import { aggregationCode, aggregationNames } from './network/aggregation.ts'
import { neuronTypeCode, neuronTypes } from './network/neuron-type.ts'
import {
  PLASTICITY_PARAMETERS_MAX,
  plasticityCode,
  plasticityRules,
} from './network/plasticity-rule.ts'

// --- Fields of a neuron's record ---
/** Codes of network/aggregation.ts. */
export const AGGREGATION = 0
export const RESPONSE = 1
/** Codes of network/neuron-type.ts. */
export const NEURON_TYPE = 2
export const TIME_CONSTANT = 3
export const STATE_BOUND = 4
/** Codes of network/plasticity-rule.ts; 0 = none. */
export const PLASTICITY = 5
/** As many as the rule has, in its order. */
export const PLASTICITY_PARAMETERS = 6
/** A count, then the coefficients. */
export const BACKBONE: number = PLASTICITY_PARAMETERS + PLASTICITY_PARAMETERS_MAX
export const HEAD: number = BACKBONE + 1 + GENOTYPE_COEFFICIENTS_MAX
/** Of the lineage, when the neuron was made or last changed. */
export const GENERATION: number = HEAD + 1 + GENOTYPE_COEFFICIENTS_MAX
export const NEURON_TRAITS: number = GENERATION + 1

// --- Fields of a link's record ---
/** 1 = it modulates. */
export const MODULATORY = 0
/** As many as the rule of its target has, in its order. */
export const LINK_PARAMETERS = 1
export const LINK_TRAITS: number = LINK_PARAMETERS + PLASTICITY_PARAMETERS_MAX

/** A gene that has no record. */
export const PLAIN = -1

const defaults: Float64Array = (() => {
  const record = new Float64Array(NEURON_TRAITS)
  record[RESPONSE] = 1
  record[TIME_CONSTANT] = 1
  record[STATE_BOUND] = 1
  return record
})()

/** Writes the record that a plain neuron stands for. */
export function writeDefaultTraits(heap: Float64Array, at: number): void {
  heap.set(defaults, at)
}

export function hasTraits(neuron: NeuronGene): boolean {
  return (
    neuron.aggregation !== undefined ||
    neuron.response !== undefined ||
    neuron.neuronType !== undefined ||
    neuron.timeConstant !== undefined ||
    neuron.stateBound !== undefined ||
    neuron.backbone !== undefined ||
    neuron.head !== undefined ||
    neuron.plasticity !== undefined ||
    neuron.generation !== undefined
  )
}

export function writeTraits(heap: Float64Array, at: number, neuron: NeuronGene): void {
  writeDefaultTraits(heap, at)
  heap[at + AGGREGATION] = aggregationCode(neuron.aggregation ?? 'dot_product')
  heap[at + RESPONSE] = neuron.response ?? 1
  heap[at + NEURON_TYPE] = neuronTypeCode(neuron.neuronType ?? 'standard')
  heap[at + TIME_CONSTANT] = neuron.timeConstant ?? 1
  heap[at + STATE_BOUND] = neuron.stateBound ?? 1
  writeList(heap, at + BACKBONE, neuron.backbone ?? [])
  writeList(heap, at + HEAD, neuron.head ?? [])
  heap[at + GENERATION] = neuron.generation ?? 0
  if (neuron.plasticity === undefined) return
  heap[at + PLASTICITY] = plasticityCode(neuron.plasticity.rule)
  heap.set(neuron.plasticity.parameters, at + PLASTICITY_PARAMETERS)
}

/** The traits of a record as fields of a gene; those with their default are left out. */
export function readTraits(
  heap: Float64Array,
  at: number,
): Omit<NeuronGene, 'id' | 'layer' | 'activation' | 'bias'> {
  const aggregation = aggregationNames[heap[at + AGGREGATION]!]!
  const neuronType = neuronTypes[heap[at + NEURON_TYPE]!]!
  const [response, timeConstant, stateBound] = [
    heap[at + RESPONSE]!,
    heap[at + TIME_CONSTANT]!,
    heap[at + STATE_BOUND]!,
  ]
  const backbone = readList(heap, at + BACKBONE)
  const generation = heap[at + GENERATION]!
  const head = readList(heap, at + HEAD)
  const { name: rule, neuron: named } = plasticityRules[heap[at + PLASTICITY]!]!
  const parameters = Array.from(named, (_, i) => heap[at + PLASTICITY_PARAMETERS + i]!)
  return {
    ...(aggregation === 'dot_product' ? {} : { aggregation }),
    ...(response === 1 ? {} : { response }),
    ...(neuronType === 'standard' ? {} : { neuronType }),
    ...(timeConstant === 1 ? {} : { timeConstant }),
    ...(stateBound === 1 ? {} : { stateBound }),
    ...(backbone.length === 0 ? {} : { backbone }),
    ...(head.length === 0 ? {} : { head }),
    ...(rule === 'none' ? {} : { plasticity: { rule, parameters } }),
    ...(generation === 0 ? {} : { generation }),
  }
}

/** How many parameters a rule, by its code, wants of each incoming link. */
export function linkParametersOf(rule: number): number {
  return plasticityRules[rule]!.link.length
}

export function writeLinkTraits(heap: Float64Array, at: number, link: LinkGene): void {
  heap.fill(0, at, at + LINK_TRAITS)
  heap[at + MODULATORY] = link.modulatory === true ? 1 : 0
  heap.set(link.parameters ?? [], at + LINK_PARAMETERS)
}

/** The traits of a link's record; `parameters` is how many the rule of its target wants. */
export function readLinkTraits(
  heap: Float64Array,
  at: number,
  parameters: number,
): Pick<LinkGene, 'modulatory' | 'parameters'> {
  if (heap[at + MODULATORY] === 1) return { modulatory: true }
  if (parameters === 0) return {}
  return { parameters: Array.from({ length: parameters }, (_, i) => heap[at + 1 + i]!) }
}

function writeList(heap: Float64Array, at: number, values: readonly number[]): void {
  heap[at] = values.length
  heap.set(values, at + 1)
}

function readList(heap: Float64Array, at: number): number[] {
  return Array.from({ length: heap[at]! }, (_, i) => heap[at + 1 + i]!)
}
