// Programs written for nact 7, run as supervised processes of Arbor: change the import from 'nact' to
// 'arbor/nact'. An actor is a function of its state and a message; what it returns is its next state.
//
//   const system = start()
//   const counter = spawn(system, (count: number = 0, by: number) => count + by, 'counter')
//   dispatch(counter, 2)
//
// Each actor is a process, linked to its parent's, which supervises it. Functions and signatures are
// nact's; where nact breaks what it documents, or what an Erlang engineer relies on, this does what
// OTP does:
//
// - A parent that stops stops its children first, in reverse start order, each awaited, `afterStop`
//   included; in nact they go on. `stop` returns a promise of the end.
// - An actor that has begun again three times within five seconds escalates instead of looping.
// - A query fails at once when the actor crashes over it or ends; in nact it waits for its timeout.
// - What an ended actor's function still dispatches after an await throws; in nact it is delivered.
// - An escalated child whose parent's policy resumes goes on; in nact it hangs for ever.
// - Stateless actors handle messages concurrently, and their `onCrash` counts; nact does neither.
// - `restart` and `restartChild` are added: a new process with an empty mailbox. `reset` is nact's,
//   in place, and keeps what is queued.
//
// For new code write a GenServer: it has calls with monitors, exit reasons and typed protocols.
// Persistence and plugins are not included.

import { TIMER_MS_MAX } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { deadLetter } from '../runtime/dead-letter.ts'
import { DEAD, type Pid } from '../runtime/pid.ts'
import { post } from '../runtime/scheduler.ts'
import { Actor, ActorSystem, type Behaviour, type Place, type Properties } from './actor.ts'
import { Envelope } from './actor-server.ts'
import type { ActorContext } from './context.ts'
import { ActorRef, type ActorSystemRef, nobody, type Ref, SystemRef } from './ref.ts'
import { checkAlive, isWithin } from './running-actor.ts'
import type { ActorContextWithMailbox, SupervisionPolicy } from './supervision.ts'
import { Query, QueryError, TemporaryRef } from './temporary-ref.ts'

export type { ActorContext, ActorLogger } from './context.ts'
export { ActorPath } from './path.ts'
export { type ActorSystemRef, Nobody, Ref } from './ref.ts'
export type {
  ActorContextWithMailbox,
  SupervisionAction,
  SupervisionActions,
  SupervisionContext,
  SupervisionPolicy,
} from './supervision.ts'
export { QueryError, type QueryFailure } from './temporary-ref.ts'
export * from './time.ts'

/** An actor's function; it may be async, and then the next message waits for it. */
export type ActorFunc<State, Msg, Parent extends Ref<never>> = (
  state: State,
  msg: Msg,
  ctx: ActorContext<Msg, Parent>,
) => State | Promise<State>

/** The function of an actor without a state; async ones run concurrently. */
export type StatelessActorFunc<Msg, Parent extends Ref<never>> = (
  msg: Msg,
  ctx: ActorContext<Msg, Parent>,
) => void | Promise<void>

export interface ActorProps<State, Msg, Parent extends Ref<never>> {
  /** Stops the actor when no message has come for so many milliseconds. */
  readonly shutdownAfter?: number
  /** Decides after a crash; without it the actor stops. */
  readonly onCrash?: SupervisionPolicy<Msg, Parent>
  readonly initialState?: State
  /** Makes the first state, also after a reset. */
  readonly initialStateFunc?: (ctx: ActorContext<Msg, Parent>) => State
  /** Cleans up, after the children have ended; awaited. */
  readonly afterStop?: (
    state: State,
    ctx: ActorContextWithMailbox<Msg, Parent>,
  ) => void | Promise<void>
}

/** Without `onCrash` a stateless actor resumes. */
export type StatelessActorProps<Msg, Parent extends Ref<never>> = Pick<
  ActorProps<undefined, Msg, Parent>,
  'shutdownAfter' | 'onCrash'
>

/** Starts a system, the parent of the top-level actors. */
export function start(options: { readonly name?: string } | string = {}): ActorSystemRef {
  const name = typeof options === 'string' ? options : options.name
  return new ActorSystem(name).ref
}

/**
 * Starts an actor under a parent. Throws when the parent has stopped, or has a child of that name.
 */
export function spawn<State, Msg, Parent extends Ref<never>>(
  parent: Parent,
  f: ActorFunc<State, Msg, Parent>,
  name?: string,
  properties?: ActorProps<NoInfer<State>, NoInfer<Msg>, NoInfer<Parent>>,
): Ref<Msg>
export function spawn(
  parent: Ref<never>,
  f: (state: never, msg: never, ctx: never) => unknown,
  name?: string,
  properties: object = noProperties,
): Ref<unknown> {
  return spawnActor(parent, f as Behaviour, name, properties, false)
}

