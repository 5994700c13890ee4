import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  claimOf,
  considerAnswer,
  considerBest,
  considerMeasured,
  considerRecord,
  considerWanted,
  type Island,
  newIsland,
  published,
  unpublishable,
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

/** After a record could not be run. */
function failed(state: Island, id: string): Island {
  return considerMeasured(state, candidate(id, 50), undefined).island
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

  it('ranks what is not a number below everything', () => {
    const none = considerBest(newIsland(), candidate('none', Number.NaN), 0)
    const first = considerBest(none.island, candidate('a', 3), 0)
    expect(first).toMatchObject({ publish: true, island: { best: candidate('a', 3) } })
    const again = considerBest(first.island, candidate('none', Number.NaN), 0)
    expect(again.island.best).toEqual(candidate('a', 3))
  })

  it('tries no second time what is too large', () => {
    const after = unpublishable(withBest(12), candidate('own', 12), 'too_large')
    expect(after).toMatchObject({ sent: 0, refused: { too_large: 1 } })
    expect(considerBest(after, candidate('own', 12), 1e9).publish).toBe(false)
    expect(considerBest(after, candidate('better', 13), 1e9).publish).toBe(true)
  })

  it('counts as sent what a station took', () => {
    expect(published(withBest(12), candidate('own', 12), 0, 0).sent).toBe(0)
    expect(published(withBest(12), candidate('own', 12), 0, 2).sent).toBe(1)
  })

  it('publishes a fitness once', () => {
    const after = published(withBest(12), candidate('own', 12), 0, 1)
    expect(considerBest(after, candidate('other', 12), 10 * PUBLISH_INTERVAL_MS).publish).toBe(
      false,
    )
    expect(considerBest(after, candidate('better', 13), PUBLISH_INTERVAL_MS).publish).toBe(true)
  })

  it('holds a burst back and lets its best out', () => {
    const first = published(withBest(12), candidate('own', 12), 0, 1)
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
          state = published(state, state.best, now, 1)
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

  it('is not kept from the truth by a lie about the same genotype', () => {
    const looked = considerRecord(withBest(12), candidate('theirs', 99)).island
    const refused = considerMeasured(looked, candidate('theirs', 99), 13).island
    expect(considerRecord(refused, candidate('theirs', 99)).measure).toBe(false)
    expect(considerRecord(refused, candidate('theirs', 13)).measure).toBe(true)
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
    expect(considerRecord(failed(state, 'r0'), candidate('now', 50)).measure).toBe(true)
  })

  it('remembers a bounded number of records', () => {
    let state = island
    for (let i = 0; i < RECORDS_REMEMBERED + 10; i++) {
      state = failed(considerRecord(state, candidate(`r${i}`, 50)).island, `r${i}`)
    }
    expect(state.remembered).toHaveLength(RECORDS_REMEMBERED)
  })
})

describe('considerMeasured', () => {
  it('lets in what does as claimed, and counts it', () => {
    const looked = considerRecord(withBest(12), candidate('theirs', 13)).island
    const { refusal, island: after } = considerMeasured(looked, candidate('theirs', 13), 13)
    expect(refusal).toBeUndefined()
    expect(after).toMatchObject({ imports: 1, waiting: 0, best: candidate('theirs', 13) })
  })

  it('refuses what does not do as claimed, to the last bit', () => {
    const looked = considerRecord(withBest(12), candidate('theirs', 13)).island
    const decision = considerMeasured(looked, candidate('theirs', 13), 13 - 2e-15)
    expect(decision.refusal).toBe('fitness_mismatch')
    expect(decision.island).toMatchObject({ imports: 0, refused: { fitness_mismatch: 1 } })
    expect(considerMeasured(looked, candidate('theirs', 13), Number.NaN).refusal).toBe(
      'fitness_mismatch',
    )
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

  it('keeps the interval from the last answer, which whoever asks now has not heard', () => {
    const { island: answered } = considerAnswer(withBest(12), new Set(), 100)
    expect(considerWanted(answered, 100, 0)).toBe(ANSWER_INTERVAL_MS)
    expect(considerWanted(answered, 99 + ANSWER_INTERVAL_MS, 0.5)).toBe(
      1 + 0.5 * ANSWER_DELAY_MS_MAX,
    )
    expect(considerWanted(answered, 100 + ANSWER_INTERVAL_MS, 0)).toBe(0)
  })
})

describe('considerAnswer', () => {
  it('stays silent when somebody published the same', () => {
    const heard = (id: string, fitness: number) => new Set([claimOf(candidate(id, fitness))])
    expect(considerAnswer(withBest(12), heard('another', 12), 0).publish).toBe(true)
    expect(considerAnswer(withBest(12), heard('own', 12), 0).publish).toBe(false)
  })

  it('answers when what was published claims something else of it', () => {
    const heard = new Set([claimOf(candidate('own', 13))])
    expect(considerAnswer(withBest(12), heard, 0).publish).toBe(true)
  })
})
