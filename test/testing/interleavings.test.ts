import { describe, expect, it } from 'vitest'
import { send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import { interleave } from '../../src/testing/interleavings.ts'

/** Two writers send to one reader; returns what it got, in order. */
function race(): string {
  let seen = ''
  const reader = spawn((message: string) => {
    seen += message
  })
  const writers = ['a', 'b'].map((name) =>
    spawn((count: number) => {
      send(reader, `${name}${count} `)
    }),
  )
  for (const writer of writers) for (let i = 0; i < 3; i++) send(writer, i)
  runUntilIdle()
  for (const pid of [reader, ...writers]) exit(pid, 'kill')
  return seen
}

describe('interleave', () => {
  it('tries different orders, keeps that of two processes, and repeats a seed', async () => {
    const orders = new Map<number, string>()
    await interleave({ runs: 50 }, (seed) => {
      orders.set(seed, race())
    })
    expect(new Set(orders.values()).size).toBeGreaterThan(5)
    for (const order of orders.values()) {
      expect(order.replaceAll(/b\d /g, '')).toBe('a0 a1 a2 ')
      expect(order.replaceAll(/a\d /g, '')).toBe('b0 b1 b2 ')
    }
    await interleave({ runs: 50 }, (seed) => {
      expect(race()).toBe(orders.get(seed))
    })
  })

  it('names the seed of a failure, which fails again', async () => {
    const onlyWhenBIsFirst = () => {
      if (race().startsWith('b0 b1 b2')) throw new Error('b was first')
    }
    const failure = await interleave({ runs: 500 }, onlyWhenBIsFirst).catch((error: Error) => error)
    expect(failure).toMatchObject({ code: 'interleaving', cause: new Error('b was first') })
    const seed = Number(/seed (\d+)/.exec((failure as Error).message)?.[1])
    await expect(interleave({ seed, runs: 1 }, onlyWhenBIsFirst)).rejects.toThrow(`seed ${seed}`)
  })

  it('leaves turns as they were', async () => {
    await interleave({ runs: 1 }, () => {})
    expect(race()).toBe('a0 a1 a2 b0 b1 b2 ')
  })
})
