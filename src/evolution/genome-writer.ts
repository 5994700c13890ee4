// Writes pools of packed genotypes (genome-pool.ts), one by one; the operators work on the last,
// which is still open.
//
//   const writer = new GenomeWriter(2, 1)
//   writer.append(genotype)
//   mutate(writer, settings, random)
//   const pool = writer.finish()
import type { AgentParameters } from './agent.ts'
import { fitted, grownBytes, grownFloats, grownIndices } from './gene-column.ts'
import {
  hasTraits,
  LINK_TRAITS,
  MODULATORY,
  NEURON_TRAITS,
  PLAIN,
  writeDefaultTraits,
  writeLinkTraits,
  writeTraits,
} from './gene-traits.ts'
import type { GenomePool } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'
import { isSameMorphology, type Morphology } from './morphology.ts'
import { activationCode } from './network/activation.ts'
import type { SubstrateGene } from './substrate.ts'

/**
 * Writes a pool, genotype by genotype. Between `copy` or `append` and the next of them the last
 * genotype is open: its neurons are `neuronBegin` to `neuronEnd` of the columns, its links
 * `linkBegin` to `linkEnd`, and an operator may change weights in place or insert genes. Columns
 * are replaced when they grow: read them from the writer again after an insertion.
 */
export class GenomeWriter {
  readonly inputs: number
  readonly outputs: number
  neuronId: Float64Array
  layer: Float64Array
  activation: Uint8Array
  bias: Float64Array
  /** Records of neurons in `traits`, or PLAIN (gene-traits.ts). */
  traitsAt: Int32Array
  innovation: Float64Array
  from: Float64Array
  to: Float64Array
  weight: Float64Array
  enabled: Uint8Array
  /** Records of links in `linkTraits`, or PLAIN. */
  linkTraitsAt: Int32Array
  traits: Float64Array = new Float64Array(0)
  linkTraits: Float64Array = new Float64Array(0)
  neuronBegin = 0
  neuronEnd = 0
  linkBegin = 0
  linkEnd = 0
  readonly #neuronStart: number[] = []
  readonly #linkStart: number[] = []
  #traitsEnd = 0
  #linkTraitsEnd = 0
  #agents: (AgentParameters | undefined)[] = []
  #substrates: (SubstrateGene | undefined)[] = []
  #morphology: Morphology = {}

  /** `neurons` and `links` are how many are expected in total. */
  constructor(inputs: number, outputs: number, neurons = 64, links = 256) {
    this.inputs = inputs
    this.outputs = outputs
    this.neuronId = new Float64Array(neurons)
    this.layer = new Float64Array(neurons)
    this.activation = new Uint8Array(neurons)
    this.bias = new Float64Array(neurons)
    this.traitsAt = new Int32Array(neurons)
    this.innovation = new Float64Array(links)
    this.from = new Float64Array(links)
    this.to = new Float64Array(links)
    this.weight = new Float64Array(links)
    this.enabled = new Uint8Array(links)
    this.linkTraitsAt = new Int32Array(links)
  }

  /** How many genotypes are written, the open one included. */
  get size(): number {
    return this.#linkStart.length
  }

  /** Parameters of the open genotype's agent. */
  get agent(): AgentParameters | undefined {
    return this.#agents[this.size - 1]
  }

  set agent(agent: AgentParameters | undefined) {
    this.#agents[this.size - 1] = agent
  }

  /** The open genotype's substrate. */
  get substrate(): SubstrateGene | undefined {
    return this.#substrates[this.size - 1]
  }

  set substrate(substrate: SubstrateGene | undefined) {
    this.#substrates[this.size - 1] = substrate
  }

  /** Sensors and actuators of all genotypes of the pool, if they have names. */
  get morphology(): Morphology {
    return this.#morphology
  }