/** Starts an actor without a state, which handles messages concurrently. */
export function spawnStateless<Msg, Parent extends Ref<never>>(
  parent: Parent,
  f: StatelessActorFunc<Msg, Parent>,
  name?: string,
  properties?: StatelessActorProps<NoInfer<Msg>, NoInfer<Parent>>,
): Ref<Msg>
export function spawnStateless(
  parent: Ref<never>,
  f: (msg: never, ctx: never) => unknown,
  name?: string,
  properties: object = noProperties,
): Ref<unknown> {
  const behaviour: Behaviour = function (this: unknown, _, msg, ctx) {
    return f.call(this, msg as never, ctx as never)
  }
  return spawnActor(parent, behaviour, name, properties, true)
}

const noProperties: Properties = {}

function spawnActor(
  parent: Ref<never>,
  behaviour: Behaviour,
  name: string | undefined,
  properties: Properties,
  isStateless: boolean,
): Ref<unknown> {
  checkAlive('spawn')
  const place = placeOf(parent)
  if (place === undefined || place.isStopped) {
    const advice = 'spawn under a parent that runs'
    const attempt = { operation: 'spawn', target: name }
    throw new ArborError('noproc', 'Actor has stopped or never even existed', advice, attempt)
  }
  const { shutdownAfter } = properties
  if (shutdownAfter !== undefined) checkMs('spawn', 'Shutdown', shutdownAfter)
  const given = name === undefined || name === '' ? place.system.anonymousName() : name
  return new Actor(place, behaviour, given, properties, isStateless).ref
}

/** Sends a message; it never blocks, and to whom is not there it is a dead letter. */
export function dispatch<Msg>(actor: Ref<Msg>, msg: Msg, sender: Ref<never> = nobody): void {
  checkAlive('dispatch')
  if (actor instanceof TemporaryRef) {
    TemporaryRef.settle(actor, msg)
    return
  }
  const place = actor instanceof ActorRef ? ActorRef.actorOf(actor) : undefined
  if (place !== undefined) post(place.pid, new Envelope(msg, sender as Ref<unknown>))
  else deadLetter('no_process', actor instanceof ActorRef ? String(actor.path) : actor.type, msg)
}

/**
 * Sends a request with a reference to answer to, and resolves with the first message dispatched to
 * that: made by a function of the reference, or found by the actor in `ctx.sender`. Rejects with a
 * `QueryError` when the actor is not there, ends or crashes over it (at once), or is late.
 */
export function query<Msg, Answer>(
  actor: Ref<Msg>,
  request: (replyTo: Ref<Answer>) => Msg,
  timeoutMs: number,
): Promise<Answer>
export function query<Msg>(actor: Ref<Msg>, request: Msg, timeoutMs: number): Promise<unknown>
export function query(actor: Ref<never>, request: unknown, timeoutMs: number): Promise<unknown> {
  checkAlive('query')
  checkMs('query', 'A timeout is required to be specified: it', timeoutMs)
  const asked = actor instanceof ActorRef ? ActorRef.actorOf(actor) : undefined
  if (asked === undefined || asked.pid.status === DEAD || !(actor instanceof ActorRef)) {
    return Promise.reject(new QueryError('noproc', 'noproc', actor, request))
  }
  const open = new Query<unknown>(actor)
  const message = typeof request === 'function' ? request(open.ref) : request
  open.begin(asked.pid, message, timeoutMs)
  post(asked.pid, new Envelope(message, open.ref))
  return open.promise
}

/**
 * Stops an actor, or a whole system: it is found no more, and what is queued is not handled. The
 * promise resolves when it has ended, its children before it, each after the message it is busy
 * with or five seconds; within the actor itself, where that would wait for ever, at once.
 */
export function stop(actor: Ref<never>): Promise<void> {
  const place = placeOf(actor)
  if (!(place instanceof Actor || place instanceof ActorSystem)) return Promise.resolve()
  const ended = place.stop()
  return isWithin(place) ? Promise.resolve() : ended
}

/**
 * The process of an actor or a system now, to monitor, inspect or `send` to; undefined when it has
 * stopped. After a restart it is another.
 */
export function pidOf(actor: Ref<never>): Pid | undefined {
  const place = placeOf(actor)
  return place === undefined || place.isStopped ? undefined : place.pid
}

function placeOf(ref: Ref<never>): Place | undefined {
  if (ref instanceof SystemRef) return SystemRef.systemOf(ref)
  return ref instanceof ActorRef ? ActorRef.actorOf(ref) : undefined
}

function checkMs(operation: string, what: string, ms: unknown): void {
  if (typeof ms === 'number' && ms >= 0 && ms <= TIMER_MS_MAX) return
  const message = `${what} should be specified as a number in milliseconds, not ${String(ms)}`
  const advice = `give 0 to ${TIMER_MS_MAX}`
  throw new ArborError('bad_delay', message, advice, { operation, request: ms })
}
