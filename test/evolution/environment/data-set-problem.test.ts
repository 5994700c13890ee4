import { describe, expect, it } from 'vitest'
import { dataSetFromCsv } from '../../../src/evolution/environment/data-set.ts'
import { dataSetProblem } from '../../../src/evolution/environment/data-set-problem.ts'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { problemOf } from '../../../src/evolution/environment/problem.ts'
import { genotypeFrom, type LinkSketch, type NeuronGene } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'

const bytesOf = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.join('\n'))
const numbers = Array.from({ length: 40 }, (_, i) => i - 20)

const line = dataSetFromCsv(bytesOf(['x,y', ...numbers.map((x) => `${x},${3 * x - 7}`)]), {
  target: 'y',
})
const signs = dataSetFromCsv(
  bytesOf(['x,sign', ...numbers.map((x) => `${x + 0.5},${x < 0 ? 'minus' : 'plus'}`)]),
  { target: 'sign' },
)
const thirds = dataSetFromCsv(
  bytesOf(['x,third', ...numbers.map((x) => `${x},${x < -7 ? 'low' : x < 7 ? 'mid' : 'up'}`)]),
  { target: 'third' },
)

function network(outputs: readonly [bias: number, weight: number][], isLinear = false): Network {
  const activation = isLinear ? 'identity' : 'sigmoid'
  const neurons: NeuronGene[] = outputs.map(([bias], i) => {
    return { id: 1 + i, layer: 1, activation, bias }
  })
  const links: LinkSketch[] = outputs.map(([, weight], i) => ({ from: 0, to: 1 + i, weight }))
  const shape = { inputs: 1, outputs: outputs.length, activation } as const
  return new Network(compile(genotypeFrom({ ...shape, neurons, links })))
}

describe('dataSetProblem', () => {
  it('scores a regression in units of the deviation', () => {
    const problem = dataSetProblem(line)
    expect(problem).toMatchObject({ inputs: 1, outputs: 1, outputActivation: 'identity' })
    const exact = problem.evaluate(network([[0, 1]], true))
    expect(exact.fitness).toBeCloseTo(1, 12)
    expect(exact).toMatchObject({ steps: 30, solved: true })
    const mean = problem.evaluate(network([[0, 0]], true))
    expect(mean.fitness).toBeCloseTo(0.5, 12)
    expect(mean.solved).toBe(false)
  })

  it('verifies on the held-out rows', () => {
    const problem = dataSetProblem(line)
    expect(problem.verify(network([[0, 1]], true))).toEqual({
      solved: true,
      detail: 'R² 1.000 of 10 held-out rows, R² 1.000 of 30 training rows',
    })
    expect(problem.verify(network([[0, 0]], true)).solved).toBe(false)
  })

  it('decides between two classes with one output', () => {
    const problem = dataSetProblem(signs)
    expect(problem).toMatchObject({ outputs: 1, outputActivation: 'steep_sigmoid' })
    const good = network([[0, 50]])
    expect(problem.evaluate(good).fitness).toBeGreaterThan(0.99)
    expect(problem.verify(good)).toMatchObject({
      solved: true,
      detail: '100.0 % of 10 held-out rows, 100.0 % of 30 training rows',
    })
    expect(problem.evaluate(network([[0, 0]])).fitness).toBeCloseTo(0.75, 12)
    expect(problem.verify(network([[0, -50]])).solved).toBe(false)
  })

  it('gives the largest of several outputs the class', () => {
    const problem = dataSetProblem(thirds)
    expect(problem).toMatchObject({ outputs: 3, inputNames: ['x'] })
    expect(problem.outputNames).toEqual(['low', 'mid', 'up'])
    const good = network([
      [-12, -20],
      [0, 0],
      [-12, 20],
    ])
    expect(problem.verify(good).solved).toBe(true)
    expect(problem.evaluate(good).solved).toBe(true)
  })

  it('gives outputs that are no numbers the worst fitness', () => {
    for (const set of [line, signs, thirds]) {
      const problem = dataSetProblem(set)
      const broken = network(Array.from({ length: problem.outputs }, () => [0, 1]))
      broken.plan.bias.fill(Number.NaN)
      expect(problem.evaluate(broken)).toMatchObject({ fitness: 0, solved: false })
      expect(problem.verify(broken).solved).toBe(false)
    }
  })

  it('scores episodes as evaluate does', () => {
    const problem = dataSetProblem(signs)
    const some = network([[0.3, 2]])
    expect(runEpisode(problem.episode(), some)).toEqual(problem.evaluate(some))
  })

  it('is named by its data: equal tables have equal names', () => {
    const again = dataSetProblem(structuredClone(line))
    expect(again.name).toBe(dataSetProblem(line).name)
    expect(again.name).toMatch(/^table-[0-9a-f]{16}$/)
    const names = [line, signs, thirds].map((set) => dataSetProblem(set).name)
    expect(new Set(names).size).toBe(3)
  })

  it('is found again by its reference, with the same scores', () => {
    for (const set of [line, signs, thirds]) {
      const problem = dataSetProblem(set)
      const other = problemOf(structuredClone(problem.reference))
      expect(other).not.toBe(problem)
      expect(other.name).toBe(problem.name)
      const some = network(Array.from({ length: problem.outputs }, (_, i) => [0.3 * i, 1 - i]))
      expect(other.evaluate(some)).toEqual(problem.evaluate(some))
      expect(other.verify(some)).toEqual(problem.verify(some))
      expect(problemOf(structuredClone(problem.reference))).toBe(other)
    }
  })
})
