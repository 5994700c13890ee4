import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { generatedGenotype, richGenotype } from '../generated-genotype.ts'

const HIDDEN = 2 ** 40 + 17

/** Two inputs, one hidden neuron, one output, with a link of every kind. */
const small = genotypeFrom({
  inputs: 2,
  outputs: 1,
  activation: 'sigmoid',
  neurons: [{ id: HIDDEN, layer: 0, activation: 'tanh', bias: 0.25 }],
  links: [
    { from: 2, to: HIDDEN, weight: 5 },
    { from: HIDDEN, to: 2, weight: 3 },
    { from: 1, to: HIDDEN, weight: 2 },
    { from: 0, to: HIDDEN, weight: 1 },
    { from: HIDDEN, to: HIDDEN, weight: 4 },
    { from: 0, to: 2, weight: 9, enabled: false },
  ],
})

describe('compile', () => {
  it('lays rows out by target, sources ascending, disabled links left out', () => {
    const plan = compile(small)
    expect([...plan.id]).toEqual([HIDDEN, 2])
    expect([...plan.rowPtr]).toEqual([0, 4, 5])
    expect([...plan.col]).toEqual([0, 1, 2, 3, 2])
    expect([...plan.weight]).toEqual([1, 2, 4, 5, 3])
    expect([...plan.bias]).toEqual([0.25, 0])
    expect([...plan.activation]).toEqual([0, 1])
    expect(plan.held).toHaveLength(0)
  })

  it('holds the value of a neuron that a later one of its layer reads', () => {
    const plan = compile(
      genotypeFrom({
        inputs: 1,
        outputs: 2,
        activation: 'tanh',
        links: [
          { from: 1, to: 2, weight: 1 },
          { from: 2, to: 1, weight: 2 },
        ],
      }),
    )
    expect([...plan.held]).toEqual([1])
    expect([...plan.col]).toEqual([2, 3])
  })

  it('puts all views into one image, structure before weights', () => {
    const plan = compile(small)
    for (const part of [plan.rowPtr, plan.col, plan.held, plan.id, plan.activation]) {
      expect(part.buffer).toBe(plan.bytes.buffer)
      expect(part.byteOffset + part.byteLength).toBeLessThanOrEqual(plan.structureBytes)
    }
    expect(plan.bias.byteOffset).toBe(plan.structureBytes)
    expect(plan.weight.byteOffset + plan.weight.byteLength).toBe(plan.bytes.length)
  })

  it('gives equal structure bytes to genotypes that differ in weights only', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), fc.double({ min: -9, max: 9, noNaN: true }), (g, w) => {
        const links = g.links.map((link) => ({ ...link, weight: w }))
        const neurons = g.neurons.map((neuron) => ({ ...neuron, bias: w }))
        const one = compile(g)
        const other = compile({ ...g, links, neurons })
        expect(other.bytes.slice(0, other.structureBytes)).toEqual(
          one.bytes.slice(0, one.structureBytes),
        )
      }),
    )
  })

  it('keeps the plan of a plain genotype as it was: no traits, no byte for them', () => {
    const plan = compile(small)
    expect(plan.traits).toBeNull()
    expect(plan.bytes.length).toBe(64 + 16 + 24 + 16 + 8 + 16 + 40)
  })

  it('puts modulatory links behind the others, and takes responses into weights', () => {
    const parameters = [0.5, 1, 1, 1, 1]
    const plan = compile(
      genotypeFrom({
        inputs: 2,
        outputs: 2,
        activation: 'tanh',
        neurons: [
          { id: 2, layer: 1, activation: 'tanh', bias: 0, response: 10 },
          {
            id: 3,
            layer: 1,
            activation: 'tanh',
            bias: 0,
            response: 10,
            plasticity: { rule: 'neuromodulation', parameters },
          },
        ],
        links: [
          { from: 0, to: 2, weight: 1 },
          { from: 0, to: 3, weight: 2, modulatory: true },
          { from: 0, to: 3, weight: 3 },
          { from: 1, to: 3, weight: 4 },
        ],
      }),
    )
    expect([...plan.rowPtr]).toEqual([0, 1, 4])
    expect([...plan.col]).toEqual([0, 0, 1, 0])
    expect([...plan.weight]).toEqual([10, 3, 4, 2])
    expect([...plan.traits!.modulatory]).toEqual([1, 3])
    expect([...plan.traits!.response]).toEqual([1, 10])
    expect([...plan.traits!.parameters]).toEqual(parameters)
  })

  it('does not remember what it compiled before', () => {
    fc.assert(
      fc.property(generatedGenotype(4, 2), generatedGenotype(2, 3), fc.integer(), (a, b, seed) => {
        const rich = richGenotype(3, 3, seed, 20)
        const first = compile(a).bytes
        const second = compile(rich).bytes
        compile(b)
        expect(compile(a).bytes).toEqual(first)
        expect(compile(rich).bytes).toEqual(second)
      }),
    )
  })

  it('takes many neurons whose ids collide in their low bits', () => {
    const neurons = Array.from({ length: 300 }, (_, i) => {
      return { id: (i + 1) * 2 ** 40, layer: (i + 1) / 302, activation: 'relu', bias: i } as const
    })
    const links = neurons.map(({ id }) => ({ from: id, to: 2, weight: 1 }))
    const plan = compile(
      genotypeFrom({ inputs: 2, outputs: 1, activation: 'tanh', neurons, links }),
    )
    expect([...plan.col]).toEqual(neurons.map((_, i) => i + 2))
  })

  const [hidden, output] = small.neurons as [Genotype['neurons'][0], Genotype['neurons'][0]]
  const link = small.links[0]!
  const malformed: [string, Genotype][] = [
    ['no inputs', { ...small, inputs: 0 }],
    ['too many inputs', { ...small, inputs: 1e9 }],
    ['a missing output', { ...small, outputs: 2 }],
    ['neurons out of order', { ...small, neurons: [output, hidden] }],
    ['a neuron twice', { ...small, neurons: [hidden, hidden, output] }],
    ['a neuron before the inputs', { ...small, neurons: [{ ...hidden, layer: -1 }, output] }],
    ['a layer that is no number', { ...small, neurons: [{ ...hidden, layer: NaN }, output] }],
    ['a hidden neuron with an input id', { ...small, neurons: [{ ...hidden, id: 1 }, output] }],
    ['an output before its layer', { ...small, neurons: [hidden, { ...output, layer: 0.5 }] }],
    ['a link from nowhere', { ...small, links: [{ ...link, from: 77 }] }],
    ['a link to nowhere', { ...small, links: [{ ...link, to: 77 }] }],
    ['a link to an input', { ...small, links: [{ ...link, to: 1 }] }],
    ['a link from below', { ...small, links: [{ ...link, from: -1 }] }],
    ['a link from a fraction', { ...small, links: [{ ...link, from: 0.5 }] }],
  ]

  it.each(malformed)('refuses %s', (_what, genotype) => {
    expect(() => compile(genotype)).toThrow(
      expect.objectContaining({ name: 'PlanError', code: 'malformed_genotype' }),
    )
    expect([...compile(small).weight]).toEqual([1, 2, 4, 5, 3])
  })
})
