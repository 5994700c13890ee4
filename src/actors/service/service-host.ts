// Runs a service (behaviours/service.ts) under supervision:
//
//   greeter                  one_for_one; ends when the core has spent its restarts
//   ├─ health-monitor        phase of the service; asks it how it does
//   ├─ health-endpoint       HTTP, only with a port: answers before the start and while it drains
//   └─ core                  one_for_all: what crashes takes the others along, and all start afresh
//      ├─ children           dynamic: what the service starts for itself
//      ├─ greeter            the service
//      └─ capability-registry    started last: announces; stopped first: withdraws and drains
//
// The order of coming and going is that of the tree. The service starts, then it is announced. Then
// it is withdrawn and its calls in flight end; it stops, its children after it, the endpoint last.
//
//   const greeter = await startService(new Greeter(), { port: 8470 })
//   await call(greeter.server, { type: 'greet', name: 'Ada' })
//   await greeter.stop()
import {
  type AnyCall,
  type ServerPid,
  StartError,
  start,
  stop,
} from '../../behaviours/gen-server.ts'
import type { AnyService } from '../../behaviours/service.ts'
import {
  ANNOUNCE_INTERVAL_MS,
  DRAIN_TIMEOUT_MS,
  HEALTH_TIMEOUT_MS,
  SERVICE_START_MS,
  SERVICE_STOP_MS,
  TIMER_MS_MAX,
  WITHDRAW_TIMEOUT_MS,
} from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { type ExitReason, formatReason } from '../../runtime/exit-reason.ts'
import type { Name } from '../../runtime/pid.ts'
import { isAlive } from '../../runtime/process.ts'
import { waitForExit } from '../../runtime/signal.ts'
import type { ChildSpec } from '../../supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import type { SupervisorPid } from '../../supervisors/supervisor.ts'
import type { Announcer } from './announcer.ts'
import type { ServiceStatus } from './health-monitor.ts'
import { ServiceTree } from './service-tree.ts'

/**
 * A service, its class, or a function that makes one. An instance is started again as it is: what
 * changes belongs into its state, or give the class.
 */
export type ServiceSource<C extends AnyCall = never, K = never> =
  | AnyService<C, K>
  | (new () => AnyService<C, K>)
  | (() => AnyService<C, K>)

export interface ServiceOptions {
  /** TCP port of `/health`, `/live`, `/ready` and `/metrics`; 0 takes any free one, none: no HTTP. */
  readonly port?: number
  /** Address to listen on; default `127.0.0.1`, `0.0.0.0` or `::` for everybody. */
  readonly address?: string
  /** Name under which the service is registered; default `info().name`. */
  readonly name?: string
  /** Handed to `start`. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Handed to `start`; default: a copy of the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Makes the capabilities known; default: nobody does. */
  readonly announcer?: Announcer
  /** Milliseconds between two announcements; default 30 s. */
  readonly announceIntervalMs?: number
  /** Milliseconds the withdrawal may take; default 1 s. */
  readonly withdrawTimeoutMs?: number
  /** Milliseconds calls in flight have to end; default 5 s. */
  readonly drainTimeoutMs?: number
  /** Milliseconds `health` has to answer; default 2 s. */
  readonly healthTimeoutMs?: number
  /**
   * Histograms on `/metrics` that watch every call, or every message too; default `none`, because
   * watching costs some 2 µs a call.
   */
  readonly traceMetrics?: 'none' | 'calls' | 'messages'
  /** Milliseconds an async `start` has; default 60 s. */
  readonly startTimeoutMs?: number
  /** Milliseconds `stop` has before the service is killed; default 3 s. */
  readonly stopTimeoutMs?: number
}

/** Options with all defaults. */
export type ServiceSettings = Required<Omit<ServiceOptions, 'port' | 'name' | 'announcer'>> &
  Pick<ServiceOptions, 'port' | 'name' | 'announcer'>

/** A running service. */
export interface RunningService<C extends AnyCall = never, K = never> {
  /** The service itself, by name: valid after a restart, too. */
  readonly server: Name<ServerPid<C, K>>
  /** The supervisor of its tree; a new one when that was started again. */
  readonly pid: SupervisorPid
  /** Where its endpoint listens; undefined without one. */
  readonly port: number | undefined
  /** Asks the service how it does, as `/health` does. */
  status(): Promise<ServiceStatus>
  /** Withdraws, drains and stops it; resolves when nothing of it is left. */
  stop(): Promise<void>
}

/**
 * Starts a service, under a supervisor or, without one, on its own. Rejects with code `bad_service`
 * when what it declares cannot be meant, with `not_started` and the cause when its `start` or its
 * listener failed; then nothing is left of it and nothing was announced.
 */
