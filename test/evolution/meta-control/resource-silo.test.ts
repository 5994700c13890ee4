import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  concurrencyOf,
  effectiveEvaluations,
  evaluationsLimit,
  firstResourceSilo,
  type ResourceReading,
  type ResourceSettings,
  type ResourceSilo,
  resourceSettings,
  resourceSiloAfter,
} from '../../../src/evolution/meta-control/resource-silo.ts'
import { EvolutionSettingsError } from '../../../src/evolution/settings-check.ts'

const calm = { memory: 0.2, cpu: 0.2 }

function siloAfter(
  readings: readonly ResourceReading[],
  settings?: ResourceSettings,
): ResourceSilo {
  return readings.reduce((silo, one) => resourceSiloAfter(silo, one, settings), firstResourceSilo)
}

const of = (reading: ResourceReading, count: number): ResourceReading[] =>
  new Array<ResourceReading>(count).fill(reading)

describe('the resource silo', () => {
  it.each([
    [calm, 'continue'],
    [{ memory: 0.7, cpu: 0 }, 'throttle'],
    [{ memory: 0, cpu: 0.9 }, 'throttle'],
    [{ memory: 0.9, cpu: 0 }, 'pause'],
    [{ memory: Number.NaN, cpu: Number.NaN }, 'continue'],
  ])('says of %j: %s', (reading, action) => {
    expect(siloAfter([reading]).action).toBe(action)
  })

  it('takes work away with a time constant of five readings, down to a tenth', () => {
    // Half way from 0.7 to 1: half of nine tenths in the end, a fifth of that at once.
    const half = { memory: 0.85, cpu: 0 }
    expect(siloAfter([half]).scale).toBeCloseTo(1 - 0.9 * 0.5 * 0.2, 12)
    expect(siloAfter(of(half, 100)).scale).toBeCloseTo(0.55, 6)
    expect(concurrencyOf(siloAfter(of(half, 100)), 20)).toBe(11)
    const full = { memory: 0, cpu: 1 }
    expect(siloAfter(of(full, 100)).scale).toBeCloseTo(0.1, 6)
    const eased = siloAfter([...of(full, 100), calm])
    expect(eased).toMatchObject({ action: 'continue', pressure: expect.closeTo(0.8, 6) })
  })

  it('counts its pauses', () => {
    expect(siloAfter([calm, { memory: 1, cpu: 0 }, calm, { memory: 0.95, cpu: 0 }]).pauses).toBe(2)
  })

  it('leaves at least one job, and never more than there were, whatever it reads', () => {
    const reading = fc.record({ memory: fc.double(), cpu: fc.double() })
    fc.assert(
      fc.property(fc.array(reading), fc.integer({ min: 1, max: 1_000 }), (readings, most) => {
        const silo = siloAfter(readings)
        const concurrency = concurrencyOf(silo, most)
        expect(concurrency).toBeGreaterThanOrEqual(1)
        expect(concurrency).toBeLessThanOrEqual(most)
        expect(Number.isInteger(concurrency)).toBe(true)
        expect(siloAfter(readings)).toEqual(silo)
      }),
    )
  })

  it('limits evaluations to what the task wishes, and to at least one', () => {
    expect(evaluationsLimit(firstResourceSilo)).toBe(20)
    expect(effectiveEvaluations(20, 5)).toBe(5)
    expect(effectiveEvaluations(2, 5)).toBe(2)
    expect(effectiveEvaluations(0, 5)).toBe(1)
  })

  it.each([
    ['memoryHigh', { memoryHigh: 1.5 }],
    ['memoryCritical', { memoryHigh: 0.8, memoryCritical: 0.7 }],
    ['cpuHigh', { cpuHigh: Number.NaN }],
    ['timeConstant', { timeConstant: 0.5 }],
    ['pauseMs', { pauseMs: 0.5 }],
  ])('refuses %s out of range by its name', (name, settings) => {
    expect(() => resourceSettings(settings)).toThrow(EvolutionSettingsError)
    expect(() => resourceSettings(settings)).toThrow(`resources.${name}`)
  })
})
