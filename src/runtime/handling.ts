// When a process is busy with which message, from begin to end, told to whoever listens to the
// tracer. The channel tells only the begin; the end of a handler that returns is the next begin on
// this thread or the end of the slice, and one that awaits ends when its process takes the next
// message or is seen at rest. So ends are late by less than a slice.
import { type Pid, processOf, SUSPENDED } from './pid.ts'
import { describeProcess } from './process-info.ts'
import { now } from './timer-wheel.ts'
import { attachTracer, type TraceEvent } from './tracer.ts'

/** One message being handled. */
export interface Handling {
  readonly pid: Pid
  readonly message: unknown
  readonly beganMs: number
}

export interface HandlingListener {
  onBegin?(handling: Handling): void
  onEnd(handling: Handling, durationMs: number): void
}

/** Tells a listener of every message handled from now on; returns what stops that. */
export function watchHandling(listener: HandlingListener): () => void {
  let running: Handling | null = null
  const suspended = new Map<Pid, Handling>()
  const end = (handling: Handling): void =>
    listener.onEnd(handling, Math.max(0, now() - handling.beganMs))
  /** The handler that ran last has returned, or awaits something. */
  const settle = (): void => {
    if (running === null) return
    if (processOf(running.pid).status === SUSPENDED) suspended.set(running.pid, running)
    else end(running)
    running = null
  }
  const take = (pid: Pid): void => {
    const handling = suspended.get(pid)
    if (handling === undefined || !suspended.delete(pid)) return
    end(handling)
  }
  const onEvent = (event: TraceEvent): void => {
    switch (event.type) {
      case 'receive': {
        settle()
        take(event.pid)
        running = { pid: event.pid, message: event.message, beganMs: event.atMs }
        listener.onBegin?.(running)
        return
      }
      case 'exit':
        if (running?.pid === event.pid) settle()
        take(event.pid)
        return
      case 'slice_end':
        settle()
        for (const pid of suspended.keys()) if (processOf(pid).status !== SUSPENDED) take(pid)
    }
  }
  const detach = attachTracer(onEvent, { types: ['receive', 'exit', 'slice_end'] })
  return () => {
    detach()
    settle()
    for (const pid of [...suspended.keys()]) take(pid)
  }
}

/** The `type` of a message or request, or what kind of value it is; for names of spans and series. */
export function typeOfMessage(message: unknown): string {
  if (message === null || typeof message !== 'object') return typeof message
  // Calls and casts carry what the user sent as their request.
  if ('request' in message) return typeOfMessage(message.request)
  if ('type' in message && typeof message.type === 'string') return message.type
  return message.constructor?.name ?? 'object'
}

/** The class of a server, or what kind of process it is. */
export function behaviourOf(pid: Pid): string {
  return describeProcess(processOf(pid)).behaviour
}
