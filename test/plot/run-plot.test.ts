import { describe, expect, it } from 'vitest'
import { genotypeFrom } from '../../src/evolution/genotype.ts'
import { runPlot } from '../../src/plot/run-plot.ts'

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
    expect(svg.match(/<svg /g)).toHaveLength(3)
    expect(svg.match(/<svg /g)).toHaveLength(svg.match(/<\/svg>/g)?.length ?? 0)
  })

  it('draws a run without a generation', () => {
    expect(runPlot({ title: 'none', points: [], champion })).not.toContain('NaN')
  })
})
