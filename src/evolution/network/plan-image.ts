// The image of a plan: the bytes that a compiled genotype is (plan.ts makes them,
// network/interpreter.ts runs them). They cross threads as they are, and may come from anywhere:
// `planFromBytes` trusts nothing.
//
//   const plan = planFromBytes(bytes)   // throws PlanError `malformed_plan`
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
// Version 2 is the same with the traits of plan-traits.ts: their structure follows the activations,
// their numbers the weights. Version 3 holds two images, of a network and of the CPPN that changes
// its weights while it runs (`withPainter`).
//
// Positions are canonical: inputs by id, then neurons ascending by (layer, id). Slot p < inputs +
// neurons holds the value of position p; neurons run in that order and write in place, so a link
// from a position not before its target reads last tick's value, which is what a recurrent link
// means. The one case that this does not cover, a recurrent link between neurons of one layer from
// the smaller to the larger id, reads slot inputs + neurons + k, where the interpreter keeps the
// previous value of position held[k]. A delay reads its links when all neurons have run, and none
// of them is held. Links of a neuron are sorted by source position, its modulatory ones behind the
// others: the order of summation is part of the meaning.
import {
  GENOTYPE_LINKS_MAX,
  GENOTYPE_NEURONS_MAX,
  GENOTYPE_SENSORS_MAX,
  GENOTYPE_WEIGHT_MAX,
  SUBSTRATE_DIMENSIONS_MAX,
} from '../../limits.ts'
import { activationNames } from './activation.ts'
import { DELAY } from './neuron-type.ts'
import {
  faultOfTraits,
  type PlanTraits,
  type TraitCounts,
  traitNumberBytes,
  traitStructureBytes,
  viewTraits,
} from './plan-traits.ts'

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
  /** What a genotype has beyond plain neurons; null for most. */
  readonly traits: PlanTraits | null
  /** What changes the weights of a painted network while it runs; null for nearly all. */
  readonly painter: PlanPainter | null
}

