import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile, phenotypeOf } from '../../../src/evolution/network/plan.ts'
import { endsOf, layoutOf } from '../../../src/evolution/substrate/layout.ts'
import {
  cppnShape,
  linkForms,
  possibleLinks,
  type SubstrateGene,
} from '../../../src/evolution/substrate.ts'
import { anySubstrate, grownCppn, line, linearCppn } from './generated-substrate.ts'

/** Answers the difference of the two ends' first coordinates, halved. */
const difference = linearCppn(line, [-0.5, 0, 0.5])

function linkOf(painted: Genotype, from: number, to: number): object | undefined {
  return painted.links.find((link) => link.from === from && link.to === to)
}

function weightOf(painted: Genotype, from: number, to: number): number | undefined {
  return painted.links.find((link) => link.from === from && link.to === to)?.weight
}

describe('a layout', () => {
  it.each([
    ['l2l_feedforward', 2 * 3 + 3 * 1],
    ['freeform', 2 * 3 + 3 * 1 + 2 * 1],
    ['jordan_recurrent', 2 * 3 + 3 * 1 + 1 * 3],
    ['fully_connected', 6 * 4],
  ] as const)('has the links of %s', (linkForm, count) => {
    expect(layoutOf({ ...line, linkForm }).candidates).toHaveLength(count)
    expect(possibleLinks({ ...line, linkForm })).toBe(count)
  })

  it('counts its links without laying them out, for every form and any layers', () => {
    for (const linkForm of linkForms) {
      for (const hidden of [
        [],
        [[2, 2]],
        [
          [3, 1],
          [2, 3],
          [1, 2],
        ],
      ]) {
        const gene = { ...line, input: [2, 3], output: [1, 2], hidden, linkForm }
        expect(possibleLinks(gene)).toBe(layoutOf(gene).candidates.length)
      }
    }
  })

  it('places nodes from -1 to 1 in each dimension, the last fastest, and the depth behind', () => {
    const { inputs, hidden, outputs } = layoutOf({
      ...line,
      input: [2, 3],
      hidden: [[1, 2]],
      output: [1, 1],
    })
    expect(inputs.map(({ place }) => place)).toEqual([
      [-1, -1, -1],
      [-1, 0, -1],
      [-1, 1, -1],
      [1, -1, -1],
      [1, 0, -1],
      [1, 1, -1],
    ])
    expect(hidden.map(({ place }) => place)).toEqual([
      [0, -1, 0],
      [0, 1, 0],
    ])
    expect(outputs).toEqual([{ id: 6, place: [0, 0, 1] }])
  })

  it('takes places that are given', () => {
    const gene = { ...line, inputPlaces: [[0.25], [-0.5]] }
    expect(endsOf(gene).inputs.map(({ place }) => place)).toEqual([
      [0.25, -1],
      [-0.5, -1],
    ])
  })
})

