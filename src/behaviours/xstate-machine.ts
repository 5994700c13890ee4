// Runs an xstate 5 machine as a process, so that a statechart can be supervised, called, inspected
// by sys and restarted like any server. xstate decides (a pure function from snapshot and event to
// snapshot and actions); the runtime acts: delays are timers of ours, invoked and spawned actors
// are linked processes, and what an action throws is an exit reason.
//
//   const light = start(new XstateMachine(lightMachine, { input: { seconds: 30 } }))
//   cast(light, { type: 'NEXT' })
//   const { value } = await call(light, { type: 'snapshot' })
//
// A machine in its final state ends with `normal`; who called `output` before gets its output. To
// restart where it was, save what `persist` answers (or each snapshot, by `onSnapshot`) and start
// with it; delays of `after` then begin anew. A child that crashes, or is killed, is an event
// `xstate.error.actor.ID`; where the machine does not handle that, it ends with the same error.
// When not to use it: for a machine that has to be fast. A GenStatem is fifty times faster.
import type {
  AnyActor,
  AnyActorRef,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFromLogic,
  EventObject,
  ExecutableActionObject,
  InputFrom,
  OutputFrom,
  Snapshot,
  SnapshotFrom,
  StateNode,
} from 'xstate'
import { ArborError } from '../runtime/arbor-error.ts'
import { type CrashReason, type ExitReason, isOrderly } from '../runtime/exit-reason.ts'
import { lateImport } from '../runtime/late-import.ts'
import { log } from '../runtime/logger.ts'
import { type Pid, processOf } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
import { post } from '../runtime/scheduler.ts'
import { Exit, trapExit } from '../runtime/signal.ts'
import { cancelTimer, sendAfter, type TimerRef } from '../runtime/timer.ts'
import type { ServerStatus } from './callbacks.ts'
import {
  type Call,
  type CallResult,
  type From,
  GenServer,
  type InitResult,
  type ReplyOf,
  type Result,
  reply,
  StartError,
  startLink,
} from './gen-server.ts'
import { StopRequest } from './stop-request.ts'
import {
  bind,
  Delayed,
  errorEvent,
  errorOf,
  Relayed,
  relay,
  takeOver,
  XstateActor,
} from './xstate-actor.ts'

/** What a running machine answers. */
export type XstateCall<M extends AnyStateMachine> =
  | Call<'snapshot', object, SnapshotFrom<M>>
  /** As JSON, for `snapshot` of a later start. */
  | Call<'persist', object, Snapshot<unknown>>
  /** Answered when the machine is done; give it a `timeoutMs`. */
  | Call<'output', object, OutputFrom<M>>

export interface XstateOptions<M extends AnyStateMachine> {
  readonly input?: InputFrom<M>
  /** A persisted snapshot to go on from. */
  readonly snapshot?: Snapshot<unknown> | undefined
  /** Told each new snapshot, in the machine's turn. */
  readonly onSnapshot?: (snapshot: SnapshotFrom<M>) => void
  /** Told what `emit` emits. */
  readonly onEmit?: (event: EventObject) => void
}

// --- A machine ---

interface Child {
  readonly ref: AnyActorRef
  /** Null when it could not start. */
  pid: Pid | null
  /** Nothing that it still sends counts. */
  isOver: boolean
}

/** What `raise` and `sendTo` ask for. */
interface Sending {
  readonly event: EventObject & { readonly data?: unknown }
  readonly to?: AnyActorRef
  readonly id?: string
  readonly delay?: number
}

const END = Symbol('end')

export class XstateMachine<M extends AnyStateMachine> extends GenServer<
  SnapshotFrom<M>,
  XstateCall<M>,
  EventFromLogic<M>
