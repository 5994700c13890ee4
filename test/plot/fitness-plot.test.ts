import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FitnessSeries, fitnessPlot } from '../../src/plot/fitness-plot.ts'
import { elementsOf, hasOnlyNumbers } from './well-formed.ts'

const rising = (name: string, count: number): FitnessSeries => ({
  name,
  points: Array.from({ length: count }, (_, i) => {
    return { evaluations: 100 * (i + 1), best: i, mean: i / 2 }
  }),
})

describe('fitnessPlot', () => {
  it('draws best and mean of every node, and names the nodes', () => {
    const svg = fitnessPlot({ title: 'a run', series: [rising('left', 5), rising('right', 7)] })
    expect(svg).toContain('>a run</text>')
    expect(svg).toContain('>left</text>')
    expect(svg).toContain('>right</text>')
    expect(svg.match(/stroke-width="2.2" ?\/>|stroke-width="2.2"/g)).toHaveLength(3)
    expect(svg).toContain('>evaluations</text>')
    expect(svg).toContain('>fitness</text>')
  })

  it('puts points where their numbers say', () => {
    const points = [
      { evaluations: 0, best: 0, mean: 0 },
      { evaluations: 100, best: 10, mean: 5 },
    ]
    const svg = fitnessPlot({ title: '', series: [{ name: 'a', points }], width: 296, height: 344 })
    // 200 x 200 pixels between the margins, from (68, 256).
    expect(svg).toContain('d="M68 256L268 56"')
    expect(svg).toContain('d="M68 256L268 156"')
  })

  it('draws a band where the points have one', () => {
    const points = rising('a', 4).points.map((point) => ({ ...point, low: 0, high: 3 }))
    const svg = fitnessPlot({ title: 'band', series: [{ name: 'a', points }] })
    expect(svg).toContain('>quartiles</text>')
    expect(svg).toContain('fill-opacity="0.12"')
    expect(fitnessPlot({ title: 'none', series: [rising('a', 4)] })).not.toContain('quartiles')
  })

  it('says so when there is nothing to draw', () => {
    for (const series of [[], [{ name: 'a', points: [] }]]) {
      const svg = fitnessPlot({ title: 'empty', series })
      expect(svg).toContain('no generation yet')
      expect(hasOnlyNumbers(svg)).toBe(true)
    }
  })

  it('draws a single generation as points', () => {
    expect(elementsOf(fitnessPlot({ title: 'one', series: [rising('a', 1)] }))).toContain('circle')
  })

  it('counts the nodes that the legend has no room for', () => {
    const series = Array.from({ length: 40 }, (_, i) => rising(`node-${i}`, 3))
    expect(fitnessPlot({ title: 'many', series })).toMatch(/\+ \d\d more/)
  })

  it('is well-formed for whatever names and numbers', () => {
    const number = fc.double()
    const point = fc.record({ evaluations: number, best: number, mean: number })
    const series = fc.record({ name: fc.string(), points: fc.array(point, { maxLength: 5 }) })
    fc.assert(
      fc.property(fc.string(), fc.array(series, { maxLength: 4 }), (title, series) => {
        const svg = fitnessPlot({ title, series })
        expect(elementsOf(svg)[0]).toBe('svg')
        expect(hasOnlyNumbers(svg.replaceAll(/<t[^>]*>[^<]*</g, ''))).toBe(true)
      }),
    )
  })
})
