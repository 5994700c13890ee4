// The key puzzle (Macula protocol, section 1): a key is hardened at difficulty N when the SHA-256
// of its public key, the evidence, starts with N zero bits. There is no nonce: one draws keys until
// one fits, about 2^N draws, which makes identities by the thousand cost something.
//
//   const keys = generateKeyPair(secureRandomBytes)      // N = 8: some 20 ms
import {
  PUZZLE_DIFFICULTY_BITS,
  PUZZLE_DIFFICULTY_BITS_MAX,
  PUZZLE_DRAWS_PER_EXPECTED,
} from '../limits.ts'
import { sha256 } from './digest.ts'
import { KEY_BYTES, KeyError, type KeyPair, keyPairFromSeed } from './key-pair.ts'

/** A source of unpredictable bytes. */
export type RandomBytes = (size: number) => Uint8Array

/** The 32-byte evidence of a public key. */
export function puzzleEvidence(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey)
}

/** How many zero bits the bytes start with. */
export function leadingZeroBits(bytes: Uint8Array): number {
  let bits = 0
  for (const byte of bytes) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24
    bits += 8
  }
  return bits
}

/** Whether a public key is hardened at this difficulty. */
export function isHardened(
  publicKey: Uint8Array,
  difficultyBits: number = PUZZLE_DIFFICULTY_BITS,
): boolean {
  return leadingZeroBits(puzzleEvidence(publicKey)) >= difficultyBits
}

/**
 * A new hardened key pair from seeds that `draw` gives.
 * @throws RangeError for a difficulty outside 0 to 24 bits
 * @throws KeyError `no_key_found` when none fits in 40 times the expected draws: `draw` repeats
 * itself
 */
export function generateKeyPair(
  draw: RandomBytes,
  difficultyBits: number = PUZZLE_DIFFICULTY_BITS,
): KeyPair {
  if (
    !Number.isInteger(difficultyBits) ||
    difficultyBits < 0 ||
    difficultyBits > PUZZLE_DIFFICULTY_BITS_MAX
  ) {
    throw new RangeError(
      `a difficulty is 0 to ${PUZZLE_DIFFICULTY_BITS_MAX} bits, not ${difficultyBits}`,
    )
  }
  const drawsMax = PUZZLE_DRAWS_PER_EXPECTED * (1 << difficultyBits)
  for (let count = 0; count < drawsMax; count++) {
    const keys = keyPairFromSeed(draw(KEY_BYTES))
    if (isHardened(keys.publicKey, difficultyBits)) return keys
  }
  throw new KeyError(
    'no_key_found',
    `no key with ${difficultyBits} zero bits in ${drawsMax} draws: the bytes are not random`,
  )
}
