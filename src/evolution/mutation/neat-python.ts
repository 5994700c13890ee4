// Mutation as neat-python does it, with its parameters under their names: structure by four
// chances, each on its own, then every attribute of every gene. mutation.ts has NEAT's way beside.
//
// Departures: the activation of outputs belongs to the problem and stays; networks are ordered by
// layers, so that `feedForward` is kept without a search for cycles, and a new neuron that has no
// layer left between its ends is not added.
import type { Random } from '../../runtime/random.ts'
import { AGGREGATION, PLAIN, RESPONSE, TIME_CONSTANT } from '../gene-traits.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { OUTPUT_LAYER } from '../genotype.ts'
import { type ActivationName, activationCode } from '../network/activation.ts'
import { type AggregationName, aggregationCode } from '../network/aggregation.ts'
import { randomLink, randomNeuron } from './connect.ts'
import { addLink, isSplittable, splitLink } from './topological.ts'

/** How a number of a gene begins and changes: neat-python's `FloatAttribute`. */
export interface FloatAttribute {
  readonly initMean: number
  readonly initStdev: number
  readonly initType: 'gaussian' | 'normal' | 'uniform'
  readonly replaceRate: number
  readonly mutateRate: number
  readonly mutatePower: number
  readonly minValue: number
  readonly maxValue: number
}

/** How a name of a gene changes: neat-python's `StringAttribute`. */
export interface NameAttribute<Name> {
  readonly default: Name | 'random'
  readonly options: readonly Name[]
  readonly mutateRate: number
}

/** neat-python's `[DefaultGenome]`, as far as it is about mutation and beginnings. */
export interface NeatPythonMutation {
  readonly nodeAddProb: number
  readonly nodeDeleteProb: number
  readonly connAddProb: number
  readonly connDeleteProb: number
  readonly singleStructuralMutation: boolean
  /** `default` = as `singleStructuralMutation`. */
  readonly structuralMutationSurer: boolean | 'default'
  readonly feedForward: boolean
  readonly activation: NameAttribute<ActivationName>
  readonly aggregation: NameAttribute<AggregationName>
  readonly bias: FloatAttribute
  readonly response: FloatAttribute
  readonly timeConstant: FloatAttribute
  readonly weight: FloatAttribute
  readonly enabledMutateRate: number
  readonly enabledRateToTrueAdd: number
  readonly enabledRateToFalseAdd: number
  readonly initialConnection: InitialConnection
  /** Of `partial_direct` and `partial_nodirect`. */
  readonly connectionFraction: number
  readonly numHidden: number
}

export const initialConnections = [
  'unconnected',
  'fs_neat_nohidden',
  'fs_neat_hidden',
  'full_nodirect',
  'full_direct',
  'partial_nodirect',
  'partial_direct',
] as const
export type InitialConnection = (typeof initialConnections)[number]

/** Mutates the open genotype; answers what changed, structure first. */
export function mutateAsNeatPython(
  writer: GenomeWriter,
  settings: NeatPythonMutation,
  random: Random,
): string[] {
  const applied = mutateStructure(writer, settings, random)
  let [weights, enabled] = [false, false]
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) {
    const weight = mutated(writer.weight[link]!, settings.weight, random)
    if (weight !== writer.weight[link]) weights = true
    writer.weight[link] = weight
    if (mutateEnabled(writer, link, settings, random)) enabled = true
  }
  if (weights) applied.push('mutate_weight')
  if (enabled) applied.push('mutate_enabled')
  const changed = new Set<string>()
  for (let neuron = writer.neuronBegin; neuron < writer.neuronEnd; neuron++) {
    const bias = mutated(writer.bias[neuron]!, settings.bias, random)
    if (bias !== writer.bias[neuron]) changed.add('mutate_bias')
    writer.bias[neuron] = bias
    mutateNames(writer, neuron, settings, random, changed)
    const { response, timeConstant } = settings
    if (mutateTrait(writer, neuron, RESPONSE, response, random)) changed.add('mutate_response')
    const isSlower = mutateTrait(writer, neuron, TIME_CONSTANT, timeConstant, random)
    if (isSlower) changed.add('mutate_time_constant')
  }
  applied.push(...changed)
  return applied
}

/** Answers whether anything changed. */
type Change = (writer: GenomeWriter, settings: NeatPythonMutation, random: Random) => boolean

function mutateStructure(
  writer: GenomeWriter,
  settings: NeatPythonMutation,
  random: Random,
): string[] {
  const changes: readonly (readonly [chance: number, change: Change, name: string])[] = [
    [settings.nodeAddProb, addNode, 'add_node'],
    [settings.nodeDeleteProb, deleteNode, 'delete_node'],
    [settings.connAddProb, addConnection, 'add_connection'],
    [settings.connDeleteProb, deleteConnection, 'delete_connection'],
  ]
  if (!settings.singleStructuralMutation) {
    const applied: string[] = []
    for (const [chance, change, name] of changes) {
      if (random.next() < chance && change(writer, settings, random)) applied.push(name)
    }
    return applied
  }
  // One at most; chances of more than 1 altogether become proportions.
  const total = Math.max(
    1,
    changes.reduce((sum, [chance]) => sum + chance, 0),
  )
  let left = random.next() * total
  for (const [chance, change, name] of changes) {
    left -= chance
    if (left >= 0) continue
    return change(writer, settings, random) ? [name] : []
  }
  return []
}

function isSurer({
  structuralMutationSurer,
  singleStructuralMutation,
}: NeatPythonMutation): boolean {
  return structuralMutationSurer === 'default' ? singleStructuralMutation : structuralMutationSurer
}

