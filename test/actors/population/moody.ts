// An environment that misbehaves, as those of users do: it throws for some networks, answers NaN
// for others, and is fair to the rest.
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import {
  type Environment,
  environmentProblem,
} from '../../../src/evolution/environment/environment-problem.ts'
import { processOf } from '../../../src/runtime/pid.ts'
import { suspend } from '../../../src/runtime/scheduler.ts'
import { self } from '../../../src/runtime/self.ts'
import { nim } from '../../evolution/strategy/nim.ts'

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

/** Nim, in which some players throw or end their thread instead of moving. */
function nimWith(name: string, misbehave: (bold: number) => void): Problem {
  return {
    ...nim,
    name,
    reference: { module: import.meta.url, export: name },
    play: (players) => {
      misbehave(players[0].plan.weight[0]!)
      return nim.play!(players)
    },
  }
}

export const moodyNim: Problem = nimWith('moodyNim', (bold) => {
  if (bold > 3) throw new RangeError('bad loser')
})

export const deadlyNim: Problem = nimWith('deadlyNim', (bold) => {
  if (bold > 4) process.exit(1)
})

/** Whoever answers boldly puts its environment to sleep: no further cycle is closed. */
export const sleepyProblem: Problem = environmentProblem(
  {
    ...moody,
    name: 'sleepy',
    step: (state, action) => {
      if (action[0]! > 0.99) suspend(processOf(self()))
      state[0] = action[0]!
      return { reward: action[0]!, done: false }
    },
  },
  { worstReturn: 0, solvedReturn: 1e9, episodes: 2 },
)
