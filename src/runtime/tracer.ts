// The one channel through which a thread shows what its processes do: spans, metrics, `sys.trace`
// and `arbor top` all subscribe here, and the kernel knows none of them. Events are data. With
// nobody attached a hook is one comparison with null; an event is built only when a subscriber
// wants its type.
//
//   const detach = attachTracer((event) => seen.push(event), { types: ['send', 'exit'] })
//   detach()
//
// A sink runs inside the kernel, in the middle of what it is told of: it should note and return.
// What it causes itself (a message it sends) is not traced, and one that throws is detached.
import type { ExitReason } from './exit-reason.ts'
import { log } from './logger.ts'
import { UserMessage } from './mailbox-bound.ts'
import type { Pid } from './pid.ts'
import { now } from './timer-wheel.ts'

interface Timed {
  /** Milliseconds of the clock in use. */
  readonly atMs: number
}

/** A process has been made. */
export interface SpawnEvent extends Timed {
  readonly type: 'spawn'
  readonly pid: Pid
  /** Who made it; null when no process was running. */
  readonly parent: Pid | null
}

/** A message is on its way: also one to the dead, and those of timers and behaviours. */
export interface SendEvent extends Timed {
  readonly type: 'send'
  /** The sender; null when no process was running. */
  readonly pid: Pid | null
  readonly to: Pid
  readonly message: unknown
}

/** A process begins with a message; that of a call is the `call` of its `call_start`. */
export interface ReceiveEvent extends Timed {
  readonly type: 'receive'
  readonly pid: Pid
  readonly message: unknown
}

/** A process has ended. */
export interface ExitEvent extends Timed {
  readonly type: 'exit'
  readonly pid: Pid
  readonly reason: ExitReason
}

export interface LinkEvent extends Timed {
  readonly type: 'link' | 'unlink'
  readonly pid: Pid
  readonly other: Pid
}

export interface RegisterEvent extends Timed {
  readonly type: 'register' | 'unregister'
  readonly pid: Pid
  readonly name: string
}

/** A request leaves its caller. */
export interface CallStartEvent extends Timed {
  readonly type: 'call_start'
  /** The call itself: the same object in both of its events, and as the message received. */
  readonly call: object
  /** The caller; null when no process was running. */
  readonly pid: Pid | null
  readonly callee: Pid | string
  readonly request: unknown
}

/** A call has its outcome: the reply has been given, or there will be none. */
export interface CallEndEvent extends Timed {
  readonly type: 'call_end'
  readonly call: object
  readonly pid: Pid | null
  readonly callee: Pid | string
  readonly request: unknown
  /** `reply`, or why there is none: `timeout`, `noproc`, `exit`, `calling_self`, `aborted`. */
  readonly outcome: string
  /** The reply, or the error. */
  readonly value: unknown
  readonly durationMs: number
}

/** Processes get a slice of the thread's time, or leave the rest of it to the event loop. */
export interface SliceEvent extends Timed {
  readonly type: 'slice_begin' | 'slice_end'
  /** Processes that wait for their turn. */
  readonly runQueueLength: number
}

export type TraceEvent =
  | SpawnEvent
  | SendEvent
  | ReceiveEvent
  | ExitEvent
  | LinkEvent
  | RegisterEvent
  | CallStartEvent
  | CallEndEvent
  | SliceEvent

export type TraceEventType = TraceEvent['type']

export type TraceSink = (event: TraceEvent) => void

export interface TraceOptions {
  /** Which events, default all: the fewer, the cheaper. */
  readonly types?: readonly TraceEventType[]
  /**
   * Only what these processes do (and calls to them), default every process. Slices belong to
   * none.
   */
  readonly pids?: Iterable<Pid>
  /** With `pids`: those they spawn are traced too, and theirs (OTP's `set_on_spawn`). */
  readonly follow?: boolean
}

class Subscription {
  readonly sink: TraceSink
  readonly types: ReadonlySet<TraceEventType> | null
  readonly pids: Set<Pid> | null
  readonly follow: boolean

  constructor(sink: TraceSink, { types, pids, follow = false }: TraceOptions) {
    this.sink = sink
    this.types = types === undefined ? null : new Set(types)
    this.pids = pids === undefined ? null : new Set(pids)
    this.follow = follow
  }

  wants(type: TraceEventType): boolean {
    return this.types === null || this.types.has(type)
  }

  /** Whether an event that concerns one or two processes is wanted. */
  concerns(pid: Pid | null, other: Pid | null): boolean {
    const { pids } = this
    if (pids === null) return true
    return (pid !== null && pids.has(pid)) || (other !== null && pids.has(other))
  }
}

/** A call, seen from here. */
interface TracedCall {
  readonly callee: Pid | string
  readonly target: Pid | undefined
  readonly request: unknown
  readonly outcome: unknown
}

