import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/identity/digest.ts'
import {
  INFRASTRUCTURE_REALM,
  isRealm,
  realmBytes,
  realmOf,
  realmTag,
} from '../../src/identity/realm.ts'

describe('realmTag', () => {
  it('is the SHA-256 of the name', () => {
    const name = 'io.example.gärten'
    expect(realmTag(name)).toBe(createHash('sha256').update(name, 'utf8').digest('hex'))
    expect(realmBytes(realmTag(name))).toEqual(sha256(name))
  })
})

describe('realmOf', () => {
  it('takes 32 bytes and no other number', () => {
    expect(realmOf(new Uint8Array(32))).toBe(INFRASTRUCTURE_REALM)
    expect(isRealm(INFRASTRUCTURE_REALM)).toBe(true)
    expect(() => realmOf(new Uint8Array(31))).toThrow(RangeError)
    expect(isRealm('0'.repeat(63))).toBe(false)
  })
})
