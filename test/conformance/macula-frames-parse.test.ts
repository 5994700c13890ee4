import { describe, expect, it } from 'vitest'
import { decode } from '../../src/identity/canonical-decoder.ts'
import { nodeIdOf, parseNodeId } from '../../src/identity/key-pair.ts'
import { signatureDomain, verifyValue } from '../../src/identity/signature.ts'
import { isArray, isMap, type Value, type ValueMap } from '../../src/identity/value.ts'
import { decodeFrame, type FrameFields } from '../../src/mesh/frame.ts'
import { FrameReader } from '../../src/mesh/frame-reader.ts'
import { verifyFrame } from '../../src/mesh/frame-signature.ts'
import { parseFrame } from '../../src/mesh/frames/frame-type.ts'
import { type Case, casesOf, hexOf } from './macula-vectors.ts'

function typeOf(fields: FrameFields): Value | undefined {
  const frame = parseFrame(fields)
  return frame.type === 'unknown' ? frame.frameType : frame.type
}

function idOf(fields: FrameFields): string {
  const id = fields.get('frame_id')
  return id instanceof Uint8Array ? hexOf(id) : 'none'
}

/**
 * Envelope keys of a record inside a CALL, and their short names in what is signed (section 2.4).
 */
const recordKeys: readonly [string, string][] = [
  ['type', 't'],
  ['key', 'k'],
  ['version', 'v'],
  ['created_at', 'c'],
  ['expires_at', 'x'],
  ['payload', 'p'],
  ['subject_id', 'u'],
]

/** Section 2.2: in a record a station turns the text `null` back into null, and null into text. */
function asStationReads(value: Value): Value {
  if (value === 'null') return null
  if (value === null) return 'undefined'
  if (isArray(value)) return value.map(asStationReads)
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, asStationReads(item)]))
  return value
}

function recordVerifies(record: ValueMap): boolean {
  const envelope = new Map<string, Value>()
  for (const [long, short] of recordKeys) {
    const value = record.get(long)
    if (value !== undefined) envelope.set(short, asStationReads(value))
  }
  const key = record.get('key')
  const signature = record.get('signature')
  if (!(key instanceof Uint8Array && signature instanceof Uint8Array)) throw new Error('no record')
  return verifyValue(nodeIdOf(key), signatureDomain('macula-v2-record'), envelope, signature)
}

/** Reads the whole input in chunks of this many bytes. */
function readInChunks(input: Uint8Array, size: number) {
  const reader = new FrameReader()
  const frames: FrameFields[] = []
  for (let at = 0; at < input.length; at += size) {
    frames.push(...reader.push(input.slice(at, at + size)))
  }
  return { reader, frames }
}

const checks: { [op: string]: (c: Case) => void } = {
  decode_verify(c) {
    const wire = c.bytes('wire')
    const frame = decodeFrame(wire)
    const wanted = c.part('decode')
    expect(frame.result).toBe(wanted.text('result'))
    if (frame.result === 'error') expect(frame.reason).toBe(wanted.text('reason'))
    if (frame.result === 'more') expect(frame.need).toBe(wanted.number('need'))
    if (frame.result === 'ok') expect(hexOf(wire.subarray(frame.size))).toBe(wanted.text('rest'))
    const verdict =
      frame.result === 'ok' ? verifyFrame(frame.fields, parseNodeId(c.text('key'))) : null
    expect(verdict).toBe(c.json('verify'))
  },
  parse_stream(c) {
    const { reader, frames } = readInChunks(c.bytes('input'), c.bytes('input').length || 1)
    expect(frames.map(typeOf)).toEqual(c.list('frame_types'))
    expect(frames.map(idOf)).toEqual(c.list('frame_ids'))
    expect(hexOf(reader.rest)).toBe(c.text('rest'))
    for (const size of [1, 7, 300]) {
      const pieces = readInChunks(c.bytes('input'), size)
      expect(pieces.frames).toEqual(frames)
      expect(pieces.reader.failure?.code).toBe(reader.failure?.code)
    }
  },
  record_in_call(c) {
    const frame = decodeFrame(c.bytes('wire'))
    if (frame.result !== 'ok') throw new Error('no frame')
    expect(verifyFrame(frame.fields, parseNodeId(c.text('caller')))).toBe(c.text('frame_verify'))
    const record = frame.fields.get('payload') ?? null
    expect(record).toEqual(c.value('payload_on_wire'))
    if (!isMap(record)) throw new Error('no record')
    const verdict = recordVerifies(record) ? 'ok' : 'signature_invalid'
    expect(verdict).toBe(c.text('record_verify_after_transport'))
    const encoded = decode(c.bytes('record_encoded'))
    expect(isMap(encoded) && encoded.get('s')).toEqual(record.get('signature'))
  },
}

describe('macula vectors: frames_parse', () => {
  it.each(casesOf('frames_parse', Object.keys(checks)))('$title', (c) => checks[c.op]?.(c))
})