const addNode: Change = (writer, settings, random) => {
  if (writer.linkEnd === writer.linkBegin) {
    return isSurer(settings) && addConnection(writer, settings, random)
  }
  const chosen = randomLink(writer, (link) => isSplittable(writer, link), random)
  if (chosen < 0) return false
  const name = firstName(settings.activation, random)
  const id = splitLink(writer, chosen, activationCode(name))
  if (id === undefined) return false
  beginTraits(writer, writer.neuronAt(id), settings, random)
  return true
}

const deleteNode: Change = (writer, _settings, random) => {
  const neuron = randomNeuron(writer, (at) => writer.layer[at]! < OUTPUT_LAYER, random)
  if (neuron < 0) return false
  writer.removeNeuron(neuron)
  return true
}

const addConnection: Change = (writer, settings, random) => {
  const isRecurrent = !settings.feedForward && random.next() < 0.5
  if (addLink(writer, isRecurrent, firstValue(settings.weight, random), random)) return true
  if (!isSurer(settings)) return false
  const disabled = randomLink(writer, (link) => writer.enabled[link] === 0, random)
  if (disabled < 0) return false
  writer.enabled[disabled] = 1
  return true
}

const deleteConnection: Change = (writer, _settings, random) => {
  const link = randomLink(writer, () => true, random)
  if (link < 0) return false
  writer.removeLink(link)
  return true
}

/** A value for a new gene. */
export function firstValue(attribute: FloatAttribute, random: Random): number {
  const { initMean, initStdev, initType, minValue, maxValue } = attribute
  if (initType === 'uniform') {
    const low = Math.max(minValue, initMean - 2 * initStdev)
    const high = Math.min(maxValue, initMean + 2 * initStdev)
    return low + (high - low) * random.next()
  }
  return clamped(initMean + initStdev * random.gaussian(), attribute)
}

/** A name for a new gene. */
export function firstName<Name>(attribute: NameAttribute<Name>, random: Random): Name {
  if (attribute.default !== 'random') return attribute.default
  return attribute.options[random.integer(attribute.options.length)]!
}

/** One draw decides: perturbed, drawn anew, or left as it is. */
function mutated(value: number, attribute: FloatAttribute, random: Random): number {
  const { mutateRate, replaceRate, mutatePower } = attribute
  if (mutateRate + replaceRate === 0) return value
  const drawn = random.next()
  if (drawn < mutateRate) return clamped(value + mutatePower * random.gaussian(), attribute)
  return drawn < mutateRate + replaceRate ? firstValue(attribute, random) : value
}

function clamped(value: number, { minValue, maxValue }: FloatAttribute): number {
  return Math.max(minValue, Math.min(maxValue, value))
}

function mutateEnabled(
  writer: GenomeWriter,
  link: number,
  settings: NeatPythonMutation,
  random: Random,
): boolean {
  const { enabledMutateRate, enabledRateToFalseAdd, enabledRateToTrueAdd } = settings
  const before = writer.enabled[link]!
  const rate = enabledMutateRate + (before === 1 ? enabledRateToFalseAdd : enabledRateToTrueAdd)
  if (!(rate > 0) || random.next() >= rate) return false
  writer.enabled[link] = random.next() < 0.5 ? 1 : 0
  return writer.enabled[link] !== before
}

/** Adds to `changed` what it changed. */
function mutateNames(
  writer: GenomeWriter,
  neuron: number,
  { activation, aggregation }: NeatPythonMutation,
  random: Random,
  changed: Set<string>,
): void {
  const isHidden = writer.layer[neuron]! < OUTPUT_LAYER
  if (isHidden && activation.mutateRate > 0 && random.next() < activation.mutateRate) {
    const code = activationCode(drawn(activation.options, random))
    if (code !== writer.activation[neuron]) changed.add('mutate_activation')
    writer.activation[neuron] = code
  }
  if (aggregation.mutateRate > 0 && random.next() < aggregation.mutateRate) {
    const at = writer.ownTraits(neuron) + AGGREGATION
    const code = aggregationCode(drawn(aggregation.options, random))
    if (code !== writer.traits[at]) changed.add('mutate_aggregation')
    writer.traits[at] = code
  }
}

function drawn<Name>(options: readonly Name[], random: Random): Name {
  return options[random.integer(options.length)]!
}

/** A number that plain neurons do without: they get a record only when it changes, as told. */
function mutateTrait(
  writer: GenomeWriter,
  neuron: number,
  field: number,
  attribute: FloatAttribute,
  random: Random,
): boolean {
  if (attribute.mutateRate + attribute.replaceRate === 0) return false
  const at = writer.traitsAt[neuron]!
  const before = at === PLAIN ? 1 : writer.traits[at + field]!
  const after = mutated(before, attribute, random)
  if (after === before) return false
  const own = writer.ownTraits(neuron)
  writer.traits[own + field] = after
  return true
}

/** Whether values other than 1 occur at all. */
function isTuned({ initMean, initStdev }: FloatAttribute): boolean {
  return initMean !== 1 || initStdev !== 0
}

/** Gives a new neuron what the settings say that it begins with. */
export function beginTraits(
  writer: GenomeWriter,
  neuron: number,
  { aggregation, response, timeConstant }: NeatPythonMutation,
  random: Random,
): void {
  const name = firstName(aggregation, random)
  if (name !== 'dot_product') {
    const at = writer.ownTraits(neuron)
    writer.traits[at + AGGREGATION] = aggregationCode(name)
  }
  for (const [field, attribute] of [
    [RESPONSE, response],
    [TIME_CONSTANT, timeConstant],
  ] as const) {
    if (!isTuned(attribute)) continue
    const at = writer.ownTraits(neuron)
    writer.traits[at + field] = firstValue(attribute, random)
  }
}
