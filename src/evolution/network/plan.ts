// A plan is a genotype compiled for running: one flat, immutable image in one ArrayBuffer, with numbers
// only, so that it crosses threads as bytes and runs in one interpreter (network/interpreter.ts).
//
//   const plan = compile(genotype)
//   const network = new Network(plan)
//
// Layout, in this order; every part starts at a multiple of 8 bytes, numbers are little-endian:
//   header      16 x Int32: magic, version, sizes, counts, offsets (see HEADER_*)
//   rowPtr      Int32[neurons + 1]  incoming links of neuron i are rowPtr[i] .. rowPtr[i + 1]
//   col         Int32[links]        the slot a link reads
//   held        Int32[held]         positions whose previous value is kept (see below)
//   id          Float64[neurons]    ids of the genotype (they need 53 bits)
//   activation  Uint8[neurons]      codes of network/activation.ts
//   bias        Float64[neurons]    from here on: weights. All before is structure, equal bytes for
//   weight      Float64[links]      genotypes of equal topology.
//
// Positions are canonical: inputs by id, then neurons ascending by (layer, id). Slot p < inputs + neurons
// holds the value of position p; neurons run in that order and write in place, so a link from a position
// not before its target reads last tick's value, which is what a recurrent link means. The one case that
// this does not cover, a recurrent link between neurons of one layer from the smaller to the larger id,
// reads slot inputs + neurons + k, where the interpreter keeps the previous value of position held[k].
// Links of a neuron are sorted by source position: the order of summation is part of the meaning.
import { GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX, GENOTYPE_SENSORS_MAX } from '../../limits.ts'
import type { Genotype, LinkGene } from '../genotype.ts'
import { activationCode } from './activation.ts'

/** What a network of this plan is; all views lie in one ArrayBuffer. Treat them as read-only. */
export interface Plan {
  readonly inputs: number
  readonly outputs: number
  readonly neurons: number
  readonly links: number
  /** The whole image; what crosses threads. `structureBytes` of it do not depend on weights. */
  readonly bytes: Uint8Array
  readonly structureBytes: number
  readonly rowPtr: Int32Array
  readonly col: Int32Array
  readonly held: Int32Array
  readonly id: Float64Array
  readonly activation: Uint8Array
  readonly bias: Float64Array
  readonly weight: Float64Array
}

/** Why a plan could not be made: the genotype, or the bytes, are not those of a network. */
export class PlanError extends Error {
  readonly code: 'malformed_genotype' | 'malformed_plan'
  constructor(code: PlanError['code'], message: string) {
    super(message)
    this.name = 'PlanError'
    this.code = code
  }
}

const MAGIC = 0x4e_4c_50_41 // 'APLN' as little-endian bytes
const VERSION = 1
const HEADER_BYTES = 64

const align = (bytes: number): number => (bytes + 7) & ~7

/** Views of an image with these counts at `offset` of `buffer`. */
function view(
  buffer: ArrayBufferLike,
  offset: number,
  inputs: number,
  outputs: number,
  neurons: number,
  links: number,
  held: number,
): Plan {
  const rowPtr = offset + HEADER_BYTES
  const col = align(rowPtr + 4 * (neurons + 1))
  const heldAt = align(col + 4 * links)
  const id = align(heldAt + 4 * held)
  const activation = id + 8 * neurons
  const bias = align(activation + neurons)
  const weight = bias + 8 * neurons
  return {
    inputs,
    outputs,
    neurons,
    links,
    bytes: new Uint8Array(buffer, offset, weight + 8 * links - offset),
    structureBytes: bias - offset,
    rowPtr: new Int32Array(buffer, rowPtr, neurons + 1),
    col: new Int32Array(buffer, col, links),
    held: new Int32Array(buffer, heldAt, held),
    id: new Float64Array(buffer, id, neurons),
    activation: new Uint8Array(buffer, activation, neurons),
    bias: new Float64Array(buffer, bias, neurons),
    weight: new Float64Array(buffer, weight, links),
  }
}

/** Size in bytes of an image with these counts. */
function imageBytes(neurons: number, links: number, held: number): number {
  return (
    HEADER_BYTES +
    align(4 * (neurons + 1)) +
    align(4 * links) +
    align(4 * held) +
    align(neurons) +
    8 * (2 * neurons + links)
  )
}

