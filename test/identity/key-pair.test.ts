import { inspect } from 'node:util'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isNodeId,
  KeyError,
  keyPairFromSeed,
  nodeIdOf,
  parseNodeId,
  publicKeyOf,
} from '../../src/identity/key-pair.ts'

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('keyPairFromSeed', () => {
  it('agrees with an independent implementation', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(keyPairFromSeed(seed).publicKey).toEqual(ed25519.getPublicKey(seed))
      }),
      { numRuns: 30 },
    )
  })

  it('keeps a copy of the seed', () => {
    const seed = new Uint8Array(32).fill(7)
    const keys = keyPairFromSeed(seed)
    seed.fill(0)
    expect(keys.seed).toEqual(new Uint8Array(32).fill(7))
  })

  it('refuses a seed of another size', () => {
    expect(() => keyPairFromSeed(new Uint8Array(31))).toThrow(KeyError)
    expect(() => keyPairFromSeed(new Uint8Array(33))).toThrow('a seed has 32 bytes, this one 33')
  })

  it('never prints or serialises its seed', () => {
    const keys = keyPairFromSeed(new Uint8Array(32).fill(0xab))
    for (const text of [inspect(keys, { depth: 9 }), JSON.stringify({ keys }), String(keys)]) {
      expect(text).not.toMatch(/171,|abab/)
    }
    expect(JSON.stringify(keys)).toBe(`{"nodeId":"${keys.nodeId}"}`)
  })
})

describe('node ids', () => {
  it('are the public key in hex, there and back', () => {
    fc.assert(
      fc.property(seeds, (bytes) => {
        const id = nodeIdOf(bytes)
        expect(parseNodeId(id)).toBe(id)
        expect(publicKeyOf(id)).toEqual(bytes)
      }),
    )
  })

  it('of a view into a larger buffer are those of its bytes', () => {
    const large = Uint8Array.from({ length: 64 }, (_, index) => index)
    expect(nodeIdOf(large.subarray(8, 40))).toBe(nodeIdOf(large.slice(8, 40)))
  })

  it('refuse anything else', () => {
    const id = nodeIdOf(new Uint8Array(32))
    for (const text of ['', id.slice(1), `${id}0`, 'G'.repeat(64), 'A'.repeat(64), `${id}\n`]) {
      expect(isNodeId(text)).toBe(false)
      expect(() => parseNodeId(text)).toThrow(expect.objectContaining({ code: 'invalid_node_id' }))
    }
    expect(() => nodeIdOf(new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: 'invalid_public_key' }),
    )
  })
})
