// What does a control problem cost, network and world together? CartPole as the engine runs it,
// evaluatePlan of a problem of 16 episodes side by side and evaluate one after the other, against
// the same world with neataptic's fastest ordinary call.
//
// Networks of 10 and of 50 neurons. A pole that falls stands up at its start again, so that all
// sides take 1,000 steps an episode whatever the network does. CPU time of this thread, the median
// of 7 rounds, all sides taking turns.
import {
  cartPoleEnvironment,
  hasFallen,
  stepCartPole,
} from '../src/evolution/environment/cart-pole.ts'
import {
  compile,
  environmentProblem,
  evaluatePlan,
  type LaneEnvironment,
  Network,
} from '../src/evolution/index.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { neatapticOf } from './peers/networks.ts'
import { notice, report } from './report.ts'
import { measure } from './turns.ts'
import { randomGenotype } from './workloads/random-genotype.ts'

const EPISODES = 16
const STEPS = 1_000
const SEED = 7

/** CartPole in which nobody fails. */
const tireless: LaneEnvironment = {
  ...cartPoleEnvironment,
  maxSteps: STEPS,
  step: (lanes) => {
    cartPoleEnvironment.step(lanes)
    for (let lane = 0; lane < lanes.count; lane++) {
      if (lanes.done[lane] === 0) continue
      for (let i = 0; i < 4; i++) lanes.state[i * lanes.count + lane] = 0
      lanes.done[lane] = 0
    }
  },
}

const problem = environmentProblem(tireless, {
  worstReturn: 0,
  solvedReturn: STEPS,
  episodes: EPISODES,
})

function measureNetwork(name: string, neurons: number, forward: number): void {
  const random = seededRandom(SEED).fork(name)
  const genotype = randomGenotype({ inputs: 4, outputs: 1, neurons, forward, recurrent: 0 }, random)
  const plan = compile(genotype)
  const network = new Network(plan)
  const activate = neatapticOf(genotype)
  const state = new Float64Array(4)
  const neataptic = (): void => {
    for (let e = 0; e < EPISODES; e++) {
      for (let i = 0; i < 4; i++) state[i] = 0.1 * (random.next() - 0.5)
      for (let t = 0; t < STEPS; t++) {
        const inputs = [state[0]! / 2.4, state[1]! / 2, state[2]! / 0.21, state[3]! / 2]
        stepCartPole(state, activate(inputs)[0]! > 0.5)
        if (hasFallen(state)) state.fill(0)
      }
    }
  }
  const units = EPISODES * STEPS
  const figures = measure([
    { name: 'neataptic', units, run: neataptic },
    { name: 'one', units, run: () => problem.evaluate(network) },
    { name: 'lanes', units, run: () => evaluatePlan(problem, plan) },
  ])
  const peerValue = figures.get('neataptic')!
  for (const [what, side] of [
    ['16 episodes side by side', 'lanes'],
    ['one episode after the other', 'one'],
  ] as const) {
    const value = figures.get(side)!
    const ratio = peerValue / value
    report({
      name: `CartPole step, ${name}, ${what}`,
      value,
      unit: 'ns',
      peer: 'neataptic',
      peerValue,
      ratio,
    })
  }
}

notice(`seed ${SEED}; a step is the network and the world`)
measureNetwork('10 neurons', 10, 41)
measureNetwork('50 neurons', 50, 278)
