import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  considerAnswer,
  considerBest,
  considerMeasured,
  considerRecord,
  considerWanted,
  type Island,
  measuringFailed,
  newIsland,
  published,
} from '../../../src/actors/brain/island.ts'
import {
  ANSWER_DELAY_MS_MAX,
  ANSWER_INTERVAL_MS,
  IMMIGRANTS_WAITING_MAX,
  PUBLISH_INTERVAL_MS,
  RECORDS_REMEMBERED,
} from '../../../src/limits.ts'

const island = newIsland({ publishThreshold: 10 })
const candidate = (id: string, fitness: number) => ({ id, fitness })

/** An island whose own best has that fitness, unpublished. */
function withBest(fitness: number): Island {
  return considerBest(island, candidate('own', fitness), 0).island
}

describe('considerBest', () => {
  it('publishes what is above the threshold only', () => {
    expect(considerBest(island, candidate('a', 10), 0).publish).toBe(false)
    expect(considerBest(island, candidate('a', 10.01), 0).publish).toBe(true)
  })

  it('takes the best of the first generation for the threshold unless told one', () => {
    const first = considerBest(newIsland(), candidate('a', 3), 0)
    expect(first.publish).toBe(false)
    expect(considerBest(first.island, candidate('b', 3), 0).publish).toBe(false)
    expect(considerBest(first.island, candidate('c', 3.5), 0).publish).toBe(true)
  })

  it('publishes a fitness once', () => {
    const after = published(withBest(12), candidate('own', 12), 0)
    expect(considerBest(after, candidate('other', 12), 10 * PUBLISH_INTERVAL_MS).publish).toBe(
      false,
    )
    expect(considerBest(after, candidate('better', 13), PUBLISH_INTERVAL_MS).publish).toBe(true)
  })

  it('holds a burst back and lets its best out', () => {
    const first = published(withBest(12), candidate('own', 12), 0)
    const held = considerBest(first, candidate('b', 14), PUBLISH_INTERVAL_MS - 1)
    expect(held.publish).toBe(false)
    const later = considerBest(held.island, candidate('c', 13), PUBLISH_INTERVAL_MS)
    expect(later.publish).toBe(true)
    expect(later.island.best).toEqual(candidate('b', 14))
  })

  it('never publishes more than once an interval, and always the best seen', () => {
    const step = fc.record({
      fitness: fc.double({ min: 0, max: 100, noNaN: true }),
      wait: fc.nat(999),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state = island
        let now = 0
        let last = Number.NEGATIVE_INFINITY
        let best = Number.NEGATIVE_INFINITY
        for (const [index, { fitness, wait }] of steps.entries()) {
          now += wait
          best = Math.max(best, fitness)
          const decision = considerBest(state, candidate(String(index), fitness), now)
          state = decision.island
          if (!decision.publish || state.best === undefined) continue
          expect(now - last).toBeGreaterThanOrEqual(PUBLISH_INTERVAL_MS)
          expect(state.best.fitness).toBe(best)
          state = published(state, state.best, now)
          last = now
        }
      }),
    )
  })
})

describe('considerRecord', () => {
  it('measures a record that claims more than we have, once', () => {
    const first = considerRecord(withBest(12), candidate('theirs', 13))
    expect(first.measure).toBe(true)
    const second = considerRecord(first.island, candidate('theirs', 13))
    expect(second.measure).toBe(false)
    expect(second.island.received).toBe(2)
  })

  it('leaves a record that claims no more than we have', () => {
    expect(considerRecord(withBest(12), candidate('theirs', 12)).measure).toBe(false)
  })

  it('measures only so many at once and counts the rest', () => {
    let state = island
    for (let i = 0; i < IMMIGRANTS_WAITING_MAX; i++) {
      state = considerRecord(state, candidate(`r${i}`, 50)).island
    }
    const refusal = considerRecord(state, candidate('one more', 50))
    expect(refusal.measure).toBe(false)
    expect(refusal.island.refused).toEqual({ too_many_waiting: 1 })
    expect(considerRecord(measuringFailed(state), candidate('now', 50)).measure).toBe(true)
  })

  it('remembers a bounded number of records', () => {
    let state = island
    for (let i = 0; i < RECORDS_REMEMBERED + 10; i++) {
      state = measuringFailed(considerRecord(state, candidate(`r${i}`, 50)).island)
    }
    expect(state.remembered).toHaveLength(RECORDS_REMEMBERED)
  })
})

describe('considerMeasured', () => {
  it('lets in what does as claimed, and counts it', () => {
    const looked = considerRecord(withBest(12), candidate('theirs', 13)).island
    const { admit, island: after } = considerMeasured(looked, candidate('theirs', 13), 13)
    expect(admit).toBe(true)
    expect(after).toMatchObject({ imports: 1, waiting: 0, best: candidate('theirs', 13) })
  })

  it('refuses what does not do as claimed, to the last bit', () => {
    const looked = considerRecord(withBest(12), candidate('theirs', 13)).island
    const decision = considerMeasured(looked, candidate('theirs', 13), 13 - 2e-15)
    expect(decision.admit).toBe(false)
    expect(decision.island).toMatchObject({ imports: 0, refused: { fitness_mismatch: 1 } })
    expect(considerMeasured(looked, candidate('theirs', 13), Number.NaN).admit).toBe(false)
  })

  it('does not publish again what came from the realm', () => {
    const looked = considerRecord(withBest(12), candidate('theirs', 13)).island
    const after = considerMeasured(looked, candidate('theirs', 13), 13).island
    expect(considerBest(after, candidate('theirs', 13), 1e9).publish).toBe(false)
    expect(considerBest(after, candidate('child', 13.5), 1e9).publish).toBe(true)
  })
})

describe('considerWanted', () => {
  it('answers within the delay when there is something worth it', () => {
    expect(considerWanted(island, 0, 0.5)).toBeUndefined()
    expect(considerWanted(withBest(9), 0, 0.5)).toBeUndefined()
    expect(considerWanted(withBest(12), 0, 0.5)).toBe(0.5 * ANSWER_DELAY_MS_MAX)
  })

  it('does not answer twice within the interval', () => {
    const { island: answered } = considerAnswer(withBest(12), new Set(), 100)
    expect(considerWanted(answered, 99 + ANSWER_INTERVAL_MS, 0)).toBeUndefined()
    expect(considerWanted(answered, 100 + ANSWER_INTERVAL_MS, 0)).toBe(0)
  })
})

describe('considerAnswer', () => {
  it('stays silent when somebody published the same', () => {
    expect(considerAnswer(withBest(12), new Set(['another']), 0).publish).toBe(true)
    expect(considerAnswer(withBest(12), new Set(['own']), 0).publish).toBe(false)
  })
})
