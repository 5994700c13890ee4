import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { splitNeuronId } from '../../src/evolution/innovation.ts'
import type { ActivationName } from '../../src/evolution/network/activation.ts'
import {
  createPopulation,
  type EvolutionSettings,
  genotypeAt,
  injectGenotype,
  type NetworkShape,
  nextGeneration,
  type Population,
  summarize,
} from '../../src/evolution/population.ts'
import { defaultSettings } from '../../src/evolution/strategy/settings.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { grownGenotype, wildMutation } from './generated-genotype.ts'

const shape: NetworkShape = {
  inputs: 3,
  outputs: 2,
  outputActivation: 'tanh',
  hiddenActivation: 'relu',
}
const settings: EvolutionSettings = {
  ...defaultSettings,
  populationSize: 30,
  restart: { patience: 0, gain: 0 },
  reproduction: { ...defaultSettings.reproduction, mutation: wildMutation },
}

/** A fitness that every genotype has by itself: rewards structure and certain weights. */
function fitnessesOf(population: Population): number[] {
  return Array.from({ length: population.genomes.size }, (_, index) => {
    const { neurons, links } = genotypeAt(population, index)
    const weights = links.reduce((sum, { weight }) => sum + Math.min(1, Math.abs(weight)), 0)
    return weights + neurons.length
  })
}

function run(population: Population, generations: number): Population {
  let now = population
  for (let i = 0; i < generations; i++) now = nextGeneration(now, fitnessesOf(now))
  return now
}

describe('createPopulation', () => {
  it('makes valid, different genotypes without hidden neurons', () => {
    const population = createPopulation(shape, settings, 1)
    expect(population.genomes.size).toBe(30)
    const genotypes = Array.from({ length: 30 }, (_, i) => genotypeAt(population, i))
    for (const genotype of genotypes) {
      expect(checkGenotype(genotype).ok).toBe(true)
      expect(genotype.neurons.map(({ activation }) => activation)).toEqual(['tanh', 'tanh'])
      expect(genotype.links).toHaveLength(6)
    }
    expect(new Set(genotypes.map((genotype) => JSON.stringify(genotype))).size).toBe(30)
  })

  it('links partly where asked, every output at least once', () => {
    const sparse = createPopulation(shape, { ...settings, connectivity: 0 }, 1)
    const links = Array.from({ length: 30 }, (_, i) => genotypeAt(sparse, i).links)
    for (const genes of links) expect(genes.map(({ to }) => to).sort()).toEqual([3, 4])
    expect(new Set(links.flat().map(({ from }) => from))).toEqual(new Set([0, 1, 2]))
  })

  it('has biases only where they evolve', () => {
    const biasOf = (biases: 'none' | 'evolved'): number => {
      const mutation = { ...wildMutation, biases }
      const reproduction = { ...settings.reproduction, mutation }
      const population = createPopulation(shape, { ...settings, reproduction }, 1)
      const later = run(population, 10)
      return later.genomes.bias.reduce((sum, bias) => sum + Math.abs(bias), 0)
    }
    expect(biasOf('none')).toBe(0)
    expect(biasOf('evolved')).toBeGreaterThan(0)
  })

  it('gives new neurons the activation the problem asks for, unless the settings name some', () => {
    const hiddenOf = (hiddenActivations: readonly ActivationName[]): Set<ActivationName> => {
      const mutation = { ...wildMutation, hiddenActivations }
      const reproduction = { ...settings.reproduction, mutation }
      const later = run(createPopulation(shape, { ...settings, reproduction }, 1), 10)
      const neurons = Array.from({ length: 30 }, (_, i) => genotypeAt(later, i).neurons).flat()
      return new Set(neurons.filter(({ layer }) => layer < 1).map(({ activation }) => activation))
    }
    expect(hiddenOf([])).toEqual(new Set(['relu']))
    expect(hiddenOf(['sin'])).toEqual(new Set(['sin']))
  })
})

