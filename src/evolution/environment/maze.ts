// The mazes of Lehman and Stanley 2011 ("Abandoning objectives", section 4): a round robot in
// walls, which sees how far they are and in which quarter of the compass the goal lies. Fitness is
// how near to the goal it ends, and the hard maze deceives: what looks near is a blind alley, and
// the way out leads away from the goal first. For novelty search (strategy/novelty.ts) and
// MAP-Elites: a behaviour is the place where the robot ends.
//
//   maze         the hard one
//   mazeMedium   the one with a way that following the fitness finds as well
//
//   inputs   range finders: 1 = nothing within 100;
//            radar: 1 = the goal is ahead, left, behind, right
//   outputs  turn, speed: above one half for more, below for less
//
// 400 steps from one start, without chance; solved within 5 of the goal. Walls, sizes and the order
// of a step are those of the authors' simulator. The original's constant input is left to biases.
import { cos, sin } from '../network/elementary.ts'
import type { Network } from '../network/interpreter.ts'
import type { BehaviourSpace, Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

type Wall = readonly [x1: number, y1: number, x2: number, y2: number]
type Point = readonly [x: number, y: number]

export interface MazeMap {
  readonly start: Point
  readonly goal: Point
  readonly width: number
  readonly height: number
  readonly walls: readonly Wall[]
}

const hard: MazeMap = {
  start: [36, 184],
  goal: [31, 20],
  width: 205,
  height: 205,
  walls: [
    ...([
      [5, 5, 5, 200],
      [5, 200, 200, 200],
      [200, 200, 200, 5],
      [200, 5, 5, 5],
    ] as const),
    ...([
      [5, 49, 57, 53],
      [56, 54, 56, 157],
      [57, 106, 158, 162],
      [77, 200, 108, 164],
    ] as const),
    ...([
      [5, 80, 33, 121],
      [200, 146, 87, 91],
      [56, 55, 133, 30],
    ] as const),
  ],
}

const medium: MazeMap = {
  start: [30, 22],
  goal: [270, 100],
  width: 300,
  height: 140,
  walls: [
    ...([
      [5, 5, 295, 5],
      [295, 5, 295, 135],
      [295, 135, 5, 135],
      [5, 135, 5, 5],
    ] as const),
    ...([
      [241, 135, 58, 65],
      [114, 5, 73, 42],
      [130, 91, 107, 46],
      [196, 5, 139, 51],
    ] as const),
    ...([
      [219, 125, 182, 63],
      [267, 5, 214, 63],
      [271, 135, 237, 88],
    ] as const),
  ],
}

const STEPS = 400
const RADIUS = 8
const RANGE = 100
/** Most units, and degrees, of a step. */
const SPEED_MAX = 3
const GOAL_RADIUS = 5
const FITNESS_AT_GOAL = 300
const INPUTS = 10

/** Where range finders look, as cosine and sine from the heading: right to left, and behind. */
const FINDERS = 6
const FINDER_COS = [0, Math.SQRT1_2, 1, Math.SQRT1_2, 0, -1]
const FINDER_SIN = [-1, -Math.SQRT1_2, 0, Math.SQRT1_2, 1, 0]

/** The robot in its maze; its rules, without who steers. */
export class MazeRobot {
  readonly #goal: Point
  /** Of each wall one end and the way to the other. */
  readonly #walls: Float64Array
  x: number
  y: number
  /** Degrees. */
  heading = 0
  speed = 0
  turning = 0

  constructor({ start, goal, walls }: MazeMap) {
    this.#goal = goal
    this.#walls = Float64Array.from(walls.flatMap(([x1, y1, x2, y2]) => [x1, y1, x2 - x1, y2 - y1]))
    this.x = start[0]
    this.y = start[1]
  }

  get distance(): number {
    const [x, y] = this.#goal
    return lengthOf(x - this.x, y - this.y)
  }

  /** Writes what the robot sees. */
  sense(inputs: Float64Array): void {
    const radians = this.heading * (Math.PI / 180)
    const ahead = cos(radians)
    const aside = sin(radians)
    for (let i = 0; i < FINDERS; i++) {
      const c = FINDER_COS[i]!
      const s = FINDER_SIN[i]!
      inputs[i] = this.#range(ahead * c - aside * s, aside * c + ahead * s) / RANGE
    }
    const dx = this.#goal[0] - this.x
    const dy = this.#goal[1] - this.y
    const quarter = quarterOf(dx * ahead + dy * aside, dy * ahead - dx * aside)
    for (let i = 0; i < 4; i++) inputs[FINDERS + i] = i === quarter ? 1 : 0
  }

  /** How far the nearest wall is in a direction; RANGE at most. */
  #range(dx: number, dy: number): number {
    const walls = this.#walls
    let nearest = RANGE
    for (let at = 0; at < walls.length; at += 4) {
      const fromX = walls[at]! - this.x
      const fromY = walls[at + 1]! - this.y
      const wallX = walls[at + 2]!
      const wallY = walls[at + 3]!
      // Zero for a wall along the direction: both quotients are then no numbers within.
      const across = dx * wallY - dy * wallX
      const along = (fromX * wallY - fromY * wallX) / across
      const onWall = (fromX * dy - fromY * dx) / across
      if (along > 0 && along < nearest && onWall > 0 && onWall < 1) nearest = along
    }
    return nearest
  }

  /** One step: speeds change by a half at most, then the robot moves, unless a wall is there. */
  step(turn: number, push: number): void {
    this.turning = within(this.turning + turn, SPEED_MAX)
    this.speed = within(this.speed + push, SPEED_MAX)
    const radians = this.heading * (Math.PI / 180)
    const x = this.x + cos(radians) * this.speed
    const y = this.y + sin(radians) * this.speed
    this.heading += this.turning
    if (this.heading > 360) this.heading -= 360
    if (this.heading < 0) this.heading += 360
    if (!this.#isFree(x, y)) return
    this.x = x
    this.y = y
  }

  /** Whether no wall is nearer to a place than the robot is wide. */
  #isFree(x: number, y: number): boolean {
    const walls = this.#walls
    for (let at = 0; at < walls.length; at += 4) {
      const fromX = x - walls[at]!
      const fromY = y - walls[at + 1]!
      const wallX = walls[at + 2]!
      const wallY = walls[at + 3]!
      const part = (fromX * wallX + fromY * wallY) / (wallX * wallX + wallY * wallY)
      const nearest = Math.max(0, Math.min(1, part))
      if (lengthOf(fromX - nearest * wallX, fromY - nearest * wallY) < RADIUS) return false
    }
    return true
  }
}

