import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GenomeWriter, packGenotypes, unpackGenotype } from '../../../src/evolution/genome-pool.ts'
import { type Genotype, genotypeFrom, minimalGenotype } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { splitNeuronId } from '../../../src/evolution/innovation.ts'
import {
  defaultRoulette,
  type OperatorName,
  operatorNames,
  type RouletteSettings,
} from '../../../src/evolution/mutation/operator.ts'
import {
  applyOperator,
  mutateByRoulette,
  mutationCount,
} from '../../../src/evolution/mutation/roulette.ts'
import { plasticityRules } from '../../../src/evolution/network/plasticity-rule.ts'
import { crossTraits } from '../../../src/evolution/trait-crossover.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { richGenotype } from '../generated-genotype.ts'

const everything: RouletteSettings = {
  ...defaultRoulette,
  weights: Object.fromEntries(operatorNames.map((name) => [name, 1])),
  neuralAfs: ['tanh', 'sin', 'relu'],
  neuralAggrFs: ['dot_product', 'mult_product', 'max'],
  neuralPfns: plasticityRules.map(({ name }) => name),
  neuronTypes: ['standard', 'ltc', 'cfc', 'leaky', 'delay'],
}

function changed(
  genotype: Genotype,
  change: (writer: GenomeWriter) => unknown,
): { genotype: Genotype; answer: unknown } {
  const writer = new GenomeWriter(genotype.inputs, genotype.outputs)
  writer.append(genotype)
  const answer = change(writer)
  return { genotype: unpackGenotype(writer.finish(), 0), answer }
}

const apply = (genotype: Genotype, name: OperatorName, seed = 1, settings = everything) =>
  changed(genotype, (writer) => applyOperator(name, writer, settings, seededRandom(seed)))

const small = minimalGenotype({ inputs: 2, outputs: 1, activation: 'tanh', weight: () => 1 })

describe('every operator', () => {
  it.each(operatorNames)(
    '%s leaves a valid genotype, and changes it exactly if it says so',
    (name) => {
      fc.assert(
        fc.property(fc.integer(), fc.nat(20), (seed, steps) => {
          const before = richGenotype(3, 2, seed, steps)
          const { genotype, answer } = apply(before, name, seed)
          expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
          // Changes of a number may meet a limit, or draw what was there.
          if (answer === false) expect(genotype).toEqual(before)
          const isStructural = name.startsWith('add_') || name.startsWith('remove_')
          if (answer === true && isStructural) expect(genotype).not.toEqual(before)
        }),
        { numRuns: 25 },
      )
    },
  )
})

