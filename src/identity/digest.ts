// SHA-256 (FIPS 180-4), the hash of puzzles and realm tags (Macula protocol, section 2.3).
import { createHash } from 'node:crypto'

/** The 32-byte SHA-256 of the bytes, or of a text's UTF-8. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(data).digest())
}
