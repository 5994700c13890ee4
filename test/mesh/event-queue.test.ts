import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../src/mesh/event-queue.ts'

describe('EventQueue', () => {
  it('gives events in order of time, equal ones in the order they were added', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
        const queue = new EventQueue()
        const order: [number, number][] = []
        for (const [index, atMs] of times.entries()) {
          queue.add(atMs, () => order.push([atMs, index]))
        }
        expect(queue.size).toBe(times.length)
        for (;;) {
          const run = queue.takeDue(Number.POSITIVE_INFINITY)
          if (run === undefined) break
          run()
        }
        const sorted = times.map((atMs, index): [number, number] => [atMs, index])
        expect(order).toEqual(sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]))
        expect(queue.nextMs).toBeUndefined()
      }),
    )
  })

  it('keeps what is not due yet', () => {
    const queue = new EventQueue()
    queue.add(5, () => {})
    expect(queue.takeDue(4)).toBeUndefined()
    expect(queue.nextMs).toBe(5)
    expect(queue.takeDue(5)).toBeTypeOf('function')
  })
})
