// Knows in which phase a service is and asks it how it does. It outlives the service's restarts and
// is never busy, so there is always an answer:
//
//   starting ──► ready ──► draining ──► stopped
//      ▲           │ crash
//      └───────────┘
//
// Whoever asks while the service is being asked waits for the same answer: a flood of probes is one
// question at a time. A service that does not answer in time is down, and so is one that ends
// meanwhile.
import {
  type Call,
  type CallResult,
  call,
  cast,
  type From,
  GenServer,
  type InitResult,
  type Result,
  reply,
  type ServerPid,
} from '../../behaviours/gen-server.ts'
import { down, type Health, type Info } from '../../behaviours/service.ts'
import { askHealth, type Verdict } from '../../behaviours/service-request.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import { send } from '../../runtime/process.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import { cancelTimer, sendAfter, type TimerRef } from '../../runtime/timer.ts'

export type Phase = 'starting' | 'ready' | 'draining' | 'stopped'

/** What the endpoint and the program are told. */
export interface ServiceStatus {
  readonly phase: Phase
  /** As the service said just now; down in every phase but `ready`. */
  readonly health: Health
  readonly info: Info
}

export type MonitorCall = Call<'status', object, ServiceStatus>

export type MonitorCast =
  | { readonly type: 'starting' }
  | { readonly type: 'ready'; readonly service: Pid }
  | { readonly type: 'draining' }

export type MonitorPid = ServerPid<MonitorCall, MonitorCast>
export type MonitorRef = MonitorPid | Name<MonitorPid>

/** One question to the service, and who waits for its answer. */
interface Probe {
  readonly waiting: From<ServiceStatus>[]
  readonly timeout: TimerRef
}

interface State {
  readonly phase: Phase
  readonly info: Info
  readonly service: Pid | undefined
  /** Whether it has been ready before. */
  readonly isRestart: boolean
  readonly probe: Probe | undefined
}

/** What the monitor is told of a probe. */
class Answered {
  readonly probe: Probe['waiting']
  readonly verdict: Verdict

  constructor(probe: Probe['waiting'], verdict: Verdict) {
    this.probe = probe
    this.verdict = verdict
  }
}

export class HealthMonitor extends GenServer<State, MonitorCall, MonitorCast> {
  readonly #info: Info
  readonly #timeoutMs: number

  constructor(info: Info, timeoutMs: number) {
    super()
    this.#info = info
    this.#timeoutMs = timeoutMs
  }

  init(): InitResult<State> {
    const info = this.#info
    const none = { service: undefined, isRestart: false, probe: undefined }
    return { state: { phase: 'starting', info, ...none } }
  }

  override handleCall(
    _: MonitorCall,
    from: From<ServiceStatus>,
    state: State,
  ): CallResult<State, ServiceStatus> {
    const { phase, service, probe } = state
    if (phase !== 'ready' || service === undefined) {
      return { reply: statusOf(state, down(absence(state))), state }
    }
    if (probe !== undefined) {
      probe.waiting.push(from)
      return { state }
    }
    const waiting = [from]
    const late = down(`health gave no answer within ${this.#timeoutMs} ms`)
    const answered = new Answered(waiting, { health: late })
    const timeout = sendAfter<unknown>(this.self, answered, this.#timeoutMs)
    const { self } = this
    askHealth(service, (verdict) => send<unknown>(self, new Answered(waiting, verdict)))
    return { state: { ...state, probe: { waiting, timeout } } }
  }

  override handleCast(message: MonitorCast, state: State): Result<State> {
    switch (message.type) {
      case 'starting':
        return { state: { ...state, phase: 'starting' } }
      case 'ready':
        monitor(message.service)
        return { state: { ...state, phase: 'ready', service: message.service, isRestart: true } }
      case 'draining':
        // One that has crashed is not on its way out, it is on its way back.
        if (state.service === undefined) return { state }
        return { state: settled({ ...state, phase: 'draining' }) }
    }
  }

  override handleInfo(message: unknown, state: State): Result<State> {
    if (message instanceof Answered) {
      if (state.probe?.waiting !== message.probe) return { state }
      const { verdict } = message
      const next = { ...state, info: verdict.info ?? state.info }
      return { state: answer(next, verdict.health) }
    }
    if (message instanceof Down && message.pid === state.service) {
      const phase = state.phase === 'draining' ? 'stopped' : 'starting'
      return { state: settled({ ...state, phase, service: undefined }) }
    }
    return { state }
  }
}

/** How a service does, and in which phase it is. */
export function serviceStatus(monitor: MonitorRef, timeoutMs: number): Promise<ServiceStatus> {
  return call(monitor, { type: 'status' }, { timeoutMs })
}

/** Tells the monitor what becomes of the service; its host only. */
export function tellMonitor(monitor: MonitorRef, message: MonitorCast): void {
  cast(monitor, message)
}

/** Why there is nobody to ask. */
function absence({ phase, isRestart }: State): string {
  if (phase === 'draining' || phase === 'stopped') return phase
  return isRestart ? 'restarting' : 'not_started'
}

function statusOf({ phase, info }: State, health: Health): ServiceStatus {
  return { phase, health, info }
}

/** Answers whoever still waits for a service that has left. */
function settled(state: State): State {
  return answer(state, down(absence(state)))
}

function answer(state: State, health: Health): State {
  const { probe } = state
  if (probe === undefined) return state
  cancelTimer(probe.timeout)
  for (const from of probe.waiting) reply(from, statusOf(state, health))
  return { ...state, probe: undefined }
}
