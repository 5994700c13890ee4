// A genotype as it travels: its bytes, what its breeder claims of it, and the breeder's signature
// over all of it, so that it can be checked by anyone, anywhere, long after the connection it came
// by.
//
//   const payload = signRecord(keys, { task, genotype, fitness, … })
//   const opened = openRecord(payload, { task, publisher, nowMs })
//   if (!opened.ok) count(opened.reason)
//
// The signature (Ed25519, domain `arbor-genotype-v1`) says who claims, not that the claim is true:
// the receiver runs the genotype before it believes the fitness.
import type { Genotype } from '../../evolution/genotype.ts'
import { decodeGenotype, encodeGenotype } from '../../evolution/genotype-codec.ts'
import { sha256 } from '../../identity/digest.ts'
import {
  KEY_BYTES,
  type KeyPair,
  type NodeId,
  nodeIdOf,
  publicKeyOf,
} from '../../identity/key-pair.ts'
import { signatureDomain, signValue, verifyValue } from '../../identity/signature.ts'
import { type Encodable, Float, isMap, type Value, type ValueMap } from '../../identity/value.ts'
import { GENOTYPE_RECORD_BYTES_MAX, RECORD_AGE_MS_MAX, RECORD_AHEAD_MS_MAX } from '../../limits.ts'

/** Version of the record this code writes, and the newest it reads. */
export const RECORD_VERSION = 1

const SCHEMA = 'arbor-genotype'
const DOMAIN = signatureDomain('arbor-genotype-v1')

/** What a breeder says of a genotype. */
export interface GenotypeRecord {
  /** The problem it was bred for, as `taskId` names it. */
  readonly task: string
  readonly genotype: Genotype
  readonly fitness: number
  /** Generation of the breeder's population, and evaluations it had spent. */
  readonly generation: number
  readonly evaluations: number
  /** Milliseconds since 1970. */
  readonly createdMs: number
  /** Who bred it first: the signer, or, for a genotype that is passed on, whoever that was. */
  readonly breeder: NodeId
}

/** A record whose signature holds. */
export interface SignedRecord extends GenotypeRecord {
  /** Content id: SHA-256 of the genotype's bytes, hex. */
  readonly id: string
  readonly signer: NodeId
}

/** Why a record is refused; stable names, for counting. */
export type RecordFault =
  | 'malformed'
  | 'too_large'
  | 'unknown_version'
  | 'wrong_publisher'
  | 'bad_signature'
  | 'wrong_task'
  | 'stale'
  | 'from_the_future'
  | 'bad_genotype'
  | 'wrong_shape'

export type OpenedRecord =
  | { readonly ok: true; readonly record: SignedRecord }
  | { readonly ok: false; readonly reason: RecordFault }

/** What the receiver knows when a record arrives. */
export interface RecordContext {
  readonly task: string
  /** What the task's genotypes have. */
  readonly shape: Pick<Genotype, 'inputs' | 'outputs'>
  /** Who published the event that carried the record, as the mesh has proved. */
  readonly publisher: NodeId
  readonly nowMs: number
}

/** The payload to publish. */
export function signRecord(keys: KeyPair, record: GenotypeRecord): Encodable {
  const unsigned = {
    schema: SCHEMA,
    version: RECORD_VERSION,
    task: record.task,
    genotype: encodeGenotype(record.genotype),
    fitness: new Float(record.fitness),
    generation: record.generation,
    evaluations: record.evaluations,
    created_ms: record.createdMs,
    breeder: publicKeyOf(record.breeder),
    signer: keys.publicKey,
  }
  return { ...unsigned, signature: signValue(keys, DOMAIN, unsigned) }
}

/**
 * Opens a payload from the network: shape, sizes and version first, then the signature, then what
 * it says; the genotype is decoded last. Never throws.
 */
export function openRecord(payload: Value, context: RecordContext): OpenedRecord {
  const fields = recordFields(payload)
  if (typeof fields === 'string') return { ok: false, reason: fields }
  const fault = faultOf(fields, context)
  if (fault !== undefined) return { ok: false, reason: fault }
  const decoded = decodeGenotype(fields.bytes)
  if (!decoded.ok) return { ok: false, reason: 'bad_genotype' }
  const { inputs, outputs } = decoded.genotype
  if (inputs !== context.shape.inputs || outputs !== context.shape.outputs) {
    return { ok: false, reason: 'wrong_shape' }
  }
  const { task, fitness, generation, evaluations, createdMs, breeder } = fields
  return {
    ok: true,
    record: {
      id: Buffer.from(sha256(fields.bytes)).toString('hex'),
      signer: context.publisher,
      genotype: decoded.genotype,
      task,
      fitness,
      generation,
      evaluations,
      createdMs,
      breeder: nodeIdOf(breeder),
    },
  }
}

interface RecordFields {
  readonly task: string
  readonly bytes: Uint8Array
  readonly fitness: number
  readonly generation: number
  readonly evaluations: number
  readonly createdMs: number
  readonly breeder: Uint8Array
  readonly signer: Uint8Array
  readonly signature: Uint8Array
  /** Everything but the signature, as it was signed. */
  readonly signed: ValueMap
}

const FIELDS = 11

function recordFields(payload: Value): RecordFields | RecordFault {
  if (!isMap(payload) || payload.get('schema') !== SCHEMA) return 'malformed'
  if (payload.get('version') !== RECORD_VERSION) return 'unknown_version'
  const bytes = payload.get('genotype')
  const fitness = payload.get('fitness')
  const breeder = payload.get('breeder')
  const signer = payload.get('signer')
  const signature = payload.get('signature')
  const task = payload.get('task')
  const generation = countOf(payload.get('generation'))
  const evaluations = countOf(payload.get('evaluations'))
  const createdMs = countOf(payload.get('created_ms'))
  if (
    payload.size !== FIELDS ||
    !(bytes instanceof Uint8Array && signer instanceof Uint8Array) ||
    !(signature instanceof Uint8Array && fitness instanceof Float && typeof task === 'string') ||
    !(breeder instanceof Uint8Array && breeder.length === KEY_BYTES) ||
    generation === undefined ||
    evaluations === undefined ||
    createdMs === undefined
  ) {
    return 'malformed'
  }
  if (bytes.length > GENOTYPE_RECORD_BYTES_MAX) return 'too_large'
  const signed = new Map(payload)
  signed.delete('signature')
  return {
    task,
    bytes,
    fitness: fitness.value,
    generation,
    evaluations,
    createdMs,
    breeder,
    signer,
    signature,
    signed,
  }
}

function faultOf(fields: RecordFields, context: RecordContext): RecordFault | undefined {
  const { publisher, nowMs, task } = context
  if (fields.signer.length !== KEY_BYTES || nodeIdOf(fields.signer) !== publisher)
    return 'wrong_publisher'
  if (!verifyValue(publisher, DOMAIN, fields.signed, fields.signature)) return 'bad_signature'
  if (fields.task !== task) return 'wrong_task'
  if (fields.createdMs < nowMs - RECORD_AGE_MS_MAX) return 'stale'
  if (fields.createdMs > nowMs + RECORD_AHEAD_MS_MAX) return 'from_the_future'
  return undefined
}

function countOf(value: Value | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
