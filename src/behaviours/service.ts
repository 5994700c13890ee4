// A service: what a team runs for others, always on, as one class. Six callbacks say what it is and
// how it does; beside them it is a GenServer and may answer calls. What the callbacks return is
// plain data, checked before anything starts (service-contract.ts); actors/service gives it a tree,
// an HTTP endpoint and an order of coming and going.
//
//   class Greeter extends Service<number, Call<'greet', { name: string }, string>> {
//     info = () => ({ name: 'greeter', version: '1.0.0', description: 'says hello' })
//     capabilities = () => [{ name: 'greet', version: 1 }]
//     identitySpec = () => ({ scope: 'greeter', actions: [], resources: [], ttlDays: 30 })
//     start = () => 0
//     stop = () => {}
//     health = (greeted: number) => (greeted < 1e6 ? ok() : degraded('tired'))
//     override handleCall(request: { name: string }, _from: unknown, greeted: number) {
//       return { reply: `hello ${request.name}`, state: greeted + 1 }
//     }
//   }
//   const greeter = await startService(new Greeter(), { port: 8470 })
//
// When not to use it: for a part of a program. That is a GenServer under a supervisor.
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { MetricRegistry } from '../runtime/metrics.ts'
import type { Pid } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
import { Exit, onExit, trapExit } from '../runtime/signal.ts'
import {
  type AnyCall,
  GenServer,
  type InitResult,
  type MaybePromise,
  type Result,
} from './gen-server.ts'

/** Who a service is. */
export interface Info {
  /** In kebab-case; also that of its repository, its image and its registered process. */
  readonly name: string
  /** The application's own: numbers with dots, such as `1.4.0`. */
  readonly version: string
  readonly description: string
}

/** How a service does; a reason is a sentence for a person. */
export type Health =
  | { readonly status: 'ok' }
  | { readonly status: 'degraded'; readonly reason: string }
  | { readonly status: 'down'; readonly reason: string }

/** All is well. */
export function ok(): Health {
  return { status: 'ok' }
}

/** It works, but not as it should; a restart would not help. */
export function degraded(reason: string): Health {
  return { status: 'degraded', reason }
}

/** It does not work; a restart might help. */
export function down(reason: string): Health {
  return { status: 'down', reason }
}

/** What a caller has to bring. */
export type CapabilityAuth =
  | { readonly type: 'open' }
  | { readonly type: 'ucan_required'; readonly issuer: string }
  | {
      readonly type: 'realm_member_required'
      readonly realmKey: string
      readonly ability: string
    }

/**
 * Something the service does for others. Only what answers is announced. The optional fields are
 * declarations for whoever announces and serves it; here they are checked and passed on.
 */
export interface Capability {
  /** Small letters, digits, `_` and `-`, in parts joined by `.` or `/`: `my_service.do_thing`. */
  readonly name: string
  /** A positive integer. */
  readonly version: number
  /** Default `response`: a request and its reply. */
  readonly kind?: 'response' | 'streamer'
  /** Of a streamer; default `server_stream`. */
  readonly streamMode?: 'server_stream' | 'client_stream'
  /** Default `open`. */
  readonly auth?: CapabilityAuth
  /** Of a response: 1 to 600000, default 30000. */
  readonly handlerTimeoutMs?: number
  /** End-to-end sealing of calls; default `off`. */
  readonly confidential?: 'off' | 'preferred' | 'required'
}

/** The rights a service asks for: exactly the topics it uses. */
export interface IdentitySpec {
  readonly scope: string
  readonly actions: readonly string[]
  /** Globs such as `greeter/*`. */
  readonly resources: readonly string[]
  /** A positive integer. */
  readonly ttlDays: number
}

/** A child of the service's own tree; a `ChildSpec` is one (supervisors/child-spec.ts). */
export interface ServiceChild<P extends Pid = Pid> {
  readonly id: string
  readonly start: (supervisor: Pid) => P | Promise<P>
  readonly restart?: 'permanent' | 'transient' | 'temporary'
  readonly shutdown?: number | 'brutal_kill' | 'infinity'
  readonly type?: 'worker' | 'supervisor'
}

/** Reports through the one logger (`setLogger`), with the service's name among the facts. */
export interface ServiceLogger {
  error(event: string, facts?: Readonly<Record<string, unknown>>): void
  warning(event: string, facts?: Readonly<Record<string, unknown>>): void
  info(event: string, facts?: Readonly<Record<string, unknown>>): void
}