/** A CPPN, and what it is shown (network/painter.ts). */
export interface PlanPainter {
  readonly cppn: Plan
  /** Numbers of a place. */
  readonly dimensions: number
  readonly hasLength: boolean
  readonly threshold: number
  readonly weightRange: number
  /** Of inputs by id, then of neurons in their order. */
  readonly places: Float64Array
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
const PLAIN_VERSION = 1
const TRAITS_VERSION = 2
const PAINTER_VERSION = 3
const HEADER_BYTES = 64
/** Numbers of a place of a substrate: its depth is one more dimension. */
const PLACE_MAX = SUBSTRATE_DIMENSIONS_MAX + 1

const align = (bytes: number): number => (bytes + 7) & ~7

/** Views of an image with these counts at `offset` of `buffer`. */
export function viewPlan(
  buffer: ArrayBufferLike,
  offset: number,
  inputs: number,
  outputs: number,
  neurons: number,
  links: number,
  held: number,
  counts: TraitCounts | null,
): Plan {
  const rowPtr = offset + HEADER_BYTES
  const col = align(rowPtr + 4 * (neurons + 1))
  const heldAt = align(col + 4 * links)
  const id = align(heldAt + 4 * held)
  const activation = id + 8 * neurons
  const structure = align(activation + neurons)
  const bias = structure + (counts === null ? 0 : traitStructureBytes(neurons, outputs))
  const weight = bias + 8 * neurons
  const numbers = weight + 8 * links
  const end = numbers + (counts === null ? 0 : traitNumberBytes(neurons, counts))
  return {
    inputs,
    outputs,
    neurons,
    links,
    bytes: new Uint8Array(buffer, offset, end - offset),
    structureBytes: bias - offset,
    rowPtr: new Int32Array(buffer, rowPtr, neurons + 1),
    col: new Int32Array(buffer, col, links),
    held: new Int32Array(buffer, heldAt, held),
    id: new Float64Array(buffer, id, neurons),
    activation: new Uint8Array(buffer, activation, neurons),
    bias: new Float64Array(buffer, bias, neurons),
    weight: new Float64Array(buffer, weight, links),
    traits:
      counts === null ? null : viewTraits(buffer, structure, numbers, neurons, outputs, counts),
    painter: null,
  }
}

/** Size in bytes of an image with these counts. */
export function planBytes(
  outputs: number,
  neurons: number,
  links: number,
  held: number,
  counts: TraitCounts | null,
): number {
  return (
    (counts === null ? 0 : traitStructureBytes(neurons, outputs)) +
    (counts === null ? 0 : traitNumberBytes(neurons, counts)) +
    HEADER_BYTES +
    align(4 * (neurons + 1)) +
    align(4 * links) +
    align(4 * held) +
    align(neurons) +
    8 * (2 * neurons + links)
  )
}

/** Stamps the header of an image whose views are filled or about to be. */
export function writeHeader(plan: Plan): void {
  const header = new Int32Array(plan.bytes.buffer, plan.bytes.byteOffset, HEADER_BYTES / 4)
  header[0] = MAGIC
  header[1] = plan.traits === null ? PLAIN_VERSION : TRAITS_VERSION
  header[2] = plan.bytes.length
  header[3] = plan.inputs
  header[4] = plan.outputs
  header[5] = plan.neurons
  header[6] = plan.links
  header[7] = plan.held.length
  header[8] = plan.structureBytes
  if (plan.traits === null) return
  header[9] = plan.traits.coefficients.length
  header[10] = plan.traits.parameters.length
  header[11] = plan.traits.linkParameters.length
}

/** The counts of traits that a header of version 2 tells; null for one of version 1. */
function countsOf(header: Int32Array): TraitCounts | null {
  if (header[1] === PLAIN_VERSION) return null
  const [coefficients = 0, parameters = 0, linkParameters = 0] = header.subarray(9, 12)
  if (!(coefficients >= 0 && parameters >= 0 && linkParameters >= 0)) {
    refuseImage(`${coefficients} coefficients, ${parameters} and ${linkParameters} parameters`)
  }
  return { coefficients, parameters, linkParameters }
}

/**
 * The plan in an image, e.g. one that crossed threads or a network. Copies nothing if the bytes
 * start at a multiple of 8 of their buffer.
 *
 * Everything the interpreter relies on is checked, in one pass over the image: throws PlanError
 * `malformed_plan` for any bytes that `compile` could not have made, so that hostile ones read and
 * write nothing outside the plan. What the numbers compute is not judged, but none is NaN or
 * infinite.
 */
export function planFromBytes(bytes: Uint8Array): Plan {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
  return isPainted(aligned) ? paintedPlan(aligned) : networkPlan(aligned)
}

function networkPlan(bytes: Uint8Array): Plan {
  const plan = viewImage(bytes)
  const { traits } = plan
  checkRows(plan)
  checkValues(plan)
  const fault = traits === null ? undefined : faultOfTraits(traits, plan.rowPtr)
  if (fault !== undefined) refuseImage(fault)
  return plan
}

/**
 * A network and what paints it as one image: a header, both images, then as Float64 the threshold,
 * the range and the places.
 */
export function withPainter(network: Plan, painter: PlanPainter): Plan {
  const { cppn, dimensions, hasLength, threshold, weightRange, places } = painter
  const numbersAt = HEADER_BYTES + network.bytes.length + cppn.bytes.length
  const bytes = new Uint8Array(numbersAt + 8 * (2 + places.length))
  const sizes = [network.bytes.length, cppn.bytes.length, dimensions, hasLength ? 1 : 0]
  new Int32Array(bytes.buffer).set([MAGIC, PAINTER_VERSION, bytes.length, ...sizes])
  bytes.set(network.bytes, HEADER_BYTES)
  bytes.set(cppn.bytes, HEADER_BYTES + network.bytes.length)
  new Float64Array(bytes.buffer, numbersAt).set([threshold, weightRange, ...places])
  return { ...network, bytes, structureBytes: bytes.length, painter }
}

function isPainted(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false
  const [magic, version] = new Int32Array(bytes.buffer, bytes.byteOffset, 2)
  return magic === MAGIC && version === PAINTER_VERSION
}

function paintedPlan(bytes: Uint8Array): Plan {
  const header = new Int32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4)
  const [, , size, networkBytes = 0, cppnBytes = 0, dimensions = 0, lengths = 0] = header
  const numbersAt = HEADER_BYTES + networkBytes + cppnBytes
  const hasParts = networkBytes >= HEADER_BYTES && cppnBytes >= HEADER_BYTES
  const areWhole = networkBytes % 8 === 0 && cppnBytes % 8 === 0 && bytes.length % 8 === 0
  if (size !== bytes.length || !hasParts || !areWhole || numbersAt + 16 > size) {
    refuseImage(`${bytes.length} bytes, of which ${networkBytes} and ${cppnBytes} are networks`)
  }
  const network = networkPlan(bytes.subarray(HEADER_BYTES, HEADER_BYTES + networkBytes))
  const cppn = networkPlan(bytes.subarray(HEADER_BYTES + networkBytes, numbersAt))
  const numbers = new Float64Array(
    bytes.buffer,
    bytes.byteOffset + numbersAt,
    (size - numbersAt) / 8,
  )
  const [threshold = 0, weightRange = 0] = numbers
  const places = numbers.subarray(2)
  const count = (network.inputs + network.neurons) * dimensions
  if (network.traits !== null) refuseImage('what is painted while it runs has no traits')
  if (dimensions < 1 || dimensions > PLACE_MAX || (lengths !== 0 && lengths !== 1)) {
    refuseImage(`places of ${dimensions} numbers`)
  }
  if (cppn.inputs !== 2 * dimensions + lengths + 3) refuseImage(`${cppn.inputs} inputs of a CPPN`)
  if (places.length !== count) refuseImage(`${places.length} numbers of places`)
  // Comparisons that NaN fails, too.
  const areNumbers = numbers.every((number) => Math.abs(number) <= GENOTYPE_WEIGHT_MAX)
  if (!(threshold >= 0 && threshold <= 1 && weightRange >= 0 && areNumbers)) {
    refuseImage('the painter has no such numbers')
  }
  const painter = { cppn, dimensions, hasLength: lengths === 1, threshold, weightRange, places }
  return { ...network, bytes, structureBytes: bytes.length, painter }
}

