// The walk of walk.ts in a body of one's own: brains begin with a clock, and have to find the nose.
import { ask, environmentProblem, evaluateAsked } from 'arbor/evolution'
import { settingsFor, startEvolution, tell } from 'arbor/evolution'
import { walk } from './walk.ts'

const observe = ([x = 0]: Float64Array, seen: Float64Array): void => seen.set([1, x, x * x * x])
const morphology = {
  sensors: [{ name: 'clock', length: 1 }, { name: 'nose', length: 2 }],
  actuators: [{ name: 'legs', length: 1 }],
  initialSensors: 1,
}
const options = { morphology, outputActivation: 'tanh', worstReturn: -200, solvedReturn: -9 } as const
const problem = environmentProblem({ ...walk, observationSize: 3, observe }, options)

let state = startEvolution(problem, settingsFor('walk', 100), 1)
while ((state.champion?.fitness ?? 0) < 191) state = tell(state, evaluateAsked(problem, ask(state)))
const smelling = state.champion?.genotype.links.filter(({ from }) => from === 1 || from === 2)
console.log(`after ${state.generation} generations, links from the nose: ${smelling?.length}`)
