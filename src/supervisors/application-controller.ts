// What a node runs is a tree of applications, and this process starts and stops them: dependencies
// first, dependants never without them, all of them in reverse order when the node ends
// (Erlang/OTP, application_controller).
//
//   const node = start(new ApplicationController({ applications: [database, shop] }))
//   await ApplicationController.ensureAllStarted(node, 'shop', 'permanent')
//   await ApplicationController.which(node)             // database, shop
//
// The end of a permanent application ends all of them and the controller itself: whoever supervises
// it decides what becomes of the node.
import type {
  ApplicationEnded,
  ApplicationInfo,
  ApplicationSpec,
  ApplicationType,
} from '../behaviours/application.ts'
import {
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  type Result,
  reply,
  startLink,
} from '../behaviours/gen-server.ts'
import { run, type Steps } from '../behaviours/steps.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { isPid, type Pid, processOf } from '../runtime/pid.ts'
import { isAlive, send } from '../runtime/process.ts'
import { Exit, exitReasonOf, trapExit } from '../runtime/signal.ts'
import {
  alreadyStarted,
  dependencyCycle,
  notLoaded,
  refuse,
  startFailed,
} from './application-error.ts'
import { ApplicationMaster } from './application-master.ts'
import type {
  ApplicationControllerCall,
  ApplicationControllerOptions,
  ApplicationControllerRef,
} from './application-protocol.ts'
import { NO_TIMEOUT, orThrow, startFailure, stopProcess } from './child.ts'

/** An application's master has started, or not. */
class StartDone {
  readonly name: string
  readonly outcome: Pid | Error

  constructor(name: string, outcome: Pid | Error) {
    this.name = name
    this.outcome = outcome
  }
}

interface Starting {
  readonly type: ApplicationType
  readonly callers: From<undefined | ArborError>[]
}

/** A library has no process. */
type Master = Pid | null

export class ApplicationController extends GenServer<undefined, ApplicationControllerCall> {
  readonly #options: ApplicationControllerOptions
  readonly #loaded: Map<string, ApplicationSpec> = new Map()
  readonly #environment: Map<string, Map<string, unknown>> = new Map()
  readonly #starting: Map<string, Starting> = new Map()
  /** In the order of their starts. */
  readonly #running: Map<string, Master> = new Map()
  /** Those that run, and those that ended by themselves and have not been stopped: as in OTP. */
  readonly #started: Map<string, ApplicationType> = new Map()

  constructor(options: ApplicationControllerOptions = {}) {
    super()
    this.#options = options
  }

  // --- Client functions ---

  /** Makes an application known; code `already_loaded` when one of its name is. */
  static async load(controller: ApplicationControllerRef, spec: ApplicationSpec): Promise<void> {
    orThrow(await call(controller, { type: 'load', spec }))
  }

  /** Forgets an application and its settings; code `not_loaded`, or `running`. */
  static async unload(controller: ApplicationControllerRef, name: string): Promise<void> {
    orThrow(await call(controller, { type: 'unload', name }))
  }

  /**
   * Starts an application whose dependencies run. Code `not_loaded`, `already_started`,
   * `dependency_not_started`, or `start_failed` with what its start threw as `cause`. Takes what
   * the start takes.
   */
  static async start(
    controller: ApplicationControllerRef,
    name: string,
    as: ApplicationType = 'temporary',
  ): Promise<void> {
    orThrow(await call(controller, { type: 'start', name, as }, NO_TIMEOUT))
  }

  /**
   * Starts an application and, before it, whatever it depends on; resolves with the names of those
   * it started, in order. When one does not start, those started for it are stopped again and the
   * error names the way that led there: code `not_loaded`, `dependency_cycle` or `start_failed`.
   */
  static async ensureAllStarted(
    controller: ApplicationControllerRef,
    name: string,
    as: ApplicationType = 'temporary',
  ): Promise<string[]> {
    const started: string[] = []
    try {
      await ensure(controller, name, as, [], started)
      return started
    } catch (error) {
      // One that somebody else has stopped meanwhile is no reason to leave the others.
      const stop = (other: string) => ApplicationController.stop(controller, other).catch(() => {})
      for (const other of started.toReversed()) await stop(other)
      throw error
    }
  }

  /** Stops an application; others go on, also those that depend on it. Code `not_started`. */
  static async stop(controller: ApplicationControllerRef, name: string): Promise<void> {
    orThrow(await call(controller, { type: 'stop', name }, NO_TIMEOUT))
  }

  /** The applications that run, in the order of their starts. */
  static which(controller: ApplicationControllerRef): Promise<ApplicationInfo[]> {
    return call(controller, { type: 'which' }, NO_TIMEOUT)
  }

  /** The applications that are loaded. */
  static loaded(controller: ApplicationControllerRef): Promise<ApplicationInfo[]> {
    return call(controller, { type: 'loaded' }, NO_TIMEOUT)
  }

