import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutboundQueue } from '../../src/mesh/outbound-queue.ts'

function wire(id: number, sizeBytes = 4): Uint8Array {
  return new Uint8Array(sizeBytes).fill(id)
}

function drain(queue: OutboundQueue): number[] {
  const ids: number[] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) ids.push(next[0] ?? -1)
  return ids
}

describe('pushEvent', () => {
  it('drops the oldest when too many wait, and says how many', () => {
    const queue = new OutboundQueue({ eventsMax: 2 })
    expect([1, 2, 3, 4].map((id) => queue.pushEvent(wire(id)))).toEqual([0, 0, 1, 1])
    expect(drain(queue)).toEqual([3, 4])
  })

  it('drops as many as the bytes of the new one need', () => {
    const queue = new OutboundQueue({ eventBytesMax: 10 })
    for (const id of [1, 2, 3]) queue.pushEvent(wire(id, 3))
    expect(queue.pushEvent(wire(4, 6))).toBe(2)
    expect(queue.eventBytes).toBe(9)
    expect(drain(queue)).toEqual([3, 4])
  })

  it('lets a single larger one wait alone', () => {
    const queue = new OutboundQueue({ eventBytesMax: 10 })
    queue.pushEvent(wire(1))
    expect(queue.pushEvent(wire(2, 50))).toBe(1)
    expect(drain(queue)).toEqual([2])
    expect(queue.eventBytes).toBe(0)
  })
})

describe('pushControl', () => {
  it('refuses, and drops none, when too many wait', () => {
    const queue = new OutboundQueue({ controlFramesMax: 2 })
    expect([1, 2, 3].map((id) => queue.pushControl(wire(id)))).toEqual([true, true, false])
    expect(drain(queue)).toEqual([1, 2])
  })
})

describe('shift', () => {
  it('takes other frames before events, each kind in order', () => {
    const queue = new OutboundQueue()
    queue.pushEvent(wire(1))
    queue.pushControl(wire(2))
    queue.pushEvent(wire(3))
    queue.pushControl(wire(4))
    expect(queue.length).toBe(4)
    expect(drain(queue)).toEqual([2, 4, 1, 3])
  })

  it('keeps order, counts and bounds through any mixture of calls', () => {
    const push = fc.record({ size: fc.integer({ min: 1, max: 9 }), isEvent: fc.boolean() })
    const calls = fc.array(fc.option(push))
    fc.assert(
      fc.property(calls, (steps) => {
        const queue = new OutboundQueue({ eventsMax: 5, eventBytesMax: 20, controlFramesMax: 4 })
        const events: Uint8Array[] = []
        const control: Uint8Array[] = []
        for (const step of steps) {
          if (step === null) {
            expect(queue.shift()).toBe(control.length > 0 ? control.shift() : events.shift())
          } else if (step.isEvent) {
            const next = wire(0, step.size)
            events.splice(0, queue.pushEvent(next))
            events.push(next)
          } else {
            const next = wire(0, step.size)
            expect(queue.pushControl(next)).toBe(control.length < 4)
            if (control.length < 4) control.push(next)
          }
          expect(queue.length).toBe(events.length + control.length)
          expect(queue.eventBytes).toBe(events.reduce((sum, { length }) => sum + length, 0))
          expect(queue.eventBytes).toBeLessThanOrEqual(20)
        }
      }),
    )
  })
})