> {
  readonly #machine: M
  readonly #options: XstateOptions<M>
  readonly #ref: AnyActor
  readonly #isChild: boolean
  #snapshot: AnyMachineSnapshot | null = null
  /** What the step at hand asks for. */
  #actions: ExecutableActionObject[] = []
  readonly #children: Map<AnyActorRef, Child> = new Map()
  /** Actors that have been children, so that none is one twice. */
  readonly #started: WeakSet<AnyActorRef> = new WeakSet()
  readonly #delayed: Map<string, { readonly message: Delayed; readonly timer: TimerRef }> =
    new Map()
  readonly #waiting: From<OutputFrom<M>>[] = []
  #delays = 0

  /** `actor`: as whom a child of another machine is known there; only for these. */
  constructor(machine: M, options: XstateOptions<M> = {}, actor?: AnyActor) {
    super()
    this.#machine = machine
    this.#options = options
    this.#isChild = actor !== undefined
    const { input, snapshot } = options
    this.#ref =
      actor ?? xstate().createActor<AnyStateMachine>(machine, { input, snapshot } as object)
    if (actor === undefined) takeOver(this.#ref.system)
  }

  /** Its name in reports. */
  get className(): string {
    return this.#machine.id
  }

  init(): InitResult<SnapshotFrom<M>> {
    trapExit()
    const ref = this.#ref
    const isRestored = this.#options.snapshot !== undefined
    const restored: AnyMachineSnapshot = ref.getSnapshot()
    bind(ref, this.self)
    ref.getSnapshot = () => this.#snapshot ?? restored
    ref.getPersistedSnapshot = () => this.#machine.getPersistedSnapshot(ref.getSnapshot())
    const first = isRestored
      ? restored
      : this.#machine.getInitialSnapshot(this.#scope(), this.#options.input)
    if (isRestored && first.status === 'active') this.#revive(first)
    const result = this.#settle(first, { type: 'xstate.init' })
    if (!('stop' in result)) return result
    return result.stop === 'normal' ? { state: result.state, continue: END } : result
  }

  override handleCall(
    request: XstateCall<M>,
    from: From<ReplyOf<XstateCall<M>>>,
    state: SnapshotFrom<M>,
  ): CallResult<SnapshotFrom<M>, ReplyOf<XstateCall<M>>> {
    if (request.type === 'snapshot') return { reply: state, state }
    if (request.type === 'persist')
      return { reply: this.#machine.getPersistedSnapshot(state), state }
    this.#waiting.push(from)
    return { state }
  }

  override handleCast(event: EventFromLogic<M>, state: SnapshotFrom<M>): Result<SnapshotFrom<M>> {
    return this.#step(event, state)
  }

  override handleInfo(message: unknown, state: SnapshotFrom<M>): Result<SnapshotFrom<M>> {
    if (message instanceof Relayed) return this.#takeRelayed(message, state)
    if (message instanceof Delayed) {
      if (this.#delayed.get(message.id)?.message !== message) return { state }
      this.#delayed.delete(message.id)
      if (message.target === this.#ref) return this.#step(message.event, state)
      relay(this.#ref, message.target, message.event)
      return { state }
    }
    if (message instanceof Exit) return this.#takeExit(message, state)
    const isEvent = typeof message === 'object' && message !== null && 'type' in message
    if (isEvent && typeof message.type === 'string') {
      return this.#step(message as EventObject, state)
    }
    return super.handleInfo(message, state) as Result<SnapshotFrom<M>>
  }

  override handleContinue(_: unknown, state: SnapshotFrom<M>): Result<SnapshotFrom<M>> {
    return { stop: 'normal', state }
  }

  override terminate(reason: ExitReason): void {
    for (const child of this.#children.values()) endProcess(child)
    if (!this.#isChild || isOrderly(reason)) return
    const parent = this.#ref._parent
    if (parent !== undefined) relay(this.#ref, parent, errorEvent(this.#ref.id, errorOf(reason)))
  }

  override codeChange(): SnapshotFrom<M> {
    const attempt = { operation: 'codeChange', target: this.#machine.id }
    const advice = 'start the new machine with the persisted snapshot of the old one'
    throw new ArborError('no_code_change', 'an xstate machine does not change', advice, attempt)
  }

  override formatStatus(status: ServerStatus<SnapshotFrom<M>>): ServerStatus {
    const { value, context, status: phase }: AnyMachineSnapshot = status.state
    return { ...status, state: { value, context, status: phase } }
  }

  // --- Steps ---

  #scope(): Parameters<AnyStateMachine['transition']>[2] {
    const ref = this.#ref
    return {
      self: ref,
      id: ref.id,
      sessionId: ref.sessionId,
      system: ref.system,
      logger: () => {},
      emit: () => {},
      stopChild: () => {},
      // Only what xstate would do itself is deferred; here the actions are executed.
      defer: () => {},
      actionExecutor: (action) => {
        this.#actions.push(action)
      },
    }
  }

  #step(event: EventObject, state: AnyMachineSnapshot): Result<SnapshotFrom<M>> {
    this.#actions = []
    return this.#settle(this.#machine.transition(state, event, this.#scope()), event)
  }

  /** Does what a step asked for. */
  #settle(next: AnyMachineSnapshot, event: EventObject): Result<SnapshotFrom<M>> {
    const state = next as SnapshotFrom<M>
    const actions = this.#actions
    this.#snapshot = next
    this.#actions = []
    for (const action of actions) this.#execute(action)
    // What `assign` has spawned is in no action.
    for (const ref of Object.values<AnyActorRef | undefined>(next.children ?? {})) {
      if (next.status === 'active') this.#startChild(ref)
    }
    this.#options.onSnapshot?.(state)
    if (next.status === 'active') return { state }
    if (next.status === 'error') {
      const call = { server: this.#machine.id, callback: 'transition', message: event }
      const stop: CrashReason = { error: next.error, call }
      return { stop, state }
    }
    this.#tellDone(next)
    return { stop: 'normal', state }
  }

  #tellDone({ output }: AnyMachineSnapshot): void {
    for (const from of this.#waiting) reply(from, output as OutputFrom<M>)
    const { _parent: parent, id } = this.#ref
    if (!this.#isChild || parent === undefined) return
    const done = { type: `xstate.done.actor.${id}`, output: output as unknown, actorId: id }
    relay(this.#ref, parent, done)
  }

  #execute({ type, params, info, exec }: ExecutableActionObject): void {
    switch (type) {
      case 'xstate.spawnChild':
        this.#startChild((params as { actorRef?: AnyActorRef }).actorRef)
        break
      case 'xstate.stopChild':
        this.#stopChild(params as AnyActorRef | undefined)
        break
      case 'xstate.raise':
      case 'xstate.sendTo':
        this.#dispatch(type, params as Sending)
        break
      case 'xstate.cancel':
        this.#cancel((params as { sendId: string }).sendId)
        break
      case 'xstate.emit':
        this.#options.onEmit?.((params as { event: EventObject }).event)
        break
      case 'xstate.log':
        log(() => ({ level: 'info', event: 'xstate_log', pid: this.self, ...(params as object) }))
        break
      default:
        exec?.(info, params)
    }
  }

  // --- Children ---

  /** Starts the process of a child, unless it has one or is not wanted any more. */
  #startChild(ref: AnyActorRef | undefined): void {
    if (ref === undefined || this.#started.has(ref)) return
    if (this.#snapshot?.children[ref.id] !== ref) return
    const child: Child = { ref, pid: null, isOver: false }
    this.#started.add(ref)
    this.#children.set(ref, child)
    try {
      child.pid = startProcess(ref as AnyActor, this.self)
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      relay(ref, this.#ref, errorEvent(ref.id, errorOf(error.reason)))
    }
  }

  #stopChild(ref: AnyActorRef | undefined): void {
    const child = ref === undefined ? undefined : this.#children.get(ref)
    if (child === undefined) return
    child.isOver = true
    endProcess(child)
  }

  /** An event of another actor; what a child sends after its end, or its being stopped, is void. */
  #takeRelayed({ source, event }: Relayed, state: SnapshotFrom<M>): Result<SnapshotFrom<M>> {
    const child = source === undefined ? undefined : this.#children.get(source)
    if (child === undefined) return this.#step(event, state)
    if (child.isOver) return { state }
    const { id } = child.ref
    child.isOver =
      event.type === `xstate.done.actor.${id}` || event.type === `xstate.error.actor.${id}`
    return this.#step(event, state)
  }

  /** A linked process has ended: a child, or whoever told this machine to end with it. */
  #takeExit({ from, reason }: Exit, state: SnapshotFrom<M>): Result<SnapshotFrom<M>> {
    for (const [ref, { pid, isOver }] of this.#children) {
      if (pid !== from) continue
      this.#children.delete(ref)
      return isOver ? { state } : this.#step(errorEvent(ref.id, errorOf(reason)), state)
    }
    return reason === 'normal' ? { state } : { stop: reason, state }
  }

  // --- Events that are sent ---

  #dispatch(type: string, { event, to, id, delay }: Sending): void {
    const target = type === 'xstate.raise' ? this.#ref : (to ?? this.#ref)
    if (typeof delay === 'number') this.#delay(id, target, event, delay)
    else if (type === 'xstate.sendTo') {
      // Spawned by `assign` in this same step.
      if (target._parent === this.#ref) this.#startChild(target)
      const isError = event.type === 'xstate.error'
      relay(this.#ref, target, isError ? errorEvent(this.#ref.id, event.data) : event)
    }
  }

  #delay(id: string | undefined, target: AnyActorRef, event: EventObject, delayMs: number): void {
    const name = id ?? `delay ${this.#delays++}`
    this.#cancel(name)
    const message = new Delayed(name, target, event)
    this.#delayed.set(name, {
      message,
      timer: sendAfter(this.self as Pid<Delayed>, message, delayMs),
    })
  }

  #cancel(id: string): void {
    const delayed = this.#delayed.get(id)
    if (delayed === undefined) return
    cancelTimer(delayed.timer)
    this.#delayed.delete(id)
  }

  /** A restored machine: children that had ended stay so; delays of its states begin anew. */
  #revive(snapshot: AnyMachineSnapshot): void {
    for (const ref of Object.values<AnyActorRef | undefined>(snapshot.children)) {
      if (ref !== undefined && ref.getSnapshot().status !== 'active') this.#started.add(ref)
    }
    const { delays } = this.#machine.implementations
    const args = { context: snapshot.context, event: { type: 'xstate.init' } }
    for (const node of snapshot._nodes as StateNode[]) {
      for (const { delay, eventType } of node.after) {
        const named = typeof delay === 'string' ? delays[delay] : delay
        const ms: unknown = typeof named === 'function' ? named(args as never, {} as never) : named
        if (typeof ms === 'number') this.#delay(eventType, this.#ref, { type: eventType }, ms)
      }
    }
  }
}

/** Loaded with the first machine: mostly the program has done so. */
const xstate = () => lateImport('xstate') as typeof import('xstate')

/** A machine becomes one of ours; any other actor runs as it is, in a process around it. */
function startProcess(actor: AnyActor, parent: Pid): Pid {
  const { logic, options } = actor
  const { StateMachine } = xstate()
  if (!(logic instanceof StateMachine)) return startLink(new XstateActor(actor), { parent })
  const { input, snapshot } = options as { input?: unknown; snapshot?: Snapshot<unknown> }
  const machine = new XstateMachine<AnyStateMachine>(logic, { input, snapshot }, actor)
  return startLink(machine, { parent })
}

/** Ends a child behind what has been sent to it. */
function endProcess({ pid }: Child): void {
  if (pid !== null && isAlive(pid)) post(processOf(pid), new StopRequest('shutdown'))
}
