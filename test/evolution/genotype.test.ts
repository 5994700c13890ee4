import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom, minimalGenotype } from '../../src/evolution/genotype.ts'
import { checkGenotype, type GenotypeFault } from '../../src/evolution/genotype-check.ts'
import { linkInnovation, splitNeuronId } from '../../src/evolution/innovation.ts'
import { generatedGenotype } from './generated-genotype.ts'

const hidden = splitNeuronId(0, 2, 0)

const sample: Genotype = genotypeFrom({
  inputs: 2,
  outputs: 1,
  activation: 'sigmoid',
  neurons: [{ id: hidden, layer: 0, activation: 'tanh', bias: 0.25 }],
  links: [
    { from: 0, to: 2, weight: 1, enabled: false },
    { from: 0, to: hidden, weight: 1 },
    { from: hidden, to: 2, weight: 1 },
    { from: 1, to: 2, weight: -3 },
    { from: 2, to: hidden, weight: 0.5 },
  ],
})

describe('genotypeFrom', () => {
  it('adds outputs and innovation numbers and puts genes in order', () => {
    expect(sample.neurons.map(({ id }) => id)).toEqual([hidden, 2])
    expect(sample.neurons[1]).toEqual({ id: 2, layer: 1, activation: 'sigmoid', bias: 0 })
    expect(sample.links.map(({ innovation }) => innovation)).toEqual(
      sample.links.map(({ from, to }) => linkInnovation(from, to)).sort((a, b) => a - b),
    )
    expect(checkGenotype(sample)).toEqual({ ok: true, genotype: sample })
  })
})

describe('minimalGenotype', () => {
  it('links every input to every output and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), (i, o) => {
        const weight = (from: number, to: number): number => from * 100 + to
        const genotype = minimalGenotype({ inputs: i, outputs: o, activation: 'tanh', weight })
        expect(checkGenotype(genotype).ok).toBe(true)
        expect(genotype.neurons).toHaveLength(o)
        const pairs = genotype.links.map(({ from, to, weight }) => {
          expect(weight).toBe(from * 100 + to)
          return `${from} ${to}`
        })
        expect(new Set(pairs).size).toBe(i * o)
      }),
    )
  })
})

describe('checkGenotype', () => {
  it('accepts what evolution makes, through JSON, and answers an equal copy', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), (genotype) => {
        const check = checkGenotype(JSON.parse(JSON.stringify(genotype)))
        expect(check).toEqual({ ok: true, genotype })
      }),
    )
  })

  const link = sample.links[0]!
  const neuron = sample.neurons[0]!
  const output = sample.neurons[1]!
  const withLink = (change: object): object => ({ ...sample, links: [{ ...link, ...change }] })
  const withNeuron = (change: object): object => {
    return { ...sample, neurons: [{ ...neuron, ...change }, output] }
  }
  const refused: readonly (readonly [what: string, value: unknown, reason: GenotypeFault])[] = [
    ['nothing', undefined, 'not-an-object'],
    ['null', null, 'not-an-object'],
    ['a text', 'genotype', 'not-an-object'],
    ['a list', [sample], 'not-an-object'],
    ['a further field', { ...sample, fitness: 1 }, 'unknown-field'],
    ['a further field of a link', withLink({ colour: 1 }), 'unknown-field'],
    ['a proto field of a neuron', withNeuron(JSON.parse('{"__proto__":{}}')), 'unknown-field'],
    ['no links', { ...sample, links: undefined }, 'not-an-object'],
    ['links that are no list', { ...sample, links: { length: 1 } }, 'not-an-object'],
    ['a link that is none', { ...sample, links: [null] }, 'not-an-object'],
    ['no inputs', { ...sample, inputs: 0 }, 'size'],
    ['half an input', { ...sample, inputs: 1.5 }, 'not-a-number'],
    ['a billion inputs', { ...sample, inputs: 1e9 }, 'size'],
    ['outputs as text', { ...sample, outputs: '1' }, 'not-a-number'],
    ['too many links', { ...sample, links: new Array(1_048_577) }, 'size'],
    ['too many neurons', { ...sample, neurons: new Array(65_537) }, 'size'],
    ['an infinite weight', withLink({ weight: Infinity }), 'not-a-number'],
    ['a weight that is none', withLink({ weight: Number.NaN }), 'not-a-number'],
    ['a huge weight', withLink({ weight: 1e7 }), 'not-a-number'],
    ['a bias as text', withNeuron({ bias: '0' }), 'not-a-number'],
    ['enabled as number', withLink({ enabled: 1 }), 'not-a-number'],
    ['an unknown activation', withNeuron({ activation: 'constructor' }), 'activation'],
    ['a code as activation', withNeuron({ activation: 0 }), 'activation'],
    ['a fractional id', withNeuron({ id: 4.5 }), 'id'],
    ['a negative id', withNeuron({ id: -1 }), 'id'],
    ['the id of an input', withNeuron({ id: 1 }), 'id'],
    ['an id beyond 2^53', withNeuron({ id: 2 ** 53 }), 'id'],
    ['an id twice', { ...sample, neurons: [neuron, neuron, output] }, 'id'],
    ['a missing output', { ...sample, neurons: [neuron] }, 'id'],
    ['an output in a hidden layer', { ...sample, neurons: [{ ...output, layer: 0 }] }, 'layer'],
    ['a hidden neuron above the outputs', withNeuron({ layer: 1.5 }), 'layer'],
    ['a hidden neuron among the inputs', withNeuron({ layer: -1 }), 'layer'],
    ['a layer that is no number', withNeuron({ layer: Number.NaN }), 'layer'],
    ['a layer as text', withNeuron({ layer: '0' }), 'layer'],
    ['neurons out of order', { ...sample, neurons: [output, neuron] }, 'order'],
    ['links out of order', { ...sample, links: [...sample.links].reverse() }, 'order'],
    ['a link twice', { ...sample, links: [link, link] }, 'order'],
    ['a link from nowhere', withLink({ from: 99 }), 'dangling-link'],
    ['a link to nowhere', withLink({ to: 99 }), 'dangling-link'],
    ['a link into an input', withLink({ to: 0 }), 'dangling-link'],
    ['a link of another number', withLink({ innovation: 7 }), 'innovation'],
  ]

  for (const [what, value, reason] of refused) {
    it(`refuses ${what}: ${reason}`, () => {
      const check = checkGenotype(value)
      expect(check.ok ? 'accepted' : check.reason).toBe(reason)
    })
  }

  it('never throws and never accepts a genotype with a damaged field', () => {
    const damage = fc.oneof(fc.anything(), fc.constant(Number.NaN), fc.constant(-1))
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(checkGenotype(value).ok).toBe(false)
      }),
    )
    fc.assert(
      fc.property(fc.constantFrom('innovation', 'from', 'to'), damage, (field, value) => {
        fc.pre(!Object.is(value, link[field]))
        expect(checkGenotype(withLink({ [field]: value })).ok).toBe(false)
      }),
    )
  })
})
