// A listener to a brain as a process of its own: what it throws harms nobody but itself, and when the brain
// is restarted under the same name, it subscribes again.
import {
  GenServer,
  type MaybePromise,
  type Result,
  type ServerPid,
} from '../../behaviours/gen-server.ts'
import { RESUBSCRIBE_MS } from '../../limits.ts'
import type { Name } from '../../runtime/pid.ts'
import { whereis } from '../../runtime/registry.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import { sendAfter } from '../../runtime/timer.ts'
import type { BrainEvent } from './brain-event.ts'
import { type BrainPid, subscribeEvents } from './brain-server.ts'

export type SubscriptionPid = ServerPid<never, never>

export class Subscription extends GenServer<undefined> {
  readonly #brain: Name<BrainPid>
  readonly #listener: (event: BrainEvent) => void

  constructor(brain: Name<BrainPid>, listener: (event: BrainEvent) => void) {
    super()
    this.#brain = brain
    this.#listener = listener
  }

  init(): { state: undefined } {
    this.#subscribe()
    return { state: undefined }
  }

  override handleInfo(message: unknown, state: undefined): MaybePromise<Result<undefined>> {
    if (message instanceof Down) sendAfter(this.self, 'subscribe', RESUBSCRIBE_MS)
    else if (message === 'subscribe') this.#subscribe()
    else if (isBrainEvent(message)) this.#listener(message)
    else return super.handleInfo(message, state)
    return { state }
  }

  #subscribe(): void {
    const brain = whereis(this.#brain)
    if (brain === undefined) {
      sendAfter(this.self, 'subscribe', RESUBSCRIBE_MS)
      return
    }
    monitor(brain)
    subscribeEvents(brain, this.self)
  }
}

/** Only the brain sends us objects with an `event`. */
function isBrainEvent(message: unknown): message is BrainEvent {
  return typeof message === 'object' && message !== null && 'event' in message
}
