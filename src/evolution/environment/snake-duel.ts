// Snake for two, on a torus of 9 by 9: both move at once, and grow by what they eat. Who runs into
// a body, its own or the other's, has lost; after 60 turns the longer one has won. No chance: where
// food appears is drawn from a stream named by the game's number, so a match can be replayed.
//
//   problem.play([first, second])   // two games, sides changed in between; answers with scores
//   problem.evaluate(network)       // 16 games against `huntingMove`, which runs for the food
//
//   inputs   ahead, left, right: 1 where the next cell is taken; food and rival: how far ahead and
//            how far to the right (-1 to 1, the shorter way round); lead: a quarter of the cells
//            that the own body is longer by, within -1 and 1
//   outputs  left, straight, right: the largest is taken
//
// A behaviour is how much the snake eats and how long it lives: who hunts, who hides.
//
// For coevolution and self-play (strategy/self-play.ts). The game is Arbor's own, so there are no
// published figures to compare with: for those use the poles (cart-pole.ts, double-pole.ts).
import { type Random, seededRandom } from '../../runtime/random.ts'
import type { Network } from '../network/interpreter.ts'
import { argmax } from '../network/output-processing.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

/** Cells of a side of the torus. */
export const SNAKE_SIDE = 9
/** Turns after which the longer snake has won. */
export const SNAKE_TURNS_MAX = 60
const CELLS = SNAKE_SIDE * SNAKE_SIDE
const START_LENGTH = 3
const HALF = (SNAKE_SIDE - 1) / 2
const INPUTS = 8

/** Where a step leads, by direction: north, east, south, west. */
const DX = [0, 1, 0, -1]
const DY = [-1, 0, 1, 0]

/** 0 turns to the left, 1 goes straight on, 2 turns to the right. */
export type SnakeMove = 0 | 1 | 2

function wrapped(coordinate: number): number {
  return (coordinate + SNAKE_SIDE) % SNAKE_SIDE
}

function neighbour(cell: number, direction: number): number {
  const x = wrapped((cell % SNAKE_SIDE) + DX[direction]!)
  const y = wrapped(Math.floor(cell / SNAKE_SIDE) + DY[direction]!)
  return y * SNAKE_SIDE + x
}

/** From one coordinate to another by the shorter way, in [-HALF, HALF]. */
function apart(from: number, to: number): number {
  return wrapped(to - from + HALF) - HALF
}

interface Snake {
  /** Cells, the head first. */
  readonly body: number[]
  direction: number
}

/** One game; its rules, without who plays. */
export class SnakeGame {
  /** North-bound on the left and south-bound on the right: each is the other, turned by half. */
  readonly snakes: readonly [Snake, Snake] = [
    { body: [4, 5, 6].map((y) => y * SNAKE_SIDE + 2), direction: 0 },
    { body: [4, 3, 2].map((y) => y * SNAKE_SIDE + 6), direction: 2 },
  ]
  turns = 0
  /** The first player's score once the game is over, until then NaN. */
  score: number = Number.NaN
  food: number
  readonly #random: Random

  /** Games of equal numbers see the same draws. */
  constructor(number: number) {
    this.#random = seededRandom('snake duel').fork(number)
    this.food = this.#placed()
  }

  /** Whether a body is on a cell. */
  isTaken(cell: number): boolean {
    return this.snakes.some(({ body }) => body.includes(cell))
  }

  /** The cell that a move of a player leads to. */
  target(player: 0 | 1, move: SnakeMove): number {
    const { body, direction } = this.snakes[player]
    return neighbour(body[0]!, (direction + move + 3) % 4)
  }

