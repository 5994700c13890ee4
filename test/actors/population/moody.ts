// An environment that misbehaves, as those of users do: it throws for some networks, answers NaN
// for others, and is fair to the rest.
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import {
  type Environment,
  environmentProblem,
} from '../../../src/evolution/environment/environment-problem.ts'

const moody: Environment = {
  name: 'moody',
  stateSize: 1,
  observationSize: 2,
  actionSize: 1,
  maxSteps: 5,
  reset: (state, random) => {
    state[0] = random.next()
  },
  observe: (state, observation) => {
    observation[0] = state[0]!
    observation[1] = 1
  },
  step: (state, action) => {
    const answer = action[0]!
    if (answer > 0.99) throw new RangeError('too bold for me')
    state[0] = answer
    return { reward: answer < 0.01 ? Number.NaN : answer, done: false }
  },
}

export const moodyProblem: Problem = environmentProblem(moody, {
  reference: { module: import.meta.url, export: 'moodyProblem' },
  worstReturn: 0,
  solvedReturn: 1e9,
  episodes: 2,
})

/** It ends the thread of whoever answers neither yes nor no. */
export const deadlyProblem: Problem = environmentProblem(
  {
    ...moody,
    name: 'deadly',
    step: (state, action) => {
      if (action[0]! > 0.6 && action[0]! < 0.7) process.exit(1)
      state[0] = action[0]!
      return { reward: action[0]!, done: false }
    },
  },
  {
    reference: { module: import.meta.url, export: 'deadlyProblem' },
    worstReturn: 0,
    solvedReturn: 1e9,
    episodes: 2,
  },
)
