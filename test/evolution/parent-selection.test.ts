import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  competitionAllotments,
  parentPicker,
  type SelectionSettings,
  selectionNames,
  selectionWeights,
  spinner,
} from '../../src/evolution/parent-selection.ts'
import { seededRandom } from '../../src/runtime/random.ts'

const fitnesses = [4, 1, 9, 2, 6]
const sizes = [2, 1, 9, 1, 3]

const weightsOf = (settings: SelectionSettings): number[] => [
  ...selectionWeights({ fitnesses, sizes }, settings),
]

/** How often each is drawn, of 10,000. */
function drawnBy(settings: SelectionSettings): number[] {
  const pick = parentPicker({ fitnesses, sizes }, settings)
  const random = seededRandom(settings.name)
  const counts = fitnesses.map(() => 0)
  for (let i = 0; i < 10_000; i++) {
    const index = pick(random)
    counts[index] = counts[index]! + 1
  }
  return counts
}

describe('selectionWeights', () => {
  const expected: readonly (readonly [SelectionSettings, readonly number[]])[] = [
    [{ name: 'truncation', survivalThreshold: 0.4 }, [0, 0, 1, 0, 1]],
    [{ name: 'roulette' }, [4, 1, 9, 2, 6]],
    [{ name: 'rank' }, [3, 1, 5, 2, 4]],
    [{ name: 'hof_rank' }, [3, 1, 5, 2, 4]],
    [{ name: 'competition', survivalThreshold: 0.6 }, [2, 0, 1, 0, 2]],
    [{ name: 'steady_state', survivalThreshold: 0.6 }, [2, 0, 1, 0, 2]],
    [{ name: 'top3' }, [1, 0, 1, 0, 1]],
    [{ name: 'hof_top3' }, [4, 0, 9, 0, 6]],
    [{ name: 'hof_competition' }, [2, 1, 1, 2, 2]],
    [{ name: 'hof_efficiency' }, [2, 1, 1, 2, 2]],
    [{ name: 'hof_random' }, [1, 1, 1, 1, 1]],
  ]

  it.each(expected)('%o', (settings, weights) => {
    expect(weightsOf(settings)).toEqual(weights)
  })

  it('divides by a small power of the size: size_proportional', () => {
    const [, , nine] = weightsOf({ name: 'size_proportional' })
    expect(nine).toBeCloseTo(9 / 9 ** 0.05, 12)
  })

  it('is never negative, and 0 for what failed', () => {
    const odd = [-3, Number.NaN, 5, Number.NEGATIVE_INFINITY]
    for (const name of selectionNames) {
      const weights = selectionWeights({ fitnesses: odd, sizes: [1, 1, 1, 1] }, { name })
      for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(0)
    }
    const roulette = selectionWeights({ fitnesses: odd, sizes: odd }, { name: 'roulette' })
    expect([...roulette]).toEqual([0, 0, 8, 0])
  })
})

describe('parentPicker', () => {
  it.each(selectionNames.filter((name) => name !== 'tournament'))('draws by weight: %s', (name) => {
    const weights = weightsOf({ name })
    const sum = weights.reduce((a, b) => a + b, 0)
    for (const [index, count] of drawnBy({ name }).entries()) {
      const part = weights[index]! / sum
      const error = Math.sqrt(10_000 * part * (1 - part))
      expect(Math.abs(count - 10_000 * part)).toBeLessThanOrEqual(4 * error)
    }
  })

  it('draws the best of so many: tournament', () => {
    const counts = drawnBy({ name: 'tournament', tournamentSize: 2 })
    // The worst only meets itself, once in 25; the best wins unless it is not drawn.
    expect(counts[1]! / 10_000).toBeCloseTo(1 / 25, 1)
    expect(counts[2]! / 10_000).toBeCloseTo(1 - (4 / 5) ** 2, 1)
    expect(drawnBy({ name: 'tournament', tournamentSize: 200 })).toEqual([0, 0, 10_000, 0, 0])
  })

  it('draws anyone when nobody has any weight', () => {
    const pick = spinner([0, 0, 0])
    const random = seededRandom(1)
    expect(new Set(Array.from({ length: 50 }, () => pick(random)))).toEqual(new Set([0, 1, 2]))
  })
})

describe('competitionAllotments', () => {
  it('gives away all places, to those above the middle, in proportion to what they are worth', () => {
    expect(competitionAllotments({ fitnesses, sizes }, 10, 0.6)).toEqual([4, 0, 2, 0, 4])
    const some = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), {
      minLength: 1,
      maxLength: 9,
    })
    fc.assert(
      fc.property(some, fc.nat(30), (values, places) => {
        const ones = values.map(() => 1)
        const allotted = competitionAllotments({ fitnesses: values, sizes: ones }, places)
        expect(allotted.reduce((a, b) => a + b, 0)).toBe(places)
        expect(Math.min(...allotted)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
