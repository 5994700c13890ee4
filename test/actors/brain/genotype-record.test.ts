import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type GenotypeRecord,
  openRecord,
  RECORD_VERSION,
  signRecord,
} from '../../../src/actors/brain/genotype-record.ts'
import { minimalGenotype } from '../../../src/evolution/genotype.ts'
import { genotypeId } from '../../../src/evolution/genotype-codec.ts'
import { decode } from '../../../src/identity/canonical-decoder.ts'
import { encode } from '../../../src/identity/canonical-encoder.ts'
import { keyPairFromSeed } from '../../../src/identity/key-pair.ts'
import { type Encodable, Float, isMap, type Key, type Value } from '../../../src/identity/value.ts'
import { RECORD_AGE_MS_MAX, RECORD_AHEAD_MS_MAX } from '../../../src/limits.ts'

const keys = keyPairFromSeed(new Uint8Array(32).fill(7))
const stranger = keyPairFromSeed(new Uint8Array(32).fill(8))
const genotype = minimalGenotype({ inputs: 3, outputs: 1, activation: 'tanh', weight: () => 0.25 })
const createdMs = 1_790_000_000_000
const record: GenotypeRecord = {
  task: 'dpnv',
  genotype,
  fitness: 0.75,
  generation: 12,
  evaluations: 1800,
  createdMs,
  breeder: keys.nodeId,
}
const shape = { inputs: 3, outputs: 1 }
const context = { task: 'dpnv', shape, publisher: keys.nodeId, nowMs: createdMs + 5 }

/** What the receiver decodes when the sender publishes this. */
const overTheWire = (payload: Encodable): Value => decode(encode(payload))

/** The record with fields changed after it was signed. */
function tampered(changes: Record<string, Encodable>): Value {
  const payload = overTheWire(signRecord(keys, record))
  if (!isMap(payload)) throw new Error('a record is a map')
  return overTheWire(new Map<Key, Encodable>([...payload, ...Object.entries(changes)]))
}

describe('signRecord', () => {
  it('is opened by the receiver with everything in it', () => {
    const opened = openRecord(overTheWire(signRecord(keys, record)), context)
    expect(opened).toEqual({
      ok: true,
      record: { ...record, id: genotypeId(genotype), signer: keys.nodeId },
    })
  })

  it('names who bred what is passed on', () => {
    const breeder = stranger.nodeId
    const opened = openRecord(overTheWire(signRecord(keys, { ...record, breeder })), context)
    expect(opened).toMatchObject({ ok: true, record: { breeder, signer: keys.nodeId } })
  })
})

describe('openRecord', () => {
  it('refuses another version, with its reason', () => {
    const reason = 'unknown_version'
    expect(openRecord(tampered({ version: RECORD_VERSION + 1 }), context)).toMatchObject({ reason })
  })

  it('refuses every change to what was signed', () => {
    for (const changes of [
      { fitness: new Float(0.76) },
      { generation: 13 },
      { created_ms: createdMs + 1 },
      { genotype: Uint8Array.of(1, 2, 3) },
      { breeder: stranger.publicKey },
      { signature: new Uint8Array(64) },
    ]) {
      expect(openRecord(tampered(changes), context)).toMatchObject({ reason: 'bad_signature' })
    }
  })

  it('refuses a record that somebody else published', () => {
    const payload = overTheWire(signRecord(keys, record))
    const reason = 'wrong_publisher'
    expect(openRecord(payload, { ...context, publisher: stranger.nodeId })).toMatchObject({
      reason,
    })
  })

  it('refuses a record for another task, a stale one and one from the future', () => {
    const payload = overTheWire(signRecord(keys, record))
    const open = (changes: Partial<typeof context>) =>
      openRecord(payload, { ...context, ...changes })
    expect(open({ task: 'xor' })).toMatchObject({ reason: 'wrong_task' })
    const late = createdMs + RECORD_AGE_MS_MAX
    expect(open({ nowMs: late })).toMatchObject({ ok: true })
    expect(open({ nowMs: late + 1 })).toMatchObject({ reason: 'stale' })
    const early = createdMs - RECORD_AHEAD_MS_MAX
    expect(open({ nowMs: early })).toMatchObject({ ok: true })
    expect(open({ nowMs: early - 1 })).toMatchObject({ reason: 'from_the_future' })
  })

  it('refuses a signed genotype that is none', () => {
    const hostile = { ...record, genotype: { ...genotype, inputs: 0 } }
    const payload = overTheWire(signRecord(keys, hostile))
    expect(openRecord(payload, context)).toMatchObject({ reason: 'bad_genotype' })
  })

  it('refuses a genotype of another shape than the task has', () => {
    const payload = overTheWire(signRecord(keys, record))
    const wide = { inputs: 4, outputs: 1 }
    expect(openRecord(payload, { ...context, shape: wide })).toMatchObject({
      reason: 'wrong_shape',
    })
  })

  it('never throws, whatever is published', () => {
    const value = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constant(null),
        fc.string(),
        fc.maxSafeInteger(),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
      ),
    })).value
    fc.assert(fc.property(value, (payload) => openRecord(payload, context).ok === false))
    const fields = fc.constantFrom(
      'schema',
      'genotype',
      'fitness',
      'signer',
      'signature',
      'breeder',
    )
    fc.assert(
      fc.property(fields, value, (field, replacement) => {
        const payload = overTheWire(signRecord(keys, record))
        if (!isMap(payload)) throw new Error('a record is a map')
        expect(openRecord(new Map([...payload, [field, replacement]]), context).ok).toBe(false)
      }),
    )
  })
})