  /** Writes what a player sees. */
  sense(player: 0 | 1, inputs: Float64Array): void {
    const { body, direction } = this.snakes[player]
    const rival = this.snakes[1 - player]!.body
    inputs[0] = this.isTaken(this.target(player, 1)) ? 1 : 0
    inputs[1] = this.isTaken(this.target(player, 0)) ? 1 : 0
    inputs[2] = this.isTaken(this.target(player, 2)) ? 1 : 0
    this.#senseWay(body[0]!, direction, this.food, inputs, 3)
    this.#senseWay(body[0]!, direction, rival[0]!, inputs, 5)
    inputs[7] = Math.max(-1, Math.min(1, (body.length - rival.length) / 4))
  }

  /** How far ahead and how far to the right a cell is. */
  #senseWay(from: number, direction: number, to: number, inputs: Float64Array, at: number): void {
    const x = apart(from % SNAKE_SIDE, to % SNAKE_SIDE)
    const y = apart(Math.floor(from / SNAKE_SIDE), Math.floor(to / SNAKE_SIDE))
    const right = (direction + 1) % 4
    inputs[at] = (x * DX[direction]! + y * DY[direction]!) / HALF
    inputs[at + 1] = (x * DX[right]! + y * DY[right]!) / HALF
  }

  /** Both move at once. Tails that move on make room first. */
  turn(first: SnakeMove, second: SnakeMove): void {
    const heads = [this.target(0, first), this.target(1, second)] as const
    for (const [player, { body }] of this.snakes.entries()) {
      if (heads[player] !== this.food) body.pop()
    }
    const haveMet = heads[0] === heads[1]
    const [isFirstDead, isSecondDead] = heads.map((head) => haveMet || this.isTaken(head))
    for (const [player, snake] of this.snakes.entries()) {
      snake.body.unshift(heads[player]!)
      snake.direction = (snake.direction + (player === 0 ? first : second) + 3) % 4
    }
    this.turns++
    if (isFirstDead === true || isSecondDead === true) {
      this.score = isFirstDead === isSecondDead ? 0.5 : isSecondDead === true ? 1 : 0
      return
    }
    if (heads.includes(this.food)) this.food = this.#placed()
    if (this.turns < SNAKE_TURNS_MAX) return
    const lead = this.snakes[0].body.length - this.snakes[1].body.length
    this.score = lead > 0 ? 1 : lead < 0 ? 0 : 0.5
  }

  /** A free cell: there always is one, for 6 cells and 60 meals leave some of the 81. */
  #placed(): number {
    const free = Array.from({ length: CELLS }, (_, cell) => cell).filter((c) => !this.isTaken(c))
    return free[this.#random.integer(free.length)]!
  }
}

/** The scripted opponent: of the free cells next to it the one nearest to the food. */
export function huntingMove(game: SnakeGame, player: 0 | 1): SnakeMove {
  const distance = (move: SnakeMove): number => {
    const cell = game.target(player, move)
    if (game.isTaken(cell)) return Number.POSITIVE_INFINITY
    const x = apart(cell % SNAKE_SIDE, game.food % SNAKE_SIDE)
    const y = apart(Math.floor(cell / SNAKE_SIDE), Math.floor(game.food / SNAKE_SIDE))
    return Math.abs(x) + Math.abs(y)
  }
  let best: SnakeMove = 1
  for (const move of [0, 2] as const) if (distance(move) < distance(best)) best = move
  return best
}

/** Games of an evaluation, and of the full criterion: others, for the first are learnt by heart. */
const GAMES = { from: 0, count: 16 }
const VERIFICATION_GAMES = { from: 100, count: 40 }
/** Games of a match, one from each side. */
const MATCH_GAMES = { from: 0, count: 2 }
/** Share of the points; the scripted opponent has a half against itself. */
const SOLVED_AT = 0.6
/** What a meal is worth where a game won is worth 1, so that there is something to climb. */
const MEAL = 0.05

/** The network against the scripted opponent; in odd games it has the other side. */
class Duel implements Episode {
  readonly #games: typeof GAMES
  #at = 0
  #game: SnakeGame
  #turns = 0
  #score = 0
  #meals = 0

  constructor(games: typeof GAMES) {
    this.#games = games
    this.#game = new SnakeGame(games.from)
  }

