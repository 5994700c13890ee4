// Stateless resets (RFC 9000, section 10.3): a node that restarted tells a peer that still talks to
// its former self, at the first packet, that the session is gone, instead of leaving it to the idle
// timeout. The token that proves it is derived from the node's key, so the restarted node knows it
// again.
import { createHmac } from 'node:crypto'
import { STATELESS_RESET_BYTES_MAX } from '../limits.ts'

const TOKEN_BYTES = 16
/** Below it a receiver does not look for a token: what a short packet with anything in it has. */
const RESET_BYTES_MIN = 21

/** The key of all reset tokens of a node, from its secret seed. */
export function resetKeyOf(seed: Uint8Array): Uint8Array {
  return createHmac('sha256', seed).update('arbor stateless reset').digest()
}

/** The token of a connection id: 16 bytes nobody else can make. */
export function resetToken(resetKey: Uint8Array, connectionId: Uint8Array): Uint8Array {
  return createHmac('sha256', resetKey).update(connectionId).digest().subarray(0, TOKEN_BYTES)
}

/**
 * The answer to a packet for a connection nobody knows; undefined when the packet is too short to
 * answer. Each answer is shorter than its packet, so two nodes without memory fall silent.
 * @param packetBytes size of the packet that is answered
 * @param filler at least STATELESS_RESET_BYTES_MAX unpredictable bytes, which make it look like any
 *   packet
 */
export function statelessReset(
  token: Uint8Array,
  packetBytes: number,
  filler: Uint8Array,
): Uint8Array | undefined {
  const size = Math.min(packetBytes - 1, STATELESS_RESET_BYTES_MAX)
  if (size < RESET_BYTES_MIN) return undefined
  const reset = filler.slice(0, size)
  reset[0] = 0x40 | ((filler[0] ?? 0) & 0x3f)
  reset.set(token, size - TOKEN_BYTES)
  return reset
}
