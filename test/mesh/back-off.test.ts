import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACK_OFF_LAN, BACK_OFF_WIDE, backOffMs } from '../../src/mesh/back-off.ts'
import { seededRandom } from '../../src/runtime/random.ts'

const withoutChance = { ...BACK_OFF_LAN, jitter: 0 }

describe('backOffMs', () => {
  it('doubles from the first wait to the longest', () => {
    const random = seededRandom(1)
    const waits = [1, 2, 3, 4, 5, 6, 7, 1000].map((n) => backOffMs(withoutChance, n, random))
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  })

  it('takes at most the jitter away, whatever chance says', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2000 }), (seed, failures) => {
        const most = backOffMs({ ...BACK_OFF_WIDE, jitter: 0 }, failures, seededRandom(seed))
        const delayMs = backOffMs(BACK_OFF_WIDE, failures, seededRandom(seed))
        expect(delayMs).toBeLessThanOrEqual(most)
        expect(delayMs).toBeGreaterThanOrEqual(most * (1 - BACK_OFF_WIDE.jitter))
      }),
    )
  })

  it('gives two nodes different waits', () => {
    const [a, b] = ['a', 'b'].map((name) => backOffMs(BACK_OFF_LAN, 3, seededRandom(name)))
    expect(a).not.toBe(b)
  })
})
