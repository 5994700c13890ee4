import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import {
  huntingMove,
  SNAKE_SIDE,
  SNAKE_TURNS_MAX,
  SnakeGame,
  type SnakeMove,
  snakeDuel,
} from '../../../src/evolution/environment/snake-duel.ts'
import {
  ask,
  type EvolutionState,
  matchesOf,
  startEvolution,
  tell,
} from '../../../src/evolution/evolution.ts'
import { genotypeFrom, type LinkSketch } from '../../../src/evolution/genotype.ts'
import { evaluateAsked } from '../../../src/evolution/match.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { selfPlay } from '../../../src/evolution/strategy/self-play.ts'
import { defaultSettings } from '../../../src/evolution/strategy/settings.ts'
import { generatedGenotype } from '../generated-genotype.ts'

const cell = (x: number, y: number): number => y * SNAKE_SIDE + x

/** A game in which the food lies out of the way. */
function game(food = cell(0, 0)): SnakeGame {
  const made = new SnakeGame(0)
  made.food = food
  return made
}

/** Answers with the same weights from inputs to left, straight, right. */
function player(left: number[], straight: number[], right: number[]): Network {
  const links: LinkSketch[] = [left, straight, right].flatMap((weights, output) => {
    return weights.map((weight, from) => ({ from, to: 8 + output, weight }))
  })
  return new Network(compile(genotypeFrom({ inputs: 8, outputs: 3, activation: 'tanh', links })))
}

/** Turns to the food, away from what is in the way. */
const hunter = (): Network => player([0, -5, 0, -0.5, -1], [-5, 0, 0, 1, 0], [0, 0, -5, -0.5, 1])
/** All outputs are equal but for the bias of going straight on. */
function straightOn(): Network {
  const network = player([], [], [])
  network.plan.bias[1] = 1
  return network
}

const moves = fc.constantFrom<SnakeMove>(0, 1, 2)