  /** Appends plain data and leaves it open. */
  append(genotype: Genotype): void {
    this.#begin(genotype, genotype.neurons.length, genotype.links.length)
    for (const neuron of genotype.neurons) {
      const { id, layer, activation, bias } = neuron
      const at = this.neuronEnd++
      this.#putNeuron(at, id, layer, activationCode(activation), bias)
      if (!hasTraits(neuron)) continue
      const own = this.ownTraits(at)
      writeTraits(this.traits, own, neuron)
    }
    for (const link of genotype.links) {
      const at = this.linkEnd++
      this.#putLink(at, link.innovation, link.from, link.to, link.weight, link.enabled ? 1 : 0)
      if (link.modulatory === undefined && link.parameters === undefined) continue
      const own = this.ownLinkTraits(at)
      writeLinkTraits(this.linkTraits, own, link)
    }
    this.#agents[this.size - 1] = genotype.agent
    this.#substrates[this.size - 1] = genotype.substrate
  }

  /** Where the traits of a neuron of the open genotype stand; a plain one gets the defaults. */
  ownTraits(neuron: number): number {
    const found = this.traitsAt[neuron]!
    if (found !== PLAIN) return found
    const at = this.#traitsEnd
    this.#traitsEnd += NEURON_TRAITS
    if (this.#traitsEnd > this.traits.length)
      this.traits = grownFloats(this.traits, this.#traitsEnd)
    writeDefaultTraits(this.traits, at)
    this.traitsAt[neuron] = at
    return at
  }

  /** Where the traits of a link of the open genotype stand; a plain one gets zeros. */
  ownLinkTraits(link: number): number {
    const found = this.linkTraitsAt[link]!
    if (found !== PLAIN) return found
    const at = this.#linkTraitsEnd
    this.#linkTraitsEnd += LINK_TRAITS
    if (this.#linkTraitsEnd > this.linkTraits.length) {
      this.linkTraits = grownFloats(this.linkTraits, this.#linkTraitsEnd)
    }
    this.linkTraits.fill(0, at, this.#linkTraitsEnd)
    this.linkTraitsAt[link] = at
    return at
  }

  /** Appends a copy of a pool's genotype and leaves it open. */
  copy(pool: GenomePool, index: number): void {
    const neuronsFrom = pool.neuronStart[index]!
    const neuronsTo = pool.neuronStart[index + 1]!
    const linksFrom = pool.linkStart[index]!
    const linksTo = pool.linkStart[index + 1]!
    this.#begin(pool, neuronsTo - neuronsFrom, linksTo - linksFrom)
    for (let n = neuronsFrom, end = this.neuronEnd; n < neuronsTo; n++, end++) {
      this.traitsAt[end] = PLAIN
      this.neuronId[end] = pool.neuronId[n]!
      this.layer[end] = pool.layer[n]!
      this.activation[end] = pool.activation[n]!
      this.bias[end] = pool.bias[n]!
    }
    this.neuronEnd += neuronsTo - neuronsFrom
    // One loop a column: the compiler keeps one pair of arrays in registers.
    const end = this.linkEnd - linksFrom
    const { innovation, from, to, weight, enabled } = this
    for (let l = linksFrom; l < linksTo; l++) innovation[end + l] = pool.innovation[l]!
    for (let l = linksFrom; l < linksTo; l++) from[end + l] = pool.from[l]!
    for (let l = linksFrom; l < linksTo; l++) to[end + l] = pool.to[l]!
    for (let l = linksFrom; l < linksTo; l++) weight[end + l] = pool.weight[l]!
    for (let l = linksFrom; l < linksTo; l++) enabled[end + l] = pool.enabled[l]!
    this.linkTraitsAt.fill(PLAIN, this.linkEnd, this.linkEnd + linksTo - linksFrom)
    this.linkEnd += linksTo - linksFrom
    if (pool.traits.length > 0) this.#copyTraits(pool, neuronsFrom)
    if (pool.linkTraits.length > 0) this.#copyLinkTraits(pool, linksFrom)
    this.#agents[this.size - 1] = pool.agents[index]
    this.#substrates[this.size - 1] = pool.substrates[index]
  }

  #copyTraits(pool: GenomePool, from: number): void {
    for (let n = this.neuronBegin; n < this.neuronEnd; n++) {
      const at = pool.traitsAt[from + n - this.neuronBegin]!
      if (at !== PLAIN) this.copyTraits(n, pool, at)
    }
  }

  /** Gives a neuron of the open genotype the record of a pool's. */
  copyTraits(neuron: number, pool: GenomePool, at: number): void {
    const own = this.ownTraits(neuron)
    const { traits } = this
    for (let i = 0; i < NEURON_TRAITS; i++) traits[own + i] = pool.traits[at + i]!
  }

  #copyLinkTraits(pool: GenomePool, from: number): void {
    for (let l = this.linkBegin; l < this.linkEnd; l++) {
      const at = pool.linkTraitsAt[from + l - this.linkBegin]!
      if (at === PLAIN) continue
      const own = this.ownLinkTraits(l)
      for (let i = 0; i < LINK_TRAITS; i++) this.linkTraits[own + i] = pool.linkTraits[at + i]!
    }
  }

  /** Position of a neuron of the open genotype, or -1 (inputs have none). */
  neuronAt(id: number): number {
    for (let n = this.neuronBegin; n < this.neuronEnd; n++) if (this.neuronId[n] === id) return n
    return -1
  }

  /** Position of a link of the open genotype, or where it would stand as -1 - position. */
  linkAt(innovation: number): number {
    let low = this.linkBegin
    let high = this.linkEnd
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.innovation[middle]! < innovation) low = middle + 1
      else high = middle
    }
    return low < this.linkEnd && this.innovation[low] === innovation ? low : -1 - low
  }