function lengthOf(x: number, y: number): number {
  return Math.sqrt(x * x + y * y)
}

function within(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value))
}

/** Ahead, left, behind, right: 45 degrees to either side; between two, the first. */
function quarterOf(ahead: number, left: number): number {
  if (left >= -ahead && left < ahead) return 0
  if (left >= ahead && left > -ahead) return 1
  return left <= -ahead && left > ahead ? 2 : 3
}

class MazeRun implements Episode {
  readonly #robot: MazeRobot
  #steps = 0

  constructor(map: MazeMap) {
    this.#robot = new MazeRobot(map)
  }

  sense(inputs: Float64Array): void {
    this.#robot.sense(inputs)
  }

  act(outputs: Float64Array): Outcome {
    this.#robot.step(wishOf(outputs[0]!), wishOf(outputs[1]!))
    this.#steps++
    return this.#steps < STEPS && this.#robot.distance >= GOAL_RADIUS ? 'running' : 'ended'
  }

  evaluation(): Evaluation {
    const { x, y, distance } = this.#robot
    const solved = distance < GOAL_RADIUS
    const fitness = Math.max(0, FITNESS_AT_GOAL - distance)
    return { fitness, steps: this.#steps, solved, behaviour: [x, y] }
  }
}

/** What an output asks for, -0.5 to 0.5; one that is no number asks for nothing. */
function wishOf(output: number): number {
  return Number.isNaN(output) ? 0 : Math.max(0, Math.min(1, output)) - 0.5
}

function problem(task: string, map: MazeMap): Problem {
  const evaluate = (network: Network): Evaluation => runEpisode(new MazeRun(map), network)
  const verify = (network: Network): Verification => {
    const { fitness, steps, solved } = evaluate(network)
    const distance = (FITNESS_AT_GOAL - fitness).toFixed(1)
    return { solved, detail: `${distance} from the goal after ${steps} steps` }
  }
  const behaviourSpace: BehaviourSpace = {
    axes: [
      { name: 'x at the end', low: 0, high: map.width },
      { name: 'y at the end', low: 0, high: map.height },
    ],
    lines: map.walls,
  }
  return {
    name: task,
    reference: { task },
    inputs: INPUTS,
    outputs: 2,
    inputNames: [
      ...['right', 'ahead right', 'ahead', 'ahead left', 'left', 'behind'].map(
        (at) => `wall ${at}`,
      ),
      ...['ahead', 'left', 'behind', 'right'].map((at) => `goal ${at}`),
    ],
    outputNames: ['turn', 'speed'],
    outputActivation: 'steep_sigmoid',
    hiddenActivation: 'steep_sigmoid',
    needsMemory: false,
    behaviourSize: behaviourSpace.axes.length,
    behaviourSpace,
    evaluate,
    episode: () => new MazeRun(map),
    verify,
  }
}

export const maze: Problem = problem('maze', hard)
export const mazeMedium: Problem = problem('maze_medium', medium)
