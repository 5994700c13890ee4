// Packed genotypes: the genes of a whole population in a few typed arrays, each genotype a range.
//
// Populations mutate, cross and compare thousands of genotypes a generation; objects would cost ten
// times the time and cannot cross to a worker without a copy of every gene. Outside of the engine a
// genotype is plain data (genotype.ts); `packGenotypes` and `unpackGenotype` convert without loss.
//
// A pool is plain data and never changes once written. `GenomeWriter` makes one: it appends
// genotypes and lets the operators (crossover.ts, mutation/) work on the last of them, which is
// still open.
import type { Genotype, LinkGene, NeuronGene } from './genotype.ts'
import { activationCode, activationNames } from './network/activation.ts'

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
  /** size + 1 positions in the link columns; a genotype's links ascend by innovation. */
  readonly linkStart: Int32Array
  readonly innovation: Float64Array
  readonly from: Float64Array
  readonly to: Float64Array
  readonly weight: Float64Array
  /** 1 = enabled. */
  readonly enabled: Uint8Array
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

/** The genotype at an index of a pool, as plain data. */
export function unpackGenotype(pool: GenomePool, index: number): Genotype {
  if (!(index >= 0 && index < pool.size)) {
    throw new RangeError(`genotype ${index} of a pool of ${pool.size}`)
  }
  const neurons: NeuronGene[] = []
  for (let n = pool.neuronStart[index]!; n < pool.neuronStart[index + 1]!; n++) {
    neurons.push({
      id: pool.neuronId[n]!,
      layer: pool.layer[n]!,
      activation: activationNames[pool.activation[n]!]!,
      bias: pool.bias[n]!,
    })
  }
  const links: LinkGene[] = []
  for (let l = pool.linkStart[index]!; l < pool.linkStart[index + 1]!; l++) {
    links.push({
      innovation: pool.innovation[l]!,
      from: pool.from[l]!,
      to: pool.to[l]!,
      weight: pool.weight[l]!,
      enabled: pool.enabled[l] === 1,
    })
  }
  return { inputs: pool.inputs, outputs: pool.outputs, neurons, links }
}

/** All genotypes of a pool, as plain data. */
export function unpackGenotypes(pool: GenomePool): Genotype[] {
  return Array.from({ length: pool.size }, (_, index) => unpackGenotype(pool, index))
}

