import { describe, expect, it } from 'vitest'
import {
  type ComplexitySettings,
  firstRegulation,
  type Regulation,
  regulated,
} from '../../src/evolution/complexity-regulation.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import {
  advance,
  createPopulation,
  genotypeAt,
  type Population,
} from '../../src/evolution/population.ts'
import { defaultSettings } from '../../src/evolution/strategy/settings.ts'
import { wildMutation } from './generated-genotype.ts'
import { evaluated, shape } from './strategy/strategy-run.ts'

const settings: ComplexitySettings = {
  ceiling: 'absolute',
  complexityCeiling: 20,
  minSimplificationGenerations: 3,
  window: 2,
}

/** The modes after each of those complexities. */
function modesOf(complexities: readonly number[], how: ComplexitySettings): Regulation[] {
  let regulation = firstRegulation(how)
  return complexities.map((complexity, generation) => {
    regulation = regulated(regulation, complexity, generation, how)
    return regulation
  })
}

describe('regulated', () => {
  it('lets structure grow to the ceiling, then shrink until it falls no more', () => {
    const course = [10, 20, 21, 19, 18, 17, 16, 15, 15, 16, 19, 22]
    const letters = modesOf(course, settings).map(({ mode }) =>
      mode === 'simplifying' ? 's' : 'c',
    )
    expect(letters.join('')).toBe('ccssssssscc' + 's')
  })

  it('shrinks so many generations at least, and not before it is below the ceiling', () => {
    const modes = (course: readonly number[]): string =>
      modesOf(course, settings)
        .map(({ mode }) => mode.charAt(0))
        .join('')
    expect(modes([21, 19, 19, 19, 19, 19])).toBe('sssscc')
    expect(modes([21, 21, 21, 21, 21, 21, 21])).toBe('sssssss')
  })

  it('lifts a relative ceiling to what is left and so much more', () => {
    const relative = { ...settings, ceiling: 'relative' } as const
    const course = modesOf([21, 12, 10, 10, 10, 10, 10], relative)
    expect(course.at(-1)).toMatchObject({ mode: 'complexifying', ceiling: 30 })
  })

  it('remembers no more than its window', () => {
    expect(modesOf([1, 2, 3, 4], settings).at(-1)?.history).toEqual([3, 4])
  })
})

describe('a regulated population', () => {
  const given = {
    ...defaultSettings,
    populationSize: 40,
    reproduction: { ...defaultSettings.reproduction, mutation: wildMutation },
  }
  const linksOf = ({ genomes }: Population): number => genomes.innovation.length / genomes.size

  it('grows and shrinks in turn, and stays valid', () => {
    const complexity = { ...settings, complexityCeiling: 14, minSimplificationGenerations: 5 }
    let population = createPopulation(shape, { ...given, complexity }, 1)
    let free = createPopulation(shape, given, 1)
    let [phases, most] = [0, 0]
    for (let generation = 0; generation < 60; generation++) {
      const before = population.regulation?.mode
      const all = Array.from({ length: 40 }, (_, i) => genotypeAt(population, i))
      for (const genotype of all) expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
      population = advance(population, all.map(evaluated))
      free = advance(
        free,
        Array.from({ length: 40 }, (_, i) => evaluated(genotypeAt(free, i))),
      )
      if (population.regulation?.mode !== before) phases++
      most = Math.max(most, linksOf(population))
    }
    expect(phases).toBeGreaterThanOrEqual(3)
    expect(most).toBeLessThan(20)
    expect(linksOf(free)).toBeGreaterThan(1.5 * most)
  })
})
