// Numbers for a monitor: counters, gauges and histograms, and the text in which Prometheus fetches
// them. The runtime's own are read off its counters in the moment of a scrape: while nobody scrapes
// they cost nothing. A program adds its own to a registry; however many label values its requests
// bring, the series of a metric stay bounded.
//
//   const metrics = new MetricRegistry()
//   const greetings = metrics.counter({ name: 'greetings_total', help: 'said', labels: ['to'] })
//   greetings.inc(1, { to: 'Ada' })
//   await metrics.text()
//
// The only door of prom-client, which takes 50 ms to load: import this file where it is needed.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import * as prometheus from 'prom-client'
import {
  EVENT_LOOP_SAMPLE_MS,
  METRIC_LABEL_LENGTH_MAX,
  METRIC_PROCESSES_MAX,
  METRIC_SERIES_MAX,
  METRICS_MAX,
} from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { deadLetters } from './dead-letter.ts'
import { log } from './logger.ts'
import { type Process, processOf } from './pid.ts'
import { messagesWaiting } from './receive.ts'
import { turnTotals } from './reductions.ts'
import { registered, whereis } from './registry.ts'
import { runQueueLength } from './run-queue.ts'
import { linksOf, processCount } from './signal.ts'
import { restartCount } from './statistics.ts'
import { armedTimers } from './timer-wheel.ts'

/** Content type of `text()`. */
export const METRICS_CONTENT_TYPE: string = prometheus.prometheusContentType

export interface MetricOptions<L extends string = never> {
  /** Letters, digits and `_`, with a unit and `_total` as Prometheus has it: `bytes_sent_total`. */
  readonly name: string
  /** One line: what is counted. */
  readonly help: string
  /** Names of the labels every value has to carry. */
  readonly labels?: readonly L[]
}

/** Upper bounds of a histogram's buckets, ascending; default 5 ms to 10 s in seconds. */
export interface HistogramOptions<L extends string = never> extends MetricOptions<L> {
  readonly buckets?: readonly number[]
}

/** The labels of one value; none where the metric has none. */
export type LabelsOf<L extends string> = [L] extends [never]
  ? []
  : [labels: Readonly<Record<L, string | number>>]

/** Only grows. */
export interface Counter<L extends string = never> {
  /** @throws ArborError `bad_metric` for a negative or infinite number, or other labels */
  inc(by?: number, ...labels: LabelsOf<L>): void
}

/** Goes up and down. */
export interface Gauge<L extends string = never> {
  set(value: number, ...labels: LabelsOf<L>): void
  inc(by?: number, ...labels: LabelsOf<L>): void
  dec(by?: number, ...labels: LabelsOf<L>): void
}

/** Counts values by size. */
export interface Histogram<L extends string = never> {
  observe(value: number, ...labels: LabelsOf<L>): void
}

type Kind = 'counter' | 'gauge' | 'histogram'

/** A metric as prom-client makes it. */
interface Config {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly registers: prometheus.Registry[]
}

type Labels = Readonly<Record<string, string | number>>

/** Keeps the label values of a metric few: what comes beyond the bound is `other`. */
class Series {
  readonly name: string
  readonly kind: Kind
  readonly labels: readonly string[]
  readonly #seen: Set<string> = new Set()
  readonly #seriesMax: number
  #isFull = false

  constructor(name: string, kind: Kind, labels: readonly string[], seriesMax: number) {
    this.name = name
    this.kind = kind
    this.labels = labels
    this.#seriesMax = seriesMax
  }

  /** The labels under which a value is counted. */
  admit(given: Labels = {}): Record<string, string> {
    const admitted: Record<string, string> = {}
    for (const label of this.labels) {
      const value = given[label]
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw badMetric(this.name, `label ${label} is ${String(value)}`, 'give a text or a number')
      }
      admitted[label] = String(value).slice(0, METRIC_LABEL_LENGTH_MAX)
    }
    const surplus = Object.keys(given).find((label) => !this.labels.includes(label))
    if (surplus !== undefined) {
      throw badMetric(this.name, `label ${surplus} was not declared`, 'declare it, or leave it out')
    }
    if (this.labels.length === 0) return admitted
    const key = JSON.stringify(Object.values(admitted))
    if (this.#seen.has(key)) return admitted
    if (this.#seen.size < this.#seriesMax) {
      this.#seen.add(key)
      return admitted
    }
    this.#reportFull()
    for (const label of this.labels) admitted[label] = 'other'
    return admitted
  }

