import { afterAll, describe, expect, it } from 'vitest'
import * as dirty from '../../src/runtime/dirty.ts'
import type { JobError } from '../../src/runtime/dirty-pool.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { exit } from '../../src/runtime/signal.ts'

const module = new URL('dirty-job.ts', import.meta.url)

afterAll(() => dirty.close())

describe('dirty.run', () => {
  it('brings the result of a job of any module', async () => {
    expect(await dirty.run<object, number>(module, { type: 'square', n: 7 })).toBe(49)
    const other = new URL('dirty-sum.ts', import.meta.url)
    expect(await dirty.run<number[], number>(other, [1, 2, 3])).toBe(6)
  })

  it('fails with what the job threw, naming its module', async () => {
    await expect(dirty.run(module, { type: 'throw' })).rejects.toMatchObject({
      code: 'job_failed',
      cause: new RangeError('no such number'),
      attempt: { target: expect.stringContaining('dirty-job.ts') },
    })
  })

  it('fails when the thread dies, and the next job has another', async () => {
    await expect(dirty.run(module, { type: 'exit' })).rejects.toMatchObject({
      code: 'thread_ended',
    })
    expect(await dirty.run<object, number>(module, { type: 'square', n: 3 })).toBe(9)
  })

  it('fails after its timeout, and ends the job', async () => {
    const hang = dirty.run(module, { type: 'hang' }, { timeoutMs: 30 })
    await expect(hang).rejects.toMatchObject({ code: 'timeout' })
  })

  it('is cancelled by its signal', async () => {
    const abort = new AbortController()
    const hang = dirty.run(module, { type: 'hang' }, { signal: abort.signal })
    abort.abort()
    await expect(hang).rejects.toMatchObject({ code: 'aborted' })
  })

  it('is cancelled by the end of the process that asked for it', async () => {
    const failed = Promise.withResolvers<JobError>()
    const owner = spawn(() => {
      dirty.run(module, { type: 'hang' }, { timeoutMs: 'infinity' }).catch(failed.resolve)
    })
    send(owner, 'go')
    // Behind it, for it is a second message: by then the job has been asked for.
    const second = spawn((): void => exit(owner, 'kill'))
    send(second, 'now')
    expect(await failed.promise).toMatchObject({ code: 'aborted' })
  })

  it('works again after it was closed', async () => {
    await dirty.close()
    expect(await dirty.run<object, number>(module, { type: 'square', n: 2 })).toBe(4)
  })
})
