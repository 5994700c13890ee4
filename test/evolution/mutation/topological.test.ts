import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GenomeWriter, unpackGenotype } from '../../../src/evolution/genome-pool.ts'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { linkInnovation, splitNeuronId } from '../../../src/evolution/innovation.ts'
import {
  addLink,
  addNeuron,
  splitLayer,
  toggleLink,
} from '../../../src/evolution/mutation/topological.ts'
import { IDENTITY } from '../../../src/evolution/network/activation.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { generatedGenotype, grownGenotype } from '../generated-genotype.ts'

/** What an operator makes of a genotype. */
function operated<T>(genotype: Genotype, operate: (writer: GenomeWriter) => T): [Genotype, T] {
  const writer = new GenomeWriter(genotype.inputs, genotype.outputs, 1, 1)
  writer.append(genotype)
  const answer = operate(writer)
  return [unpackGenotype(writer.finish(), 0), answer]
}

const layerOf = ({ neurons }: Genotype, id: number): number =>
  neurons.find((neuron) => neuron.id === id)?.layer ?? -1

describe('addLink', () => {
  it('adds one valid enabled link of the wanted direction, or changes nothing', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), fc.boolean(), fc.integer(), (before, loop, seed) => {
        const [genotype, added] = operated(before, (writer) =>
          addLink(writer, loop, 0.5, seededRandom(seed)),
        )
        expect(checkGenotype(genotype).ok).toBe(true)
        const known = new Set(before.links.map(({ innovation }) => innovation))
        const fresh = genotype.links.filter(({ innovation }) => !known.has(innovation))
        expect(genotype.links.filter(({ innovation }) => known.has(innovation))).toEqual(
          before.links,
        )
        expect(fresh).toHaveLength(added ? 1 : 0)
        for (const { from, to, weight, enabled } of fresh) {
          expect([weight, enabled]).toEqual([0.5, true])
          expect(layerOf(genotype, to) <= layerOf(genotype, from)).toBe(loop)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('reaches every free pair, loops of a neuron on itself included', () => {
    const empty = genotypeFrom({ inputs: 2, outputs: 2, activation: 'tanh', links: [] })
    const random = seededRandom(1)
    const pairs = (recurrent: boolean): Set<string> => {
      const found = new Set<string>()
      for (let i = 0; i < 200; i++) {
        const [{ links }] = operated(empty, (writer) => addLink(writer, recurrent, 1, random))
        for (const { from, to } of links) found.add(`${from}-${to}`)
      }
      return found
    }
    expect([...pairs(false)].sort()).toEqual(['0-2', '0-3', '1-2', '1-3'])
    expect([...pairs(true)].sort()).toEqual(['2-2', '2-3', '3-2', '3-3'])
  })

  it('gives up where every pair is linked', () => {
    const full = grownGenotype(2, 1, 1, 0)
    expect(operated(full, (writer) => addLink(writer, false, 1, seededRandom(1)))).toEqual([
      full,
      false,
    ])
  })
})

describe('addNeuron', () => {
  it('splits an enabled link and keeps the genotype valid', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), fc.integer(), (before, seed) => {
        const [genotype, added] = operated(before, (writer) =>
          addNeuron(writer, 4, seededRandom(seed)),
        )
        expect(checkGenotype(genotype).ok).toBe(true)
        if (!added) {
          expect(genotype).toEqual(before)
          return
        }
        const known = new Set(before.neurons.map(({ id }) => id))
        const [neuron, ...others] = genotype.neurons.filter(({ id }) => !known.has(id))
        expect(others).toEqual([])
        expect(neuron).toMatchObject({ activation: 'relu', bias: 0 })
        const id = neuron?.id ?? Number.NaN
        const into = genotype.links.find(({ to }) => to === id)
        const out = genotype.links.find(({ from }) => from === id)
        const split = before.links.find(({ from, to }) => from === into?.from && to === out?.to)
        expect(split?.enabled).toBe(true)
        expect(into).toMatchObject({ weight: 1, enabled: true })
        expect(out).toMatchObject({ weight: split?.weight, enabled: true })
        expect(genotype.links).toHaveLength(before.links.length + 2)
        const disabled = genotype.links.find(({ innovation }) => innovation === split?.innovation)
        expect(disabled?.enabled).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('gives the same split the same id and layer in every lineage', () => {
    const [one] = operated(grownGenotype(1, 1, 'one', 0), (w) => addNeuron(w, 0, seededRandom(1)))
    const [two] = operated(grownGenotype(1, 1, 'two', 0), (w) => addNeuron(w, 0, seededRandom(2)))
    expect(one.neurons).toEqual(two.neurons)
    expect(one.neurons[0]).toMatchObject({ id: splitNeuronId(0, 1, 0), layer: 0 })
    expect(one.links.map(({ innovation }) => innovation)).toEqual(
      two.links.map(({ innovation }) => innovation),
    )
  })

  it('gives a link that is split again, after being enabled again, another neuron', () => {
    const [genotype] = operated(grownGenotype(1, 1, 'one', 0), (writer) => {
      for (let i = 0; i < 3; i++) {
        addNeuron(writer, 0, seededRandom(i))
        // Only the direct link is left to split.
        for (let link = 0; link < writer.linkEnd; link++) {
          writer.enabled[link] = writer.innovation[link] === linkInnovation(0, 1) ? 1 : 0
        }
      }
    })
    expect(genotype.neurons.map(({ id }) => id).sort()).toEqual(
      [1, 0, 1, 2].map((n, i) => (i === 0 ? n : splitNeuronId(0, 1, n))).sort(),
    )
  })

  it('keeps the delay of a recurrent link at one tick', () => {
    const looped = genotypeFrom({
      inputs: 1,
      outputs: 1,
      activation: 'identity',
      links: [
        { from: 1, to: 1, weight: 0.5 },
        { from: 0, to: 1, weight: 1 },
      ],
    })
    const answers = (genotype: Genotype): number[] => {
      const network = new Network(compile(genotype))
      const output = new Float64Array(1)
      return [8, 0, 0, 1, 0].map((input) => {
        network.step(Float64Array.of(input), output)
        return output[0]!
      })
    }
    expect(answers(looped)).toEqual([8, 4, 2, 2, 1])
    // Splits of the identity change nothing, whichever of the two links they hit.
    for (let seed = 0; seed < 8; seed++) {
      const split = (writer: GenomeWriter) => addNeuron(writer, IDENTITY, seededRandom(seed))
      expect(answers(operated(looped, split)[0])).toEqual([8, 4, 2, 2, 1])
    }
  })

  it('changes nothing where no link is enabled', () => {
    const idle = genotypeFrom({ inputs: 1, outputs: 1, activation: 'tanh', links: [] })
    expect(operated(idle, (writer) => addNeuron(writer, 0, seededRandom(1)))).toEqual([idle, false])
  })
})

describe('splitLayer', () => {
  it('lies strictly between, or the link cannot be split', () => {
    expect(splitLayer(-1, 1)).toBe(0)
    expect(splitLayer(0, 1)).toBe(0.5)
    expect(splitLayer(0.5, 0)).toBe(-0.5)
    expect(splitLayer(1, 1)).toBe(0)
    let lower = 0.5
    let splits = 0
    for (let layer = splitLayer(lower, 1); layer !== undefined; splits++) {
      expect(layer > lower && layer < 1).toBe(true)
      lower = layer
      layer = splitLayer(lower, 1)
    }
    expect(splits).toBeGreaterThan(40)
  })
})

describe('toggleLink', () => {
  it('changes the flag of one link', () => {
    fc.assert(
      fc.property(generatedGenotype(2, 1), fc.integer(), (before, seed) => {
        const [{ links }] = operated(before, (writer) => toggleLink(writer, seededRandom(seed)))
        const changed = links.filter((link, i) => link.enabled !== before.links[i]?.enabled)
        expect(changed).toHaveLength(1)
      }),
    )
  })

  it('leaves a genotype without links alone', () => {
    const idle = genotypeFrom({ inputs: 1, outputs: 1, activation: 'tanh', links: [] })
    expect(operated(idle, (writer) => toggleLink(writer, seededRandom(1)))[0]).toEqual(idle)
  })
})
