// The request to stop, which is the loop's own: no bound of a mailbox keeps it out.
import { registerCodec } from '../runtime/codec.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { LoopMessage } from '../runtime/loop-message.ts'

/** Asks a server to stop. */
export class StopRequest extends LoopMessage {
  readonly type = 'stop'
  readonly reason: ExitReason

  constructor(reason: ExitReason) {
    super()
    this.reason = reason
  }
}

// To a server in another thread.
registerCodec<StopRequest, ExitReason>({
  name: 'StopRequest',
  class: StopRequest,
  encode: ({ reason }) => reason,
  decode: (reason) => new StopRequest(reason),
})
