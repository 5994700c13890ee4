import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STREAM_POINTS_MAX } from '../../src/limits.ts'
import { shadeOf } from '../../src/plot/palette.ts'
import { type SpeciesPoint, speciesPlot } from '../../src/plot/species-plot.ts'
import { elementsOf, hasOnlyNumbers } from './well-formed.ts'

/** Corners of the area of a species, in the order they are drawn. */
function areaOf(svg: string, id: number): [x: number, y: number][] {
  const path = new RegExp(`<path d="M([^"]+)Z"[^>]*><title>species ${id}:`).exec(svg)
  if (path === null) throw new Error(`species ${id} is not drawn`)
  return path[1]!.split('L').map((place) => place.split(' ').map(Number) as [number, number])
}

const title = 'species'
/** Of the plane in the picture of 860 by 340 pixels. */
const [left, right, top, bottom] = [68, 832, 56, 284]

describe('speciesPlot', () => {
  it('stacks species by their age, each as high as it has members', () => {
    const sizes = [
      [4, 30],
      [2, 70],
    ] as const
    const svg = speciesPlot({ title, points: [{ at: 100, sizes }] })
    const half = bottom - 0.7 * (bottom - top)
    expect(areaOf(svg, 2)).toEqual([
      [left, half],
      [right, half],
      [right, bottom],
      [left, bottom],
    ])
    expect(areaOf(svg, 4)).toEqual([
      [left, top],
      [right, top],
      [right, half],
      [left, half],
    ])
  })

  it('begins a species at nothing before its first generation, ends it at nothing after its last', () => {
    const points: SpeciesPoint[] = [
      { at: 100, sizes: [[0, 100]] },
      {
        at: 200,
        sizes: [
          [0, 50],
          [1, 50],
        ],
      },
      { at: 300, sizes: [[0, 100]] },
    ]
    const corners = areaOf(speciesPlot({ title, points }), 1)
    const x = (at: number): number => left + (at / 300) * (right - left)
    const rounded = corners.map(([a, b]) => [Math.round(a), b])
    expect(rounded).toEqual([
      [Math.round(x(100)), top],
      [Math.round(x(200)), top],
      [Math.round(x(300)), top],
      [Math.round(x(200)), (top + bottom) / 2],
    ])
  })

  it('gives a species the same colour at any time, and its neighbours others', () => {
    const svg = speciesPlot({
      title,
      points: [
        {
          at: 1,
          sizes: [
            [7, 1],
            [8, 1],
          ],
        },
      ],
    })
    expect(svg).toContain(`fill="${shadeOf(7)}"`)
    expect(svg).toContain(`fill="${shadeOf(8)}"`)
    const shades = Array.from({ length: 24 }, (_, id) => shadeOf(id))
    expect(new Set(shades).size).toBe(24)
  })

  it('names what is large enough to hold a name', () => {
    const svg = speciesPlot({
      title,
      points: [
        {
          at: 10,
          sizes: [
            [11, 148],
            [12, 2],
          ],
        },
      ],
    })
    expect(svg).toContain('>11</text>')
    expect(svg).not.toContain('>12</text>')
    expect(svg).toContain('2 species, 2 of them alive at the end')
  })

  it('draws a run of any length in a bounded picture', () => {
    const points = Array.from({ length: 20_000 }, (_, i) => {
      return {
        at: i,
        sizes: [
          [Math.floor(i / 100), 100],
          [1_000 + i, 50],
        ] as const,
      }
    })
    const svg = speciesPlot({ title, points })
    expect(svg.match(/<path d="[^"]*Z"/g)!.length).toBeLessThan(2 * STREAM_POINTS_MAX + 2)
    expect(svg.length).toBeLessThan(500_000)
  })

  it('is well-formed, within its plane and without a number that is none, whatever it is given', () => {
    const size = fc.tuple(fc.nat(40), fc.integer({ min: 0, max: 1e6 }))
    const sizes = fc.uniqueArray(size, { selector: ([id]) => id, maxLength: 12 })
    const at = fc.oneof(fc.nat(1e7), fc.constant(Number.NaN))
    fc.assert(
      fc.property(fc.array(fc.record({ at, sizes }), { maxLength: 12 }), (given) => {
        const points = given.toSorted((a, b) => a.at - b.at)
        const svg = speciesPlot({ title: 'a <b>', points })
        elementsOf(svg)
        expect(hasOnlyNumbers(svg)).toBe(true)
        for (const [, path] of svg.matchAll(/<path d="M([^"]+)Z"/g)) {
          for (const place of path!.split('L')) {
            const [x = 0, y = 0] = place.split(' ').map(Number)
            expect(x >= left && x <= right && y >= top && y <= bottom, place).toBe(true)
          }
        }
      }),
    )
  })

  it('says so when there is nothing', () => {
    expect(speciesPlot({ title, points: [] })).toContain('no species')
  })
})
