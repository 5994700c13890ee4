import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { genotypeFrom } from '../../src/evolution/genotype.ts'
import { networkPlot } from '../../src/plot/network-plot.ts'
import { generatedGenotype } from '../evolution/generated-genotype.ts'
import { elementsOf, hasOnlyNumbers } from './well-formed.ts'

const HIDDEN = 2 ** 33
const genotype = genotypeFrom({
  inputs: 2,
  outputs: 1,
  activation: 'tanh',
  neurons: [{ id: HIDDEN, layer: 0, activation: 'gaussian', bias: -0.5 }],
  links: [
    { from: 0, to: HIDDEN, weight: 2 },
    { from: HIDDEN, to: 2, weight: -3 },
    { from: 2, to: HIDDEN, weight: 1 },
    { from: HIDDEN, to: HIDDEN, weight: 1 },
    { from: 0, to: 2, weight: 9, enabled: false },
  ],
})

describe('networkPlot', () => {
  it('tells the genotype in numbers and names inputs and outputs', () => {
    const svg = networkPlot(genotype, { title: 'champion', inputs: ['angle'], outputs: ['force'] })
    expect(svg).toContain('>champion</text>')
    expect(svg).toContain(
      '2 inputs · 1 hidden neuron · 1 output · 4 links, 2 recurrent · 1 disabled (not drawn)',
    )
    for (const name of ['angle', 'in 1', 'force']) expect(svg).toContain(`>${name}</text>`)
    expect(svg).toContain('>−0.50</text>')
    expect(svg).toContain('<title>gaussian</title>')
  })

  it('draws a link for each enabled one, recurrent ones dashed with an arrow', () => {
    const svg = networkPlot(genotype, { title: '' })
    const tips = svg.match(/<title>\d+ → \d+: [^<]+<\/title>/g) ?? []
    expect(tips).toHaveLength(4)
    expect(tips).toContain(`<title>${HIDDEN} → 2: -3.000</title>`)
    expect(svg.match(/marker-end=/g)).toHaveLength(2)
    expect(svg).toContain('recurrent (last tick)')
  })

  it('is well-formed for whatever evolution makes', () => {
    fc.assert(
      fc.property(generatedGenotype(4, 2), fc.string(), (genotype, name) => {
        const svg = networkPlot(genotype, { title: name, inputs: [name], outputs: [name] })
        expect(elementsOf(svg)[0]).toBe('svg')
        expect(hasOnlyNumbers(svg.replaceAll(/<t[^>]*>[^<]*</g, ''))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