describe('mutateByRoulette', () => {
  it('keeps genotypes valid through long lineages of all operators, and they do not only grow', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        let genotype = richGenotype(2, 2, seed, 5)
        const sizes: number[] = []
        for (let step = 0; step < 80; step++) {
          genotype = changed(genotype, (writer) =>
            mutateByRoulette(writer, everything, seededRandom(seed).fork(step)),
          ).genotype
          expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
          sizes.push(genotype.neurons.length + genotype.links.length)
        }
        expect(sizes.some((size, i) => i > 0 && size < sizes[i - 1]!)).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it('chooses operators in proportion to their weights', () => {
    const weights = { add_bias: 1, mutate_weights: 3, remove_neuron: 0 }
    const settings: RouletteSettings = {
      ...everything,
      weights,
      mutationCount: { name: 'const', parameter: 4_000 },
    }
    const unbiased = { ...settings, weights: { mutate_weights: 3, toggle_link: 1 } }
    const { answer } = changed(small, (writer) =>
      mutateByRoulette(writer, unbiased, seededRandom('proportion')),
    )
    const toggles = (answer as OperatorName[]).filter((name) => name === 'toggle_link').length
    // Five deviations of a binomial of 4,000 draws at a quarter.
    expect(Math.abs(toggles - 1_000)).toBeLessThan(5 * Math.sqrt(4_000 * 0.25 * 0.75))
  })

  it('lets an agent of its own weights and count decide', () => {
    const settings = { ...everything, weights: { add_bias: 1 } }
    const agent = {
      ...richGenotype(2, 1, 1, 0).agent!,
      mutationCount: { name: 'const' as const, parameter: 3 },
      operatorWeights: [['add_bias', 0] as const, ['mutate_response', 1] as const],
    }
    const { answer } = changed({ ...small, agent }, (writer) =>
      mutateByRoulette(writer, settings, seededRandom(1)),
    )
    expect(answer).toEqual(['mutate_response', 'mutate_response', 'mutate_response'])
  })

  it('never links backwards in a feed-forward architecture', () => {
    const settings = { ...everything, connectionArchitecture: 'feedforward' as const }
    const growing = { ...settings, weights: { add_outlink: 1, add_inlink: 1, add_neuron: 1 } }
    let genotype: Genotype = small
    for (let step = 0; step < 60; step++) {
      genotype = changed(genotype, (writer) =>
        mutateByRoulette(writer, growing, seededRandom(step)),
      ).genotype
    }
    const layers = new Map(genotype.neurons.map(({ id, layer }) => [id, layer]))
    expect(genotype.links.length).toBeGreaterThan(20)
    for (const { from, to } of genotype.links) {
      expect(layers.get(to)).toBeGreaterThan(layers.get(from) ?? -1)
    }
  })
})

describe('mutationCount', () => {
  it('is what its name says', () => {
    const random = seededRandom(1)
    expect(mutationCount({ name: 'const', parameter: 4 }, 9, random)).toBe(4)
    expect(mutationCount({ name: 'ncount_linear', parameter: 0.5 }, 9, random)).toBe(5)
    expect(mutationCount({ name: 'ncount_linear', parameter: 0 }, 9, random)).toBe(1)
    const drawn = Array.from({ length: 400 }, () =>
      mutationCount({ name: 'ncount_exponential', parameter: 0.5 }, 25, random),
    )
    expect(Math.min(...drawn)).toBe(1)
    expect(Math.max(...drawn)).toBe(5)
  })
})

describe('operators', () => {
  const hidden = splitNeuronId(0, 2, 0)
  const plastic = genotypeFrom({
    inputs: 2,
    outputs: 1,
    activation: 'tanh',
    neurons: [
      {
        id: hidden,
        layer: 0,
        activation: 'tanh',
        bias: 0,
        plasticity: { rule: 'self_modulation_v6', parameters: [] },
      },
    ],
    links: [{ from: hidden, to: 2, weight: 1 }],
  })

  it('give a link to a plastic neuron the parameters of its rule', () => {
    const linked = [1, 2, 3, 4, 5, 6].map((seed) => apply(plastic, 'add_sensorlink', seed).genotype)
    const into = linked.flatMap(({ links }) => links).filter(({ to }) => to === hidden)
    expect(into.length).toBeGreaterThan(0)
    for (const { parameters } of into) expect(parameters).toHaveLength(5)
  })

  it('add_modulatorylink needs a plastic neuron, and stands beside an ordinary link', () => {
    expect(apply(small, 'add_modulatorylink').answer).toBe(false)
    const { genotype } = apply(plastic, 'add_modulatorylink')
    expect(genotype.links.filter(({ modulatory }) => modulatory === true)).toHaveLength(1)
    expect(apply(genotype, 'remove_modulatorylink').genotype).toEqual(plastic)
  })

  it('add_sensor links every input of a sensor that is unused, add_actuator every output', () => {
    const body = {
      ...minimalGenotype({ inputs: 3, outputs: 3, activation: 'tanh', weight: () => 1 }),
      sensors: [
        { name: 'eye', length: 1 },
        { name: 'ear', length: 2 },
      ],
      actuators: [
        { name: 'wheel', length: 1 },
        { name: 'arm', length: 2 },
      ],
    }
    const links = body.links.filter(({ from, to }) => from === 0 && to === 3)
    const bare = { ...body, links }
    expect(apply(body, 'add_sensor').answer).toBe(false)
    const heard = apply(bare, 'add_sensor').genotype.links.filter(({ from }) => from > 0)
    expect(heard.map(({ from }) => from).sort()).toEqual([1, 2])
    const moved = apply(bare, 'add_actuator').genotype.links.filter(({ to }) => to > 3)
    expect(new Set(moved.map(({ to }) => to))).toEqual(new Set([4, 5]))
  })

  it('remove_neuron takes its links along', () => {
    const { genotype } = apply(plastic, 'remove_neuron')
    expect(genotype.neurons.map(({ id }) => id)).toEqual([2])
    expect(genotype.links).toEqual([])
    expect(apply(genotype, 'remove_neuron').answer).toBe(false)
  })

  it('add_delay and add_leaky splice neurons of their kind', () => {
    const kindOf = (name: OperatorName) =>
      apply(small, name).genotype.neurons.find(({ id }) => id > 2)?.neuronType
    expect(kindOf('add_delay')).toBe('delay')
    expect(kindOf('add_leaky')).toBe('leaky')
  })
})

describe('crossTraits', () => {
  it('leaves a valid child, like one of its parents in every trait', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(20), (seed, steps) => {
        const one = richGenotype(3, 2, seed, steps)
        const two = richGenotype(3, 2, seed + 1, steps)
        const pool = packGenotypes(3, 2, [one, two])
        const writer = new GenomeWriter(3, 2)
        writer.copy(pool, 0)
        crossTraits(writer, pool, 1, seededRandom(seed))
        const child = unpackGenotype(writer.finish(), 0)
        expect(checkGenotype(child)).toEqual({ ok: true, genotype: child })
        for (const { id, timeConstant } of child.neurons) {
          const parents = [one, two].map(({ neurons }) => neurons.find((n) => n.id === id))
          expect(parents.map((parent) => parent?.timeConstant)).toContain(timeConstant)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('draws nothing for plain genotypes', () => {
    const pool = packGenotypes(2, 1, [small, small])
    const writer = new GenomeWriter(2, 1)
    writer.copy(pool, 0)
    const random = seededRandom(1)
    crossTraits(writer, pool, 1, random)
    expect(random.state()).toEqual(seededRandom(1).state())
  })
})
