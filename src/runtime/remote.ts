// What stands behind a proxy, the record of a process that lives in another thread or node. The
// kernel hands over here what is done to a proxy; everything else (links, monitors, watches) lies
// in the proxy's record as in any other, and whoever implements this ends the proxy with
// `exitProcess` when its process has ended, or with `noconnection` when it is out of reach.
//
// Only remote-peer.ts implements it. It is an interface of its own so that the kernel knows neither
// connections nor bytes.
import type { ExitReason } from './exit-reason.ts'
import type { Process } from './pid.ts'

export interface Remote {
  /**
   * Sends a message or a call; returns the reductions its sender is charged beyond one. Throws an
   * `ArborError` (`cannot_cross`) for a message that cannot be copied; a call is rejected instead.
   */
  post(proxy: Process, message: unknown): number
  /** A local process has been linked with the proxy; does nothing when it was already. */
  link(proxy: Process, local: Process): void
  /** The local process takes the link back; its end, too, unlinks, but tells nobody. */
  unlink(proxy: Process, local: Process): void
  /** A linked local process has ended. */
  linkBroken(proxy: Process, local: Process): void
  /** Sends an exit signal; `from` is null when no process sent it. */
  exit(proxy: Process, from: Process | null, reason: ExitReason): void
  /** Somebody wants to hear of the end of the proxy's process. */
  watch(proxy: Process): void
}
