import { afterEach, describe, expect, it } from 'vitest'
import { DirtyPool } from '../../src/runtime/dirty-pool.ts'

const filename = new URL('dirty-job.ts', import.meta.url)

const pools: DirtyPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

function pool(threads = 1, queueMax?: number): DirtyPool {
  const made = new DirtyPool({ filename, threads, ...(queueMax !== undefined && { queueMax }) })
  pools.push(made)
  return made
}

describe('DirtyPool.run', () => {
  it('runs jobs in other threads and brings their results in order', async () => {
    const jobs = pool(2)
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => jobs.run<object, number>({ type: 'square', n })),
    )
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * n))
  })

  it('moves buffers both ways when told to', async () => {
    const numbers = Float64Array.of(1, 2, 3)
    const doubled = await pool().run<object, Float64Array>(
      { type: 'double', numbers },
      { transfer: [numbers.buffer] },
    )
    expect([...doubled]).toEqual([2, 4, 6])
    expect(numbers).toHaveLength(0)
  })

  it('rejects with what the job threw, and goes on', async () => {
    const jobs = pool()
    await expect(jobs.run({ type: 'throw' })).rejects.toMatchObject({
      name: 'JobError',
      code: 'job_failed',
      cause: new RangeError('no such number'),
    })
    expect(await jobs.run({ type: 'square', n: 3 })).toBe(9)
  })

  it('rejects when the thread ends, and replaces it', async () => {
    const jobs = pool()
    await expect(jobs.run({ type: 'exit' })).rejects.toMatchObject({ code: 'thread_ended' })
    expect(await jobs.run({ type: 'square', n: 3 })).toBe(9)
  })

  it('rejects with timeout, ends the thread that hangs, and replaces it', async () => {
    const jobs = pool()
    await expect(jobs.run({ type: 'hang' }, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
    })
    expect(await jobs.run({ type: 'square', n: 3 })).toBe(9)
  })

  it('rejects when its signal is aborted, before and while it runs', async () => {
    const jobs = pool()
    const aborted = { code: 'aborted' }
    const early = jobs.run({ type: 'hang' }, { signal: AbortSignal.abort() })
    await expect(early).rejects.toMatchObject(aborted)
    const abort = new AbortController()
    const late = jobs.run({ type: 'hang' }, { signal: abort.signal })
    setImmediate(() => abort.abort())
    await expect(late).rejects.toMatchObject(aborted)
  })

  it('refuses more jobs than may wait', async () => {
    const jobs = pool(1, 2)
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => jobs.run({ type: 'square', n })),
    )
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThanOrEqual(7)
    expect(refused[0]).toMatchObject({ reason: { code: 'queue_full' } })
    expect(jobs.queueLength).toBe(0)
  })
})

describe('DirtyPool.close', () => {
  it('refuses what waits and what comes afterwards', async () => {
    const jobs = pool()
    const waiting = Array.from({ length: 5 }, (_, n) => jobs.run({ type: 'square', n }))
    const settled = Promise.allSettled(waiting)
    await jobs.close()
    for (const result of await settled) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'closed' })
    }
    await expect(jobs.run({ type: 'square', n: 1 })).rejects.toMatchObject({ code: 'closed' })
    await jobs.close()
  })
})

describe('new DirtyPool', () => {
  it('refuses numbers that cannot be meant', () => {
    for (const threads of [0, 1.5, 10_000]) {
      expect(() => new DirtyPool({ filename, threads })).toThrow(
        expect.objectContaining({ code: 'bad_pool' }),
      )
    }
  })
})
