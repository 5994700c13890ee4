// The tasks of a flatland (flatland.ts), and its game.
//
//   flatlandPrey        graze, and keep away from two scripted predators
//   flatlandPredator    spear scripted prey, which flee
//   flatlandPrey.play([prey, predators])   // a flock against a pack, each body with its own brain
//
// In a task the network drives one body, in several plains one after the other; its fitness is
// DXNN's, the bodies it has eaten and a thousandth of the ticks it has lived, in the mean over the
// plains. Who does not eat dies within 480 ticks, and the more it moves the sooner.
//
// In a match the flock wins by the part of its lives that it has lived: 1 when all prey live to the
// end. Prey starve, too, and a pack that has starved bites nobody: both have to eat. The strategy
// `coevolution` has a population of each.
import { seededRandom } from '../../runtime/random.ts'
import { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'
import { Flatland, type FlatlandOptions, flatland } from './flatland.ts'
import {
  FLATLAND_INPUTS,
  FLATLAND_OUTPUTS,
  flatlandMorphology,
  graze,
  hunt,
  senseFlatland,
} from './flatland-sense.ts'

export type FlatlandRole = 'prey' | 'predator'

const TICKS = 500
/** Plains of a fitness, and of the full criterion. */
const PLAINS = { from: 0, count: 10 }
const VERIFICATION_PLAINS = { from: 100, count: 20 }
/** Plains of a match. */
const MATCH_PLAINS = { from: 200, count: 2 }
/** What a tick of life is worth, where something eaten is worth 1. */
const TICK_WORTH = 0.001
/** Speeds of the scripts: their bodies can be caught, and got away from. */
const PREY_SPEED = 0.5
const PREDATOR_SPEED = 0.6

/** The plain of each task; the first body of its kind is the network's. */
const PLAIN: Readonly<Record<FlatlandRole, FlatlandOptions>> = {
  prey: { ...flatland, prey: 1, predators: 2 },
  predator: { ...flatland, prey: 6, predators: 1 },
}
/** Of a match. */
const ARENA: FlatlandOptions = { ...flatland, plants: 16, prey: 6, predators: 2, energy: 250 }
/** Mean fitness that counts as solved; our own bar. */
const SOLVED_AT: Readonly<Record<FlatlandRole, number>> = { prey: 6, predator: 2.5 }

const streams = seededRandom('flatland')

/** A world in which all but one body follow scripts. */
export class Plain {
  readonly world: Flatland
  /** The body that is driven by whoever plays. */
  readonly own: number

  constructor(role: FlatlandRole, number: number) {
    this.world = new Flatland(PLAIN[role], streams.fork(role).fork(number))
    this.own = role === 'prey' ? this.world.firstPrey : this.world.firstPredator
  }

  /** A tick, in which the others do as their scripts say. */
  tick(right: number, left: number): void {
    const { world, own } = this
    for (let body = world.firstPrey; body < world.size; body++) {
      if (body === own || world.alive[body] === 0) continue
      if (body < world.firstPredator) graze(world, body, PREY_SPEED)
      else hunt(world, body, PREDATOR_SPEED)
    }
    world.drive(own, right, left)
    world.tick()
  }

  get isOver(): boolean {
    return this.world.alive[this.own] === 0 || this.world.ticks >= TICKS
  }
}

/** One plain after the other, the network reset in between. */
class Life implements Episode {
  readonly #role: FlatlandRole
  readonly #plains: typeof PLAINS
  #at = 0
  #plain: Plain
  #steps = 0
  #food = 0
  #rolled = 0
  #turned = 0

  constructor(role: FlatlandRole, plains: typeof PLAINS) {
    this.#role = role
    this.#plains = plains
    this.#plain = new Plain(role, plains.from)
  }

  sense(inputs: Float64Array): void {
    senseFlatland(this.#plain.world, this.#plain.own, inputs)
  }

  act(outputs: Float64Array): Outcome {
    const { world, own } = this.#plain
    this.#plain.tick(outputs[0]!, outputs[1]!)
    const [right, left] = [world.right[own]!, world.left[own]!]
    this.#steps++
    this.#rolled += Math.abs(right + left) / 2
    this.#turned += Math.abs(right - left) / 2
    if (!this.#plain.isOver) return 'running'
    this.#food += world.food[own]!
    this.#at++
    if (this.#at === this.#plains.count) return 'ended'
    this.#plain = new Plain(this.#role, this.#plains.from + this.#at)
    return 'reset'
  }

  evaluation(): Evaluation {
    const fitness = (this.#food + TICK_WORTH * this.#steps) / this.#plains.count
    const behaviour = [this.#rolled / this.#steps, this.#turned / this.#steps]
    const solved = fitness >= SOLVED_AT[this.#role]
    return { fitness, steps: this.#steps, solved, behaviour }
  }

  /** Eaten in a plain, in the mean. */
  get meals(): number {
    return this.#food / this.#plains.count
  }
}

const inputs = new Float64Array(FLATLAND_INPUTS)
const outputs = new Float64Array(FLATLAND_OUTPUTS)

/** One match; answers the score of the prey. */
function matchOf(number: number, flock: Network, pack: Network): { score: number; ticks: number } {
  const world = new Flatland(ARENA, streams.fork('match').fork(number))
  // Each body has a brain of its own: what one remembers is not the others'.
  const brains = Array.from({ length: world.size - world.firstPrey }, (_, body) => {
    const { plan } = body < ARENA.prey ? flock : pack
    return new Network(plan)
  })
  let lived = 0
  while (world.ticks < TICKS) {
    let grazing = 0
    for (let body = world.firstPrey; body < world.size; body++) {
      if (world.alive[body] === 0) continue
      senseFlatland(world, body, inputs)
      brains[body - world.firstPrey]!.step(inputs, outputs)
      world.drive(body, outputs[0]!, outputs[1]!)
    }
    world.tick()
    for (let prey = world.firstPrey; prey < world.firstPredator; prey++) {
      grazing += world.alive[prey]!
    }
    lived += grazing
    if (grazing === 0) break
  }
  return { score: lived / (TICKS * ARENA.prey), ticks: world.ticks }
}

/** A flock against a pack; answers with the score of each. */
function play(flock: Network, pack: Network): { score: number; ticks: number } {
  let [score, ticks] = [0, 0]
  for (let at = 0; at < MATCH_PLAINS.count; at++) {
    const match = matchOf(MATCH_PLAINS.from + at, flock, pack)
    score += match.score / MATCH_PLAINS.count
    ticks += match.ticks
  }
  return { score, ticks }
}

function problem(role: FlatlandRole): Problem {
  const task = `flatland_${role}`
  const verify = (network: Network): Verification => {
    const life = new Life(role, VERIFICATION_PLAINS)
    const { solved, fitness } = runEpisode(life, network)
    const meals = `${life.meals.toFixed(1)} eaten in each of ${VERIFICATION_PLAINS.count} plains`
    return { solved, detail: `${meals}, fitness ${fitness.toFixed(2)}` }
  }
  return {
    name: task,
    reference: { task },
    inputs: FLATLAND_INPUTS,
    outputs: FLATLAND_OUTPUTS,
    inputNames: ['distance', 'color', 'energy']
      .flatMap((what) =>
        ['far right', 'right', 'ahead', 'left', 'far left'].map((where) => `${what} ${where}`),
      )
      .concat('own energy'),
    outputNames: ['right wheel', 'left wheel'],
    morphology: flatlandMorphology,
    outputActivation: 'tanh',
    hiddenActivation: 'tanh',
    needsMemory: false,
    behaviourSize: 2,
    behaviourSpace: {
      axes: ['speed', 'rudder'].map((name) => ({ name, low: 0, high: 1 })),
    },
    evaluate: (network) => runEpisode(new Life(role, PLAINS), network),
    episode: () => new Life(role, PLAINS),
    verify,
    play: ([first, second]) => {
      const { score, ticks } = role === 'prey' ? play(first, second) : play(second, first)
      const own = role === 'prey' ? score : 1 - score
      return { fitness: own, steps: ticks, solved: false, scores: [own, 1 - own] }
    },
  }
}

export const flatlandPrey: Problem = problem('prey')
export const flatlandPredator: Problem = problem('predator')