  sense(inputs: Float64Array): void {
    this.#game.sense(this.#side, inputs)
  }

  act(outputs: Float64Array): Outcome {
    const game = this.#game
    const side = this.#side
    const own = chosen(outputs)
    const other = huntingMove(game, side === 0 ? 1 : 0)
    game.turn(side === 0 ? own : other, side === 0 ? other : own)
    this.#turns++
    if (Number.isNaN(game.score)) return 'running'
    this.#score += side === 0 ? game.score : 1 - game.score
    this.#meals += game.snakes[side].body.length - START_LENGTH
    this.#at++
    if (this.#at === this.#games.count) return 'ended'
    this.#game = new SnakeGame(this.#games.from + this.#at)
    return 'reset'
  }

  evaluation(): Evaluation {
    const meals = this.#meals / this.#games.count
    const solved = this.share >= SOLVED_AT
    const behaviour = [meals, this.#turns / this.#games.count]
    return { fitness: this.share + MEAL * meals, steps: this.#turns, solved, behaviour }
  }

  /** Share of the points. */
  get share(): number {
    return this.#score / this.#games.count
  }

  get #side(): 0 | 1 {
    return this.#at % 2 === 0 ? 0 : 1
  }
}

function chosen(outputs: Float64Array): SnakeMove {
  const move = argmax(outputs)
  return move === 0 ? 0 : move === 1 ? 1 : 2
}

function verify(network: Network): Verification {
  const duel = new Duel(VERIFICATION_GAMES)
  const { solved } = runEpisode(duel, network)
  const percent = (100 * duel.share).toFixed(1)
  return { solved, detail: `${percent} % of the points of ${VERIFICATION_GAMES.count} games` }
}

const inputs = new Float64Array(INPUTS)
const outputs = new Float64Array(3)

/** One game of two networks, to its end. */
function playGame(game: SnakeGame, players: readonly [Network, Network]): void {
  for (const player of players) player.reset()
  const moveOf = (player: 0 | 1): SnakeMove => {
    game.sense(player, inputs)
    players[player].step(inputs, outputs)
    return chosen(outputs)
  }
  while (Number.isNaN(game.score)) game.turn(moveOf(0), moveOf(1))
}

function play([first, second]: readonly [Network, Network]): Evaluation {
  let score = 0
  let steps = 0
  for (let at = 0; at < MATCH_GAMES.count; at++) {
    const game = new SnakeGame(MATCH_GAMES.from + at)
    const isSwapped = at % 2 === 1
    playGame(game, isSwapped ? [second, first] : [first, second])
    score += (isSwapped ? 1 - game.score : game.score) / MATCH_GAMES.count
    steps += game.turns
  }
  return { fitness: score, steps, solved: false, scores: [score, 1 - score] }
}

export const snakeDuel: Problem = {
  name: 'snake_duel',
  reference: { task: 'snake_duel' },
  inputs: INPUTS,
  outputs: 3,
  morphology: {
    anonymous: true,
    sensors: [
      { name: 'taken', length: 3 },
      { name: 'food', length: 2 },
      { name: 'rival', length: 2 },
      { name: 'lead', length: 1 },
    ],
    actuators: [{ name: 'move', length: 3 }],
  },
  inputNames: [
    'taken ahead',
    'taken left',
    'taken right',
    'food ahead',
    'food right',
    'rival ahead',
    'rival right',
    'lead',
  ],
  outputNames: ['left', 'straight', 'right'],
  outputActivation: 'steep_sigmoid',
  hiddenActivation: 'tanh',
  needsMemory: false,
  behaviourSize: 2,
  behaviourSpace: {
    axes: [
      { name: 'meals a game', low: 0, high: 12 },
      { name: 'turns a game', low: 0, high: SNAKE_TURNS_MAX },
    ],
  },
  evaluate: (network) => runEpisode(new Duel(GAMES), network),
  episode: () => new Duel(GAMES),
  verify,
  play,
}