describe('nextGeneration', () => {
  it('repeats a run from its seed, and no other', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const one = run(createPopulation(shape, settings, seed), 8)
        expect(run(createPopulation(shape, settings, seed), 8)).toEqual(one)
        expect(run(createPopulation(shape, settings, seed + 1), 8).genomes).not.toEqual(one.genomes)
      }),
      { numRuns: 5 },
    )
  })

  it('continues bit for bit from a structured clone', () => {
    const middle = run(createPopulation(shape, settings, 5), 6)
    expect(run(structuredClone(middle), 6)).toEqual(run(middle, 6))
  })

  it('keeps every genotype valid, in one species each, in a population of one size', () => {
    let population = createPopulation(shape, settings, 11)
    let speciesMax = 0
    for (let generation = 0; generation < 40; generation++) {
      expect(population.generation).toBe(generation)
      expect(population.evaluations).toBe(generation * 30)
      expect(population.genomes.size).toBe(30)
      const ids = new Set(population.speciesOf)
      expect(population.species.map(({ id }) => id)).toEqual([...ids].sort((a, b) => a - b))
      for (let i = 0; i < 30; i++) {
        const genotype = genotypeAt(population, i)
        expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
      }
      speciesMax = Math.max(speciesMax, population.species.length)
      population = nextGeneration(population, fitnessesOf(population))
    }
    expect(speciesMax).toBeGreaterThan(1)
  })

  it('never loses the best genotype, and remembers who was champion', () => {
    let population = createPopulation(shape, settings, 2)
    let best = Number.NEGATIVE_INFINITY
    for (let generation = 0; generation < 30; generation++) {
      const fitnesses = fitnessesOf(population)
      const top = Math.max(...fitnesses)
      expect(top).toBeGreaterThanOrEqual(best)
      best = top
      population = nextGeneration(population, fitnesses)
      expect(population.champion?.fitness).toBe(best)
    }
    expect(population.champion?.generation).toBeLessThan(30)
  })

  describe('with restarts', () => {
    const impatient = { ...settings, restart: { patience: 3, gain: 0.1 } }

    /** Runs a population whose best fitness is given, the generations in which it began anew. */
    function restartsOf(bests: readonly number[]): number[] {
      let population = createPopulation(shape, impatient, 1)
      const restarts: number[] = []
      for (const best of bests) {
        const fitnesses = new Array<number>(30).fill(-1_000).with(7, best)
        const next = nextGeneration(population, fitnesses)
        if (next.restarts > population.restarts) restarts.push(next.generation)
        population = next
      }
      return restarts
    }

    it('begins anew after `patience` generations without the wanted gain', () => {
      expect(restartsOf([1, 1, 1, 1, 1, 1, 1])).toEqual([5])
      // 5 % a generation add up to progress in time, 1 % do not; a restart forgets the best.
      expect(restartsOf([1, 1.05, 1.11, 1.15, 1.2, 1.25, 1.3, 1.35])).toEqual([])
      expect(restartsOf([1, 1.01, 1.02, 1.03, 1.04, 0.1, 0.2, 0.3, 0.4, 0.5])).toEqual([5])
      expect(restartsOf([-1, -0.8, -0.7, -0.7, -0.7, -0.7, -0.7])).toEqual([7])
    })

    it('keeps the champion, the count of evaluations and the ids of species', () => {
      let population = createPopulation(shape, impatient, 1)
      for (let i = 0; i < 5; i++) {
        const injection = injectGenotype(population, grownGenotype(3, 2, i, 9))
        if (injection.ok) population = injection.population
        population = nextGeneration(population, [5, ...new Array<number>(29).fill(1)])
      }
      expect(population).toMatchObject({ restarts: 1, generation: 5, evaluations: 150 })
      expect(population.champion?.fitness).toBe(5)
      expect(genotypeAt(population, 0)).toEqual(grownGenotype(3, 2, 4, 9))
      expect(genotypeAt(population, 1).neurons).toHaveLength(2)
      expect(population.genomes.size).toBe(30)
      for (const { id } of population.species) expect(id).toBeGreaterThan(0)
    })
  })

  it('lives through fitness that is no number, infinite, zero or negative', () => {
    const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -5, 1e300)
    fc.assert(
      fc.property(fc.array(odd, { minLength: 30, maxLength: 30 }), (fitnesses) => {
        const population = nextGeneration(createPopulation(shape, settings, 3), fitnesses)
        expect(population.genomes.size).toBe(30)
        expect(nextGeneration(population, fitnesses).genomes.size).toBe(30)
      }),
    )
  })

  it('refuses fitness of another number of genotypes', () => {
    const population = createPopulation(shape, settings, 3)
    expect(() => nextGeneration(population, [1, 2])).toThrow(RangeError)
  })

  it('works for the smallest population', () => {
    const few = run(createPopulation(shape, { ...settings, populationSize: 1 }, 1), 5)
    expect(few.genomes.size).toBe(1)
  })
})

