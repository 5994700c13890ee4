// The process that stands for a running application: it starts the tree by the application's
// callbacks, hears when that ends, and stops it (OTP's application_master).
import type { Application, ApplicationContext, ApplicationSpec } from '../behaviours/application.ts'
import {
  GenServer,
  type InitResult,
  type MaybePromise,
  type Result,
} from '../behaviours/gen-server.ts'
import { Server } from '../behaviours/server-loop.ts'
import { run, type Steps } from '../behaviours/steps.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { isPid, type Pid, type Process, processOf } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
import { enter } from '../runtime/scheduler.ts'
import { Exit, link, trapExit } from '../runtime/signal.ts'
import { startFailure, stopProcess } from './child.ts'

/** A running tree, and what its application keeps. */
interface Running {
  readonly top: Pid
  readonly state: unknown
}

export class ApplicationMaster extends GenServer<Running> {
  readonly #spec: ApplicationSpec
  readonly #module: Application
  readonly #env: (key: string) => unknown

  constructor(spec: ApplicationSpec, module: Application, env: (key: string) => unknown) {
    super()
    this.#spec = spec
    this.#module = module
    this.#env = env
  }

  get application(): string {
    return this.#spec.name
  }

  init(): MaybePromise<InitResult<Running>> {
    trapExit()
    return run(this.#start())
  }

  override handleInfo(message: unknown, state: Running): Result<Running> {
    if (message instanceof Exit && message.from === state.top) {
      return { stop: message.reason, state }
    }
    return { state }
  }

  override terminate(_reason: ExitReason, { top, state }: Running): void | Promise<void> {
    return run(this.#stop(top, state))
  }

  *#start(): Steps<InitResult<Running>> {
    const { name, args } = this.#spec
    const context: ApplicationContext = { name, parent: this.self, env: this.#env }
    try {
      const started = yield* this.#call(() => this.#module.start('normal', args, context))
      const running = runningOf(name, started)
      link(running.top, this.self)
      yield* this.#runPhases(running.top, context)
      return { state: running }
    } catch (error) {
      return { stop: startFailure(error) }
    }
  }

  *#runPhases(top: Pid, context: ApplicationContext): Steps<void> {
    const { phases = [] } = this.#spec
    try {
      for (const { phase, args } of phases) {
        yield* this.#call(() => this.#module.startPhase(phase, 'normal', args, context))
      }
    } catch (error) {
      yield* this.#stopTop(top)
      throw error
    }
  }

  *#stop(top: Pid, state: unknown): Steps<void> {
    let last = state
    try {
      last = yield* this.#call(() => this.#module.prepStop(state))
    } catch (error) {
      this.#report('prepStop', error)
    }
    if (isAlive(top)) yield* this.#stopTop(top)
    try {
      yield* this.#call(() => this.#module.stop(last))
    } catch (error) {
      this.#report('stop', error)
    }
  }

  *#stopTop(top: Pid): Steps<void> {
    yield* stopProcess(top, { id: this.#spec.name, type: 'supervisor' }, this.self)
  }

  /** Calls a callback as this process, also after one that awaited. */
  *#call<T>(callback: () => MaybePromise<T>): Steps<T> {
    const interrupted = enter(processOf(this.self))
    let returned: MaybePromise<T>
    try {
      returned = callback()
    } finally {
      enter(interrupted)
    }
    return returned instanceof Promise ? ((yield returned) as T) : returned
  }

  #report(callback: string, error: unknown): void {
    const application = this.#spec.name
    log(() => ({ level: 'error', event: 'application_stop_failed', application, callback, error }))
  }
}

/**
 * The application to whose tree a process belongs (OTP's get_application), found by way of the
 * parents of servers; undefined for others.
 */
export function applicationOf(pid: Pid): string | undefined {
  for (let process: Process | null = processOf(pid); process?.state instanceof Server; ) {
    const { callbacks, parent }: Server = process.state
    if (callbacks instanceof ApplicationMaster) return callbacks.application
    process = parent
  }
  return undefined
}

function runningOf(name: string, started: unknown): Running {
  if (isPid(started)) return { top: started, state: undefined }
  if (typeof started === 'object' && started !== null && 'pid' in started && isPid(started.pid)) {
    return { top: started.pid, state: 'state' in started ? started.state : undefined }
  }
  const attempt = { operation: 'start', target: name }
  const advice = 'return the pid of its top supervisor, or { pid, state }'
  const message = `start of application "${name}" returned ${String(started)}`
  throw new ArborError('bad_start_return', message, advice, attempt, started)
}
