// Looks at memory and processor while genotypes are evaluated, and says how many jobs may be under
// way (evolution/meta-control/resource-silo.ts decides). It can only slow work down.
import { availableParallelism, totalmem } from 'node:os'
import {
  concurrencyOf,
  firstResourceSilo,
  type ResourceReading,
  type ResourceSettings,
  type ResourceSilo,
  resourceSettings,
  resourceSiloAfter,
} from '../../evolution/meta-control/resource-silo.ts'
import type { Clock } from '../../runtime/clock.ts'
import { log } from '../../runtime/logger.ts'

export interface ResourceOptions extends ResourceSettings {
  /** What is used now; default: this process, threads included. */
  readonly readings?: () => ResourceReading
  /** Milliseconds between two readings, at least; default 1,000. */
  readonly sampleMs?: number
}

/** What a guard decided last. */
export interface ResourceStatus extends ResourceSilo, ResourceReading {
  /** Jobs that may be under way. */
  readonly concurrency: number
}

export class ResourceGuard {
  readonly #settings: Required<ResourceSettings>
  readonly #readings: () => ResourceReading
  readonly #sampleMs: number
  readonly #clock: Clock
  readonly #most: number
  #silo: ResourceSilo = firstResourceSilo
  #reading: ResourceReading = { memory: 0, cpu: 0 }
  #readAtMs = Number.NEGATIVE_INFINITY

  /** For work of `most` jobs at a time. Throws EvolutionSettingsError for settings out of range. */
  constructor(options: ResourceOptions, most: number, clock: Clock) {
    const { readings = processReadings(clock), sampleMs = 1_000, ...settings } = options
    this.#settings = resourceSettings(settings)
    this.#readings = readings
    this.#sampleMs = sampleMs
    this.#clock = clock
    this.#most = most
  }

  get pauseMs(): number {
    return this.#settings.pauseMs
  }

  /** What it decided, after a new reading if it is time. */
  look(): ResourceStatus {
    const nowMs = this.#clock.now()
    if (nowMs - this.#readAtMs < this.#sampleMs) return this.status
    const before = this.#silo
    this.#readAtMs = nowMs
    this.#reading = this.#readings()
    this.#silo = resourceSiloAfter(before, this.#reading, this.#settings)
    const { action } = this.#silo
    if (action !== before.action) {
      const level = action === 'pause' ? 'warning' : 'info'
      log(() => ({ level, event: 'resource_alert', before: before.action, ...this.status }))
    }
    return this.status
  }

  get status(): ResourceStatus {
    const concurrency = concurrencyOf(this.#silo, this.#most)
    return { ...this.#silo, ...this.#reading, concurrency }
  }
}

/**
 * Readings of this process: its resident memory as part of what it may have (of a container, or of
 * the machine), its processor time since the last reading as part of all cores.
 */
export function processReadings(clock: Clock): () => ResourceReading {
  let [beforeMs, before] = [clock.now(), process.cpuUsage()]
  return () => {
    const [nowMs, now] = [clock.now(), process.cpuUsage()]
    const usedMs = (now.user - before.user + now.system - before.system) / 1_000
    const cpu = nowMs > beforeMs ? usedMs / ((nowMs - beforeMs) * availableParallelism()) : 0
    ;[beforeMs, before] = [nowMs, now]
    return { memory: process.memoryUsage.rss() / memoryBytes(), cpu }
  }
}

/** A limit that is none is reported as a number beyond all memory. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}