  /** Inserts a neuron into the open genotype at its place by (layer, id). */
  insertNeuron(id: number, layer: number, activation: number, bias: number): void {
    let at = this.neuronEnd
    while (at > this.neuronBegin) {
      const before = this.layer[at - 1]! - layer || this.neuronId[at - 1]! - id
      if (before < 0) break
      at--
    }
    this.#reserveNeurons(1)
    for (const column of this.#neuronColumns()) column.copyWithin(at + 1, at, this.neuronEnd)
    this.neuronEnd++
    this.#putNeuron(at, id, layer, activation, bias)
  }

  /** Inserts an enabled link into the open genotype; false when its number is taken. */
  insertLink(innovation: number, from: number, to: number, weight: number): boolean {
    const found = this.linkAt(innovation)
    if (found >= 0) return false
    const at = -1 - found
    this.#reserveLinks(1)
    for (const column of this.#linkColumns()) column.copyWithin(at + 1, at, this.linkEnd)
    this.linkEnd++
    this.#putLink(at, innovation, from, to, weight, 1)
    return true
  }

  /** Whether a link of the open genotype feeds the plasticity of its target. */
  isModulatory(link: number): boolean {
    const at = this.linkTraitsAt[link]!
    return at !== PLAIN && this.linkTraits[at + MODULATORY] === 1
  }

  /** Takes a link out of the open genotype. */
  removeLink(link: number): void {
    for (const column of this.#linkColumns()) column.copyWithin(link, link + 1, this.linkEnd)
    this.linkEnd--
  }

  /** Takes a hidden neuron and its links out of the open genotype. */
  removeNeuron(neuron: number): void {
    const id = this.neuronId[neuron]!
    for (let link = this.linkEnd - 1; link >= this.linkBegin; link--) {
      if (this.from[link] === id || this.to[link] === id) this.removeLink(link)
    }
    for (const column of this.#neuronColumns()) {
      column.copyWithin(neuron, neuron + 1, this.neuronEnd)
    }
    this.neuronEnd--
  }

  /** The pool of everything written. The writer is done with it. */
  finish(): GenomePool {
    const { inputs, outputs, neuronEnd, linkEnd } = this
    return {
      inputs,
      outputs,
      size: this.size,
      neuronStart: Int32Array.from([...this.#neuronStart, neuronEnd]),
      neuronId: fitted(this.neuronId, neuronEnd),
      layer: fitted(this.layer, neuronEnd),
      activation: fitted(this.activation, neuronEnd),
      bias: fitted(this.bias, neuronEnd),
      traitsAt: fitted(this.traitsAt, neuronEnd),
      linkStart: Int32Array.from([...this.#linkStart, linkEnd]),
      innovation: fitted(this.innovation, linkEnd),
      from: fitted(this.from, linkEnd),
      to: fitted(this.to, linkEnd),
      weight: fitted(this.weight, linkEnd),
      enabled: fitted(this.enabled, linkEnd),
      linkTraitsAt: fitted(this.linkTraitsAt, linkEnd),
      traits: fitted(this.traits, this.#traitsEnd),
      linkTraits: fitted(this.linkTraits, this.#linkTraitsEnd),
      agents: present(this.#agents),
      substrates: present(this.#substrates),
      sensors: this.#morphology.sensors,
      actuators: this.#morphology.actuators,
    }
  }

  #neuronColumns(): (Float64Array | Uint8Array | Int32Array)[] {
    return [this.neuronId, this.layer, this.activation, this.bias, this.traitsAt]
  }

  #linkColumns(): (Float64Array | Uint8Array | Int32Array)[] {
    const { innovation, from, to, weight, enabled, linkTraitsAt } = this
    return [innovation, from, to, weight, enabled, linkTraitsAt]
  }

  #begin(shape: Shape, neurons: number, links: number): void {
    if (shape.inputs !== this.inputs || shape.outputs !== this.outputs) {
      throw new RangeError(
        `a genotype of ${shape.inputs} inputs and ${shape.outputs} outputs among those of ` +
          `${this.inputs} and ${this.outputs}; a pool holds one shape`,
      )
    }
    this.#checkMorphology(shape)
    this.#neuronStart.push(this.neuronEnd)
    this.#linkStart.push(this.linkEnd)
    this.neuronBegin = this.neuronEnd
    this.linkBegin = this.linkEnd
    this.#reserveNeurons(neurons)
    this.#reserveLinks(links)
  }

  #checkMorphology({ sensors, actuators }: Morphology): void {
    if (this.size === 0) this.#morphology = { sensors, actuators }
    else if (!isSameMorphology(this.#morphology, { sensors, actuators })) {
      throw new RangeError('a genotype of another morphology; a pool holds one')
    }
  }

  #putNeuron(at: number, id: number, layer: number, activation: number, bias: number): void {
    this.neuronId[at] = id
    this.layer[at] = layer
    this.activation[at] = activation
    this.bias[at] = bias
    this.traitsAt[at] = PLAIN
  }

  #putLink(
    at: number,
    innovation: number,
    from: number,
    to: number,
    weight: number,
    enabled: number,
  ): void {
    this.innovation[at] = innovation
    this.from[at] = from
    this.to[at] = to
    this.weight[at] = weight
    this.enabled[at] = enabled
    this.linkTraitsAt[at] = PLAIN
  }

  #reserveNeurons(count: number): void {
    const needed = this.neuronEnd + count
    if (needed <= this.neuronId.length) return
    this.neuronId = grownFloats(this.neuronId, needed)
    this.layer = grownFloats(this.layer, needed)
    this.bias = grownFloats(this.bias, needed)
    this.activation = grownBytes(this.activation, needed)
    this.traitsAt = grownIndices(this.traitsAt, needed)
  }

  #reserveLinks(count: number): void {
    const needed = this.linkEnd + count
    if (needed <= this.innovation.length) return
    this.innovation = grownFloats(this.innovation, needed)
    this.from = grownFloats(this.from, needed)
    this.to = grownFloats(this.to, needed)
    this.weight = grownFloats(this.weight, needed)
    this.enabled = grownBytes(this.enabled, needed)
    this.linkTraitsAt = grownIndices(this.linkTraitsAt, needed)
  }
}

interface Shape extends Morphology {
  readonly inputs: number
  readonly outputs: number
}

/** Nothing at all when there is nothing in it. */
function present<T>(list: readonly (T | undefined)[]): readonly (T | undefined)[] {
  return list.some((one) => one !== undefined) ? list : []
}
