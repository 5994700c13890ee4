// The bytes of a genotype: what is hashed, signed, sent and stored. One genotype has one encoding.
//
//   const bytes = encodeGenotype(genotype)
//   const decoded = decodeGenotype(bytes)       // hostile bytes give a reason, never an exception
//   genotypeId(genotype)                        // SHA-256 of the bytes: its identity
//
// Version 2, big-endian: magic `ARBG`, schema version (u16), what stands beside the network (u8: 1
// sensors, 2 actuators, 4 agent, 8 substrate, 16 more of it), four counts (u32: inputs, outputs,
// neurons, links), the records of neurons and links, then what the third field announced
// (genotype-extras-codec.ts):
//
//   neuron  id f64, layer f64, bias f64, activation u8, traits u16, the traits present:
//           1 aggregation u8, 2 response f64, 4 neuron type u8, 8 time constant f64,
//           16 state bound f64, 32 backbone, 64 head (u8 count, f64 each),
//           128 plasticity (u8 rule, f64 each parameter), 256 generation f64
//   link    from f64, to f64, weight f64, flags u8 (1 enabled, 2 modulatory, 4 parameters), the
//           parameters (u8 count, f64 each)
//
// A trait with its default is absent. Innovation numbers are functions of a link's ends and do not
// travel. Codes keep their meaning for ever. Version 1 (genotype-codec-v1.ts) is read and migrated.
import { createHash } from 'node:crypto'
import { GENOTYPE_BYTES_MAX, GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX } from '../limits.ts'
import { ByteReader, Truncated } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Genotype, LinkGene, NeuronGene } from './genotype.ts'
import { checkGenotype, type GenotypeFault } from './genotype-check.ts'
import { decodeVersion1 } from './genotype-codec-v1.ts'
import { extraBits, readExtras, writeExtras } from './genotype-extras-codec.ts'
import { linkInnovation, modulatoryInnovation } from './innovation.ts'
import { activationCode, activationNames } from './network/activation.ts'
import { aggregationCode, aggregationNames } from './network/aggregation.ts'
import { neuronTypeCode, neuronTypes } from './network/neuron-type.ts'
import { plasticityCode, plasticityRules } from './network/plasticity-rule.ts'

/** Version of the encoding this code writes, and the newest it reads. */
export const GENOTYPE_SCHEMA_VERSION = 2

const MAGIC = 0x41524247
const NEURON_BYTES_MIN = 27
const LINK_BYTES_MIN = 25

/** Why bytes are no genotype; stable names, for counting refusals. */
export type EncodingFault =
  | GenotypeFault
  | 'not-a-genotype'
  | 'unknown-version'
  | 'truncated'
  | 'too-large'
  | 'not-canonical'

export type DecodedGenotype =
  | { readonly ok: true; readonly genotype: Genotype }
  | { readonly ok: false; readonly reason: EncodingFault; readonly detail: string }

/** The content id of a genotype: SHA-256 (FIPS 180-4) of its canonical bytes, 64 hex digits. */
export function genotypeId(genotype: Genotype): string {
  return createHash('sha256').update(encodeGenotype(genotype)).digest('hex')
}

/**
 * The canonical bytes of a genotype that has passed `checkGenotype` or came from the engine. Throws
 * a RangeError beyond GENOTYPE_BYTES_MAX: some 650,000 plain links.
 */
export function encodeGenotype(genotype: Genotype): Uint8Array {
  const { inputs, outputs, neurons, links } = genotype
  const writer = new ByteWriter(64 + 32 * (neurons.length + links.length))
  writer.uint32(MAGIC)
  writer.uint16(GENOTYPE_SCHEMA_VERSION)
  writer.uint8(extraBits(genotype))
  for (const count of [inputs, outputs, neurons.length, links.length]) writer.uint32(count)
  for (const neuron of neurons) writeNeuron(writer, neuron)
  for (const link of links) writeLink(writer, link)
  writeExtras(writer, genotype)
  if (writer.length > GENOTYPE_BYTES_MAX) {
    throw new RangeError(`${writer.length} bytes of a genotype, at most ${GENOTYPE_BYTES_MAX}`)
  }
  return writer.finish()
}

function writeNeuron(writer: ByteWriter, neuron: NeuronGene): void {
  const { aggregation, response, neuronType, timeConstant, stateBound } = neuron
  const { backbone, head, plasticity, generation } = neuron
  writer.float64(neuron.id)
  writer.float64(neuron.layer)
  writer.float64(neuron.bias)
  writer.uint8(activationCode(neuron.activation))
  const present = [
    aggregation,
    response,
    neuronType,
    timeConstant,
    stateBound,
    backbone,
    head,
    plasticity,
    generation,
  ]
  writer.uint16(present.reduce<number>((bits, t, i) => bits | (t === undefined ? 0 : 1 << i), 0))
  if (aggregation !== undefined) writer.uint8(aggregationCode(aggregation))
  if (response !== undefined) writer.float64(response)
  if (neuronType !== undefined) writer.uint8(neuronTypeCode(neuronType))
  if (timeConstant !== undefined) writer.float64(timeConstant)
  if (stateBound !== undefined) writer.float64(stateBound)
  if (backbone !== undefined) writer.float64List(backbone)
  if (head !== undefined) writer.float64List(head)
  if (plasticity !== undefined) {
    writer.uint8(plasticityCode(plasticity.rule))
    for (const parameter of plasticity.parameters) writer.float64(parameter)
  }
  if (generation !== undefined) writer.float64(generation)
}