  /** A setting; undefined when there is none. */
  static getEnv(controller: ApplicationControllerRef, name: string, key: string): Promise<unknown> {
    return call(controller, { type: 'getEnv', name, key }, NO_TIMEOUT)
  }

  /** Changes a setting, until the application is unloaded. */
  static setEnv(
    controller: ApplicationControllerRef,
    name: string,
    key: string,
    value: unknown,
  ): Promise<undefined> {
    return call(controller, { type: 'setEnv', name, key, value }, NO_TIMEOUT)
  }

  // --- Callbacks ---

  init(): InitResult<undefined> {
    trapExit()
    for (const spec of this.#options.applications ?? []) orThrow(this.#load(spec))
    return PROCEED
  }

  override handleCall(
    request: ApplicationControllerCall,
    from: From<unknown>,
  ): MaybePromise<CallResult<undefined, ReplyOf<ApplicationControllerCall>>> {
    if (request.type === 'start') return this.#start(request.name, request.as, from)
    const answered = run(this.#answer(request))
    if (!(answered instanceof Promise)) return { reply: answered, state: undefined }
    return answered.then((answer) => ({ reply: answer, state: undefined }))
  }

  override handleInfo(message: unknown): MaybePromise<Result<undefined>> {
    if (message instanceof StartDone) return this.#startLate(message)
    if (message instanceof Exit && message.from !== null) {
      return this.#masterEnded(message.from, message.reason)
    }
    return PROCEED
  }

  /** Stops all applications, the last started first. */
  override terminate(): void | Promise<void> {
    return run(this.#stopAll())
  }

  /** For an upgrade in supervision order. */
  systemChildren(): Pid[] {
    return [...this.#running.values()].filter(isPid)
  }

  // --- Starting ---

  /** Does not wait: other applications may be asked for meanwhile, also by the one that starts. */
  #start(
    name: string,
    type: ApplicationType,
    from: From<undefined | ArborError>,
  ): CallResult<undefined, undefined | ArborError> {
    const starting = this.#starting.get(name)
    if (starting !== undefined) {
      starting.callers.push(from)
      return PROCEED
    }
    const spec = this.#loaded.get(name)
    const refusal = spec === undefined ? notLoaded(name) : this.#refusal(spec, type)
    if (spec === undefined || refusal !== undefined) return { reply: refusal, state: undefined }
    this.#starting.set(name, { type, callers: [from] })
    try {
      const master = this.#startMaster(spec)
      if (master instanceof Promise) this.#await(name, master)
      else this.#startDone(name, master)
    } catch (error) {
      this.#startDone(name, error)
    }
    return PROCEED
  }

  #refusal(spec: ApplicationSpec, type: ApplicationType): ArborError | undefined {
    const { name, dependencies = [], optionalDependencies = [] } = spec
    if (!applicationTypes.includes(type)) {
      return refuse('bad_application_type', name, `${type} application`, `use ${applicationTypes}`)
    }
    if (this.#running.has(name)) return alreadyStarted(name)
    const optional = optionalDependencies.filter((other) => this.#loaded.has(other))
    const missing = [...dependencies, ...optional].find((other) => !this.#started.has(other))
    if (missing === undefined) return undefined
    const message = `"${name}" needs "${missing}", which is not started`
    const advice = 'start that first, or use ensureAllStarted'
    return refuse('dependency_not_started', name, message, advice, missing)
  }

  #startMaster(spec: ApplicationSpec): MaybePromise<Master> {
    const { name, module } = spec
    if (module === undefined) return null
    const env = (key: string): unknown => this.#environment.get(name)?.get(key)
    return startLink(new ApplicationMaster(spec, module, env), { parent: this.self })
  }

  #await(name: string, master: Promise<Master>): void {
    const tell = (outcome: unknown): void =>
      send(this.self, new StartDone(name, outcome as Pid | Error))
    master.then(tell, tell)
  }

  /** It may have ended again before we heard that it had started: its exit came first. */
  #startLate({ name, outcome }: StartDone): Result<undefined> {
    this.#startDone(name, outcome)
    const isOver = isPid(outcome) && !isAlive(outcome)
    return isOver ? this.#masterEnded(outcome, exitReasonOf(processOf(outcome))) : PROCEED
  }

  #startDone(name: string, outcome: unknown): void {
    const starting = this.#starting.get(name)
    if (starting === undefined) return
    this.#starting.delete(name)
    const isStarted = outcome === null || isPid(outcome)
    if (isStarted) {
      this.#running.set(name, outcome)
      this.#started.set(name, starting.type)
    }
    const answer = isStarted ? undefined : startFailed(name, startFailure(outcome), outcome)
    for (const caller of starting.callers) reply(caller, answer)
    log(() => {
      if (isStarted) return { level: 'info', event: 'application_started', application: name }
      const reason = startFailure(outcome)
      return { level: 'error', event: 'application_start_failed', application: name, reason }
    })
  }

  // --- Ending ---

  #masterEnded(pid: Pid, reason: ExitReason): Result<undefined> {
    for (const [name, master] of this.#running) {
      if (master !== pid) continue
      this.#running.delete(name)
      const type = this.#started.get(name)
      log(() => ({ level: 'error', event: 'application_ended', application: name, type, reason }))
      const isMinded = type === 'permanent' || (type === 'transient' && reason !== 'normal')
      if (!isMinded) return PROCEED
      const stop = { applicationEnded: name, reason } satisfies ApplicationEnded
      return { stop, state: undefined }
    }
    return PROCEED
  }

