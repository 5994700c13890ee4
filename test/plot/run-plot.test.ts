import { describe, expect, it } from 'vitest'
import { genotypeFrom } from '../../src/evolution/genotype.ts'
import { layeredGenotype } from '../../src/evolution/optimiser/layered-genotype.ts'
import { runPlot } from '../../src/plot/run-plot.ts'
import { elementsOf, hasOnlyNumbers } from './well-formed.ts'

const champion = genotypeFrom({
  inputs: 1,
  outputs: 1,
  activation: 'tanh',
  links: [{ from: 0, to: 1, weight: 1 }],
})

const points = [0, 1, 2].map((i) => ({
  ...{ evaluations: 100 * (i + 1), best: i + 1, mean: i + 0.5, worst: i },
  ...{ species: 3 + i, neurons: 1, links: 1 + i },
}))

describe('runPlot', () => {
  it('has the band, the species, the size and the champion, in one document', () => {
    const svg = runPlot({ title: 'a <run>', points, champion })
    for (const text of ['worst to best', 'species', 'neurons', 'links', 'champion']) {
      expect(svg).toContain(text)
    }
    expect(svg).toContain('a &lt;run&gt;')
    expect(svg).not.toContain('NaN')
    // One a panel, in the one of the whole.
    expect(elementsOf(svg).filter((name) => name === 'svg')).toHaveLength(5)
  })

  it('draws a run without a generation', () => {
    expect(runPlot({ title: 'none', points: [], champion })).not.toContain('NaN')
  })
})

describe('runPlot of a run that says more', () => {
  it('has the stream of species, what the strategy counts, and what networks did', () => {
    const told = points.map((point, i) => ({
      ...point,
      sizes: [
        [0, 100 - i],
        [1, i],
      ] as const,
      measures: { bestRating: 1_500 + i, unknown: 3 },
    }))
    const samples = [{ fitness: 1, behaviour: [0.5, 0.5] }]
    const svg = runPlot({ title: 'game', points: told, champion, behaviours: { samples } })
    for (const text of ['species 0: 100 at most', 'Elo rating of the best', 'what networks did']) {
      expect(svg).toContain(text)
    }
    expect(svg).not.toContain('unknown')
    expect(hasOnlyNumbers(svg)).toBe(true)
    // The axis of ratings does not begin at 0, where nothing is.
    expect(svg).toContain('>1501</text>')
  })
})

describe('runPlot of a large champion', () => {
  it('draws it as wide as the page, not wider', () => {
    const activations = { outputActivation: 'tanh', hiddenActivation: 'tanh' } as const
    const shape = { inputs: 1, outputs: 1, ...activations }
    const large = layeredGenotype({ shape, hidden: new Array<number>(16).fill(1) })
    const svg = runPlot({ title: 'deep', points, champion: large })
    const [, scale = 1, width = 0] =
      /scale\(([\d.]+)\)"><svg [^>]*? width="([\d.]+)"/.exec(svg) ?? []
    expect(Number(width)).toBeGreaterThan(860)
    expect(Number(scale) * Number(width)).toBeCloseTo(860, 0)
  })
})
