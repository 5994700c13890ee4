// Histograms that need an eye on every call, or on every message: how long calls take until their
// outcome, and how long messages are handled. They subscribe to the tracer and cost some
// 2 µs a call, ten times the call itself, so they are off unless asked for; the counters of
// metrics.ts cost next to nothing.
//
//   const detach = traceMetrics()                        // calls
//   const detach = traceMetrics({ messages: true })      // every message, too
import { behaviourOf, typeOfMessage, watchHandling } from './handling.ts'
import { MetricRegistry, runtimeMetrics } from './metrics.ts'
import { isPid } from './pid.ts'
import { whereis } from './registry.ts'
import { attachTracer } from './tracer.ts'

/** Upper bounds in seconds: most calls take microseconds. */
const BUCKETS = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10]

/** Kept when nobody traces, so that counts never go back. */
const registry = new MetricRegistry()

/** Who traces: the registry is shown as long as there is somebody. */
const users: Record<'calls' | 'messages', Set<object>> = { calls: new Set(), messages: new Set() }
let detachCalls = (): void => {}
let detachMessages = (): void => {}
let hide = (): void => {}

/**
 * Adds `arbor_call_duration_seconds` to the runtime's metrics and, with `messages`,
 * `arbor_message_duration_seconds`; returns what stops that. Several users share one subscription.
 */
export function traceMetrics({ messages = false }: { messages?: boolean } = {}): () => void {
  const user = {}
  if (users.calls.size === 0) {
    hide = runtimeMetrics().add(registry)
    detachCalls = traceCalls()
  }
  users.calls.add(user)
  if (messages) {
    if (users.messages.size === 0) detachMessages = traceMessages()
    users.messages.add(user)
  }
  return () => {
    if (users.messages.delete(user) && users.messages.size === 0) detachMessages()
    if (!users.calls.delete(user) || users.calls.size > 0) return
    detachCalls()
    hide()
  }
}

function traceCalls(): () => void {
  const durations = registry.histogram({
    name: 'arbor_call_duration_seconds',
    help: 'Time from a request to its reply or its failure',
    labels: ['behaviour', 'request', 'outcome'],
    buckets: BUCKETS,
  })
  return attachTracer(
    (event) => {
      if (event.type !== 'call_end') return
      const { callee, request, outcome, durationMs } = event
      const pid = isPid(callee) ? callee : whereis(callee)
      // Names are the program's, pids are without number.
      const behaviour = pid === undefined ? 'unknown' : behaviourOf(pid)
      const labels = { behaviour, request: typeOfMessage(request), outcome }
      durations.observe(durationMs / 1000, labels)
    },
    { types: ['call_end'] },
  )
}

function traceMessages(): () => void {
  const durations = registry.histogram({
    name: 'arbor_message_duration_seconds',
    help: 'Time from the begin of a message to the end of its handler',
    labels: ['behaviour', 'message'],
    buckets: BUCKETS,
  })
  return watchHandling({
    onEnd: ({ pid, message }, durationMs) => {
      const labels = { behaviour: behaviourOf(pid), message: typeOfMessage(message) }
      durations.observe(durationMs / 1000, labels)
    },
  })
}