interface CallStart {
  readonly pid: Pid | null
  readonly atMs: number
}

/** What the kernel calls; there is one as long as somebody is attached. */
class Tracer {
  subscriptions: readonly Subscription[] = []
  /** Calls that were open when they were first seen. */
  readonly #calls: WeakMap<object, CallStart> = new WeakMap()
  #wanted: ReadonlySet<TraceEventType> = new Set()
  /** Whether a sink runs: what that does is not traced. */
  #isEmitting = false

  subscribe(subscriptions: readonly Subscription[]): void {
    this.subscriptions = subscriptions
    this.#wanted = new Set(typesOfAll.filter((type) => subscriptions.some((s) => s.wants(type))))
  }

  onSpawn(pid: Pid, parent: Pid | null): void {
    for (const { follow, pids } of this.subscriptions) {
      if (follow && pids !== null && parent !== null && pids.has(parent)) pids.add(pid)
    }
    if (!this.#wants('spawn')) return
    this.#emit({ type: 'spawn', atMs: now(), pid, parent }, pid, parent)
  }

  onSend(pid: Pid | null, to: Pid, message: unknown): void {
    if (!this.#wants('send')) return
    const content = message instanceof UserMessage ? message.content : message
    this.#emit({ type: 'send', atMs: now(), pid, to, message: content }, pid)
  }

  onReceive(pid: Pid, message: unknown): void {
    if (!this.#wants('receive')) return
    this.#emit({ type: 'receive', atMs: now(), pid, message }, pid)
  }

  onExit(pid: Pid, reason: ExitReason): void {
    if (this.#wants('exit')) this.#emit({ type: 'exit', atMs: now(), pid, reason }, pid)
    for (const { pids } of this.subscriptions) pids?.delete(pid)
  }

  onLink(type: LinkEvent['type'], pid: Pid, other: Pid): void {
    if (this.#wants(type)) this.#emit({ type, atMs: now(), pid, other }, pid)
  }

  onRegister(type: RegisterEvent['type'], pid: Pid, name: string): void {
    if (this.#wants(type)) this.#emit({ type, atMs: now(), pid, name }, pid)
  }

  onCallStart(call: TracedCall, pid: Pid | null): void {
    const atMs = now()
    this.#calls.set(call, { pid, atMs })
    if (!this.#wants('call_start')) return
    const { callee, target = null, request } = call
    this.#emit({ type: 'call_start', atMs, call, pid, callee, request }, pid, target)
  }

  onCallEnd(call: TracedCall, outcome: string): void {
    const start = this.#calls.get(call)
    if (start === undefined || !this.#wants('call_end')) return
    const { callee, target = null, request, outcome: value } = call
    const atMs = now()
    const durationMs = atMs - start.atMs
    const { pid } = start
    this.#emit(
      { type: 'call_end', atMs, call, pid, callee, request, outcome, value, durationMs },
      pid,
      target,
    )
  }

  onSlice(type: SliceEvent['type'], runQueueLength: number): void {
    if (this.#wants(type)) this.#emit({ type, atMs: now(), runQueueLength }, null)
  }

  #wants(type: TraceEventType): boolean {
    return this.#wanted.has(type) && !this.#isEmitting
  }

  #emit(event: TraceEvent, pid: Pid | null, other: Pid | null = null): void {
    this.#isEmitting = true
    for (const subscription of this.subscriptions) {
      if (!subscription.wants(event.type) || !subscription.concerns(pid, other)) continue
      try {
        subscription.sink(event)
      } catch (error) {
        detach(subscription)
        log(() => ({ level: 'error', event: 'trace_sink_failed', error }))
      }
    }
    this.#isEmitting = false
  }
}

const typesOfAll: readonly TraceEventType[] = [
  'spawn',
  'send',
  'receive',
  'exit',
  'link',
  'unlink',
  'register',
  'unregister',
  'call_start',
  'call_end',
  'slice_begin',
  'slice_end',
]

/** The channel, or null while nobody is attached: the kernel's hooks look at this and no further. */
export let tracer: Tracer | null = null

const channel = new Tracer()

/** Hands events to a sink from now on; returns what takes it off again. */
export function attachTracer(sink: TraceSink, options: TraceOptions = {}): () => void {
  const subscription = new Subscription(sink, options)
  resubscribe([...channel.subscriptions, subscription])
  return () => detach(subscription)
}

function detach(subscription: Subscription): void {
  resubscribe(channel.subscriptions.filter((other) => other !== subscription))
}

function resubscribe(subscriptions: readonly Subscription[]): void {
  channel.subscribe(subscriptions)
  tracer = subscriptions.length === 0 ? null : channel
}