/** How many links a genotype of a pool has, disabled ones included. */
export function linkCount(pool: GenomePool, index: number): number {
  return pool.linkStart[index + 1]! - pool.linkStart[index]!
}

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
  innovation: Float64Array
  from: Float64Array
  to: Float64Array
  weight: Float64Array
  enabled: Uint8Array
  neuronBegin = 0
  neuronEnd = 0
  linkBegin = 0
  linkEnd = 0
  readonly #neuronStart: number[] = []
  readonly #linkStart: number[] = []

  /** `neurons` and `links` are how many are expected in total. */
  constructor(inputs: number, outputs: number, neurons = 64, links = 256) {
    this.inputs = inputs
    this.outputs = outputs
    this.neuronId = new Float64Array(neurons)
    this.layer = new Float64Array(neurons)
    this.activation = new Uint8Array(neurons)
    this.bias = new Float64Array(neurons)
    this.innovation = new Float64Array(links)
    this.from = new Float64Array(links)
    this.to = new Float64Array(links)
    this.weight = new Float64Array(links)
    this.enabled = new Uint8Array(links)
  }

  /** How many genotypes are written, the open one included. */
  get size(): number {
    return this.#linkStart.length
  }

  /** Appends plain data and leaves it open. */
  append(genotype: Genotype): void {
    this.#begin(genotype, genotype.neurons.length, genotype.links.length)
    for (const { id, layer, activation, bias } of genotype.neurons) {
      this.#putNeuron(this.neuronEnd++, id, layer, activationCode(activation), bias)
    }
    for (const { innovation, from, to, weight, enabled } of genotype.links) {
      this.#putLink(this.linkEnd++, innovation, from, to, weight, enabled ? 1 : 0)
    }
  }

  /** Appends a copy of a pool's genotype and leaves it open. */
  copy(pool: GenomePool, index: number): void {
    const neuronsFrom = pool.neuronStart[index]!
    const neuronsTo = pool.neuronStart[index + 1]!
    const linksFrom = pool.linkStart[index]!
    const linksTo = pool.linkStart[index + 1]!
    this.#begin(pool, neuronsTo - neuronsFrom, linksTo - linksFrom)
    for (let n = neuronsFrom, end = this.neuronEnd; n < neuronsTo; n++, end++) {
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
    this.linkEnd += linksTo - linksFrom
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
    for (const column of [this.neuronId, this.layer, this.activation, this.bias]) {
      column.copyWithin(at + 1, at, this.neuronEnd)
    }
    this.neuronEnd++
    this.#putNeuron(at, id, layer, activation, bias)
  }

  /** Inserts an enabled link into the open genotype; false when its number is taken. */
  insertLink(innovation: number, from: number, to: number, weight: number): boolean {
    const found = this.linkAt(innovation)
    if (found >= 0) return false
    const at = -1 - found
    this.#reserveLinks(1)
    for (const column of [this.innovation, this.from, this.to, this.weight, this.enabled]) {
      column.copyWithin(at + 1, at, this.linkEnd)
    }
    this.linkEnd++
    this.#putLink(at, innovation, from, to, weight, 1)
    return true
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
      linkStart: Int32Array.from([...this.#linkStart, linkEnd]),
      innovation: fitted(this.innovation, linkEnd),
      from: fitted(this.from, linkEnd),
      to: fitted(this.to, linkEnd),
      weight: fitted(this.weight, linkEnd),
      enabled: fitted(this.enabled, linkEnd),
    }
  }

  #begin(shape: { inputs: number; outputs: number }, neurons: number, links: number): void {
    if (shape.inputs !== this.inputs || shape.outputs !== this.outputs) {
      throw new RangeError(
        `a genotype of ${shape.inputs} inputs and ${shape.outputs} outputs among those of ` +
          `${this.inputs} and ${this.outputs}; a pool holds one shape`,
      )
    }
    this.#neuronStart.push(this.neuronEnd)
    this.#linkStart.push(this.linkEnd)
    this.neuronBegin = this.neuronEnd
    this.linkBegin = this.linkEnd
    this.#reserveNeurons(neurons)
    this.#reserveLinks(links)
  }

  #putNeuron(at: number, id: number, layer: number, activation: number, bias: number): void {
    this.neuronId[at] = id
    this.layer[at] = layer
    this.activation[at] = activation
    this.bias[at] = bias
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
  }

  #reserveNeurons(count: number): void {
    const needed = this.neuronEnd + count
    if (needed <= this.neuronId.length) return
    this.neuronId = grown(this.neuronId, needed)
    this.layer = grown(this.layer, needed)
    this.bias = grown(this.bias, needed)
    this.activation = grownBytes(this.activation, needed)
  }

  #reserveLinks(count: number): void {
    const needed = this.linkEnd + count
    if (needed <= this.innovation.length) return
    this.innovation = grown(this.innovation, needed)
    this.from = grown(this.from, needed)
    this.to = grown(this.to, needed)
    this.weight = grown(this.weight, needed)
    this.enabled = grownBytes(this.enabled, needed)
  }
}

/**
 * The used part of a column: as it is when little is unused, otherwise a copy that wastes nothing.
 */
function fitted<T extends Float64Array | Uint8Array>(column: T, used: number): T {
  const isTight = column.length - used <= used / 16
  return (isTight ? column.subarray(0, used) : column.slice(0, used)) as T
}

function grown(column: Float64Array, needed: number): Float64Array {
  const next = new Float64Array(Math.max(needed, column.length * 2))
  next.set(column)
  return next
}

function grownBytes(column: Uint8Array, needed: number): Uint8Array {
  const next = new Uint8Array(Math.max(needed, column.length * 2))
  next.set(column)
  return next
}
