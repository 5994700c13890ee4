// From what settings say of a substrate to the gene that every genotype of the run has, and to the
// shape of its CPPNs.
//
//   const settings = { ...settingsFor('retina_and'), substrate: { evolvable: {} } }
//   startEvolution(retinaAnd, settings, 1)       // evolves CPPNs; the problem sees what they paint
//
// What is left out comes from the problem: its geometry (`Problem.geometry`; a line without one) and
// its activations.
import { EvolutionSettingsError } from '../evolution-settings.ts'
import type { NetworkShape } from '../first-generation.ts'
import { type Genotype, genotypeFrom, type LinkSketch, type NeuronGene } from '../genotype.ts'
import { Refusal } from '../genotype-refusal.ts'
import { splitNeuronId } from '../innovation.ts'
import type { Morphology } from '../morphology.ts'
import type { ActivationName } from '../network/activation.ts'
import {
  cppnShape,
  type EvolvableGene,
  evolvableDefaults,
  nodesOf,
  placeSize,
  type SubstrateGene,
} from '../substrate.ts'
import { substrateOf } from './check.ts'

/** A substrate as settings have it; `{}` is one hidden layer like the input layer. */
export interface SubstrateSettings extends Partial<Omit<SubstrateGene, 'evolvable'>> {
  /** ES-HyperNEAT; what is left out has the defaults of `evolvableDefaults`. */
  readonly evolvable?: Partial<EvolvableGene>
  /**
   * The first CPPNs express links only between nodes that are near in these dimensions (the number
   * of a coordinate; the depth is the last): the seed of Verbancsics & Stanley 2011. With it the
   * substrate has `expression`.
   */
  readonly localitySeed?: readonly number[]
}

/** Where the inputs and outputs of a problem lie, as `SubstrateGene` has it. */
export type Geometry = Partial<
  Pick<SubstrateGene, 'input' | 'output' | 'inputPlaces' | 'outputPlaces'>
>

/** What a CPPN's new neurons compute (Stanley 2007, table 1), unless the settings name others. */
export const cppnActivations: readonly ActivationName[] = [
  'gaussian',
  'sin',
  'tanh',
  'absolute',
  'identity',
]

/** The substrate of a run. Throws EvolutionSettingsError for one that the task does not fit. */
export function substrateFor(task: NetworkShape, settings: SubstrateSettings): SubstrateGene {
  const gene = checked(filled(task, settings))
  const [inputs, outputs] = [nodesOf(gene.input), nodesOf(gene.output)]
  if (inputs !== task.inputs || outputs !== task.outputs) {
    const has = `${inputs} inputs and ${outputs} outputs`
    const wanted = `${task.inputs} and ${task.outputs}`
    throw new EvolutionSettingsError(`substrate has ${has}: use ${wanted}, as the problem has`)
  }
  const dimensions = placeSize(gene)
  for (const dimension of settings.localitySeed ?? []) {
    if (Number.isInteger(dimension) && dimension >= 0 && dimension < dimensions) continue
    const range = `0 to ${dimensions - 1}`
    throw new EvolutionSettingsError(`localitySeed has dimension ${dimension}: use ${range}`)
  }
  return gene
}

/** Throws EvolutionSettingsError for outputs that a painted network would not process. */
export function checkProcessing(body: Morphology = {}): void {
  for (const { name, processing = 'identity' } of body.actuators ?? []) {
    if (processing === 'identity') continue
    const advice = 'evolve without a substrate, or process in the problem'
    throw new EvolutionSettingsError(
      `substrate paints outputs as they are, but actuator ${name} has ${processing}: ${advice}`,
    )
  }
}

/** The shape of the CPPNs of a substrate. */
export function cppnsFor(substrate: SubstrateGene): NetworkShape {
  return {
    ...cppnShape(substrate),
    outputActivation: 'tanh',
    hiddenActivation: 'gaussian',
    substrate,
  }
}

function filled(task: NetworkShape, settings: SubstrateSettings): object {
  const { evolvable, localitySeed, ...given } = settings
  const { geometry = {} } = task
  const { input = given.inputPlaces ? [task.inputs] : (geometry.input ?? [task.inputs]) } = given
  const output = padded(given.output ?? geometry.output ?? [task.outputs], input.length)
  const { inputPlaces = given.input ? undefined : geometry.inputPlaces } = given
  const { outputPlaces = given.output ? undefined : geometry.outputPlaces } = given
  return {
    hidden: evolvable === undefined ? [input] : [],
    linkForm: evolvable === undefined ? 'l2l_feedforward' : 'freeform',
    plasticity: 'none',
    threshold: 0.2,
    weightRange: 3,
    hiddenActivation: task.hiddenActivation,
    outputActivation: task.outputActivation,
    ...(localitySeed === undefined ? {} : { expression: true }),
    ...given,
    ...(evolvable === undefined ? {} : { evolvable: { ...evolvableDefaults, ...evolvable } }),
    ...(inputPlaces === undefined ? {} : { inputPlaces }),
    ...(outputPlaces === undefined ? {} : { outputPlaces }),
    input,
    output,
  }
}

/** A grid of fewer dimensions lies in the middle of the others. */
function padded(grid: readonly number[], dimensions: number): readonly number[] {
  return [...Array<number>(Math.max(0, dimensions - grid.length)).fill(1), ...grid]
}

function checked(value: object): SubstrateGene {
  try {
    return substrateOf(value)
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault
    throw new EvolutionSettingsError(`substrate cannot be: ${fault.message}`)
  }
}

/** How far the bias of a seeded expression is below the sum of its gaussians at distance 0. */
const LOCALITY_MARGIN = 0.5

/**
 * A first CPPN whose links are expressed where the gaussians of the differences of both ends' given
 * coordinates add up to nearly their most.
 */
export function withLocality(
  genotype: Genotype,
  gene: SubstrateGene,
  dimensions: readonly number[],
): Genotype {
  const { inputs, outputs } = genotype
  const expression = inputs + 1
  const size = placeSize(gene)
  const seeds = dimensions.map((dimension): NeuronGene => {
    const id = splitNeuronId(dimension, expression, 0)
    return { id, layer: 0, activation: 'gaussian', bias: 0 }
  })
  const links = dimensions.flatMap((dimension, i): LinkSketch[] => {
    const { id } = seeds[i]!
    return [
      { from: dimension, to: id, weight: 1 },
      { from: size + dimension, to: id, weight: -1 },
      { from: id, to: expression, weight: 1 },
    ]
  })
  const bias = LOCALITY_MARGIN - dimensions.length
  return genotypeFrom({
    inputs,
    outputs,
    activation: 'tanh',
    neurons: [
      ...genotype.neurons.map((neuron) =>
        neuron.id === expression ? { ...neuron, bias } : neuron,
      ),
      ...seeds,
    ],
    links: [...genotype.links.filter(({ to }) => to !== expression), ...links],
  })
}