function refuse(reason: string): never {
  throw new PlanError('malformed_genotype', `this genotype cannot be compiled: ${reason}`)
}

// Scratch of compile, grown on demand and never shrunk: a generation compiles thousands of genotypes.
let hashIds = new Float64Array(256)
let hashPositions = new Int32Array(256)
let fromScratch = new Int32Array(512)
let toScratch = new Int32Array(512)
let orderScratch = new Int32Array(512)
let bySourceScratch = new Int32Array(512)
let countScratch = new Int32Array(512)
let heldScratch = new Int32Array(512)

function growScratch(positions: number, links: number): void {
  if (hashIds.length < 2 * positions) {
    const size = 2 << (31 - Math.clz32(2 * positions))
    hashIds = new Float64Array(size)
    hashPositions = new Int32Array(size)
  }
  if (fromScratch.length < links) {
    fromScratch = new Int32Array(2 * links)
    toScratch = new Int32Array(2 * links)
    orderScratch = new Int32Array(2 * links)
    bySourceScratch = new Int32Array(2 * links)
  }
  if (countScratch.length < positions + 1) {
    countScratch = new Int32Array(2 * positions + 2)
    heldScratch = new Int32Array(2 * positions + 2)
  }
}

/** Ids are fingerprints, so their low bits are as good a hash as any; small ids are spread by the rest. */
function slotOf(id: number): number {
  const low = id | 0
  return low ^ (low >>> 15)
}

/** Fills the table id -> position for hidden neurons (open addressing); returns the mask of the table. */
function indexHidden(genotype: Genotype, hidden: number): number {
  const size = Math.max(4, 2 << (31 - Math.clz32(hidden * 2 + 1)))
  const mask = size - 1
  hashIds.fill(-1, 0, size)
  for (let i = 0; i < hidden; i++) {
    const { id } = genotype.neurons[i]!
    let at = slotOf(id) & mask
    while (hashIds[at]! !== -1) {
      if (hashIds[at] === id) refuse(`neuron ${id} occurs twice`)
      at = (at + 1) & mask
    }
    hashIds[at] = id
    hashPositions[at] = genotype.inputs + i
  }
  return mask
}

/** Canonical position of the node `id`, or -1. */
function positionOf(
  id: number,
  inputs: number,
  outputs: number,
  hidden: number,
  mask: number,
): number {
  if (id < inputs) return id
  if (id < inputs + outputs) return id + hidden
  let at = slotOf(id) & mask
  while (hashIds[at]! !== id) {
    if (hashIds[at]! === -1) return -1
    at = (at + 1) & mask
  }
  return hashPositions[at]!
}

/** Throws unless the neurons are complete, in canonical order, with the outputs last. */
function checkNeurons({ inputs, outputs, neurons }: Genotype): void {
  if (!(inputs >= 1 && outputs >= 1 && neurons.length >= outputs)) {
    refuse(`${inputs} inputs, ${outputs} outputs and ${neurons.length} neurons make no network`)
  }
  if (inputs > GENOTYPE_SENSORS_MAX || neurons.length > GENOTYPE_NEURONS_MAX) {
    refuse(`${inputs} inputs and ${neurons.length} neurons are more than a network may have`)
  }
  const hidden = neurons.length - outputs
  let layer = -1
  let last = -1
  for (let i = 0; i < neurons.length; i++) {
    const neuron = neurons[i]!
    const { id } = neuron
    if (neuron.layer < layer || (neuron.layer === layer && id <= last)) {
      refuse(`neuron ${id} is not in ascending order of (layer, id)`)
    }
    layer = neuron.layer
    last = id
    const isOutput = id >= inputs && id < inputs + outputs
    if (i < hidden ? id < inputs + outputs : !isOutput || neuron.layer !== 1) {
      refuse(`neuron ${id} stands where ${i < hidden ? 'a hidden' : 'an output'} neuron belongs`)
    }
  }
}