  #reportFull(): void {
    if (this.#isFull) return
    this.#isFull = true
    const facts = { metric: this.name, series: this.#seriesMax }
    log(() => ({ level: 'warning', event: 'metric_series_full', ...facts }))
  }

  /** A value that can be counted. */
  check(value: number, least: number = Number.NEGATIVE_INFINITY): number {
    if (Number.isFinite(value) && value >= least) return value
    const mend = least === 0 ? 'give a number from 0' : 'give a finite number'
    throw badMetric(this.name, `value ${value}`, mend)
  }
}

interface Made {
  readonly series: Series
  readonly metric: unknown
}

export interface MetricRegistryOptions {
  /** Labels every series carries, such as the service's name. */
  readonly labels?: Labels
  /** Default METRIC_SERIES_MAX. */
  readonly seriesMax?: number
  /** Refuses names that begin so; for a registry shown together with another. */
  readonly reservedPrefix?: string
}

/** A set of metrics that are shown together. */
export class MetricRegistry {
  readonly #registry: prometheus.Registry = new prometheus.Registry()
  readonly #made: Map<string, Made> = new Map()
  readonly #seriesMax: number
  readonly #reservedPrefix: string | undefined

  constructor(options: MetricRegistryOptions = {}) {
    const { labels = {}, seriesMax = METRIC_SERIES_MAX, reservedPrefix } = options
    this.#registry.setDefaultLabels(labels)
    this.#seriesMax = seriesMax
    this.#reservedPrefix = reservedPrefix
  }

  /**
   * A counter; the one there is when it has been declared before in the same way, so that a
   * restarted service counts on.
   * @throws ArborError `bad_metric` for a bad name, or one declared in another way
   */
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L> {
    return this.#declare('counter', options, (config, series) => {
      const counter = new prometheus.Counter(config)
      return {
        inc: (by = 1, labels?: Labels) => counter.inc(series.admit(labels), series.check(by, 0)),
      }
    })
  }

  gauge<L extends string = never>(options: MetricOptions<L>): Gauge<L> {
    return this.#declare('gauge', options, (config, series) => {
      const gauge = new prometheus.Gauge(config)
      return {
        set: (value: number, labels?: Labels) =>
          gauge.set(series.admit(labels), series.check(value)),
        inc: (by = 1, labels?: Labels) => gauge.inc(series.admit(labels), series.check(by)),
        dec: (by = 1, labels?: Labels) => gauge.dec(series.admit(labels), series.check(by)),
      }
    })
  }

  histogram<L extends string = never>(options: HistogramOptions<L>): Histogram<L> {
    const { buckets } = options
    const isAscending = buckets?.every((bound, i) => i === 0 || bound > (buckets[i - 1] ?? bound))
    if (isAscending === false) {
      throw badMetric(options.name, 'buckets are not ascending', 'sort them')
    }
    return this.#declare('histogram', options, (config, series) => {
      const extra = buckets === undefined ? {} : { buckets: [...buckets] }
      const histogram = new prometheus.Histogram({ ...config, ...extra })
      return {
        observe: (value: number, labels?: Labels) =>
          histogram.observe(series.admit(labels), series.check(value)),
      }
    })
  }

  /** All metrics in the Prometheus text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #declare<L extends string, M>(
    kind: Kind,
    { name, help, labels = [] }: MetricOptions<L>,
    make: (config: Config, series: Series) => M,
  ): M {
    const known = this.#made.get(name)
    if (known !== undefined) {
      const isSame = known.series.kind === kind && known.series.labels.join() === labels.join()
      if (isSame) return known.metric as M
      throw badMetric(name, `is a ${known.series.kind} already`, 'choose another name')
    }
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw badMetric(name, 'is no name of a metric', 'use letters, digits and _')
    }
    const prefix = this.#reservedPrefix
    if (prefix !== undefined && name.startsWith(prefix)) {
      throw badMetric(name, `names in ${prefix} are the runtime's`, 'choose another name')
    }
    const isBad = (label: string): boolean =>
      !/^[a-zA-Z][a-zA-Z0-9_]*$/.test(label) || (kind === 'histogram' && label === 'le')
    const badLabel = labels.find(isBad)
    if (badLabel !== undefined) {
      throw badMetric(name, `label "${badLabel}"`, 'use letters, digits and _')
    }
    if (this.#made.size >= METRICS_MAX) {
      throw badMetric(name, `there are ${METRICS_MAX} metrics already`, 'use labels instead')
    }
    const series = new Series(name, kind, labels, this.#seriesMax)
    const metric = make({ name, help, labelNames: labels, registers: [this.#registry] }, series)
    this.#made.set(name, { series, metric })
    return metric
  }
}

function badMetric(name: string, what: string, mend: string): ArborError {
  const attempt = { operation: 'metric', target: name }
  return new ArborError('bad_metric', `metric ${name}: ${what}`, mend, attempt)
}

// --- The runtime's own ---

/** The runtime's metrics of this thread, read off at each call. */
export class RuntimeMetrics {
  readonly #registry = new prometheus.Registry()
  readonly #reads: (() => void)[] = []
  readonly #added: Set<MetricRegistry> = new Set()
  /** Runs from the first scrape on: before, nobody would see it. */
  #loopDelay: ReturnType<typeof monitorEventLoopDelay> | null = null

