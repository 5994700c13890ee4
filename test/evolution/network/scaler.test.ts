import { describe, expect, it } from 'vitest'
import {
  avg,
  sat,
  satDzone,
  scale,
  scaleDzone,
  scaleTo,
  std,
} from '../../../src/evolution/network/scaler.ts'

describe('scale', () => {
  it('takes a range to -1 .. 1, and a point to 0', () => {
    expect([0, 5, 10].map((value) => scale(value, 10, 0))).toEqual([-1, 0, 1])
    expect(scale(7, 3, 3)).toBe(0)
    expect(scaleTo(7.5, 5, 10, 0, 100)).toBe(50)
  })
})

describe('sat', () => {
  it('keeps values within the range, dead zones at 0', () => {
    expect([-3, 0.5, 3].map((value) => sat(value, 2, -1))).toEqual([-1, 0.5, 2])
    expect([0.3, 0.2, -0.2, -3].map((value) => satDzone(value, 2, -1, 0.3, -0.3))).toEqual([
      0.3, 0, 0, -1,
    ])
  })
})

describe('scaleDzone', () => {
  it('is odd, 0 up to the threshold, and grows to the magnitude', () => {
    expect(scaleDzone(0.33, 0.33, 6)).toBe(0)
    expect(scaleDzone(6, 0.33, 6)).toBeCloseTo(6, 12)
    for (const value of [0.1, 0.5, 2, 6]) {
      expect(scaleDzone(-value, 0.33, 6)).toBeCloseTo(-scaleDzone(value, 0.33, 6), 12)
    }
  })
})

describe('std', () => {
  it('is that of a whole population', () => {
    expect(avg([1, 2, 3, 4])).toBe(2.5)
    expect(std([1, 3])).toBe(1)
    expect(std([5])).toBe(0)
  })
})
