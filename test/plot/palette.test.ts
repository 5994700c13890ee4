import { describe, expect, it } from 'vitest'
import { colourOf, inkOn, rampColour, shadeOf } from '../../src/plot/palette.ts'

/** Luminance, 0 to 1, as the eye weighs the parts of a colour. */
function light(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    return Number.parseInt(colour.slice(at, at + 2), 16) / 255
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe('palette', () => {
  it('gets lighter all along the ramp, so that it is read without colours, too', () => {
    const lights = Array.from({ length: 101 }, (_, i) => light(rampColour(i / 100)))
    expect(lights.every((value, i) => i === 0 || value >= lights[i - 1]!)).toBe(true)
    expect(rampColour(-1)).toBe(rampColour(0))
    expect(rampColour(2)).toBe(rampColour(1))
  })

  it('never gives neighbours the same colour', () => {
    for (let i = 0; i < 100; i++) {
      expect(colourOf(i)).not.toBe(colourOf(i + 1))
      expect(shadeOf(i)).not.toBe(shadeOf(i + 1))
      expect(shadeOf(i)).toMatch(/^#[0-9a-f]{6}$/)
    }
  })

  it('writes light on dark and dark on light', () => {
    expect(inkOn('#000000')).toBe('#ffffff')
    expect(inkOn('#fde725')).toBe('#1f2933')
  })
})
