import { describe, expect, it } from 'vitest'
import { decodeZBase32, encodeBase32, encodeZBase32 } from '../../src/identity/base32.ts'
import { decodeKeyFile, encodeKeyFile, KeyFileError } from '../../src/identity/key-file.ts'
import { keyPairFromSeed, nodeIdOf } from '../../src/identity/key-pair.ts'
import { nodeIdFromText, nodeIdToDnsLabel, nodeIdToText } from '../../src/identity/node-id.ts'
import { isHardened, leadingZeroBits, puzzleEvidence } from '../../src/identity/puzzle.ts'
import { isUsableNodeId, signBytes, verifyBytes } from '../../src/identity/signature.ts'
import { type Case, casesOf, hexOf } from './macula-vectors.ts'

/** Evidence, zero bits, and every `puzzle_valid_<difficulty>` the case has. */
function checkPuzzle(c: Case): void {
  const publicKey = c.bytes('public')
  expect(hexOf(puzzleEvidence(publicKey))).toBe(c.text('puzzle_evidence'))
  expect(leadingZeroBits(puzzleEvidence(publicKey))).toBe(c.number('leading_zero_bits'))
  for (let difficulty = 0; difficulty <= 24; difficulty++) {
    const field = `puzzle_valid_${difficulty}`
    if (c.has(field)) expect(isHardened(publicKey, difficulty)).toBe(c.flag(field))
  }
}

const checks: { [op: string]: (c: Case) => void } = {
  key(c) {
    const keys = keyPairFromSeed(c.bytes('seed'))
    expect(hexOf(keys.publicKey)).toBe(c.text('public'))
    expect(keys.nodeId).toBe(c.text('node_id'))
    expect(isUsableNodeId(keys.nodeId)).toBe(true)
    expect(nodeIdToText(keys.nodeId)).toBe(c.text('z32'))
    expect(nodeIdFromText(c.text('z32'))).toBe(keys.nodeId)
    expect(nodeIdToDnsLabel(keys.nodeId)).toBe(c.text('base32_doh'))
    expect(encodeBase32(keys.publicKey)).toBe(c.text('base32_doh'))
    checkPuzzle(c)
  },
  hardened_key(c) {
    expect(hexOf(keyPairFromSeed(c.bytes('seed')).publicKey)).toBe(c.text('public'))
    expect(isHardened(c.bytes('public'), c.number('difficulty'))).toBe(true)
    checkPuzzle(c)
  },
  ed25519(c) {
    const keys = keyPairFromSeed(c.bytes('seed'))
    expect(nodeIdOf(c.bytes('public'))).toBe(keys.nodeId)
    expect(hexOf(signBytes(keys, c.bytes('message')))).toBe(c.text('signature'))
    expect(verifyBytes(keys.nodeId, c.bytes('message'), c.bytes('signature'))).toBe(true)
  },
  key_file(c) {
    const keys = keyPairFromSeed(c.bytes('seed'))
    expect(hexOf(encodeKeyFile(keys))).toBe(c.text('file'))
    expect(decodeKeyFile(c.bytes('file')).seed).toEqual(c.bytes('seed'))
  },
  key_file_reject(c) {
    expect(() => decodeKeyFile(c.bytes('file'))).toThrow(KeyFileError)
  },
  z32(c) {
    expect(encodeZBase32(c.bytes('bytes'))).toBe(c.text('text'))
    expect(decodeZBase32(c.text('text'))).toEqual(c.bytes('bytes'))
  },
  z32_reject(c) {
    expect(decodeZBase32(c.text('text'))).toBeUndefined()
  },
  z32_label_valid(c) {
    if (c.flag('valid')) expect(nodeIdToText(nodeIdFromText(c.text('text')))).toBe(c.text('text'))
    else expect(() => nodeIdFromText(c.text('text'))).toThrow('is no node id')
  },
}

describe('macula vectors: identity', () => {
  it.each(casesOf('identity', Object.keys(checks)))('$title', (c) => checks[c.op]?.(c))
})