export async function startService<C extends AnyCall, K>(
  source: ServiceSource<C, K>,
  options: ServiceOptions & { readonly supervisor?: DynamicSupervisorRef } = {},
): Promise<RunningService<C, K>> {
  const { supervisor } = options
  const tree = new ServiceTree<C, K>(source, settingsOf(options))
  try {
    if (supervisor === undefined) await start(await tree.makeRoot())
    else await DynamicSupervisor.startChild(supervisor, tree.spec())
  } catch (failure) {
    throw notStarted(tree.name, failure)
  }
  return {
    server: tree.name,
    get pid() {
      return tree.root
    },
    get port() {
      return tree.port
    },
    status: () => tree.status(),
    stop: () => stopTree(tree.root, supervisor),
  }
}

/** The tree of a service, to be put under a supervisor of one's own. */
export function serviceSpec<C extends AnyCall, K>(
  source: ServiceSource<C, K>,
  options: ServiceOptions = {},
): ChildSpec<SupervisorPid> {
  return new ServiceTree<C, K>(source, settingsOf(options)).spec()
}

async function stopTree(
  root: SupervisorPid,
  supervisor: DynamicSupervisorRef | undefined,
): Promise<void> {
  if (!isAlive(root)) return
  const ended = waitForExit(root)
  if (supervisor === undefined) await stop(root, 'shutdown', { timeoutMs: TIMER_MS_MAX })
  else {
    await DynamicSupervisor.terminateChild(supervisor, root).catch((failure: unknown) => {
      // Somebody else is stopping it, or the node.
      if (!(failure instanceof ArborError)) throw failure
    })
  }
  await ended
}

function settingsOf(options: ServiceOptions): ServiceSettings {
  const settings = {
    address: '127.0.0.1',
    options: {},
    environment: { ...process.env },
    traceMetrics: 'none' as const,
    announceIntervalMs: ANNOUNCE_INTERVAL_MS,
    withdrawTimeoutMs: WITHDRAW_TIMEOUT_MS,
    drainTimeoutMs: DRAIN_TIMEOUT_MS,
    healthTimeoutMs: HEALTH_TIMEOUT_MS,
    startTimeoutMs: SERVICE_START_MS,
    stopTimeoutMs: SERVICE_STOP_MS,
    ...options,
  }
  const { port } = settings
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw badOption('port', port, 'give 0 to 65535, or none')
  }
  if (!['none', 'calls', 'messages'].includes(settings.traceMetrics)) {
    throw badOption('traceMetrics', settings.traceMetrics, 'give none, calls or messages')
  }
  for (const [name, value] of Object.entries(settings)) {
    if (!name.endsWith('Ms')) continue
    const isWait = typeof value === 'number' && value >= 0 && value <= TIMER_MS_MAX
    if (!isWait) throw badOption(name, value, `give 0 to ${TIMER_MS_MAX} milliseconds`)
  }
  if (!(settings.announceIntervalMs > 0)) {
    throw badOption('announceIntervalMs', settings.announceIntervalMs, 'give more than 0')
  }
  return settings
}

function badOption(name: string, value: unknown, mend: string): ArborError {
  const attempt = { operation: 'startService', request: { [name]: value } }
  return new ArborError('bad_option', `${name} is ${String(value)}`, mend, attempt)
}

/** The failure at the bottom of the tree, which is the one to mend. */
function notStarted(name: string, failure: unknown): unknown {
  if (!(failure instanceof StartError)) return failure
  const { cause } = failure
  // What the contract says is wrong, or the endpoint, is said well already.
  if (cause instanceof ArborError) return cause
  const attempt = { operation: 'startService', target: name }
  const reason = innermost(failure.reason)
  if (typeof reason === 'object' && 'alreadyStarted' in reason) {
    const advice = 'stop that process first, or give this service another name'
    const message = `somebody is named "${name}" already`
    return new ArborError('already_started', message, advice, attempt, failure)
  }
  const message = `${name} did not start, ${formatReason(reason)}`
  const advice = 'see cause, and start of its class'
  return new ArborError('not_started', message, advice, attempt, cause ?? failure)
}

/** Why the child failed for which the supervisors above it did. */
function innermost(reason: ExitReason): ExitReason {
  let inner: unknown = reason
  while (typeof inner === 'object' && inner !== null) {
    if ('shutdown' in inner) inner = inner.shutdown
    else if ('failedToStartChild' in inner && 'reason' in inner) inner = inner.reason
    else break
  }
  const isReason = typeof inner === 'string' || (typeof inner === 'object' && inner !== null)
  return isReason ? (inner as ExitReason) : reason
}
