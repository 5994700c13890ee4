import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { betterParent, crossover, type EqualFitness, mate } from '../../src/evolution/crossover.ts'
import { GenomeWriter, packGenotypes, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { generatedGenotype, grownGenotype } from './generated-genotype.ts'

const settings = { disabledInherited: 0.75 }

function childOf(better: Genotype, other: Genotype, seed: number): Genotype {
  const writer = new GenomeWriter(better.inputs, better.outputs)
  const pool = packGenotypes(better.inputs, better.outputs, [better, other])
  crossover(writer, pool, 0, 1, settings, seededRandom(seed))
  return unpackGenotype(writer.finish(), 0)
}

const pair = fc.tuple(generatedGenotype(3, 2), generatedGenotype(3, 2), fc.integer())

describe('crossover', () => {
  it('makes a valid child with the structure of the better parent', () => {
    fc.assert(
      fc.property(pair, ([better, other, seed]) => {
        const child = childOf(better, other, seed)
        expect(checkGenotype(child)).toEqual({ ok: true, genotype: child })
        const structure = ({ neurons, links }: Genotype): unknown => [
          neurons.map(({ id, layer }) => [id, layer]),
          links.map(({ innovation, from, to }) => [innovation, from, to]),
        ]
        expect(structure(child)).toEqual(structure(better))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes every weight from one of the parents, and flags only where both have the link', () => {
    fc.assert(
      fc.property(pair, ([better, other, seed]) => {
        const child = childOf(better, other, seed)
        child.links.forEach((link, i) => {
          const one = better.links[i]!
          const two = other.links.find(({ innovation }) => innovation === link.innovation)
          expect([one.weight, two?.weight]).toContain(link.weight)
          if (two === undefined) expect(link.enabled).toBe(one.enabled)
          else if (one.enabled && two.enabled) expect(link.enabled).toBe(true)
        })
        child.neurons.forEach(({ id, bias, activation }, i) => {
          const two = other.neurons.find((neuron) => neuron.id === id)
          expect([better.neurons[i]!.bias, two?.bias]).toContain(bias)
          expect([better.neurons[i]!.activation, two?.activation]).toContain(activation)
        })
      }),
    )
  })

  it('takes half of the weights from either and disables three quarters', () => {
    const one = grownGenotype(8, 4, 'one', 0)
    const links = one.links.map((link) => ({ ...link, weight: 9, enabled: false }))
    const two: Genotype = { ...one, links }
    let [fromTwo, disabled, count] = [0, 0, 0]
    for (let seed = 0; seed < 500; seed++) {
      for (const link of childOf(one, two, seed).links) {
        if (link.weight === 9) fromTwo++
        if (!link.enabled) disabled++
        count++
      }
    }
    expect(Math.abs(fromTwo / count - 0.5)).toBeLessThan(0.02)
    expect(Math.abs(disabled / count - 0.75)).toBeLessThan(0.02)
  })

  it('of a genotype with itself is that genotype, when nothing is disabled', () => {
    const one = grownGenotype(5, 2, 'self', 0)
    expect(childOf(one, one, 1)).toEqual(one)
  })

  it('stays valid when the other parent means something else by a neuron of the same id', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), generatedGenotype(3, 2), (better, other) => {
        const neurons = other.neurons.map((neuron) =>
          neuron.layer < 1 ? { ...neuron, layer: neuron.layer / 2 } : neuron,
        )
        neurons.sort((a, b) => a.layer - b.layer || a.id - b.id)
        const liar: Genotype = { ...other, neurons }
        expect(checkGenotype(childOf(better, liar, 3)).ok).toBe(true)
        expect(checkGenotype(childOf(liar, better, 3)).ok).toBe(true)
      }),
    )
  })
})

describe('betterParent', () => {
  const pool = packGenotypes(2, 1, [
    grownGenotype(2, 1, 1, 40),
    grownGenotype(2, 1, 1, 0),
    grownGenotype(2, 1, 2, 0),
  ])

  it('goes by fitness, then by size, then by place', () => {
    expect(betterParent(pool, [2, 1, 1], 0, 1)).toBe(0)
    expect(betterParent(pool, [2, 1, 1], 1, 0)).toBe(0)
    expect(betterParent(pool, [1, 1, 1], 0, 1)).toBe(1)
    expect(betterParent(pool, [1, 1, 1], 1, 0)).toBe(1)
    expect(betterParent(pool, [1, 1, 1], 2, 1)).toBe(2)
  })
})

describe('mate', () => {
  const childOfEquals = (a: Genotype, b: Genotype, equalFitness: EqualFitness, seed: number) => {
    const writer = new GenomeWriter(3, 2)
    const parents = { genomes: packGenotypes(3, 2, [a, b]), fitnesses: [1, 1] }
    mate(writer, parents, 0, 1, { ...settings, equalFitness }, seededRandom(seed))
    return unpackGenotype(writer.finish(), 0)
  }
  const numbers = ({ links }: Genotype): number[] => links.map(({ innovation }) => innovation)

  it('takes the structure of the smaller of two equals, or of the second', () => {
    fc.assert(
      fc.property(pair, ([a, b, seed]) => {
        const smaller = b.links.length < a.links.length ? b : a
        expect(numbers(childOfEquals(a, b, 'smaller', seed))).toEqual(numbers(smaller))
        expect(numbers(childOfEquals(a, b, 'second', seed))).toEqual(numbers(b))
      }),
    )
  })

  it('takes links of both equals, and what they need: valid, never all, never none', () => {
    const [extra, taken] = [{ count: 0 }, { count: 0 }]
    fc.assert(
      fc.property(pair, ([a, b, seed]) => {
        const child = childOfEquals(a, b, 'both', seed)
        expect(checkGenotype(child)).toEqual({ ok: true, genotype: child })
        const [mine, theirs, all] = [numbers(a), numbers(b), numbers(child)]
        for (const number of mine) {
          if (theirs.includes(number)) expect(all).toContain(number)
        }
        for (const number of all) expect([...mine, ...theirs]).toContain(number)
        extra.count +=
          new Set([...mine, ...theirs]).size - mine.filter((n) => theirs.includes(n)).length
        taken.count += all.filter(
          (number) => mine.includes(number) !== theirs.includes(number),
        ).length
      }),
    )
    expect(taken.count / extra.count).toBeGreaterThan(0.4)
    expect(taken.count / extra.count).toBeLessThan(0.6)
  })
})
