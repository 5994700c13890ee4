// Address validation tokens (RFC 9000, section 8.1): before a node under load spends memory on a
// dialler, it sends it a token and forgets it; only who receives packets at its address can bring
// the token back.
//
// A token is the time it was made (6 bytes, ms), a MAC (16 bytes) and the connection id the dialler
// chose.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { RETRY_TOKEN_LIFETIME_MS } from '../limits.ts'
import type { HostPort } from './quic-binding.ts'

const TIME_BYTES = 6
const MAC_BYTES = 16
const HEAD_BYTES = TIME_BYTES + MAC_BYTES

/**
 * The token for a dialler.
 * @param key 32 secret bytes, drawn at start
 * @param originalId the connection id its first packet was sent to
 * @param now milliseconds of a clock that does not jump
 */
export function retryToken(
  key: Uint8Array,
  from: HostPort,
  originalId: Uint8Array,
  now: number,
): Uint8Array {
  const time = Buffer.alloc(TIME_BYTES)
  time.writeUIntBE(Math.floor(now), 0, TIME_BYTES)
  return Buffer.concat([time, macOf(key, from, originalId, time), originalId])
}

/**
 * The connection id a token was made for; undefined unless we made it, for this address, lately.
 */
export function originalIdOf(
  key: Uint8Array,
  from: HostPort,
  token: Uint8Array,
  now: number,
): Uint8Array | undefined {
  if (token.length <= HEAD_BYTES) return undefined
  const time = Buffer.from(token.subarray(0, TIME_BYTES))
  const originalId = token.subarray(HEAD_BYTES)
  const mac = macOf(key, from, originalId, time)
  if (!timingSafeEqual(mac, token.subarray(TIME_BYTES, HEAD_BYTES))) return undefined
  const ageMs = now - time.readUIntBE(0, TIME_BYTES)
  return ageMs <= RETRY_TOKEN_LIFETIME_MS ? originalId : undefined
}

function macOf(key: Uint8Array, from: HostPort, originalId: Uint8Array, time: Buffer): Uint8Array {
  const hmac = createHmac('sha256', key).update(time).update(`${from.host} ${from.port} `)
  return hmac.update(originalId).digest().subarray(0, MAC_BYTES)
}
