// Announces what a service can do, and sees it off. It is started after the service and stopped
// before it, so its life is the time in which the service answers: its start makes it ready and
// known, its end withdraws the capabilities, refuses new calls and waits for those in flight.
import { GenServer, type InitResult, type Result } from '../../behaviours/gen-server.ts'
import type { Capability, Info } from '../../behaviours/service.ts'
import { askCapabilities, refuseCalls } from '../../behaviours/service-request.ts'
import { DRAIN_CHECK_MS } from '../../limits.ts'
import { openCalls } from '../../runtime/call.ts'
import { log } from '../../runtime/logger.ts'
import type { Pid } from '../../runtime/pid.ts'
import { send } from '../../runtime/process.ts'
import { Down, trapExit, waitForExit, monitor as watch } from '../../runtime/signal.ts'
import { sendInterval } from '../../runtime/timer.ts'
import { now } from '../../runtime/timer-wheel.ts'
import type { Announcer } from './announcer.ts'
import { type MonitorPid, tellMonitor } from './health-monitor.ts'
import { within } from './within.ts'

export interface CapabilityRegistryOptions {
  readonly info: Info
  readonly service: Pid
  readonly monitor: MonitorPid
  readonly announcer: Announcer | undefined
  readonly announceIntervalMs: number
  readonly withdrawTimeoutMs: number
  readonly drainTimeoutMs: number
}

interface State {
  /** As last handed to the announcer. */
  readonly announced: readonly Capability[]
  /** Announcing that is not done yet. */
  readonly inFlight: Promise<void> | undefined
}

/** What the registry tells itself. */
type Message =
  | { readonly type: 'assert' }
  | { readonly type: 'capabilities'; readonly listed: readonly Capability[] | Error }
  | { readonly type: 'asserted'; readonly failure: unknown }

export class CapabilityRegistry extends GenServer<State> {
  readonly #options: CapabilityRegistryOptions
  readonly #leaving = new AbortController()

  constructor(options: CapabilityRegistryOptions) {
    super()
    this.#options = options
  }

  init(): InitResult<State> {
    const { monitor, service, announcer, announceIntervalMs } = this.#options
    trapExit()
    // A monitor that is started again has to be told anew.
    watch(monitor)
    tellMonitor(monitor, { type: 'ready', service })
    if (announcer !== undefined) {
      this.#tell({ type: 'assert' })
      sendInterval<Message>(this.self, { type: 'assert' }, announceIntervalMs)
    }
    return { state: { announced: [], inFlight: undefined } }
  }

  override handleInfo(received: unknown, state: State): Result<State> {
    if (received instanceof Down) return { stop: received.reason, state }
    const message = received as Message
    switch (message.type) {
      case 'assert':
        askCapabilities(this.#options.service, (listed) =>
          this.#tell({ type: 'capabilities', listed }),
        )
        return { state }
      case 'capabilities':
        return { state: this.#assert(message.listed, state) }
      case 'asserted':
        if (message.failure !== undefined) this.#report('announce_failed', message.failure)
        return { state: { ...state, inFlight: undefined } }
    }
  }

  /** Withdraws, then drains; both take their time, and no more than that. */
  override async terminate(_: unknown, { announced, inFlight }: State): Promise<void> {
    const { info, announcer, monitor, withdrawTimeoutMs } = this.#options
    tellMonitor(monitor, { type: 'draining' })
    this.#leaving.abort()
    if (inFlight !== undefined) await within(withdrawTimeoutMs, inFlight)
    if (announcer !== undefined && announced.length > 0) {
      const withdrawn = attempt(() => announcer.withdraw(info, announced))
      const failure = await within(withdrawTimeoutMs, withdrawn)
      if (failure !== undefined) this.#report('withdraw_failed', failure)
    }
    await this.#drain()
  }

  /** Announces what is listed now, in the background; what is not listed any more is withdrawn. */
  #assert(listed: readonly Capability[] | Error, state: State): State {
    const { info, announcer } = this.#options
    if (listed instanceof Error) {
      this.#report('bad_capabilities', listed)
      return state
    }
    // Still busy with the last time: the next will do.
    if (announcer === undefined || state.inFlight !== undefined) return state
    const gone = state.announced.filter((old) => !listed.some((kept) => isSame(old, kept)))
    const { signal } = this.#leaving
    const inFlight = attempt(async () => {
      if (gone.length > 0) await announcer.withdraw(info, gone)
      if (listed.length > 0 && !signal.aborted) await announcer.announce(info, listed, signal)
    }).then((failure) => this.#tell({ type: 'asserted', failure }))
    return { announced: listed, inFlight }
  }

  async #drain(): Promise<void> {
    const { service, drainTimeoutMs } = this.#options
    const deadline = now() + drainTimeoutMs
    const ended = waitForExit(service, drainTimeoutMs)
    const refusing = new Promise<undefined>((done) => refuseCalls(service, () => done(undefined)))
    await Promise.race([refusing, ended])
    while (openCalls(service) > 0) {
      if (now() >= deadline) {
        this.#report('drain_timeout', { openCalls: openCalls(service) })
        return
      }
      await waitForExit(service, DRAIN_CHECK_MS)
    }
  }

  #tell(message: Message): void {
    send<unknown>(this.self, message)
  }

  #report(event: string, failure: unknown): void {
    const { name } = this.#options.info
    log(() => ({ level: 'warning', event, service: name, failure }))
  }
}

function isSame(a: Capability, b: Capability): boolean {
  return a.name === b.name && a.version === b.version
}

/** What an announcer threw or rejected with; undefined when all went well. */
async function attempt(action: () => void | Promise<void>): Promise<unknown> {
  try {
    await action()
    return undefined
  } catch (thrown) {
    return thrown ?? 'unknown'
  }
}
