import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkInnovation, splitNeuronId } from '../../src/evolution/innovation.ts'

const id = fc.oneof(fc.nat(1000), fc.maxSafeNat())

describe('linkInnovation', () => {
  it('is a function of the ends, below 2^53, and tells direction', () => {
    fc.assert(
      fc.property(id, id, (from, to) => {
        const innovation = linkInnovation(from, to)
        expect(Number.isSafeInteger(innovation) && innovation > 0).toBe(true)
        expect(linkInnovation(from, to)).toBe(innovation)
        if (from !== to) expect(linkInnovation(to, from)).not.toBe(innovation)
      }),
    )
  })

  it('keeps its numbers for ever: genotypes on disks and in other nodes carry them', () => {
    expect(linkInnovation(0, 2)).toBe(8041535982029599)
    expect(linkInnovation(splitNeuronId(0, 2, 0), 2)).toBe(5496804179760538)
    expect(splitNeuronId(0, 2, 1)).toBe(2490684046310638)
  })

  it('has no collision among half a million structures, neighbours included', () => {
    const seen = new Set<number>()
    let made = 0
    for (let from = 0; from < 500; from++) {
      for (let to = 0; to < 500; to++, made += 2) {
        seen.add(linkInnovation(from, to))
        seen.add(splitNeuronId(from, to, 0))
      }
    }
    expect(seen.size).toBe(made)
  })

  it('spreads evenly over the low bits, which index hash tables', () => {
    const cells = new Array<number>(256).fill(0)
    for (let from = 0; from < 256; from++) {
      for (let to = 0; to < 100; to++) cells[linkInnovation(from, 300 + to) % 256]!++
    }
    const chiSquare = cells.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)
    // 255 degrees of freedom: 0.001 of random functions lie above 330.
    expect(chiSquare).toBeLessThan(330)
  })
})

describe('splitNeuronId', () => {
  it('lies beyond every input and output, and differs by occurrence', () => {
    fc.assert(
      fc.property(id, id, fc.nat(100), (from, to, occurrence) => {
        const neuron = splitNeuronId(from, to, occurrence)
        expect(Number.isSafeInteger(neuron) && neuron >= 2 ** 32).toBe(true)
        expect(splitNeuronId(from, to, occurrence + 1)).not.toBe(neuron)
      }),
    )
  })
})
