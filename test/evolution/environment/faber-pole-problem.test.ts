// faber's pole as a task: its steps are those of the conformance vectors
// (conformance/neuro-pole-variants); here are its fitness and its goal.
import { describe, expect, it } from 'vitest'
import {
  faberPoleFitness,
  hasFaberPoleFailed,
  stepFaberPole,
} from '../../../src/evolution/environment/faber-pole.ts'
import { faberPole, faberPole4 } from '../../../src/evolution/environment/faber-pole-problem.ts'
import {
  ask,
  compile,
  evaluateAsked,
  type Genotype,
  genotypeFrom,
  Network,
  problemNamed,
  settingsFor,
  startEvolution,
  tell,
} from '../../../src/evolution/index.ts'

/** Pushes by a weighted sum of what it perceives. */
const linear = (...weights: readonly number[]): Genotype => {
  const inputs = weights.length
  const links = weights.map((weight, from) => ({ from, to: inputs, weight }))
  return genotypeFrom({ inputs, outputs: 1, activation: 'tanh', links })
}
const networkOf = (genotype: Genotype): Network => new Network(compile(genotype))

const idle = linear(0, 0, 0, 0)
const steady = linear(1, 2, 10, 2)

describe.each([
  { damping: false, twoPoles: false },
  { damping: true, twoPoles: true },
])('faberPole %j', ({ damping, twoPoles }) => {
  it('adds up the fitness of the steps before the fall, which is worth nothing', () => {
    const state = new Float64Array(6)
    state[2] = (3.6 * Math.PI) / 180
    let fitness = 0
    let steps = 0
    for (;;) {
      stepFaberPole(state, 0)
      steps++
      if (hasFaberPoleFailed(state, twoPoles)) break
      fitness += faberPoleFitness(state, steps, damping)
    }
    const evaluation = faberPole({ variant: 4, damping, twoPoles }).evaluate(networkOf(idle))
    expect(evaluation).toEqual({ fitness, steps, solved: false })
    expect(steps).toBeGreaterThan(10)
  })
})

describe('the goal', () => {
  it('is passed by a step more than its number, and then solved', () => {
    const short = faberPole({ variant: 4, twoPoles: false, damping: false, goal: 50 })
    expect(short.evaluate(networkOf(steady))).toEqual({ fitness: 51, steps: 51, solved: true })
    expect(short.verify(networkOf(steady))).toEqual({
      solved: true,
      detail: 'balances 50 of 50 steps',
    })
  })

  it('is 100,000 steps, and 5,000 for two poles by their positions', () => {
    const { solved, steps } = faberPole4.evaluate(networkOf(steady))
    expect({ solved, steps }).toEqual({ solved: true, steps: 100_001 })
    const balanced = problemNamed('pb_sim_3')!.verify(networkOf(linear(0, 0, 0))).detail
    expect(balanced).toMatch(/^balances \d+ of 5000 steps$/)
  })
})

it.each([2, 3, 4, 6])('pb_sim_%d perceives so many numbers, by one sensor', (length) => {
  const problem = problemNamed(`pb_sim_${length}`)!
  expect(problem.inputNames).toHaveLength(length)
  expect(problem.morphology?.sensors).toEqual([{ name: 'pb_GetInput', length }])
  const [genotype] = ask(startEvolution(problem, settingsFor(problem.name, 4), 1))
  expect(genotype?.actuators).toEqual([{ name: 'pb_SendOutput', length: 1 }])
})

it.each(['pb_sim_4', 'pb_sim_6'])('%s is solved by evolution', (task) => {
  const problem = problemNamed(task)!
  let state = startEvolution(problem, settingsFor(task), 1)
  for (let generation = 0; generation < 60; generation++) {
    const evaluations = evaluateAsked(problem, ask(state))
    if (evaluations.some(({ solved }) => solved)) return
    state = tell(state, evaluations)
  }
  expect.fail(`not within ${state.evaluations} evaluations`)
})