  *#stopAll(): Steps<void> {
    for (const name of [...this.#running.keys()].reverse()) yield* this.#stop(name)
  }

  *#stop(name: string): Steps<undefined | ArborError> {
    const master = this.#running.get(name)
    this.#running.delete(name)
    if (!this.#started.delete(name)) {
      return refuse('not_started', name, `"${name}" is not started`, 'see which')
    }
    if (master) yield* stopProcess(master, { id: name, type: 'supervisor' }, this.self)
    log(() => ({ level: 'info', event: 'application_stopped', application: name }))
    return undefined
  }

  // --- Answers ---

  *#answer(
    request: Exclude<ApplicationControllerCall, { type: 'start' }>,
  ): Steps<ReplyOf<ApplicationControllerCall>> {
    switch (request.type) {
      case 'load':
        return this.#load(request.spec)
      case 'unload':
        return this.#unload(request.name)
      case 'stop':
        return yield* this.#stop(request.name)
      case 'which':
        return [...this.#running.keys()].map((name) => infoOf(this.#loaded.get(name), name))
      case 'loaded':
        return [...this.#loaded].map(([name, spec]) => infoOf(spec, name))
      case 'spec': {
        const spec = this.#loaded.get(request.name)
        return spec === undefined ? spec : { spec, isRunning: this.#running.has(request.name) }
      }
      case 'getEnv':
        return this.#environment.get(request.name)?.get(request.key)
      case 'setEnv': {
        const settings = this.#environment.get(request.name) ?? new Map<string, unknown>()
        this.#environment.set(request.name, settings.set(request.key, request.value))
        return undefined
      }
    }
  }

  #load(spec: ApplicationSpec): undefined | ArborError {
    const { name, environment = {} } = spec
    if (typeof name !== 'string' || name === '') {
      return refuse('bad_application', name, 'an application without name', 'give it one')
    }
    if (this.#loaded.has(name)) {
      const advice = 'unload that first, or give the other another name'
      return refuse('already_loaded', name, `there is an application "${name}"`, advice)
    }
    this.#loaded.set(name, spec)
    // What was set before it was loaded stays unless it has a setting of its own, as in OTP.
    const set = this.#environment.get(name) ?? []
    const wanted = this.#options.environment?.[name] ?? {}
    const settings = new Map([...set, ...Object.entries({ ...environment, ...wanted })])
    this.#environment.set(name, settings)
    return undefined
  }

  #unload(name: string): undefined | ArborError {
    if (this.#running.has(name) || this.#starting.has(name)) {
      return refuse('running', name, `application "${name}" is running`, 'stop it first')
    }
    if (!this.#loaded.delete(name)) return notLoaded(name)
    this.#environment.delete(name)
    return undefined
  }
}

const PROCEED: { readonly state: undefined } = { state: undefined }

const applicationTypes: readonly ApplicationType[] = ['permanent', 'transient', 'temporary']

function infoOf(spec: ApplicationSpec | undefined, name: string): ApplicationInfo {
  return { name, description: spec?.description ?? '', version: spec?.version ?? '' }
}

/** Starts what an application depends on, then itself; `path` is who wanted it. */
async function ensure(
  controller: ApplicationControllerRef,
  name: string,
  as: ApplicationType,
  path: readonly string[],
  started: string[],
): Promise<void> {
  const found = await call(controller, { type: 'spec', name }, NO_TIMEOUT)
  if (found === undefined) throw notLoaded(name, path)
  if (found.isRunning) return
  if (path.includes(name)) throw dependencyCycle(name, path)
  const { dependencies = [], optionalDependencies = [] } = found.spec
  for (const other of dependencies) await ensure(controller, other, as, [...path, name], started)
  for (const other of optionalDependencies) {
    const isLoaded = await call(controller, { type: 'spec', name: other }, NO_TIMEOUT)
    if (isLoaded) await ensure(controller, other, as, [...path, name], started)
  }
  try {
    await ApplicationController.start(controller, name, as)
    started.push(name)
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof ArborError) || error.code !== 'already_started') throw error
  }
}
