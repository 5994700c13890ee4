import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RestartIntensity } from '../../src/supervisors/restart-intensity.ts'

describe('RestartIntensity.allows', () => {
  it('allows what a list of all restarts would allow', () => {
    const gaps = fc.array(fc.nat({ max: 50 }), { maxLength: 200 })
    const intensities = fc.integer({ min: 0, max: 6 })
    fc.assert(
      fc.property(gaps, intensities, fc.integer({ min: 1, max: 200 }), (waits, most, periodMs) => {
        const intensity = new RestartIntensity(most, periodMs)
        const restarts: number[] = []
        let now = 0
        for (const wait of waits) {
          now += wait
          const recent = restarts.filter((time) => now - time <= periodMs)
          const isAllowed = recent.length < most
          expect(intensity.allows(now)).toBe(isAllowed)
          // A supervisor gives up at the first that is refused.
          if (!isAllowed) return
          restarts.push(now)
        }
      }),
    )
  })

  it('with intensity 0 allows none', () => {
    expect(new RestartIntensity(0, 1000).allows(0)).toBe(false)
  })

  it('refuses numbers that mean nothing', () => {
    for (const [intensity, periodMs] of [
      [-1, 1000],
      [1.5, 1000],
      [Number.NaN, 1000],
      [3, 0],
      [3, Number.NaN],
    ] as const) {
      expect(() => new RestartIntensity(intensity, periodMs)).toThrow(
        expect.objectContaining({ code: 'bad_intensity' }),
      )
    }
  })
})
