// Holds a server still between two messages: what comes for it waits, in order, until it is
// released. Under sys.suspend, and under upgrades, which hold servers without a message.
import { putFront } from '../runtime/mailbox.ts'
import { sealed } from '../runtime/mailbox-bound.ts'
import { DEAD, IDLE, type Process, SUSPENDED } from '../runtime/pid.ts'
import { describeProcessesOf } from '../runtime/process-info.ts'
import { post, resume as takeTurns } from '../runtime/scheduler.ts'
import { handleCrashesOf, onExit } from '../runtime/signal.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import {
  crash,
  describeServer,
  type Server,
  SystemMessage,
  serve,
  serveSystem,
} from './server-loop.ts'

/** Who holds a server: an operator by sys.suspend, or an upgrade. It goes on when neither does. */
export type Holder = 'sys' | 'upgrade'

/** A server that is held. */
interface Held {
  readonly holders: Set<Holder>
  /** What has come for it since; in a bounded mailbox it would still count, and so it does here. */
  readonly messages: unknown[]
  /** Takes away the hook on its end. */
  readonly unhook: () => void
}

const heldOf = new WeakMap<Process, Held>()

/** The `Receive` of a held server: what is not the loop's own waits. */
function holdMessages(message: unknown, state: unknown, process: Process): unknown {
  if (!serveSystem(message, state as Server, process)) {
    heldOf.get(process)?.messages.push(sealed(process, message))
  }
  return state
}

handleCrashesOf(holdMessages, crash)
describeProcessesOf(holdMessages, describeServer)

/** Whether a process is a server, held or not. */
export function isServer({ receive }: Process): boolean {
  return receive === serve || receive === holdMessages
}

export function isHeld(process: Process): boolean {
  return heldOf.has(process)
}

/**
 * Holds a server: it takes no message from now on, and finishes the async callback it may be in.
 * False when that holder holds it already.
 */
export function hold(process: Process, holder: Holder): boolean {
  const held = heldOf.get(process)
  if (held?.holders.has(holder) === true) return false
  if (held !== undefined) {
    held.holders.add(holder)
    return true
  }
  const unhook = onExit(process, () => heldOf.delete(process))
  heldOf.set(process, { holders: new Set([holder]), messages: [], unhook })
  process.receive = holdMessages
  return true
}

/** Lets a server go on, unless somebody else holds it, with what has come meanwhile, in order. */
export function release(process: Process, holder: Holder): void {
  const held = heldOf.get(process)
  if (held?.holders.delete(holder) !== true || held.holders.size > 0) return
  heldOf.delete(process)
  held.unhook()
  process.receive = serve
  for (const message of held.messages.toReversed()) putFront(process, message)
  if (process.status === IDLE) takeTurns(process)
}

/** Gives up waiting for the end of an async callback. */
class HoldTimeout extends WheelTimer {
  readonly #giveUp: () => void

  constructor(giveUp: () => void) {
    super()
    this.#giveUp = giveUp
  }

  expire(): void {
    this.#giveUp()
  }
}

/**
 * Waits until a server is out of its async callback, or has ended; `late` after `timeoutMs`. Hold it
 * first, or it may be in the next one by then.
 */
export function whenIdle(process: Process, timeoutMs: number): Promise<'idle' | 'ended' | 'late'> {
  if (process.status === DEAD) return Promise.resolve('ended')
  if (process.status !== SUSPENDED) return Promise.resolve('idle')
  return new Promise((done) => {
    const timeout = new HoldTimeout(() => settle('late'))
    const unhook = onExit(process, () => settle('ended'))
    const settle = (outcome: 'idle' | 'ended' | 'late'): void => {
      unhook()
      disarm(timeout)
      done(outcome)
    }
    arm(timeout, timeoutMs)
    // Its turn comes when the callback is over.
    post(process, new SystemMessage(() => settle('idle')))
  })
}
