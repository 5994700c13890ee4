import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { METRIC_LABEL_LENGTH_MAX } from '../../src/limits.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import { MetricRegistry, runtimeMetrics } from '../../src/runtime/metrics.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, link } from '../../src/runtime/signal.ts'
import { cancelTimer, sendAfter } from '../../src/runtime/timer.ts'

afterEach(() => setLogger(null))

/** The value of a series in a text of metrics. */
function sampleOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1))
}

describe('MetricRegistry', () => {
  it('counts, gauges and observes', async () => {
    const metrics = new MetricRegistry({ labels: { service: 'a' } })
    metrics.counter({ name: 'seen_total', help: 'seen' }).inc()
    const sent = metrics.counter({ name: 'sent_total', help: 'sent', labels: ['to', 'by'] })
    sent.inc(2, { to: 'b', by: 1 })
    sent.inc(3, { by: 1, to: 'b' })
    const gauge = metrics.gauge({ name: 'depth', help: 'depth' })
    gauge.set(7)
    gauge.inc()
    gauge.dec(3)
    const size = metrics.histogram({ name: 'size_bytes', help: 'size', buckets: [1, 10] })
    size.observe(5)
    const text = await metrics.text()
    expect(sampleOf(text, 'seen_total{service="a"}')).toBe(1)
    expect(sampleOf(text, 'sent_total{to="b",by="1",service="a"}')).toBe(5)
    expect(sampleOf(text, 'depth{service="a"}')).toBe(5)
    expect(sampleOf(text, 'size_bytes_bucket{le="10",service="a"}')).toBe(1)
    expect(sampleOf(text, 'size_bytes_bucket{le="1",service="a"}')).toBe(0)
  })

  it('gives the same metric to who declares it again, and refuses another of its name', () => {
    const metrics = new MetricRegistry()
    const first = metrics.counter({ name: 'a_total', help: 'a', labels: ['x'] })
    expect(metrics.counter({ name: 'a_total', help: 'a', labels: ['x'] })).toBe(first)
    expect(() => metrics.gauge({ name: 'a_total', help: 'a', labels: ['x'] })).toThrow(/already/)
    expect(() => metrics.counter({ name: 'a_total', help: 'a' })).toThrow(/already/)
  })

  it.each([
    ['a bad name', (m: MetricRegistry) => m.counter({ name: 'a-b', help: 'a' })],
    ['a reserved name', (m: MetricRegistry) => m.gauge({ name: 'arbor_x', help: 'a' })],
    ['a bad label', (m: MetricRegistry) => m.gauge({ name: 'a', help: 'a', labels: ['b-c'] })],
    ['the label le', (m: MetricRegistry) => m.histogram({ name: 'a', help: 'a', labels: ['le'] })],
    [
      'unsorted buckets',
      (m: MetricRegistry) => m.histogram({ name: 'a', help: 'a', buckets: [2, 1] }),
    ],
    ['less than nothing', (m: MetricRegistry) => m.counter({ name: 'a', help: 'a' }).inc(-1)],
    ['no number', (m: MetricRegistry) => m.gauge({ name: 'a', help: 'a' }).set(Number.NaN)],
    [
      'a missing label',
      (m: MetricRegistry) => m.gauge({ name: 'a', help: 'a', labels: ['b'] }).set(1, {} as never),
    ],
    [
      'a label too many',
      (m: MetricRegistry) =>
        m.gauge({ name: 'a', help: 'a' }).set(1, ...([{ b: 1 }] as never[] as [])),
    ],
  ])('refuses %s', (_, use) => {
    expect(() => use(new MetricRegistry({ reservedPrefix: 'arbor_' }))).toThrow(
      expect.objectContaining({ code: 'bad_metric' }),
    )
  })

  it('bounds the series of a metric whatever labels come, and loses no count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 200 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        async (values, seriesMax) => {
          const reports: Report[] = []
          setLogger((report) => reports.push(report))
          const metrics = new MetricRegistry({ seriesMax })
          const counter = metrics.counter({ name: 'a_total', help: 'a', labels: ['of'] })
          for (const of of values) counter.inc(1, { of })
          const lines = (await metrics.text())
            .split('\n')
            .filter((line) => line.startsWith('a_total{'))
          const distinct = new Set(values.map((value) => value.slice(0, METRIC_LABEL_LENGTH_MAX)))
          expect(lines.length).toBeLessThanOrEqual(seriesMax + 1)
          const total = lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
          expect(total).toBe(values.length)
          expect(reports).toHaveLength(distinct.size > seriesMax ? 1 : 0)
        },
      ),
    )
  })
})

describe('runtimeMetrics', () => {
  it('are read off when they are asked for', async () => {
    const before = await runtimeMetrics().text()
    const reader = spawn((_: string) => {}, undefined, { name: 'metrics-test' })
    const behind = spawn((_: string) => {})
    link(behind, reader)
    const timer = sendAfter(reader, 'later', 60_000)
    const ended = spawn((_: string) => {})
    exit(ended, 'kill')
    send(ended, 'nobody')
    for (let i = 0; i < 5; i++) send(behind, 'message')
    const text = await runtimeMetrics().text()
    const grown = (series: string): number => sampleOf(text, series) - sampleOf(before, series)
    expect(grown('arbor_processes')).toBe(2)
    expect(grown('arbor_timers_armed')).toBe(1)
    expect(grown('arbor_dead_letters_total{kind="no_process"}')).toBe(1)
    expect(sampleOf(text, 'arbor_memory_bytes{kind="rss"}')).toBeGreaterThan(1e6)
    expect(sampleOf(text, 'arbor_event_loop_utilization')).toBeGreaterThanOrEqual(0)
    cancelTimer(timer)
    runUntilIdle()
    exit(reader, 'kill')
  })

  it('count messages handled, and reductions: those and messages sent', async () => {
    const echo = spawn((left: number, state: undefined, self: Pid<number>) => {
      if (left > 0) send(self, left - 1)
      return state
    }, undefined)
    runUntilIdle()
    const before = await runtimeMetrics().text()
    send(echo, 999)
    runUntilIdle()
    const after = await runtimeMetrics().text()
    const grown = (series: string): number => sampleOf(after, series) - sampleOf(before, series)
    expect(grown('arbor_messages_total')).toBe(1000)
    expect(grown('arbor_reductions_total')).toBe(1999)
  })

  it('show the run queue and the longest mailbox of all that is reached from a name', async () => {
    const reader = spawn((_: string) => {}, undefined, { name: 'metrics-test' })
    const behind = spawn((_: string) => {})
    link(behind, reader)
    for (let i = 0; i < 5; i++) send(behind, 'message')
    // Read in the same turn of the event loop, before the processes have theirs.
    const text = runtimeMetrics().text()
    expect(sampleOf(await text, 'arbor_mailbox_length_max')).toBe(5)
    expect(sampleOf(await text, 'arbor_run_queue_length')).toBe(1)
    exit(reader, 'kill')
  })

  it('measure the delay of the event loop from the first scrape on', async () => {
    await runtimeMetrics().text()
    for (let scrapes = 0; scrapes < 20; scrapes++) {
      // Three samples, each late by the time the loop was held up.
      for (let i = 0; i < 3; i++) {
        const end = performance.now() + 50
        while (performance.now() < end);
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      const text = await runtimeMetrics().text()
      if (sampleOf(text, 'arbor_event_loop_lag_seconds{quantile="1"}') > 0.005) return
    }
    throw new Error('no delay was seen')
  })
})
