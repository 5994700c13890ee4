// The bytes of a genotype: what is hashed, signed, sent and stored. One genotype has one encoding.
//
//   const bytes = encodeGenotype(genotype)
//   const decoded = decodeGenotype(bytes)       // hostile bytes give a reason, never an exception
//
// Big-endian: magic `ARBG`, schema version (u16), then four counts (u32: inputs, outputs,
// neurons, links) and the records of neurons and links:
//
//   neuron  id f64, layer f64, bias f64, activation code u8
//   link    from f64, to f64, weight f64, enabled u8
//
// Innovation numbers are functions of a link's ends and do not travel. Activation codes keep their
// meaning for ever (network/activation.ts).
import { GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX } from '../limits.ts'
import { checkGenotype, type Genotype, type GenotypeFault } from './genotype.ts'
import { linkInnovation } from './innovation.ts'
import { activationCode, activationNames } from './network/activation.ts'

/** Version of the encoding this code writes, and the newest it reads. */
export const GENOTYPE_SCHEMA_VERSION = 1

const MAGIC = 0x41524247
const HEADER_BYTES = 22
const RECORD_BYTES = 25

/** Why bytes are no genotype; stable names, for counting refusals. */
export type EncodingFault = GenotypeFault | 'not-a-genotype' | 'unknown-version' | 'truncated'

export type DecodedGenotype =
  | { readonly ok: true; readonly genotype: Genotype }
  | { readonly ok: false; readonly reason: EncodingFault; readonly detail: string }

/** The canonical bytes of a genotype. */
export function encodeGenotype(genotype: Genotype): Uint8Array {
  const { inputs, outputs, neurons, links } = genotype
  const bytes = new Uint8Array(HEADER_BYTES + RECORD_BYTES * (neurons.length + links.length))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint16(4, GENOTYPE_SCHEMA_VERSION)
  view.setUint32(6, inputs)
  view.setUint32(10, outputs)
  view.setUint32(14, neurons.length)
  view.setUint32(18, links.length)
  let at = HEADER_BYTES
  const record = (first: number, second: number, third: number, flag: number): void => {
    view.setFloat64(at, first)
    view.setFloat64(at + 8, second)
    view.setFloat64(at + 16, third)
    view.setUint8(at + 24, flag)
    at += RECORD_BYTES
  }
  for (const { id, layer, bias, activation } of neurons) {
    record(id, layer, bias, activationCode(activation))
  }
  for (const { from, to, weight, enabled } of links) record(from, to, weight, enabled ? 1 : 0)
  return bytes
}

/** The genotype of some bytes, fully checked; sizes are held against the length before anything is read. */
export function decodeGenotype(bytes: Uint8Array): DecodedGenotype {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 6 || view.getUint32(0) !== MAGIC) {
    return refuse('not-a-genotype', 'the magic is missing')
  }
  const version = view.getUint16(4)
  if (version !== GENOTYPE_SCHEMA_VERSION) {
    return refuse('unknown-version', `schema version ${version} is not ${GENOTYPE_SCHEMA_VERSION}`)
  }
  if (bytes.length < HEADER_BYTES) return refuse('truncated', 'the header is cut')
  const neuronCount = view.getUint32(14)
  const linkCount = view.getUint32(18)
  if (neuronCount > GENOTYPE_NEURONS_MAX || linkCount > GENOTYPE_LINKS_MAX) {
    return refuse('size', `${neuronCount} neurons and ${linkCount} links are too many`)
  }
  const length = HEADER_BYTES + RECORD_BYTES * (neuronCount + linkCount)
  if (bytes.length !== length) {
    return refuse('truncated', `${length} bytes are announced, ${bytes.length} are there`)
  }
  const linksAt = HEADER_BYTES + RECORD_BYTES * neuronCount
  return checkGenotype({
    inputs: view.getUint32(6),
    outputs: view.getUint32(10),
    neurons: Array.from({ length: neuronCount }, (_, index) => neuronAt(view, index)),
    links: Array.from({ length: linkCount }, (_, index) =>
      linkAt(view, linksAt + RECORD_BYTES * index),
    ),
  })
}

function neuronAt(view: DataView, index: number): unknown {
  const at = HEADER_BYTES + RECORD_BYTES * index
  return {
    id: view.getFloat64(at),
    layer: view.getFloat64(at + 8),
    bias: view.getFloat64(at + 16),
    activation: activationNames[view.getUint8(at + 24)],
  }
}

function linkAt(view: DataView, at: number): unknown {
  const from = view.getFloat64(at)
  const to = view.getFloat64(at + 8)
  const flag = view.getUint8(at + 24)
  return {
    innovation: linkInnovation(from, to),
    from,
    to,
    weight: view.getFloat64(at + 16),
    // Anything but 0 and 1 stays what it is, so that one genotype has one encoding.
    enabled: flag === 0 ? false : flag === 1 ? true : flag,
  }
}

function refuse(reason: EncodingFault, detail: string): DecodedGenotype {
  return { ok: false, reason, detail }
}
