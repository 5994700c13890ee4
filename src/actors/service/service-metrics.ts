// What `/metrics` of a service shows: the runtime's numbers, the service's health, and its own
// registry. Loads prom-client, so only what serves a service imports it.
import type { Health, Info } from '../../behaviours/service.ts'
import {
  type Gauge,
  METRICS_CONTENT_TYPE,
  MetricRegistry,
  runtimeMetrics,
} from '../../runtime/metrics.ts'
import { traceMetrics } from '../../runtime/traced-metrics.ts'
import type { ServiceStatus } from './health-monitor.ts'

const LEVELS: Readonly<Record<Health['status'], number>> = { ok: 0, degraded: 1, down: 2 }

export class ServiceMetrics {
  /** The service's own; it outlives its restarts, so that its counters go on. */
  readonly registry: MetricRegistry
  readonly contentType: string = METRICS_CONTENT_TYPE
  readonly #host: MetricRegistry
  readonly #health: Gauge
  readonly #ready: Gauge

  constructor({ name, version }: Info) {
    const labels = { service: name }
    this.registry = new MetricRegistry({ labels, reservedPrefix: 'arbor_' })
    this.#host = new MetricRegistry({ labels })
    const health = '0: ok, 1: degraded, 2: down'
    this.#health = this.#host.gauge({ name: 'arbor_service_health', help: health })
    const ready = '1 while the service takes calls'
    this.#ready = this.#host.gauge({ name: 'arbor_service_ready', help: ready })
    const info = { name: 'arbor_service_info', help: 'Who is served', labels: ['version'] as const }
    this.#host.gauge(info).set(1, { version })
  }

  /** Watches calls, or messages too, until what comes back is called. */
  trace(what: 'none' | 'calls' | 'messages'): () => void {
    return what === 'none' ? () => {} : traceMetrics({ messages: what === 'messages' })
  }

  /** In the Prometheus text format. */
  async text({ phase, health }: ServiceStatus): Promise<string> {
    this.#health.set(LEVELS[health.status])
    this.#ready.set(phase === 'ready' ? 1 : 0)
    const parts = [runtimeMetrics().text(), this.#host.text(), this.registry.text()]
    return (await Promise.all(parts)).join('')
  }
}