/** What `start` is given. */
export interface ServiceContext {
  /** `info().name`. */
  readonly name: string
  /** Above the service's children; it is restarted together with the service. */
  readonly supervisor: Pid
  /**
   * Starts a child under that supervisor. Children know no order among themselves and are stopped
   * after the service; start a `Supervisor` as a child where order or strategy matter.
   */
  readonly startChild: <P extends Pid>(child: ServiceChild<P>) => Promise<P>
  readonly logger: ServiceLogger
  /** Counters, gauges and histograms shown on `/metrics`; they outlive restarts. */
  readonly metrics: MetricRegistry
  /** What the operator gave to `startService`. */
  readonly options: Readonly<Record<string, unknown>>
  /** Environment variables, as they were when the service was started first. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborted when the service's process ends, however it ends. */
  readonly signal: AbortSignal
}

/** A service of any state. */
export type AnyService<C extends AnyCall = never, K = never> = Service<unknown, C, K>

/** What a host gives before it starts a service; the signal is the service's own. */
export type HostContext = Omit<ServiceContext, 'signal'>

const contexts = new WeakMap<object, HostContext>()

/**
 * Gives a service what its `start` is to be given; hosts only. An instance whose process has ended
 * may be started again: what changes lies in its state, which `start` makes afresh.
 * @throws ArborError `already_started` when it runs
 */
export function hostService(service: AnyService, context: HostContext): void {
  const { self } = service
  if (self !== undefined && isAlive(self)) throw alreadyStarted(service.constructor.name, self)
  Reflect.deleteProperty(service, 'self')
  contexts.set(service, context)
}

function alreadyStarted(name: string, pid: Pid): ArborError {
  const attempt = { operation: 'startService', target: name, request: pid }
  const advice = 'use that one, or make another instance'
  return new ArborError('already_started', `this ${name} runs as ${pid}`, advice, attempt)
}

/**
 * The contract of a service. `State` is its state, `C` the union of its calls, `K` of its casts: as
 * for a GenServer, whose other callbacks it inherits; only `init` and `terminate` are taken.
 */
export abstract class Service<State, C extends AnyCall = never, K = never> extends GenServer<
  State,
  C,
  K
> {
  #abort = new AbortController()

  /** Read before the start and at every healthy answer. */
  abstract info(): Info

  /** Read before the start and again and again; what is not listed any more is withdrawn. */
  abstract capabilities(): readonly Capability[]

  /** Read before the start. */
  abstract identitySpec(): IdentitySpec

  /**
   * Makes the state, with children, connections and what else it takes. Nothing is announced before
   * it has returned. What it throws is why the service did not start; it is called again by each
   * restart.
   */
  abstract start(context: ServiceContext): MaybePromise<State>

  /**
   * Cleans up: called when the service is stopped, after its calls in flight have been answered,
   * and when one of its callbacks crashed. The children still run.
   */
  abstract stop(state: State, reason: ExitReason): void | Promise<void>

  /**
   * How it does now: asked at every look at `/health`, so it should be cheap. When it is async,
   * messages are handled meanwhile. An exception, no answer in time and anything that is no
   * `Health` count as down. That others cannot be reached is normally no failure of one's own.
   */
  abstract health(state: State): MaybePromise<Health>

  /** Calls `start`; not to be overridden. */
  init(): MaybePromise<InitResult<State>> {
    const context = contexts.get(this)
    if (context === undefined) throw withoutHost(this.constructor.name)
    trapExit()
    const abort = new AbortController()
    this.#abort = abort
    onExit(this.self, (reason) => abort.abort(reason))
    const started = this.start({ ...context, signal: this.signal })
    return started instanceof Promise ? started.then((state) => ({ state })) : { state: started }
  }

  /** Aborted when the process ends, however it ends. */
  override get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Calls `stop`; not to be overridden. */
  override terminate(reason: ExitReason, state: State): void | Promise<void> {
    return this.stop(state, reason)
  }

  /**
   * As of a GenServer, but what is linked to the service and crashes takes it along: it traps exits
   * only to be able to stop in order.
   */
  override handleInfo(message: unknown, state: State): MaybePromise<Result<State>> {
    if (message instanceof Exit) {
      return message.reason === 'normal' ? { state } : { stop: message.reason, state }
    }
    return super.handleInfo(message, state)
  }
}

function withoutHost(name: string): ArborError {
  const advice = 'use startService, or put serviceSpec under a supervisor'
  const attempt = { operation: 'start', target: name }
  return new ArborError(
    'no_host',
    `${name} is a service and was started as a server`,
    advice,
    attempt,
  )
}
