// The seam between a service and whoever makes it known: the mesh later, a test now, nobody by
// default. Announcing is asked for only after the service has started, asserted again on an
// interval, and taken back before its calls are drained.
import type { Capability, Info } from '../../behaviours/service.ts'

export interface Announcer {
  /**
   * Makes known that these capabilities answer; asked again every `announceIntervalMs`, so what
   * fails is logged and tried then. Aborted when the service is about to stop.
   */
  announce(
    service: Info,
    capabilities: readonly Capability[],
    signal: AbortSignal,
  ): void | Promise<void>
  /** Takes back what was announced; the service goes on when that takes too long. */
  withdraw(service: Info, capabilities: readonly Capability[]): void | Promise<void>
}
