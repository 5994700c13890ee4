import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyPairFromSeed, nodeIdOf, parseNodeId } from '../../src/identity/key-pair.ts'
import {
  isUsableNodeId,
  signatureDomain,
  signBytes,
  signValue,
  verifyBytes,
  verifyValue,
} from '../../src/identity/signature.ts'
import { VERIFYING_KEYS_MAX } from '../../src/limits.ts'
import { value } from './arbitrary-value.ts'

const keys = keyPairFromSeed(new Uint8Array(32).fill(1))
const other = keyPairFromSeed(new Uint8Array(32).fill(2))
const messages = fc.uint8Array({ maxLength: 200 })

describe('signBytes and verifyBytes', () => {
  it('agree with an independent implementation', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const signature = signBytes(keys, message)
        expect(signature).toEqual(ed25519.sign(message, keys.seed))
        expect(verifyBytes(keys.nodeId, message, signature)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('refuse another key, another message, any flipped bit', () => {
    fc.assert(
      fc.property(messages, fc.nat({ max: 511 }), (message, bit) => {
        const signature = signBytes(keys, message)
        expect(verifyBytes(other.nodeId, message, signature)).toBe(false)
        expect(verifyBytes(keys.nodeId, Uint8Array.of(...message, 0), signature)).toBe(false)
        signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(verifyBytes(keys.nodeId, message, signature)).toBe(false)
      }),
    )
  })

  it('refuse, and do not throw for, signatures of other sizes and ids that are no keys', () => {
    const message = Uint8Array.of(1)
    const signature = signBytes(keys, message)
    expect(verifyBytes(keys.nodeId, message, signature.subarray(1))).toBe(false)
    expect(verifyBytes(keys.nodeId, message, new Uint8Array(65))).toBe(false)
    expect(verifyBytes(parseNodeId('f'.repeat(64)), message, signature)).toBe(false)
  })

  it('go on when more ids come than keys are kept', () => {
    const message = Uint8Array.of(7)
    const signature = signBytes(keys, message)
    for (let count = 0; count < VERIFYING_KEYS_MAX + 10; count++) {
      const id = parseNodeId(count.toString(16).padStart(64, '0'))
      expect(verifyBytes(id, message, signature)).toBe(false)
    }
    expect(verifyBytes(keys.nodeId, message, signature)).toBe(true)
  })
})

describe('signValue and verifyValue', () => {
  it('bind the domain and the value', () => {
    const [one, two] = [signatureDomain('one'), signatureDomain('two')]
    fc.assert(
      fc.property(value, value, (signed, different) => {
        const signature = signValue(keys, one, signed)
        expect(verifyValue(keys.nodeId, one, signed, signature)).toBe(true)
        expect(verifyValue(keys.nodeId, two, signed, signature)).toBe(false)
        expect(verifyValue(keys.nodeId, one, [signed, different], signature)).toBe(false)
      }),
      { numRuns: 30 },
    )
  })
})

describe('isUsableNodeId', () => {
  it('takes keys', () => {
    expect(isUsableNodeId(keys.nodeId)).toBe(true)
  })

  it('refuses points of small order, for which anybody can sign', () => {
    const identity = `01${'00'.repeat(31)}`
    const forged = Buffer.concat([Buffer.from(identity, 'hex'), Buffer.alloc(32)])
    const message = Uint8Array.of(1, 2, 3)
    // The oracle shows the danger: this signature needs no secret and holds for every message.
    expect(ed25519.verify(forged, message, Buffer.from(identity, 'hex'))).toBe(true)
    for (const id of [
      identity,
      '00'.repeat(32),
      `${'00'.repeat(31)}80`,
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    ]) {
      expect(isUsableNodeId(parseNodeId(id))).toBe(false)
    }
  })

  it('refuses what is no point of the curve', () => {
    expect(isUsableNodeId(parseNodeId('f'.repeat(64)))).toBe(false)
    const noPoint = Array.from({ length: 20 }, (_, index) => new Uint8Array(32).fill(index + 2))
      .map((bytes) => nodeIdOf(bytes))
      .filter((id) => !isUsableNodeId(id))
    expect(noPoint.length).toBeGreaterThan(2) // half of all encodings have no point
  })
})