  constructor() {
    this.#gauge('processes', 'Living processes', processCount)
    this.#gauge('run_queue_length', 'Processes that wait for their turn', runQueueLength)
    this.#gauge('mailbox_length_max', 'Messages in the longest mailbox', longestMailbox)
    this.#gauge('timers_armed', 'Timers and timeouts that wait', armedTimers)
    const work = 'Messages handled and sent, and other work charged'
    this.#counter('reductions_total', work, () => turnTotals().reductions)
    this.#counter('messages_total', 'Messages handled', () => turnTotals().messages)
    this.#counter('restarts_total', 'Restarts by supervisors', restartCount)
    const unhandled = 'Messages a server did not expect'
    this.#counter('unhandled_messages_total', unhandled, () => deadLetters().unhandled)
    this.#deadLetters()
    this.#eventLoop()
    this.#memory()
  }

  /** Shows a registry together with these from now on; what comes back takes it off again. */
  add(registry: MetricRegistry): () => void {
    this.#added.add(registry)
    return () => this.#added.delete(registry)
  }

  /** In the Prometheus text format. */
  async text(): Promise<string> {
    for (const read of this.#reads) read()
    const added = [...this.#added].map((registry) => registry.text())
    return (await Promise.all([this.#registry.metrics(), ...added])).join('')
  }

  #config<L extends string>(name: string, help: string, labelNames: readonly L[] = []) {
    return { name: `arbor_${name}`, help, labelNames, registers: [this.#registry] }
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge = new prometheus.Gauge(this.#config(name, help))
    this.#reads.push(() => gauge.set(read()))
  }

  #counter(name: string, help: string, read: () => number): void {
    const counter = new prometheus.Counter(this.#config(name, help))
    this.#reads.push(() => {
      counter.reset()
      counter.inc(read())
    })
  }

  #deadLetters(): void {
    const help = 'Messages that found nobody'
    const counter = new prometheus.Counter(this.#config('dead_letters_total', help, ['kind']))
    this.#reads.push(() => {
      const { noProcess, lateReplies, unknownName, inactiveAlias } = deadLetters()
      counter.reset()
      counter.inc({ kind: 'no_process' }, noProcess)
      counter.inc({ kind: 'late_reply' }, lateReplies)
      counter.inc({ kind: 'unknown_name' }, unknownName)
      counter.inc({ kind: 'inactive_alias' }, inactiveAlias)
    })
  }

  #eventLoop(): void {
    const help = "Delay of Node's event loop since the last scrape"
    const lag = new prometheus.Gauge(this.#config('event_loop_lag_seconds', help, ['quantile']))
    // The first scrape shows the time since the thread started.
    let since: ReturnType<typeof performance.eventLoopUtilization> | undefined
    this.#gauge('event_loop_utilization', 'Share of time the event loop was busy', () => {
      const before = since
      since = performance.eventLoopUtilization()
      return before === undefined
        ? since.utilization
        : performance.eventLoopUtilization(since, before).utilization
    })
    this.#reads.push(() => {
      const delay = this.#loopDelay ?? monitorEventLoopDelay({ resolution: EVENT_LOOP_SAMPLE_MS })
      // What the sampling itself waits for is no delay.
      const seconds = (ns: number): number => Math.max(0, ns / 1e9 - EVENT_LOOP_SAMPLE_MS / 1000)
      const isEmpty = delay.count === 0
      lag.set({ quantile: '0.5' }, isEmpty ? 0 : seconds(delay.percentile(50)))
      lag.set({ quantile: '0.99' }, isEmpty ? 0 : seconds(delay.percentile(99)))
      lag.set({ quantile: '1' }, isEmpty ? 0 : seconds(delay.max))
      delay.reset()
      if (this.#loopDelay === null) delay.enable()
      this.#loopDelay = delay
    })
  }

  #memory(): void {
    const config = this.#config('memory_bytes', 'Memory of the Node process', ['kind'])
    const gauge = new prometheus.Gauge(config)
    this.#reads.push(() => {
      for (const [kind, bytes] of Object.entries(process.memoryUsage())) gauge.set({ kind }, bytes)
    })
  }
}

let own: RuntimeMetrics | null = null

/** The runtime's metrics of this thread; one for all who ask. */
export function runtimeMetrics(): RuntimeMetrics {
  own ??= new RuntimeMetrics()
  return own
}

/** The longest mailbox of named processes and those linked with them: all that are supervised. */
function longestMailbox(): number {
  const seen = new Set<Process>()
  for (const name of registered()) {
    const process = whereis(name)
    if (process !== undefined) seen.add(processOf(process))
  }
  let longest = 0
  // A Set is walked in order of insertion, also of what is inserted meanwhile.
  for (const process of seen) {
    longest = Math.max(longest, messagesWaiting(process))
    for (const linked of linksOf(process)) {
      if (seen.size >= METRIC_PROCESSES_MAX) break
      seen.add(processOf(linked))
    }
  }
  return longest
}
