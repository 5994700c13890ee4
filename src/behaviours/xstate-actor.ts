// What lies between xstate's actors and processes: every event from actor to actor goes by way of
// mailboxes, and actors that are no machines (promises, callbacks, observables, transitions) run as
// they are, each in a process of its own.
import type { ActorSystem, ActorSystemInfo, AnyActor, AnyActorRef, EventObject } from 'xstate'
import { ArborError } from '../runtime/arbor-error.ts'
import type { CrashReason, ExitReason } from '../runtime/exit-reason.ts'
import { type Pid, processOf } from '../runtime/pid.ts'
import { post } from '../runtime/scheduler.ts'
import { onExit } from '../runtime/signal.ts'
import { cancelTimer, sendAfter, type TimerRef } from '../runtime/timer.ts'
import { GenServer, type InitResult, type Result } from './gen-server.ts'

type System = ActorSystem<ActorSystemInfo>

/** Parts of xstate's system that its types leave out: by these every event passes. */
interface SystemParts {
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void
  _set(systemId: string, actor: AnyActorRef): void
  _unregister(actor: AnyActorRef): void
}

/** The process that an actor is. */
const processes = new WeakMap<AnyActorRef, Pid>()

/** How xstate itself delivers an event to an actor, by system. */
const deliveries = new WeakMap<System, SystemParts['_relay']>()

/** An actor is a process from now on. */
export function bind(actor: AnyActorRef, pid: Pid): void {
  processes.set(actor, pid)
}

/** An event from actor to actor, on its way between their processes. */
export class Relayed {
  readonly source: AnyActorRef | undefined
  readonly event: EventObject

  constructor(source: AnyActorRef | undefined, event: EventObject) {
    this.source = source
    this.event = event
  }
}

/** An event that is due later. */
export class Delayed {
  readonly id: string
  readonly target: AnyActorRef
  readonly event: EventObject

  constructor(id: string, target: AnyActorRef, event: EventObject) {
    this.id = id
    this.target = target
    this.event = event
  }
}

/** Sends an event to an actor: to its process, or the way of xstate if it has none. */
export function relay(
  source: AnyActorRef | undefined,
  target: AnyActorRef,
  event: EventObject,
): void {
  const pid = processes.get(target)
  if (pid !== undefined) post(processOf(pid), new Relayed(source, event))
  else deliveries.get(target.system)?.(source, target, event)
}

/** Lets the events of a system pass by `relay`. */
export function takeOver(system: System): void {
  const parts = system as System & SystemParts
  const { _relay: deliver, _set: set } = parts
  if (deliver === undefined || set === undefined) {
    const attempt = { operation: 'start', target: 'xstate' }
    throw new ArborError('unknown_xstate', 'this xstate is unknown', 'use xstate 5', attempt)
  }
  deliveries.set(system, deliver)
  parts._relay = relay
  parts.scheduler = schedulerOf()
  // xstate makes the first children of a machine once more, before it is a process.
  parts._set = (systemId, actor) => {
    const twin: AnyActorRef | undefined = system.get(systemId)
    if (twin !== undefined && twin !== actor) parts._unregister(twin)
    set(systemId, actor)
  }
}

/** What actors that are no machines wait for by themselves: timers of ours. */
function schedulerOf(): System['scheduler'] {
  const timers = new Map<string, TimerRef>()
  const keyOf = (source: AnyActorRef, id: string | undefined): string => `${source.sessionId}.${id}`
  const cancel = (source: AnyActorRef, id: string | undefined): void => {
    const timer = timers.get(keyOf(source, id))
    if (timer !== undefined) cancelTimer(timer)
    timers.delete(keyOf(source, id))
  }
  return {
    schedule: (source, target, event, delayMs, id) => {
      const pid = processes.get(target)
      if (pid === undefined) return
      cancel(source, id)
      const message = new Relayed(source, event)
      timers.set(keyOf(source, id), sendAfter(pid as Pid<Relayed>, message, delayMs))
    },
    cancel,
    cancelAll: (source) => {
      for (const key of timers.keys()) {
        const isOwn = key.startsWith(keyOf(source, ''))
        if (isOwn) cancel(source, key.slice(keyOf(source, '').length))
      }
    },
  }
}

/** How a machine is told that its child has failed. */
export function errorEvent(
  id: string,
  error: unknown,
): EventObject & { error: unknown; actorId: string } {
  return { type: `xstate.error.actor.${id}`, error, actorId: id }
}

/** What went wrong, out of the reason of an exit. */
export function errorOf(reason: ExitReason): unknown {
  return typeof reason === 'object' && 'error' in reason ? reason.error : reason
}

/** The actor of a process has come to its end. */
class Ended {
  readonly reason: ExitReason

  constructor(reason: ExitReason) {
    this.reason = reason
  }
}

/** The process of an actor that is no machine; it ends with its actor, and the actor with it. */
export class XstateActor extends GenServer<null> {
  readonly #actor: AnyActor

  constructor(actor: AnyActor) {
    super()
    this.#actor = actor
  }

  init(): InitResult<null> {
    const actor = this.#actor
    const { self } = this
    const end = (reason: ExitReason): void => post(processOf(self), new Ended(reason))
    const call = { server: 'XstateActor', callback: actor.id }
    bind(actor, self)
    actor.subscribe({
      complete: () => end('normal'),
      error: (error) => end({ error, call } satisfies CrashReason),
    })
    onExit(self, () => this.#deliver(undefined, { type: 'xstate.stop' }))
    actor.start()
    return { state: null }
  }

  override handleInfo(message: unknown, state: null): Result<null> {
    if (message instanceof Ended) return { stop: message.reason, state }
    if (message instanceof Relayed) this.#deliver(message.source, message.event)
    return { state }
  }

  #deliver(source: AnyActorRef | undefined, event: EventObject): void {
    if (this.#actor.getSnapshot().status !== 'active') return
    deliveries.get(this.#actor.system)?.(source, this.#actor, event)
  }
}
