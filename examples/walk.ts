// A task of one's own: stay near the middle of a line, on which a wind pushes you about. Run by
// examples/own-task.ts; worker threads import this file by the reference at its end.
import { type Environment, environmentProblem, type Problem } from 'arbor/evolution'

export const walk: Environment = {
  name: 'walk',
  stateSize: 2,
  observationSize: 1,
  actionSize: 1,
  maxSteps: 100,
  reset: (state, random) => {
    state[0] = 2 * random.next() - 1
    state[1] = 0.08 * (random.next() - 0.5)
  },
  observe: (state, observation) => {
    observation[0] = state[0] ?? 0
  },
  step: (state, action) => {
    state[0] = (state[0] ?? 0) + (state[1] ?? 0) + 0.1 * (action[0] ?? 0)
    return { reward: -Math.abs(state[0]), done: Math.abs(state[0]) > 2 }
  },
}

export const walking: Problem = environmentProblem(walk, {
  reference: { module: import.meta.url, export: 'walking' },
  outputActivation: 'tanh',
  worstReturn: -200,
  solvedReturn: -6,
})
