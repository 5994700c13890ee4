// Packed genotypes: the genes of a whole population in a few typed arrays, each genotype a range.
//
// Populations mutate, cross and compare thousands of genotypes a generation; objects would cost ten
// times the time and cannot cross to a worker without a copy of every gene. Outside of the engine a
// genotype is plain data (genotype.ts); `packGenotypes` and `unpackGenotype` convert without loss.
//
// A pool is plain data and never changes once written. `GenomeWriter` makes one: it appends
// genotypes and lets the operators (crossover.ts, mutation/) work on the last of them, which is
// still open.
import type { AgentParameters } from './agent.ts'
import { linkParametersOf, PLAIN, PLASTICITY, readLinkTraits, readTraits } from './gene-traits.ts'
import { GenomeWriter } from './genome-writer.ts'
import type { ActuatorGene, Genotype, LinkGene, NeuronGene, SensorGene } from './genotype.ts'
import { activationNames } from './network/activation.ts'
import type { SubstrateGene } from './substrate.ts'

export { GenomeWriter } from './genome-writer.ts'

/** Genes as columns. The ranges of genotype g are `start[g]` to `start[g + 1]`. */
export interface GenomePool {
  readonly inputs: number
  readonly outputs: number
  /** How many genotypes. */
  readonly size: number
  /** size + 1 positions in the neuron columns. */
  readonly neuronStart: Int32Array
  readonly neuronId: Float64Array
  readonly layer: Float64Array
  /** Codes of network/activation.ts. */
  readonly activation: Uint8Array
  readonly bias: Float64Array
  /** Where the neuron's traits stand in `traits` (gene-traits.ts); PLAIN for a plain neuron. */
  readonly traitsAt: Int32Array
  /** size + 1 positions in the link columns; a genotype's links ascend by innovation. */
  readonly linkStart: Int32Array
  readonly innovation: Float64Array
  readonly from: Float64Array
  readonly to: Float64Array
  readonly weight: Float64Array
  /** 1 = enabled. */
  readonly enabled: Uint8Array
  /** Where the link's traits stand in `linkTraits`; PLAIN for a plain link. */
  readonly linkTraitsAt: Int32Array
  readonly traits: Float64Array
  readonly linkTraits: Float64Array
  /** By genotype; empty when none has any. */
  readonly agents: readonly (AgentParameters | undefined)[]
  readonly substrates: readonly (SubstrateGene | undefined)[]
  /** Of all genotypes: a pool holds one morphology. */
  readonly sensors: readonly SensorGene[] | undefined
  readonly actuators: readonly ActuatorGene[] | undefined
}

/** Packs genotypes of one shape. Throws a RangeError when their inputs or outputs differ. */
export function packGenotypes(
  inputs: number,
  outputs: number,
  genotypes: readonly Genotype[],
): GenomePool {
  const writer = new GenomeWriter(inputs, outputs)
  for (const genotype of genotypes) writer.append(genotype)
  return writer.finish()
}

/** The same for genotypes of a shape. */
export function repacked(
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  genotypes: readonly Genotype[],
): GenomePool {
  return packGenotypes(inputs, outputs, genotypes)
}

/** The genotype at an index of a pool, as plain data. */
export function unpackGenotype(pool: GenomePool, index: number): Genotype {
  if (!(index >= 0 && index < pool.size)) {
    throw new RangeError(`genotype ${index} of a pool of ${pool.size}`)
  }
  const { inputs, outputs, sensors, actuators } = pool
  const agent = pool.agents[index]
  const substrate = pool.substrates[index]
  return {
    inputs,
    outputs,
    neurons: unpackNeurons(pool, index),
    links: unpackLinks(pool, index),
    ...(sensors === undefined ? {} : { sensors }),
    ...(actuators === undefined ? {} : { actuators }),
    ...(agent === undefined ? {} : { agent }),
    ...(substrate === undefined ? {} : { substrate }),
  }
}

function unpackNeurons(pool: GenomePool, index: number): NeuronGene[] {
  const neurons: NeuronGene[] = []
  for (let n = pool.neuronStart[index]!; n < pool.neuronStart[index + 1]!; n++) {
    const plain = {
      id: pool.neuronId[n]!,
      layer: pool.layer[n]!,
      activation: activationNames[pool.activation[n]!]!,
      bias: pool.bias[n]!,
    }
    const at = pool.traitsAt[n]!
    neurons.push(at === PLAIN ? plain : { ...plain, ...readTraits(pool.traits, at) })
  }
  return neurons
}

function unpackLinks(pool: GenomePool, index: number): LinkGene[] {
  const links: LinkGene[] = []
  for (let l = pool.linkStart[index]!; l < pool.linkStart[index + 1]!; l++) {
    const plain = {
      innovation: pool.innovation[l]!,
      from: pool.from[l]!,
      to: pool.to[l]!,
      weight: pool.weight[l]!,
      enabled: pool.enabled[l] === 1,
    }
    const at = pool.linkTraitsAt[l]!
    if (at === PLAIN) links.push(plain)
    else {
      const wanted = linkParametersOf(ruleOf(pool, index, plain.to))
      links.push({ ...plain, ...readLinkTraits(pool.linkTraits, at, wanted) })
    }
  }
  return links
}

/** The plasticity rule of a neuron of a genotype, by its code. */
function ruleOf(pool: GenomePool, index: number, id: number): number {
  for (let n = pool.neuronStart[index]!; n < pool.neuronStart[index + 1]!; n++) {
    if (pool.neuronId[n] !== id) continue
    const at = pool.traitsAt[n]!
    return at === PLAIN ? 0 : pool.traits[at + PLASTICITY]!
  }
  return 0
}

/** All genotypes of a pool, as plain data. */
export function unpackGenotypes(pool: GenomePool): Genotype[] {
  return Array.from({ length: pool.size }, (_, index) => unpackGenotype(pool, index))
}

/** How many links a genotype of a pool has, disabled ones included. */
export function linkCount(pool: GenomePool, index: number): number {
  return pool.linkStart[index + 1]! - pool.linkStart[index]!
}
