// The check that a genotype passes before anyone trusts it.
//
//   const check = checkGenotype(JSON.parse(text))
//   if (!check.ok) console.error(check.reason, check.detail)
//
// Fields that say nothing but their default are left out of the answer, so that equal genotypes are
// equal data. genotype-extras-check.ts checks what stands beside the network.
import { GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX, GENOTYPE_SENSORS_MAX } from '../limits.ts'
import {
  type Genotype,
  type GenotypeExtras,
  innovationOf,
  type LinkGene,
  type NeuronGene,
  OUTPUT_LAYER,
} from './genotype.ts'
import { actuatorsOf, agentOf, sensorsOf } from './genotype-extras-check.ts'
import {
  coefficientsOf,
  fieldsOf,
  type GenotypeFault,
  idOf,
  listOf,
  nameOf,
  Refusal,
  sizeOf,
  weightOf,
  within,
} from './genotype-refusal.ts'
import { activationNames } from './network/activation.ts'
import { aggregationNames } from './network/aggregation.ts'
import { neuronTypes } from './network/neuron-type.ts'
import { plasticityRule, plasticityRules } from './network/plasticity-rule.ts'
import { substrateOf } from './substrate/check.ts'

export type { GenotypeFault } from './genotype-refusal.ts'

export type GenotypeCheck =
  | { readonly ok: true; readonly genotype: Genotype }
  | { readonly ok: false; readonly reason: GenotypeFault; readonly detail: string }

/**
 * Whether anything at all, e.g. data from the network, is a genotype. The answer holds a fresh copy
 * with exactly the fields of the type; nothing of the given value is kept. Never throws on plain
 * data.
 */
export function checkGenotype(value: unknown): GenotypeCheck {
  try {
    return { ok: true, genotype: genotypeOf(value) }
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault
    return { ok: false, reason: fault.reason, detail: fault.message }
  }
}

const GENOTYPE_FIELDS = ['inputs', 'outputs', 'neurons', 'links'] as const
const EXTRA_FIELDS = ['sensors', 'actuators', 'agent', 'substrate'] as const
const NEURON_FIELDS = ['id', 'layer', 'activation', 'bias'] as const
const TRAIT_FIELDS = [
  'aggregation',
  'response',
  'neuronType',
  'timeConstant',
  'stateBound',
  'backbone',
  'head',
  'plasticity',
  'generation',
] as const
const LINK_FIELDS = ['innovation', 'from', 'to', 'weight', 'enabled'] as const

function genotypeOf(value: unknown): Genotype {
  const fields = fieldsOf(value, 'a genotype', [...GENOTYPE_FIELDS, ...EXTRA_FIELDS])
  const inputs = sizeOf(fields.inputs, 'inputs', 1, GENOTYPE_SENSORS_MAX)
  const outputs = sizeOf(fields.outputs, 'outputs', 1, GENOTYPE_SENSORS_MAX)
  const neurons = listOf(fields.neurons, 'neurons', GENOTYPE_NEURONS_MAX).map(neuronOf)
  const links = listOf(fields.links, 'links', GENOTYPE_LINKS_MAX).map(linkOf)
  checkLinks(links, inputs, checkNeurons(neurons, inputs, outputs))
  return { inputs, outputs, neurons, links, ...extrasIn(fields, inputs, outputs) }
}

function extrasIn(
  fields: Readonly<Record<string, unknown>>,
  inputs: number,
  outputs: number,
): GenotypeExtras {
  const { sensors, actuators, agent, substrate } = fields
  return {
    ...(sensors === undefined ? {} : { sensors: sensorsOf(sensors, inputs) }),
    ...(actuators === undefined ? {} : { actuators: actuatorsOf(actuators, outputs) }),
    ...(agent === undefined ? {} : { agent: agentOf(agent) }),
    ...(substrate === undefined ? {} : { substrate: substrateOf(substrate, { inputs, outputs }) }),
  }
}

/** The parameters that each neuron wants of its links, by id. */
type Neurons = ReadonlyMap<number, number>

function checkNeurons(neurons: readonly NeuronGene[], inputs: number, outputs: number): Neurons {
  const wanted = new Map<number, number>()
  let before: NeuronGene | undefined
  for (const neuron of neurons) {
    const { id, layer, plasticity } = neuron
    if (id < inputs || wanted.has(id)) throw new Refusal('id', `neuron ${id} is not unique`)
    const inside = id < inputs + outputs ? layer === OUTPUT_LAYER : Math.abs(layer) < OUTPUT_LAYER
    if (!inside) throw new Refusal('layer', `neuron ${id} cannot be in layer ${layer}`)
    if (before !== undefined && (before.layer - layer || before.id - id) > 0) {
      throw new Refusal('order', `neuron ${id} stands behind neuron ${before.id}`)
    }
    wanted.set(id, plasticity === undefined ? 0 : plasticityRule(plasticity.rule).link.length)
    before = neuron
  }
  for (let id = inputs; id < inputs + outputs; id++) {
    if (!wanted.has(id)) throw new Refusal('id', `output ${id} is missing`)
  }
  return wanted
}

