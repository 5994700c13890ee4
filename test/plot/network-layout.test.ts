import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { genotypeFrom } from '../../src/evolution/genotype.ts'
import { layoutNetwork } from '../../src/plot/network-layout.ts'
import { generatedGenotype } from '../evolution/generated-genotype.ts'

describe('layoutNetwork', () => {
  it('places every node and enabled link, forward links from left to right', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), (genotype) => {
        const { nodes, links, columns, width, height } = layoutNetwork(genotype)
        const places = new Map(nodes.map((node) => [node.id, node]))
        expect(places.size).toBe(genotype.inputs + genotype.neurons.length)
        expect(links).toHaveLength(genotype.links.filter(({ enabled }) => enabled).length)
        for (const { link, isRecurrent, points } of links) {
          const from = places.get(link.from)!
          const to = places.get(link.to)!
          expect(points[0]).toEqual([from.x, from.y])
          expect(points.at(-1)).toEqual([to.x, to.y])
          if (isRecurrent) expect(points).toHaveLength(2)
          else expect(points).toHaveLength(to.column - from.column + 1)
        }
        for (const { id, column, x, y } of nodes) {
          const isOutput = id >= 3 && id < 5
          expect(column === columns - 1).toBe(isOutput)
          expect(x).toBeGreaterThanOrEqual(0)
          expect(x).toBeLessThanOrEqual(width)
          expect(y).toBeGreaterThanOrEqual(0)
          expect(y).toBeLessThanOrEqual(height)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('keeps neurons of a column apart', () => {
    fc.assert(
      fc.property(generatedGenotype(4, 3), (genotype) => {
        const { nodes } = layoutNetwork(genotype)
        for (const a of nodes) {
          for (const b of nodes) {
            if (a !== b && a.column === b.column) expect(Math.abs(a.y - b.y)).toBeGreaterThan(36)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('untangles what can be untangled', () => {
    const hidden = [2 ** 33, 2 ** 34]
    const neurons = hidden.map((id) => ({ id, layer: 0, activation: 'tanh', bias: 0 }) as const)
    const links = [
      { from: 0, to: hidden[1]!, weight: 1 },
      { from: 1, to: hidden[0]!, weight: 1 },
      { from: hidden[1]!, to: 2, weight: 1 },
      { from: hidden[0]!, to: 3, weight: 1 },
    ]
    const { nodes } = layoutNetwork(
      genotypeFrom({ inputs: 2, outputs: 2, activation: 'tanh', neurons, links }),
    )
    const y = (id: number): number => nodes.find((node) => node.id === id)!.y
    expect(y(hidden[1]!)).toBeLessThan(y(hidden[0]!))
  })

  it('knows what cannot influence an output', () => {
    const idle = 2 ** 33
    const { nodes, links } = layoutNetwork(
      genotypeFrom({
        inputs: 2,
        outputs: 1,
        activation: 'tanh',
        neurons: [{ id: idle, layer: 0, activation: 'tanh', bias: 0 }],
        links: [
          { from: 0, to: 2, weight: 1 },
          { from: 1, to: idle, weight: 1 },
        ],
      }),
    )
    expect(nodes.filter(({ matters }) => !matters).map(({ id }) => id)).toEqual([1, idle])
    expect(links.filter(({ matters }) => !matters).map(({ link }) => link.to)).toEqual([idle])
  })
})
