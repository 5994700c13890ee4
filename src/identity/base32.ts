// Bytes as text, five bits a character, most significant bit first: z-base-32, the readable form of
// node ids, and RFC 4648 base32 in lower case without padding, for DNS labels (Macula protocol,
// section 1).

const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const RFC_4648 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The z-base-32 text of bytes: 32 bytes give 52 characters. */
export function encodeZBase32(bytes: Uint8Array): string {
  return encodeWith(Z_BASE_32, bytes)
}

/** The RFC 4648 text of bytes, lower case, no padding. */
export function encodeBase32(bytes: Uint8Array): string {
  return encodeWith(RFC_4648, bytes)
}

/**
 * The bytes of a z-base-32 text; undefined for upper case, a character outside the alphabet, or a
 * text no bytes encode to (spare bits that are not zero, an impossible length).
 */
export function decodeZBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array((text.length * 5) >> 3)
  let bits = 0
  let held = 0
  let at = 0
  for (const character of text) {
    const value = Z_BASE_32.indexOf(character)
    if (value < 0) return undefined
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
    }
  }
  const spare = held & ((1 << bits) - 1)
  return bits < 5 && spare === 0 ? bytes : undefined
}

function encodeWith(alphabet: string, bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((held >> bits) & 0x1f)
    }
  }
  if (bits > 0) text += alphabet.charAt((held << (5 - bits)) & 0x1f)
  return text
}