describe('phenotypeOf', () => {
  it('is the genotype itself without a substrate', () => {
    const { substrate: _, ...plain } = difference
    expect(phenotypeOf(plain)).toBe(plain)
  })

  it('scales answers beyond the threshold to the range, and leaves the others out', () => {
    const painted = phenotypeOf(difference)
    // Hidden nodes 3, 4 and 5 are at -1, 0 and 1; inputs at -1 and 1.
    expect(weightOf(painted, 0, 3)).toBeUndefined()
    expect(weightOf(painted, 0, 4)).toBeCloseTo(3 * ((0.5 - 0.2) / 0.8), 14)
    expect(weightOf(painted, 0, 5)).toBe(3)
    expect(weightOf(painted, 1, 3)).toBe(-3)
    expect(painted.neurons.map(({ activation }) => activation)).toEqual(Array(4).fill('tanh'))
  })

  it('leaves the threshold alone where a second answer expresses links', () => {
    const gene = { ...line, expression: true as const }
    const { inputs, outputs } = cppnShape(gene)
    expect([inputs, outputs]).toEqual([4, 2])
    const cppn = genotypeFrom({
      inputs,
      outputs,
      activation: 'identity',
      links: [
        { from: 0, to: inputs, weight: 0.1 },
        { from: 2, to: inputs + 1, weight: 1 },
      ],
      substrate: gene,
    })
    const painted = phenotypeOf(cppn)
    // Expressed into node 5, at 1, alone; not into 4, at 0, and not into the output, at 0.
    expect(painted.links).toHaveLength(2)
    expect(weightOf(painted, 0, 5)).toBeCloseTo(-0.3, 14)
    expect(weightOf(painted, 1, 5)).toBeCloseTo(0.3, 14)
  })

  it('paints biases, asked from the origin to the node', () => {
    const gene = { ...line, biases: true as const }
    const cppn = genotypeFrom({
      inputs: 4,
      outputs: 2,
      activation: 'identity',
      links: [
        { from: 0, to: 5, weight: 100 },
        { from: 2, to: 5, weight: 0.6 },
      ],
      substrate: gene,
    })
    const biases = phenotypeOf(cppn).neurons.map(({ bias }) => bias)
    expect(biases[0]).toBeCloseTo(-1.5, 14)
    expect(biases[1]).toBe(0)
    expect(biases[2]).toBeCloseTo(1.5, 14)
    expect(biases[3]).toBe(0)
  })

  it('shows the distance of both ends', () => {
    const gene = { ...line, length: true as const, threshold: 0 }
    const painted = phenotypeOf(linearCppn(gene, [0, 0, 0, 0, 0.25]))
    expect(weightOf(painted, 0, 3)).toBeCloseTo(0.75, 14)
    expect(weightOf(painted, 1, 3)).toBeCloseTo(0.75 * Math.sqrt(5), 14)
  })

  it('paints how links learn: A, B and C times the rate, and every link (abcn)', () => {
    const gene = { ...line, plasticity: 'abcn' as const }
    const cppn = genotypeFrom({
      inputs: 4,
      outputs: 5,
      activation: 'identity',
      neurons: [8, 7, 6, 5].map((id, i) => {
        return { id, layer: 1, activation: 'identity', bias: [0.5, 0.25, -0.5, 7][i]! }
      }),
      links: [{ from: 2, to: 4, weight: 1 }],
      substrate: gene,
    })
    const painted = phenotypeOf(cppn)
    expect(painted.links).toHaveLength(9)
    // A is 7, which counts as 1; B is -0.5, C 0.25, the rate 0.5.
    expect(linkOf(painted, 0, 4)).toMatchObject({ weight: 0, parameters: [0.5, -0.25, 0.125, 0] })
    expect(linkOf(painted, 0, 5)).toMatchObject({ weight: 3 })
    expect(painted.neurons[0]?.plasticity).toEqual({ rule: 'abcd_w', parameters: [1] })
    expect(checkGenotype(painted).ok).toBe(true)
  })

  it('gives a valid network for every substrate', () => {
    for (let seed = 0; seed < 60; seed++) {
      const cppn = grownCppn(anySubstrate(seed), seed, 20)
      expect(checkGenotype(cppn)).toMatchObject({ ok: true })
      const { painter, ...painted } = phenotypeOf(cppn)
      expect(checkGenotype(painted)).toMatchObject({ ok: true })
      expect(painter !== undefined).toBe(cppn.substrate?.plasticity === 'iterative')
    }
  })

  it('is what the CPPN answers, link by link', () => {
    for (let seed = 0; seed < 20; seed++) {
      const gene: SubstrateGene = { ...line, input: [3], linkForm: linkForms[seed % 4]! }
      const { substrate: _, ...plain } = grownCppn(gene, seed, 15)
      const network = new Network(compile(plain))
      const painted = phenotypeOf({ ...plain, substrate: gene })
      const answer = new Float64Array(1)
      let expressed = 0
      for (const { from, to } of layoutOf(gene).candidates) {
        network.reset()
        network.step(Float64Array.from([...from.place, ...to.place]), answer)
        const size = Math.min(1, Math.abs(answer[0]!))
        const weight = Math.sign(answer[0]!) * 3 * ((size - 0.2) / 0.8)
        if (size <= 0.2) expect(linkOf(painted, from.id, to.id)).toBeUndefined()
        else {
          expressed++
          expect(weightOf(painted, from.id, to.id)).toBeCloseTo(weight, 14)
        }
      }
      expect(painted.links).toHaveLength(expressed)
    }
  })
})

describe('a genotype with a substrate', () => {
  const check = (substrate: unknown, given: Genotype = difference): object =>
    checkGenotype({ ...given, substrate })

  it('is refused when its CPPN is not as wide as the substrate needs', () => {
    expect(check({ ...line, length: true })).toMatchObject({ ok: false, reason: 'substrate' })
    expect(check({ ...line, plasticity: 'abcn' })).toMatchObject({
      detail: expect.stringContaining('5'),
    })
    expect(() => compile({ ...difference, substrate: { ...line, length: true } })).toThrow(
      'its substrate needs 5 and 1',
    )
  })

  it('is refused when it would paint more than a network may have', () => {
    const big = { ...line, input: [31_623, 31_623], hidden: [[1, 1]], output: [1, 1] }
    expect(check({ ...line, input: [1_000_000_000] })).toMatchObject({ reason: 'size' })
    expect(check(big)).toMatchObject({ reason: 'size' })
    expect(check({ ...line, input: [2_000], hidden: [[2_000]] })).toMatchObject({
      reason: 'size',
      detail: expect.stringContaining('links may be painted'),
    })
    const evolvable = {
      ...layersOf(line),
      linkForm: 'freeform',
      evolvable: { ...deep, maxDepth: 8 },
    }
    expect(check(evolvable)).toMatchObject({ reason: 'size' })
    expect(check({ ...evolvable, evolvable: { ...deep, maxDepth: 60 } })).toMatchObject({
      reason: 'size',
    })
  })

  it('is refused when an evolvable substrate has layers, or a form that needs them', () => {
    expect(check({ ...line, evolvable: deep })).toMatchObject({ reason: 'substrate' })
    expect(check({ ...layersOf(line), evolvable: deep })).toMatchObject({ reason: 'substrate' })
  })

  it('is refused when places do not tally, or two are one', () => {
    expect(check({ ...line, inputPlaces: [[0]] })).toMatchObject({ reason: 'substrate' })
    expect(check({ ...line, inputPlaces: [[0], [0]] })).toMatchObject({ reason: 'substrate' })
    expect(check({ ...line, inputPlaces: [[0], [2]] })).toMatchObject({ reason: 'not-a-number' })
  })
})

const deep = {
  initialDepth: 2,
  maxDepth: 3,
  divisionThreshold: 0.03,
  varianceThreshold: 0.03,
  bandThreshold: 0.3,
  iterationLevel: 1,
}

function layersOf(gene: SubstrateGene): object {
  return { ...gene, hidden: [] }
}
