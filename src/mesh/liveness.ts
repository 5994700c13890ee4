// Whether a peer is still there: it is asked (PING) after an interval of silence, and lost after so
// many silent intervals in a row. Intervals are counted, not milliseconds: a node that was itself
// stopped for a minute finds one silent interval behind it, not sixty, and does not blame its
// peers.
//
//   const { state, verdict } = countInterval(liveness, limits)      // every intervalMs
//   if (verdict === 'ping') send(ping)
import {
  PING_INTERVAL_LAN_MS,
  PING_INTERVAL_STATION_MS,
  PING_INTERVAL_WIDE_MS,
  PING_MISSES_MAX,
} from '../limits.ts'

export interface Liveness {
  /** Milliseconds of an interval; raising it saves packets and notices deaths later. */
  readonly intervalMs: number
  /** Silent intervals in a row after which the peer is lost; raising it forgives worse networks. */
  readonly missesMax: number
}

/** A dead peer is noticed after 3 to 4 s. */
export const LIVENESS_LAN: Liveness = {
  intervalMs: PING_INTERVAL_LAN_MS,
  missesMax: PING_MISSES_MAX,
}

/** A dead peer is noticed after 45 to 60 s. */
export const LIVENESS_WIDE: Liveness = {
  intervalMs: PING_INTERVAL_WIDE_MS,
  missesMax: PING_MISSES_MAX,
}

/** Of a station, whose clients ask for themselves: 15 to 20 s. */
export const LIVENESS_STATION: Liveness = {
  intervalMs: PING_INTERVAL_STATION_MS,
  missesMax: PING_MISSES_MAX,
}

/** Silent intervals in a row, and whether the current one is no longer silent. */
export interface LivenessState {
  readonly misses: number
  readonly isHeard: boolean
}

/** The peer has just spoken. */
export const HEARD: LivenessState = { misses: 0, isHeard: true }

const SILENT: LivenessState = { misses: 0, isHeard: false }

/** What to do at the end of an interval: nothing, ask the peer, or give it up. */
export type LivenessVerdict = 'alive' | 'ping' | 'lost'

/** An interval has ended. */
export function countInterval(
  state: LivenessState,
  { missesMax }: Liveness,
): { state: LivenessState; verdict: LivenessVerdict } {
  if (state.isHeard) return { state: SILENT, verdict: 'alive' }
  const misses = state.misses + 1
  return { state: { misses, isHeard: false }, verdict: misses >= missesMax ? 'lost' : 'ping' }
}