function checkLinks(links: readonly LinkGene[], inputs: number, neurons: Neurons): void {
  let before = -1
  for (const link of links) {
    const { innovation, from, to, modulatory, parameters = [] } = link
    const wanted = neurons.get(to)
    if (wanted === undefined || !(from < inputs || neurons.has(from))) {
      throw new Refusal('dangling-link', `the link ${from} to ${to} has an end that does not exist`)
    }
    if (innovation !== innovationOf(link)) {
      throw new Refusal('innovation', `the link ${from} to ${to} is not number ${innovation}`)
    }
    if (innovation <= before) {
      throw new Refusal('order', `link ${innovation} is not after ${before}`)
    }
    if (parameters.length !== (modulatory === true ? 0 : wanted)) {
      const expected = `${wanted} parameters for the rule of its target`
      throw new Refusal('plasticity', `the link ${from} to ${to} needs ${expected}`)
    }
    before = innovation
  }
}

function neuronOf(value: unknown): NeuronGene {
  const fields = fieldsOf(value, 'a neuron', [...NEURON_FIELDS, ...TRAIT_FIELDS])
  const activation = nameOf(fields.activation, activationNames, 'activation')
  const layer = fields.layer
  if (typeof layer !== 'number' || Number.isNaN(layer)) throw new Refusal('layer', 'no layer')
  const plain = { id: idOf(fields.id), layer, activation, bias: weightOf(fields.bias) }
  // Most neurons are plain, and millions are checked.
  return TRAIT_FIELDS.some((name) => fields[name] !== undefined)
    ? { ...plain, ...traitsOf(fields) }
    : plain
}

type NeuronTraits = Omit<NeuronGene, (typeof NEURON_FIELDS)[number]>

function traitsOf(fields: Readonly<Record<string, unknown>>): NeuronTraits {
  const { aggregation, response, neuronType, timeConstant, stateBound } = fields
  const aggregationName = nameOf(aggregation ?? 'dot_product', aggregationNames, 'aggregation')
  const type = nameOf(neuronType ?? 'standard', neuronTypes, 'neuron-type')
  const gain = weightOf(response ?? 1)
  const tau = within(timeConstant ?? 1, 'timeConstant', 0.001, 100)
  const bound = within(stateBound ?? 1, 'stateBound', 0.1, 10)
  const backbone = coefficientsOf(fields.backbone ?? [], 'backbone')
  const head = coefficientsOf(fields.head ?? [], 'head')
  const plasticity = plasticityOf(fields.plasticity)
  const generation = idOf(fields.generation ?? 0)
  return {
    ...(aggregationName === 'dot_product' ? {} : { aggregation: aggregationName }),
    ...(gain === 1 ? {} : { response: gain }),
    ...(type === 'standard' ? {} : { neuronType: type }),
    ...(tau === 1 ? {} : { timeConstant: tau }),
    ...(bound === 1 ? {} : { stateBound: bound }),
    ...(backbone.length === 0 ? {} : { backbone }),
    ...(head.length === 0 ? {} : { head }),
    ...(plasticity === undefined ? {} : { plasticity }),
    ...(generation === 0 ? {} : { generation }),
  }
}

const ruleNames = plasticityRules.map(({ name }) => name)

function plasticityOf(value: unknown): NeuronGene['plasticity'] {
  if (value === undefined) return undefined
  const fields = fieldsOf(value, 'a plasticity', ['rule', 'parameters'])
  const rule = nameOf(fields.rule, ruleNames, 'plasticity')
  const wanted = plasticityRule(rule).neuron.length
  const parameters = listOf(fields.parameters, 'parameters', wanted).map(weightOf)
  if (parameters.length !== wanted) {
    throw new Refusal('plasticity', `${rule} needs ${wanted} parameters of a neuron`)
  }
  return rule === 'none' ? undefined : { rule, parameters }
}

function linkOf(value: unknown): LinkGene {
  const fields = fieldsOf(value, 'a link', [...LINK_FIELDS, 'modulatory', 'parameters'])
  const { enabled, modulatory, parameters } = fields
  if (typeof enabled !== 'boolean') throw new Refusal('not-a-number', 'enabled is true or false')
  if (modulatory !== undefined && typeof modulatory !== 'boolean') {
    throw new Refusal('not-a-number', 'modulatory is true or absent')
  }
  const plain = {
    innovation: idOf(fields.innovation),
    from: idOf(fields.from),
    to: idOf(fields.to),
    weight: weightOf(fields.weight),
    enabled,
  }
  if (modulatory === undefined && parameters === undefined) return plain
  const values = coefficientsOf(parameters ?? [], 'parameters')
  return {
    ...plain,
    ...(modulatory === true ? { modulatory } : {}),
    ...(values.length === 0 ? {} : { parameters: values }),
  }
}
