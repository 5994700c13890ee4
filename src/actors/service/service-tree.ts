// The processes of one service and how they find each other; service-host.ts draws the tree. What
// has to outlive restarts lies here: the port once taken, the metrics, the environment.
import { type AnyCall, type ServerPid, startLink } from '../../behaviours/gen-server.ts'
import {
  type AnyService,
  down,
  type HostContext,
  hostService,
  type Info,
  Service,
  type ServiceChild,
  type ServiceLogger,
} from '../../behaviours/service.ts'
import { contractOf } from '../../behaviours/service-contract.ts'
import { SERVICE_RESTART_INTENSITY, SERVICE_RESTART_PERIOD_MS } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { type Level, log } from '../../runtime/logger.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import { isAlive } from '../../runtime/process.ts'
import { whereis } from '../../runtime/registry.ts'
import { exit, onExit } from '../../runtime/signal.ts'
import type { ChildSpec } from '../../supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../supervisors/supervisor.ts'
import { CapabilityRegistry } from './capability-registry.ts'
import { HealthEndpoint } from './health-endpoint.ts'
import {
  HealthMonitor,
  type MonitorPid,
  type ServiceStatus,
  serviceStatus,
  tellMonitor,
} from './health-monitor.ts'
import type { ServiceSettings, ServiceSource } from './service-host.ts'
import type { ServiceMetrics } from './service-metrics.ts'
import { within } from './within.ts'

/** Milliseconds on top of `healthTimeoutMs` until the monitor's answer is given up. */
const STATUS_MARGIN_MS = 1_000

let trees = 0

export class ServiceTree<C extends AnyCall, K> {
  readonly name: Name<ServerPid<C, K>>
  readonly #source: ServiceSource<C, K>
  readonly #settings: ServiceSettings
  readonly #monitor: Name<MonitorPid>
  readonly #children: Name<DynamicSupervisorPid>
  #info: Info
  /** Made to read its contract; it is the first that is started. */
  #unused: AnyService<C, K> | null
  #service: ServerPid<C, K> | null = null
  /** The service while its `start` takes its time. */
  #starting: Pid | null = null
  #root: SupervisorPid | null = null
  #port: number | undefined = undefined
  #metrics: ServiceMetrics | null = null

  constructor(source: ServiceSource<C, K>, settings: ServiceSettings) {
    const id = ++trees
    this.#source = source
    this.#settings = settings
    this.#unused = makeService(source)
    this.#info = contractOf(this.#unused).info
    this.name = settings.name ?? this.#info.name
    this.#monitor = `${this.name}-monitor-${id}`
    this.#children = `${this.name}-children-${id}`
  }

  /** Where the endpoint listens; undefined without one. */
  get port(): number | undefined {
    return this.#port
  }