/** Enabled links into fromScratch (positions) and toScratch (neuron indices); returns their number. */
function collectLinks(genotype: Genotype, hidden: number, mask: number): number {
  const { inputs, outputs, links } = genotype
  if (links.length > GENOTYPE_LINKS_MAX) refuse(`${links.length} links are too many`)
  let count = 0
  for (let k = 0; k < links.length; k++) {
    const link = links[k]!
    if (!link.enabled) continue
    const from = positionOf(link.from, inputs, outputs, hidden, mask)
    const to = positionOf(link.to, inputs, outputs, hidden, mask) - inputs
    if (from < 0 || to < 0) refuse(`link ${link.innovation} joins ${link.from} to ${link.to}`)
    fromScratch[count] = from
    toScratch[count] = to
    orderScratch[count++] = k
  }
  return count
}

/**
 * The plan of a genotype, about 10 ns per gene.
 *
 * Throws PlanError `malformed_genotype` where the genotype breaks its own rules: neurons out of order,
 * a missing output, a link to an input or to a neuron that does not exist.
 */
export function compile(genotype: Genotype): Plan {
  const { inputs, outputs, neurons } = genotype
  checkNeurons(genotype)
  const hidden = neurons.length - outputs
  growScratch(inputs + neurons.length, genotype.links.length)
  const mask = indexHidden(genotype, hidden)
  const count = collectLinks(genotype, hidden, mask)
  const held = findHeld(genotype, count)
  const image = new ArrayBuffer(imageBytes(neurons.length, count, held))
  const plan = view(image, 0, inputs, outputs, neurons.length, count, held)
  writeHeader(plan)
  for (let i = 0; i < neurons.length; i++) {
    const neuron = neurons[i]!
    plan.id[i] = neuron.id
    plan.bias[i] = neuron.bias
    plan.activation[i] = activationCode(neuron.activation)
  }
  for (let p = 0; p < inputs + neurons.length; p++) {
    const slot = heldScratch[p]!
    if (slot >= 0) plan.held[slot] = p
  }
  fillRows(plan, genotype.links, genotype)
  return plan
}

/** Marks in heldScratch, by position, which values must be held: -1 or their index. Returns how many. */
function findHeld({ inputs, neurons }: Genotype, count: number): number {
  const positions = inputs + neurons.length
  heldScratch.fill(-1, 0, positions)
  let found = false
  for (let k = 0; k < count; k++) {
    const from = fromScratch[k]! - inputs
    const to = toScratch[k]!
    if (from >= 0 && from < to && neurons[from]!.layer === neurons[to]!.layer) {
      heldScratch[from + inputs] = 0
      found = true
    }
  }
  if (!found) return 0
  let held = 0
  for (let p = 0; p < positions; p++) if (heldScratch[p] === 0) heldScratch[p] = held++
  return held
}

/** Two stable counting sorts, by source and then by target: linear, and no comparison to mispredict. */
function fillRows(plan: Plan, links: readonly LinkGene[], { inputs, neurons }: Genotype): void {
  const { rowPtr, col, weight } = plan
  const count = plan.links
  const positions = inputs + plan.neurons
  countScratch.fill(0, 0, positions + 1)
  for (let k = 0; k < count; k++) {
    countScratch[fromScratch[k]! + 1]!++
    rowPtr[toScratch[k]! + 1]!++
  }
  for (let p = 1; p <= positions; p++) countScratch[p]! += countScratch[p - 1]!
  for (let i = 1; i <= plan.neurons; i++) rowPtr[i]! += rowPtr[i - 1]!
  for (let k = 0; k < count; k++) bySourceScratch[countScratch[fromScratch[k]!]!++] = k
  countScratch.set(rowPtr, 0)
  for (let s = 0; s < count; s++) {
    const k = bySourceScratch[s]!
    const from = fromScratch[k]!
    const to = toScratch[k]!
    const at = countScratch[to]!++
    const sameLayer =
      from >= inputs && from < to + inputs && neurons[from - inputs]!.layer === neurons[to]!.layer
    col[at] = sameLayer ? positions + heldScratch[from]! : from
    weight[at] = links[orderScratch[k]!]!.weight
  }
}

function writeHeader(plan: Plan): void {
  const header = new Int32Array(plan.bytes.buffer, plan.bytes.byteOffset, HEADER_BYTES / 4)
  header[0] = MAGIC
  header[1] = VERSION
  header[2] = plan.bytes.length
  header[3] = plan.inputs
  header[4] = plan.outputs
  header[5] = plan.neurons
  header[6] = plan.links
  header[7] = plan.held.length
  header[8] = plan.structureBytes
}
