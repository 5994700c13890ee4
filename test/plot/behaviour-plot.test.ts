import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { behaviourPlot } from '../../src/plot/behaviour-plot.ts'
import { rampColour } from '../../src/plot/palette.ts'
import { elementsOf, hasOnlyNumbers } from './well-formed.ts'

const title = 'what networks did'
const axes = [
  { name: 'across', low: 0, high: 100 },
  { name: 'up', low: 0, high: 10 },
]
/** Of the plane. */
const [left, top, width, height] = [68, 56, 500, 440]

describe('behaviourPlot', () => {
  it('places points by their two numbers and colours them by fitness', () => {
    const svg = behaviourPlot({
      title,
      axes,
      samples: [
        { fitness: 1, behaviour: [25, 10] },
        { fitness: 3, behaviour: [100, 0] },
      ],
    })
    const point = (cx: number, cy: number, fill: string): string =>
      `<circle cx="${cx}" cy="${cy}" r="3" fill="${fill}"`
    expect(svg).toContain(point(left + width / 4, top, rampColour(0)))
    expect(svg).toContain(point(left + width, top + height, rampColour(1)))
    for (const text of ['across', 'up', 'evaluated (a sample)']) expect(svg).toContain(text)
    expect(svg).not.toContain('in the archive')
  })

  it('rings the archive and stars the champion, above all other points', () => {
    const svg = behaviourPlot({
      title,
      axes,
      samples: [{ fitness: 1, behaviour: [50, 5] }],
      archive: [[50, 5]],
      champion: { fitness: 4, behaviour: [0, 10] },
    })
    const middle = `cx="${left + width / 2}" cy="${top + height / 2}"`
    expect(svg).toContain(`<circle ${middle} r="4.5" fill="none"`)
    expect(svg).toContain(`M${left} ${top - 11}L`)
    expect(svg).toContain('in the archive')
    expect(svg).toContain('champion')
    expect(svg.indexOf('r="4.5"')).toBeLessThan(svg.indexOf(`M${left} ${top - 11}L`))
  })

  it('draws the map of a grid: a box a cell, its colour the fitness', () => {
    const svg = behaviourPlot({
      title,
      axes,
      samples: [{ fitness: 0, behaviour: [1, 1] }],
      map: {
        bounds: [
          [0, 100],
          [0, 10],
        ],
        bins: [10, 5],
        cells: [
          { cell: 0, fitness: 0 },
          { cell: 9 * 5 + 4, fitness: 10 },
        ],
      },
    })
    const size = `width="${width / 10}" height="${height / 5}"`
    const first = `<rect x="${left}" y="${top + (4 * height) / 5}" ${size} fill="${rampColour(0)}"`
    const last = `<rect x="${left + 0.9 * width}" y="${top}" ${size} fill="${rampColour(1)}"`
    expect(svg).toContain(first)
    expect(svg).toContain(last)
    expect(svg).toContain('no elite yet')
    expect(svg).not.toContain('evaluated (a sample)')
  })

  it('draws behaviours of one number against their fitness, and says when it shows two of more', () => {
    const flat = behaviourPlot({ title, samples: [{ fitness: 2, behaviour: [1] }] })
    expect(flat).toContain('>fitness</text>')
    const many = behaviourPlot({ title, samples: [{ fitness: 2, behaviour: [1, 2, 3] }] })
    expect(many).toContain('behaviour 0 (of 3 numbers)')
  })

  it('is well-formed and without a number that is none, whatever it is given', () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 }))
    const point = fc.record({ fitness: number, behaviour: fc.array(number, { maxLength: 4 }) })
    const points = fc.array(point, { maxLength: 8 })
    fc.assert(
      fc.property(points, points, point, (samples, elites, champion) => {
        const archive = elites.map(({ behaviour }) => behaviour)
        const svg = behaviourPlot({ title: '<&>', samples, elites, champion, archive })
        elementsOf(svg)
        expect(hasOnlyNumbers(svg)).toBe(true)
      }),
    )
  })
})
