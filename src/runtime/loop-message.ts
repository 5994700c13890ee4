// Messages to the loop of a process rather than to its user: to stop, to be looked into. No bound
// of a mailbox concerns them, whichever thread they come from: a process that has too much to do is
// the one that has to be reached.
import type { Process } from './pid.ts'
import type { RemoteCall } from './remote-call.ts'

/** A message that the loop takes as it is. It needs a codec. */
export abstract class LoopMessage {
  /** Only a type: what is no subclass shall not pass for one. */
  declare protected readonly loopMessage: true
}

/**
 * A request to the loop of a process elsewhere, as data: it travels as a call, and needs a codec.
 */
export abstract class LoopRequest {
  /** It has come to the thread of `process`; `call` is to be answered. */
  abstract arrive(process: Process, call: RemoteCall): void
}
