// UUID version 7 (RFC 9562, section 5.7), the id of a frame (Macula protocol, section 2.5): 48 bits
// of time, then chance, so that ids sort by age.

/** Bytes of chance one id takes. */
export const UUID_RANDOM_BYTES = 10

/**
 * The 16 bytes of a UUIDv7.
 * @param wallMs milliseconds since 1970; a fraction is dropped
 * @param random `UUID_RANDOM_BYTES` unpredictable bytes, of which 74 bits are used
 */
export function uuidV7(wallMs: number, random: Uint8Array): Uint8Array {
  if (!(wallMs >= 0 && wallMs < 0x1_0000_0000_0000)) {
    throw new RangeError(`a time of 48 bits of milliseconds, not ${wallMs}`)
  }
  if (random.length !== UUID_RANDOM_BYTES) {
    throw new RangeError(`a UUIDv7 takes ${UUID_RANDOM_BYTES} random bytes, not ${random.length}`)
  }
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(wallMs / 0x1_0000))
  view.setUint16(4, Math.floor(wallMs) % 0x1_0000)
  bytes.set(random, 6)
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f)) // version 7
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f)) // variant 10
  return bytes
}