describe('SnakeGame', () => {
  it('moves both heads, tails follow, and the torus has no edge', () => {
    const one = game()
    one.turn(1, 1)
    expect(one.snakes[0].body).toEqual([cell(2, 3), cell(2, 4), cell(2, 5)])
    expect(one.snakes[1].body).toEqual([cell(6, 5), cell(6, 4), cell(6, 3)])
    for (let turn = 0; turn < SNAKE_SIDE - 1; turn++) one.turn(1, 1)
    expect(one.snakes[0].body[0]).toBe(cell(2, 4))
    expect(one.snakes[1].body[0]).toBe(cell(6, 4))
    one.turn(0, 2)
    expect(one.snakes[0].body[0]).toBe(cell(1, 4))
    expect(one.snakes[1].body[0]).toBe(cell(5, 4))
    expect(one.score).toBeNaN()
  })

  it('lets who eats grow, and places food on a free cell', () => {
    const one = game(cell(2, 3))
    one.turn(1, 1)
    expect(one.snakes[0].body).toHaveLength(4)
    expect(one.snakes[1].body).toHaveLength(3)
    expect(one.isTaken(one.food)).toBe(false)
  })

  it('is lost by who runs into a body, its own or the other', () => {
    const own = game(cell(2, 3))
    own.turn(1, 1)
    own.food = cell(1, 3)
    own.turn(0, 1)
    own.food = cell(0, 0)
    own.turn(0, 1)
    own.turn(0, 1)
    // Five cells in a square of four.
    expect(own.score).toBe(0)
    const other = game()
    other.snakes[1].body.splice(0, 3, cell(5, 4), cell(4, 4), cell(3, 4))
    other.snakes[1].direction = 1
    other.turn(2, 1)
    // The tail has moved on; a body has not.
    expect(other.score).toBeNaN()
    other.turn(1, 1)
    expect(other.snakes[0].body[0]).toBe(cell(4, 4))
    expect(other.score).toBeNaN()
    other.snakes[1].body.splice(0, 3, cell(6, 5), cell(5, 5), cell(5, 4))
    other.snakes[1].body.push(cell(5, 3))
    other.turn(1, 1)
    expect(other.score).toBe(0)
  })

  it('is drawn when heads meet, on one cell or passing each other', () => {
    for (const gap of [1, 2]) {
      const one = game()
      one.snakes[0].body.splice(0, 3, cell(3, 4), cell(2, 4), cell(1, 4))
      one.snakes[0].direction = 1
      one.snakes[1].body.splice(0, 3, cell(3 + gap, 4), cell(4 + gap, 4), cell(5 + gap, 4))
      one.snakes[1].direction = 3
      one.turn(1, 1)
      expect(one.score).toBe(0.5)
    }
  })

  it('is won by the longer one after the last turn', () => {
    for (const [food, score] of [
      [cell(2, 3), 1],
      [cell(6, 5), 0],
      [cell(0, 0), 0.5],
    ] as const) {
      const one = game(food)
      while (Number.isNaN(one.score)) {
        one.turn(1, 1)
        one.food = cell(0, 0)
      }
      expect(one.turns).toBe(SNAKE_TURNS_MAX)
      expect(one.score).toBe(score)
    }
  })

  it('goes the same way again from the same moves, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.array(fc.tuple(moves, moves), { maxLength: SNAKE_TURNS_MAX }),
        (number, script) => {
          const [one, two] = [new SnakeGame(number), new SnakeGame(number)]
          for (const [first, second] of script) {
            if (!Number.isNaN(one.score)) break
            one.turn(first, second)
            two.turn(first, second)
            if (Number.isNaN(one.score)) expect(one.isTaken(one.food)).toBe(false)
          }
          expect(two).toEqual(one)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('shows both sides the same, turned by half', () => {
    const one = game(cell(4, 4))
    const [own, other] = [new Float64Array(8), new Float64Array(8)]
    one.sense(0, own)
    one.sense(1, other)
    // Food two cells to the right of the one and to the right of the other.
    expect([...own]).toEqual([0, 0, 0, 0, 0.5, 0, 1, 0])
    expect([...other].map((x) => x + 0)).toEqual([0, 0, 0, 0, 0.5, 0, 1, 0])
  })
})

describe('huntingMove', () => {
  it('takes the shortest way round to the food, never into a body', () => {
    expect(huntingMove(game(cell(0, 4)), 0)).toBe(0)
    expect(huntingMove(game(cell(8, 4)), 1)).toBe(0)
    expect(huntingMove(game(cell(4, 4)), 0)).toBe(2)
    expect(huntingMove(game(cell(2, 1)), 0)).toBe(1)
    const blocked = game(cell(0, 4))
    blocked.snakes[1].body.splice(0, 3, cell(1, 4), cell(1, 3), cell(1, 2))
    expect(huntingMove(blocked, 0)).toBe(1)
  })
})

describe('snake_duel', () => {
  it('scores a hunter above who goes straight on', () => {
    const [hunts, walks] = [snakeDuel.evaluate(hunter()), snakeDuel.evaluate(straightOn())]
    expect(walks.solved).toBe(false)
    expect(hunts.fitness).toBeGreaterThan(walks.fitness + 0.3)
    expect(snakeDuel.verify(straightOn()).detail).toMatch(/^\d+\.\d % of the points of 40 games$/)
    expect(runEpisode(snakeDuel.episode(), hunter())).toEqual(hunts)
  })

  it('is won by the hunter when it plays against who goes straight on, from either side', () => {
    expect(snakeDuel.play!([hunter(), straightOn()]).scores).toEqual([1, 0])
    expect(snakeDuel.play!([straightOn(), hunter()]).scores).toEqual([0, 1])
  })

  it('shares one point between any two, and plays the same match again the same way', () => {
    const genotypes = generatedGenotype(8, 3)
    fc.assert(
      fc.property(genotypes, genotypes, (a, b) => {
        const network = (of: typeof a): Network => new Network(compile(of))
        const { scores, fitness } = snakeDuel.play!([network(a), network(b)])
        expect(scores![0]! + scores![1]!).toBe(1)
        expect(fitness).toBe(scores![0])
        expect(snakeDuel.play!([network(a), network(b)]).scores).toEqual(scores)
      }),
      { numRuns: 30 },
    )
  })

  it('is a game for self-play, which repeats from its seed', () => {
    const run = (): EvolutionState => {
      const strategy = selfPlay({ opponents: 2, archiveOpponents: 1 })
      let state = startEvolution(snakeDuel, { ...defaultSettings, populationSize: 12, strategy }, 1)
      for (let generation = 0; generation < 3; generation++) {
        state = tell(state, evaluateAsked(snakeDuel, ask(state), matchesOf(state)))
      }
      return state
    }
    const state = run()
    // Two opponents from both sides, and from the second generation on one of the archive.
    expect(state.evaluations).toBe(12 * 2 * (2 + 3 + 3))
    expect(state).toEqual(run())
  })
})