  get root(): SupervisorPid {
    if (this.#root !== null) return this.#root
    const attempt = { operation: 'pid', target: this.name }
    throw new ArborError('noproc', `${this.name} has not started`, 'start it first', attempt)
  }

  spec(): ChildSpec<SupervisorPid> {
    const start = async (parent: Pid): Promise<SupervisorPid> => {
      const root = await this.makeRoot()
      return startLink(root, { parent })
    }
    return { id: this.name, type: 'supervisor', start }
  }

  /** A fresh supervisor of the whole tree, to be started. */
  async makeRoot(): Promise<Supervisor> {
    const { ServiceMetrics } = await import('./service-metrics.ts')
    const metrics = this.#metrics ?? new ServiceMetrics(this.#info)
    this.#metrics = metrics
    const onStart = (pid: SupervisorPid): void => {
      this.#root = pid
      onExit(pid, metrics.trace(this.#settings.traceMetrics))
    }
    // Nobody waits for the start of a service that is to stop.
    const onStop = (): void => {
      if (this.#starting !== null) exit(this.#starting, 'kill')
    }
    const endpoint = this.#endpointSpec(metrics)
    const children = [this.#monitorSpec(), ...endpoint, this.#coreSpec(metrics)]
    return new Root(children, onStart, onStop)
  }

  /** How the service does; down also while nobody can be asked. */
  async status(): Promise<ServiceStatus> {
    try {
      const timeoutMs = this.#settings.healthTimeoutMs + STATUS_MARGIN_MS
      return await serviceStatus(this.#monitor, timeoutMs)
    } catch {
      const isOver = this.#root !== null && !isAlive(this.#root)
      const health = down(isOver ? 'stopped' : 'restarting')
      return { phase: isOver ? 'stopped' : 'starting', health, info: this.#info }
    }
  }

  #monitorSpec(): ChildSpec {
    const { healthTimeoutMs } = this.#settings
    return {
      id: 'health-monitor',
      start: () =>
        startLink(new HealthMonitor(this.#info, healthTimeoutMs), { name: this.#monitor }),
    }
  }

  #endpointSpec(metrics: ServiceMetrics): ChildSpec[] {
    const { port, address } = this.#settings
    if (port === undefined) return []
    const options = {
      service: this.name,
      address,
      status: () => this.status(),
      metrics: async () => metrics.text(await this.status()),
      metricsContentType: metrics.contentType,
      onListening: (taken: number) => {
        this.#port = taken
      },
    }
    return [
      {
        id: 'health-endpoint',
        // A free port, once taken, stays the same.
        start: () => startLink(new HealthEndpoint({ ...options, port: this.#port ?? port })),
      },
    ]
  }

  #coreSpec(metrics: ServiceMetrics): ChildSpec {
    const children: ChildSpec[] = [
      {
        id: 'children',
        type: 'supervisor',
        start: () => startLink(new DynamicSupervisor(), { name: this.#children }),
      },
      {
        id: this.name,
        shutdown: this.#settings.stopTimeoutMs,
        start: () => this.#startService(metrics),
      },
      {
        id: 'capability-registry',
        // Its withdrawal and its drain have limits of their own.
        shutdown: 'infinity',
        start: () => startLink(this.#makeRegistry()),
      },
    ]
    const intensity = SERVICE_RESTART_INTENSITY
    const periodMs = SERVICE_RESTART_PERIOD_MS
    const options = { strategy: 'one_for_all', intensity, periodMs, children } as const
    return {
      id: 'core',
      type: 'supervisor',
      restart: 'temporary',
      significant: true,
      start: () => startLink(new Supervisor(options)),
    }
  }

  #startService(metrics: ServiceMetrics): Pid | Promise<Pid> {
    tellMonitor(this.#monitor, { type: 'starting' })
    const service = this.#unused ?? this.#makeAgain()
    this.#unused = null
    hostService(service, this.#context(metrics))
    const started = startLink(service, { name: this.name })
    if (started instanceof Promise) return this.#awaitStart(service, started)
    this.#service = started
    return started
  }

  /** A start that takes too long has failed. */
  async #awaitStart(
    service: AnyService<C, K>,
    started: Promise<ServerPid<C, K>>,
  ): Promise<ServerPid<C, K>> {
    const { startTimeoutMs } = this.#settings
    this.#starting = service.self
    const settled = started.then(
      (pid) => ({ pid }),
      (error: unknown) => ({ error }),
    )
    const outcome = await within(startTimeoutMs, settled)
    this.#starting = null
    if (outcome === 'timeout') {
      exit(service.self, 'kill')
      const attempt = { operation: 'start', target: this.name }
      const message = `start of ${this.name} took longer than ${startTimeoutMs} ms`
      const advice = 'raise startTimeoutMs, or do in a child what takes so long'
      throw new ArborError('start_timeout', message, advice, attempt)
    }
    if ('error' in outcome) throw outcome.error
    this.#service = outcome.pid
    return outcome.pid
  }

  #makeAgain(): AnyService<C, K> {
    const service = makeService(this.#source)
    this.#info = contractOf(service).info
    return service
  }

  #context(metrics: ServiceMetrics): HostContext {
    const { options, environment } = this.#settings
    const supervisor = running(this.#children)
    return {
      name: this.#info.name,
      supervisor,
      startChild: <P extends Pid>(child: ServiceChild<P>) =>
        DynamicSupervisor.startChild(supervisor, child),
      logger: loggerOf(this.#info.name),
      metrics: metrics.registry,
      options,
      environment,
    }
  }

  #makeRegistry(): CapabilityRegistry {
    const { announcer, announceIntervalMs, withdrawTimeoutMs, drainTimeoutMs } = this.#settings
    const service = this.#service
    if (service === null) throw missing(this.name)
    const limits = { announceIntervalMs, withdrawTimeoutMs, drainTimeoutMs }
    const monitor = running(this.#monitor)
    return new CapabilityRegistry({ info: this.#info, service, monitor, announcer, ...limits })
  }
}

/** The supervisor of it all: says which pid it has before its children start, and when it ends. */
class Root extends Supervisor {
  readonly #onStart: (pid: SupervisorPid) => void
  readonly #onStop: () => void

  constructor(
    children: readonly ChildSpec[],
    onStart: (pid: SupervisorPid) => void,
    onStop: () => void,
  ) {
    super({ autoShutdown: 'any_significant', children })
    this.#onStart = onStart
    this.#onStop = onStop
  }

  override init(): ReturnType<Supervisor['init']> {
    this.#onStart(this.self)
    return super.init()
  }

  override terminate(): void | Promise<void> {
    const stopping = super.terminate()
    this.#onStop()
    return stopping
  }
}

function running<P extends Pid>(name: Name<P>): P {
  const pid = whereis(name)
  if (pid === undefined) throw missing(name)
  return pid
}

function missing(name: string): ArborError {
  const attempt = { operation: 'start', target: name }
  return new ArborError('noproc', `${name} is not running`, 'it is being restarted', attempt)
}

function makeService<C extends AnyCall, K>(source: ServiceSource<C, K>): AnyService<C, K> {
  const service = source instanceof Service ? source : made(source)
  if (service instanceof Service) return service
  const attempt = { operation: 'startService', request: source }
  const advice = 'give an instance of a class that extends Service, the class, or a function'
  throw new ArborError('bad_service', `${String(service)} is no service`, advice, attempt)
}

function made<C extends AnyCall, K>(
  source: Exclude<ServiceSource<C, K>, AnyService<C, K>>,
): AnyService<C, K> {
  return isClass(source) ? new source() : source()
}

function isClass<C extends AnyCall, K>(
  source: Exclude<ServiceSource<C, K>, AnyService<C, K>>,
): source is new () => AnyService<C, K> {
  return source.prototype instanceof Service
}

function loggerOf(service: string): ServiceLogger {
  const at =
    (level: Level) =>
    (event: string, facts: Readonly<Record<string, unknown>> = {}): void =>
      log(() => ({ ...facts, level, event, service }))
  return { error: at('error'), warning: at('warning'), info: at('info') }
}