function refuseImage(reason: string): never {
  throw new PlanError('malformed_plan', `these bytes are not a plan: ${reason}`)
}

/** The views, once the header and the size are found to agree. */
function viewImage(bytes: Uint8Array): Plan {
  if (bytes.length < HEADER_BYTES) refuseImage(`${bytes.length} bytes are too few for a header`)
  const header = new Int32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4)
  const [magic, version, size, inputs = 0, outputs = 0, neurons = 0, links = 0, held = 0] = header
  if (magic !== MAGIC) refuseImage('they do not begin with the mark of a plan')
  if (version !== PLAIN_VERSION && version !== TRAITS_VERSION) refuseImage(`version ${version}`)
  if (inputs < 1 || inputs > GENOTYPE_SENSORS_MAX || outputs < 1 || neurons < outputs) {
    refuseImage(`${inputs} inputs, ${outputs} outputs, ${neurons} neurons`)
  }
  if (neurons > GENOTYPE_NEURONS_MAX || links < 0 || links > GENOTYPE_LINKS_MAX) {
    refuseImage(`${neurons} neurons, ${links} links`)
  }
  if (held < 0 || held > neurons) refuseImage(`${held} held values of ${neurons} neurons`)
  const counts = countsOf(header)
  const expected = planBytes(outputs, neurons, links, held, counts)
  if (size !== expected || bytes.length !== expected) {
    refuseImage(`${bytes.length} bytes, the header says ${size}, the counts say ${expected}`)
  }
  const { buffer, byteOffset } = bytes
  const plan = viewPlan(buffer, byteOffset, inputs, outputs, neurons, links, held, counts)
  if (header[8] !== plan.structureBytes) refuseImage('the parts do not meet')
  return plan
}

/**
 * Rows tile the links; columns are slots, ascending by source, and held exactly where they must be.
 */
function checkRows({ inputs, neurons, links, rowPtr, col, held, traits }: Plan): void {
  const positions = inputs + neurons
  for (let h = 0; h < held.length; h++) {
    const before = h === 0 ? inputs - 1 : held[h - 1]!
    if (!(held[h]! > before && held[h]! < positions)) refuseImage(`held value ${h} is no neuron's`)
  }
  if (rowPtr[0] !== 0 || rowPtr[neurons] !== links) refuseImage('rows and links do not tally')
  for (let i = 0; i < neurons; i++) {
    if (rowPtr[i + 1]! < rowPtr[i]! || rowPtr[i + 1]! > links)
      refuseImage(`row ${i} runs backwards`)
    let before = -1
    const isDelay = traits?.kind[i] === DELAY
    for (let k = rowPtr[i]!; k < rowPtr[i + 1]!; k++) {
      if (k === traits?.modulatory[i]) before = -1
      const slot = col[k]!
      const source = slot < positions ? slot : (held[slot - positions] ?? -1)
      if (source < 0 || source <= before) refuseImage(`link ${k} is out of range or order`)
      const needsHolding = source < inputs + i && !isDelay
      if (slot >= positions && !needsHolding) refuseImage(`link ${k} need not be held`)
      before = source
    }
  }
}

function checkValues({ inputs, outputs, neurons, id, activation, bias, weight }: Plan): void {
  for (let i = 0; i < neurons; i++) {
    if (activation[i]! >= activationNames.length) refuseImage(`neuron ${i} has no known activation`)
    if (!Number.isFinite(bias[i]!)) refuseImage(`the bias of neuron ${i} is not finite`)
    const output = i - (neurons - outputs)
    const fits =
      output >= 0
        ? id[i] === inputs + output
        : Number.isSafeInteger(id[i]!) && id[i]! >= inputs + outputs
    if (!fits) refuseImage(`neuron ${i} cannot have the id ${id[i]}`)
  }
  for (let k = 0; k < weight.length; k++) {
    if (!Number.isFinite(weight[k]!)) refuseImage(`the weight of link ${k} is not finite`)
  }
}
