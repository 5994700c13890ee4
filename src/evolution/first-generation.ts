// Where evolution begins: random minimal genotypes, no hidden neuron (Stanley & Miikkulainen 2002,
// section 2.4), in the shape that a task asks for.
import type { Random } from '../runtime/random.ts'
import type { EvolutionSettings } from './evolution-settings.ts'
import { type GenomePool, GenomeWriter } from './genome-pool.ts'
import { type Genotype, genotypeFrom, type LinkSketch, OUTPUT_LAYER } from './genotype.ts'
import { checkMorphology, lengthOfFirst, namesOf, type ProblemMorphology } from './morphology.ts'
import { newWeight } from './mutation/parametric.ts'
import { neatPythonGenotype } from './neat-python-genotype.ts'
import type { ActivationName } from './network/activation.ts'
import {
  checkProcessing,
  cppnActivations,
  cppnsFor,
  type Geometry,
  substrateFor,
  withLocality,
} from './substrate/settings.ts'
import type { SubstrateGene } from './substrate.ts'
import { agentFrom } from './tuning-settings.ts'

/** What a network needs to look like for a task; every `Problem` is one. */
export interface NetworkShape {
  readonly inputs: number
  readonly outputs: number
  readonly outputActivation: ActivationName
  /** Of new neurons, unless the settings name others. */
  readonly hiddenActivation: ActivationName
  /** The body that inputs and outputs belong to, if it has names. */
  readonly morphology?: ProblemMorphology
  /** Where inputs and outputs lie, for substrates. */
  readonly geometry?: Geometry
  /** Of every genotype: the shape is that of CPPNs. */
  readonly substrate?: SubstrateGene
}

/**
 * Of a problem, only its shape: what a state holds is plain data. With a substrate it is that of
 * the CPPNs. Throws a RangeError for a morphology of other lengths, an EvolutionSettingsError for a
 * substrate that does not fit the problem.
 */
export function shapeFor(
  { morphology, ...task }: NetworkShape,
  { substrate }: EvolutionSettings,
): NetworkShape {
  const { inputs, outputs, outputActivation, hiddenActivation } = task
  const shape = { inputs, outputs, outputActivation, hiddenActivation }
  if (morphology !== undefined) checkMorphology(morphology, shape)
  if (substrate !== undefined) {
    checkProcessing(morphology)
    return cppnsFor(substrateFor(task, substrate))
  }
  return morphology === undefined || morphology.anonymous === true
    ? shape
    : { ...shape, morphology }
}

/** Settings that leave the activation of new neurons open get the shape's. */
export function withHiddenActivation(
  settings: EvolutionSettings,
  { hiddenActivation, substrate }: NetworkShape,
): EvolutionSettings {
  const { mutation } = settings.reproduction
  if (mutation.hiddenActivations.length > 0) return settings
  const hiddenActivations = substrate === undefined ? [hiddenActivation] : cppnActivations
  const filled = { ...mutation, hiddenActivations }
  return { ...settings, reproduction: { ...settings.reproduction, mutation: filled } }
}

/** A first generation, of immigrants and then random minimal genotypes. */
export function firstGenotypes(
  shape: NetworkShape,
  settings: EvolutionSettings,
  immigrants: readonly Genotype[],
  random: Random,
): GenomePool {
  const writer = new GenomeWriter(shape.inputs, shape.outputs)
  for (const immigrant of immigrants) writer.append(immigrant)
  while (writer.size < settings.populationSize) {
    writer.append(firstGenotype(shape, settings, random.fork(writer.size)))
  }
  return writer.finish()
}

/** A random minimal genotype, with an agent where it is to be tuned. */
export function firstGenotype(
  shape: NetworkShape,
  settings: EvolutionSettings,
  random: Random,
): Genotype {
  const network = firstNetwork(shape, settings, random)
  const { substrate } = shape
  const genotype = substrate === undefined ? network : seededCppn(network, substrate, settings)
  const { tuning, reproduction } = settings
  if (tuning === undefined) return genotype
  const { roulette } = reproduction.mutation
  return { ...genotype, agent: agentFrom(tuning, roulette?.mutationCount, random.fork('agent')) }
}

function seededCppn(
  plain: Genotype,
  substrate: SubstrateGene,
  settings: EvolutionSettings,
): Genotype {
  const { localitySeed } = settings.substrate ?? {}
  const seeded = localitySeed === undefined ? plain : withLocality(plain, substrate, localitySeed)
  return { ...seeded, substrate }
}

function firstNetwork(
  { inputs, outputs, outputActivation, morphology = {} }: NetworkShape,
  settings: EvolutionSettings,
  random: Random,
): Genotype {
  const { mutation } = settings.reproduction
  const names = namesOf(morphology)
  if (mutation.neatPython !== undefined) {
    const shape = { inputs, outputs, outputActivation }
    return { ...neatPythonGenotype(shape, mutation.neatPython, random), ...names }
  }
  const { sensors, actuators, initialSensors, initialActuators } = morphology
  const sensed = lengthOfFirst(sensors, initialSensors, inputs)
  const acting = lengthOfFirst(actuators, initialActuators, outputs)
  const links: LinkSketch[] = []
  for (let to = inputs; to < inputs + acting; to++) {
    const certain = random.integer(sensed)
    for (let from = 0; from < sensed; from++) {
      const isLinked = random.next() < settings.connectivity || from === certain
      if (isLinked) links.push({ from, to, weight: newWeight(mutation.weights, random) })
    }
  }
  const neurons = Array.from({ length: outputs }, (_, output) => ({
    id: inputs + output,
    layer: OUTPUT_LAYER,
    activation: outputActivation,
    bias: mutation.biases === 'evolved' ? newWeight(mutation.weights, random) : 0,
  }))
  return genotypeFrom({ inputs, outputs, activation: outputActivation, neurons, links, ...names })
}
