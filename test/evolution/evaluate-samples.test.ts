import { describe, expect, it } from 'vitest'
import { dataSetFromCsv } from '../../src/evolution/environment/data-set.ts'
import { dataSetProblem } from '../../src/evolution/environment/data-set-problem.ts'
import { EvaluationBatch, evaluateJob } from '../../src/evolution/evaluate.ts'
import { evaluateSamples } from '../../src/evolution/evaluate-samples.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { grownGenotype, richGenotype } from './generated-genotype.ts'

const SEED = 5
const random = seededRandom(SEED)

/** Rows of three numbers and a target that names a class, or is a number. */
function tableOf(classes: number) {
  const rows = Array.from({ length: 150 }, () => {
    const [a, b, c] = [random.gaussian(), random.gaussian(), random.next()]
    const target = classes === 0 ? a * b : `k${random.integer(classes)}`
    return `${a},${b},${c},${target}`
  })
  const text = ['a,b,c,target', ...rows].join('\n')
  return dataSetFromCsv(new TextEncoder().encode(text), { target: 'target' })
}

describe.each([0, 2, 3])('samples of %i classes', (classes) => {
  const problem = dataSetProblem(tableOf(classes))
  const plans = Array.from({ length: 60 }, (_, i) => {
    const grown = i % 4 === 3 ? richGenotype : grownGenotype
    return compile(grown(problem.inputs, problem.outputs, SEED + i, i))
  })

  it('score every plan to the bits of its network', () => {
    for (const [i, plan] of plans.entries()) {
      const actual = evaluateSamples(problem.samples!, plan)
      const expected = problem.evaluate(new Network(plan))
      expect(Object.is(actual.fitness, expected.fitness), `genotype ${i} of seed ${SEED}`).toBe(
        true,
      )
      expect(actual).toEqual(expected)
    }
  })

  it('score alike in jobs of any size', () => {
    const scores = [7, 60].map((chunk) => {
      const batch = new EvaluationBatch(problem, plans)
      for (const job of batch.jobs(chunk)) evaluateJob(job)
      return batch.evaluations()
    })
    expect(scores[0]).toEqual(scores[1])
    expect(scores[0]).toEqual(plans.map((plan) => problem.evaluate(new Network(plan))))
  })
})
