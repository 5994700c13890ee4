// A listener to a brain as a process of its own: what it throws harms nobody but itself, and when
// the brain server is restarted under its name, it subscribes again. It ends with the brain's tree,
// and its last event is `stopped`, even when the server could not tell it.
import {
  GenServer,
  type MaybePromise,
  type Result,
  type ServerPid,
} from '../../behaviours/gen-server.ts'
import { RESUBSCRIBE_MS } from '../../limits.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import { whereis } from '../../runtime/registry.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import { sendAfter } from '../../runtime/timer.ts'
import type { BrainEvent } from './brain-event.ts'
import type { BrainPid } from './brain-message.ts'
import { subscribeEvents } from './brain-server.ts'

export type SubscriptionPid = ServerPid<never, never>

export class Subscription extends GenServer<undefined> {
  readonly #tree: Pid
  readonly #brain: Name<BrainPid>
  readonly #listener: (event: BrainEvent) => void
  #hasStopped = false

  constructor(tree: Pid, brain: Name<BrainPid>, listener: (event: BrainEvent) => void) {
    super()
    this.#tree = tree
    this.#brain = brain
    this.#listener = listener
  }

  init(): { state: undefined } {
    monitor(this.#tree)
    this.#subscribe()
    return { state: undefined }
  }

  override handleInfo(message: unknown, state: undefined): MaybePromise<Result<undefined>> {
    if (message instanceof Down) {
      if (message.pid === this.#tree) {
        if (!this.#hasStopped) this.#listener({ event: 'stopped', reason: 'stop' })
        return { stop: 'normal', state }
      }
      sendAfter(this.self, 'subscribe', RESUBSCRIBE_MS)
    } else if (message === 'subscribe') this.#subscribe()
    else if (isBrainEvent(message)) {
      this.#hasStopped = message.event === 'stopped'
      this.#listener(message)
    } else return super.handleInfo(message, state)
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