const ENABLED = 1
const MODULATORY = 2
const PARAMETERS = 4

function writeLink(writer: ByteWriter, link: LinkGene): void {
  const { enabled, modulatory, parameters } = link
  writer.float64(link.from)
  writer.float64(link.to)
  writer.float64(link.weight)
  const flags =
    (enabled ? ENABLED : 0) |
    (modulatory === true ? MODULATORY : 0) |
    (parameters === undefined ? 0 : PARAMETERS)
  writer.uint8(flags)
  if (parameters !== undefined) writer.float64List(parameters)
}

/** The genotype of some bytes, fully checked; counts are held against the length first. */
export function decodeGenotype(bytes: Uint8Array): DecodedGenotype {
  if (bytes.length > GENOTYPE_BYTES_MAX) {
    return refuse('too-large', `${bytes.length} bytes, at most ${GENOTYPE_BYTES_MAX}`)
  }
  try {
    return decodeAny(bytes)
  } catch (fault) {
    if (!(fault instanceof Truncated)) throw fault
    return refuse('truncated', fault.message)
  }
}

function decodeAny(bytes: Uint8Array): DecodedGenotype {
  const reader = new ByteReader(bytes)
  if (bytes.length < 6 || reader.uint32() !== MAGIC) {
    return refuse('not-a-genotype', 'the magic is missing')
  }
  const version = reader.uint16()
  if (version === 1) return decodeVersion1(reader)
  if (version !== GENOTYPE_SCHEMA_VERSION) {
    const newest = GENOTYPE_SCHEMA_VERSION
    return refuse('unknown-version', `schema version ${version}, this code reads 1 to ${newest}`)
  }
  return decodeVersion2(reader, bytes)
}

function decodeVersion2(reader: ByteReader, bytes: Uint8Array): DecodedGenotype {
  const extras = reader.uint8()
  const inputs = reader.uint32()
  const outputs = reader.uint32()
  const neuronCount = reader.uint32()
  const linkCount = reader.uint32()
  if (neuronCount > GENOTYPE_NEURONS_MAX || linkCount > GENOTYPE_LINKS_MAX) {
    return refuse('size', `${neuronCount} neurons and ${linkCount} links are too many`)
  }
  if (reader.left < NEURON_BYTES_MIN * neuronCount + LINK_BYTES_MIN * linkCount) {
    return refuse('truncated', `${neuronCount} neurons and ${linkCount} links are announced`)
  }
  const neurons = Array.from({ length: neuronCount }, () => readNeuron(reader))
  const links = Array.from({ length: linkCount }, () => readLink(reader))
  const beside = readExtras(reader, extras)
  if (reader.left > 0) return refuse('not-canonical', `${reader.left} bytes are left over`)
  const check = checkGenotype({ inputs, outputs, neurons, links, ...beside })
  if (!check.ok) return check
  // Defaults written out, unused bits and the like decode, but to a genotype with other bytes.
  return isEqual(encodeGenotype(check.genotype), bytes)
    ? check
    : refuse('not-canonical', 'a genotype has one encoding, and this is not it')
}

function readNeuron(reader: ByteReader): unknown {
  const [id, layer, bias] = [reader.float64(), reader.float64(), reader.float64()]
  const activation = activationNames[reader.uint8()]
  const present = reader.uint16()
  if (present === 0) return { id, layer, bias, activation }
  const has = (bit: number): boolean => (present & (1 << bit)) !== 0
  return {
    id,
    layer,
    bias,
    activation,
    ...(has(0) ? { aggregation: aggregationNames[reader.uint8()] ?? '' } : {}),
    ...(has(1) ? { response: reader.float64() } : {}),
    ...(has(2) ? { neuronType: neuronTypes[reader.uint8()] ?? '' } : {}),
    ...(has(3) ? { timeConstant: reader.float64() } : {}),
    ...(has(4) ? { stateBound: reader.float64() } : {}),
    ...(has(5) ? { backbone: reader.float64List() } : {}),
    ...(has(6) ? { head: reader.float64List() } : {}),
    ...(has(7) ? { plasticity: readPlasticity(reader) } : {}),
    ...(has(8) ? { generation: reader.float64() } : {}),
  }
}

function readPlasticity(reader: ByteReader): unknown {
  const rule = plasticityRules[reader.uint8()]
  const parameters = (rule?.neuron ?? []).map(() => reader.float64())
  return { rule: rule?.name, parameters }
}

function readLink(reader: ByteReader): unknown {
  const [from, to, weight] = [reader.float64(), reader.float64(), reader.float64()]
  const flags = reader.uint8()
  const modulatory = (flags & MODULATORY) !== 0
  return {
    innovation: modulatory ? modulatoryInnovation(from, to) : linkInnovation(from, to),
    from,
    to,
    weight,
    enabled: (flags & ENABLED) !== 0,
    ...(modulatory ? { modulatory } : {}),
    ...((flags & PARAMETERS) === 0 ? {} : { parameters: reader.float64List() }),
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

function refuse(reason: EncodingFault, detail: string): DecodedGenotype {
  return { ok: false, reason, detail }
}