/** A valid genotype with that many neurons that nothing reaches. */
function bloated(inputs: number, outputs: number, count: number): Genotype {
  const neurons = Array.from({ length: count }, (_, n) => {
    return { id: splitNeuronId(0, inputs, n), layer: 0, activation: 'tanh' as const, bias: 0 }
  })
  return genotypeFrom({ inputs, outputs, activation: 'tanh', neurons, links: [] })
}

describe('injectGenotype', () => {
  const foreign = grownGenotype(3, 2, 'elsewhere', 30)

  it('takes a foreign genotype into the next generation as it is', () => {
    const population = run(createPopulation(shape, settings, 1), 3)
    const injection = injectGenotype(population, foreign)
    if (!injection.ok) throw new Error(injection.reason)
    const next = nextGeneration(injection.population, fitnessesOf(population))
    expect(genotypeAt(next, 0)).toEqual(foreign)
    expect(next.genomes.size).toBe(30)
    expect(next.immigrants).toEqual([])
  })

  it('lets a foreign genotype mate: its links align with those that grew here', () => {
    const random = seededRandom(4)
    let population = createPopulation(shape, settings, 1)
    for (let generation = 0; generation < 12; generation++) {
      // Immigrants each generation; all fitness by chance, so that everyone mates with everyone.
      const injection = injectGenotype(population, grownGenotype(3, 2, generation, 20))
      if (injection.ok) population = injection.population
      const chance = Array.from({ length: 30 }, () => random.next())
      population = nextGeneration(population, chance)
    }
    for (let i = 0; i < 30; i++) expect(checkGenotype(genotypeAt(population, i)).ok).toBe(true)
  })

  it('refuses another shape, what it has already, and more than there is room for', () => {
    let population = createPopulation(shape, { ...settings, populationSize: 4 }, 1)
    const reasonOf = (genotype = foreign): string => {
      const injection = injectGenotype(population, genotype)
      if (injection.ok) population = injection.population
      return injection.ok ? 'taken' : injection.reason
    }
    expect(reasonOf(grownGenotype(2, 2, 1, 1))).toBe('shape')
    const neurons = foreign.neurons.map((neuron) => ({ ...neuron, activation: 'relu' as const }))
    expect(reasonOf({ ...foreign, neurons })).toBe('shape')
    expect(reasonOf(bloated(3, 2, 1_020))).toBe('taken')
    expect(reasonOf(bloated(3, 2, 1_060))).toBe('size')
    expect(reasonOf()).toBe('taken')
    expect(reasonOf(structuredClone(foreign))).toBe('duplicate')
    expect(reasonOf(grownGenotype(3, 2, 1, 5))).toBe('taken')
    expect(reasonOf(grownGenotype(3, 2, 3, 5))).toBe('queue-full')
    population = nextGeneration(population, fitnessesOf(population))
    population = nextGeneration(population, [1, 9, 1, 1])
    expect(reasonOf(foreign)).toBe('duplicate')
  })
})

describe('summarize', () => {
  it('tells best and mean of the numbers, and mean sizes', () => {
    const population = createPopulation(shape, { ...settings, populationSize: 4 }, 1)
    expect(summarize(population, [1, Number.NaN, 4, 1])).toMatchObject({
      generation: 0,
      best: 4,
      mean: 2,
      neurons: 2,
      links: 6,
    })
  })
})
