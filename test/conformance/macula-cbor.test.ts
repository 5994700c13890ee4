import { describe, expect, it } from 'vitest'
import { decode } from '../../src/identity/canonical-decoder.ts'
import { encode } from '../../src/identity/canonical-encoder.ts'
import { CborError } from '../../src/identity/value.ts'
import { type Case, casesOf, hexOf } from './macula-vectors.ts'

/** An Erlang atom: `null` is CBOR null, every other one is the text of its name. */
const native = (name: string) => {
  if (name === 'null') return null
  return name === 'true' || name === 'false' ? name === 'true' : name
}

const checks: { [op: string]: (c: Case) => void } = {
  encode(c) {
    expect(hexOf(encode(c.value('value')))).toBe(c.text('hex'))
    const decoded = decode(c.bytes('hex'))
    expect(decoded).toEqual(c.value('value'))
    expect(hexOf(encode(decoded))).toBe(c.text('hex'))
  },
  encode_native(c) {
    expect(hexOf(encode(native(c.text('native'))))).toBe(c.text('hex'))
  },
  decode(c) {
    const decoded = decode(c.bytes('hex'))
    expect(decoded).toEqual(c.value('value'))
    expect(hexOf(encode(decoded))).toBe(c.text('reencoded'))
  },
  reject(c) {
    expect(() => decode(c.bytes('hex'))).toThrow(CborError)
  },
  encode_reject(c) {
    expect(() => encode(c.value('value'))).toThrow(CborError)
  },
}

describe('macula vectors: cbor', () => {
  it.each(casesOf('cbor', Object.keys(checks)))('$title', (c) => checks[c.op]?.(c))
})
