import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataSetFromCsv } from '../../src/evolution/environment/data-set.ts'
import { dataSetProblem } from '../../src/evolution/environment/data-set-problem.ts'
import type { Problem } from '../../src/evolution/environment/environment.ts'
import { checkedEvaluation } from '../../src/evolution/environment/failed-evaluation.ts'
import { loadProblem, problemNamed } from '../../src/evolution/environment/problem.ts'
import {
  chunkSize,
  EvaluationBatch,
  evaluateJob,
  evaluationWorker,
  verifyJob,
} from '../../src/evolution/evaluate.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile, type Plan } from '../../src/evolution/network/plan.ts'
import { DirtyPool } from '../../src/runtime/dirty-pool.ts'
import { grownGenotype } from './generated-genotype.ts'
import { twoObjectives } from './two-objectives.ts'

const csv = readFileSync(new URL('../../examples/iris.csv', import.meta.url))
const problems: Problem[] = [
  problemNamed('xor')!,
  problemNamed('cartpole')!,
  problemNamed('dpnv')!,
  dataSetProblem(dataSetFromCsv(csv, { target: 'species' })),
]

function plansFor({ inputs, outputs, name }: Problem, count: number): Plan[] {
  return Array.from({ length: count }, (_, i) => {
    return compile(grownGenotype(inputs, outputs, `${name} ${i}`, i % 20))
  })
}

describe('EvaluationBatch', () => {
  it.each(problems)('gives the scores of $name in order, whatever the jobs', (problem) => {
    const plans = plansFor(problem, 40)
    const expected = plans.map((plan) => problem.evaluate(new Network(plan)))
    expect(new Set(expected.map(({ fitness }) => fitness)).size).toBeGreaterThan(3)
    for (const chunk of [1, 7, 40, 1_000]) {
      const batch = new EvaluationBatch(problem, plans)
      const jobs = batch.jobs(chunk)
      expect(jobs).toHaveLength(Math.ceil(40 / chunk))
      for (const job of jobs.reverse()) evaluateJob(job)
      expect(batch.evaluations()).toEqual(expected)
    }
  })

  it('refuses plans of another shape', () => {
    const [xor, cartPole] = problems
    expect(() => new EvaluationBatch(xor!, plansFor(cartPole!, 1))).toThrow(
      expect.objectContaining({ name: 'EvaluationError', code: 'wrong_shape' }),
    )
  })

  it('has no scores before all jobs have run', () => {
    const batch = new EvaluationBatch(problems[0]!, plansFor(problems[0]!, 4))
    const [first] = batch.jobs(3)
    evaluateJob(first!)
    expect(() => batch.evaluations()).toThrow(expect.objectContaining({ code: 'incomplete' }))
  })

  it('may be empty', () => {
    const batch = new EvaluationBatch(problems[0]!, [])
    expect(batch.jobs(10)).toEqual([])
    expect(batch.evaluations()).toEqual([])
  })
})

describe('evaluationWorker', () => {
  it.each([1, 2, 3])('gives the same bits in %i threads', async (threads) => {
    const pool = new DirtyPool({ filename: evaluationWorker, threads })
    try {
      for (const problem of problems) {
        const plans = plansFor(problem, 30)
        const expected = plans.map((plan) => problem.evaluate(new Network(plan)))
        const batch = new EvaluationBatch(problem, plans)
        await Promise.all(batch.jobs(4).map((job) => pool.run(job)))
        expect(batch.evaluations()).toEqual(expected)
      }
    } finally {
      await pool.close()
    }
  })
})

describe('behaviour and objectives', () => {
  it('come back from threads', async () => {
    await loadProblem(twoObjectives.reference)
    const pool = new DirtyPool({ filename: evaluationWorker, threads: 2 })
    try {
      const plans = plansFor(twoObjectives, 20)
      const expected = plans.map((plan) => twoObjectives.evaluate(new Network(plan)))
      const [here, there] = [0, 1].map(() => new EvaluationBatch(twoObjectives, plans))
      for (const job of here!.jobs(7)) evaluateJob(job)
      expect(here!.evaluations()).toEqual(expected)
      await Promise.all(there!.jobs(7).map((job) => pool.run(job)))
      expect(there!.evaluations()).toEqual(expected)
    } finally {
      await pool.close()
    }
  })

  it('of the wrong length are no evaluation', () => {
    const evaluation = { fitness: 1, steps: 4, solved: false, behaviour: [1], objectives: [1] }
    expect(checkedEvaluation(evaluation, twoObjectives)).toMatchObject({
      fitness: Number.NaN,
      failure: 'it has 1 objectives, not 2',
    })
  })
})

describe('verifyJob', () => {
  it('gives what the problem says of the same plan, here and in a worker', async () => {
    const pool = new DirtyPool({ filename: evaluationWorker, threads: 1 })
    try {
      for (const problem of problems) {
        const [plan] = plansFor(problem, 1)
        const job = { problem: problem.reference, plan: plan!.bytes }
        const expected = problem.verify(new Network(plan!))
        expect(verifyJob(job)).toEqual(expected)
        expect(await pool.run(job)).toEqual(expected)
      }
    } finally {
      await pool.close()
    }
  })
})

describe('chunkSize', () => {
  it('gives a job 1.5 ms of work, and every thread a part', () => {
    expect(chunkSize(1_000, 2, 0.1)).toBe(15)
    expect(chunkSize(1_000, 2, 10)).toBe(1)
    expect(chunkSize(150, 2, 0.0001)).toBe(75)
    expect(chunkSize(150, 4, 0)).toBe(38)
    expect(chunkSize(3, 8, 0.1)).toBe(1)
  })
})
