import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MazeRobot, maze, mazeMedium } from '../../../src/evolution/environment/maze.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'

type Segment = readonly [x1: number, y1: number, x2: number, y2: number]

const walls = maze.behaviourSpace!.lines!
const map = { start: [36, 184], goal: [31, 20], width: 205, height: 205, walls } as const

/** Where two segments cross, as a part of the first; undefined where they do not. */
function crossing([ax, ay, bx, by]: Segment, [cx, cy, dx, dy]: Segment): number | undefined {
  const bottom = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
  const r = ((ay - cy) * (dx - cx) - (ax - cx) * (dy - cy)) / bottom
  const s = ((ay - cy) * (bx - ax) - (ax - cx) * (by - ay)) / bottom
  return r > 0 && r < 1 && s > 0 && s < 1 ? r : undefined
}

/** What is seen from a place, reckoned by angles, as the authors' simulator does. */
function seen(x: number, y: number, heading: number): number[] {
  const ranges = [-90, -45, 0, 45, 90, -180].map((angle) => {
    const radians = ((heading + angle) / 180) * Math.PI
    const ray = [x, y, x + 100 * Math.cos(radians), y + 100 * Math.sin(radians)] as const
    return Math.min(1, ...walls.flatMap((wall) => crossing(ray, wall) ?? []))
  })
  const goal = (Math.atan2(20 - y, 31 - x) / Math.PI) * 180 - heading
  const quarter = Math.floor((((goal + 45) % 360) + 360) / 90) % 4
  return [...ranges, ...[0, 1, 2, 3].map((i) => (i === quarter ? 1 : 0))]
}

/** The nearest that a place is to a wall, by small steps along each. */
function clearance(x: number, y: number): number {
  return Math.min(
    ...walls.flatMap(([x1, y1, x2, y2]) =>
      Array.from({ length: 501 }, (_, i) => {
        return Math.hypot(x1 + ((x2 - x1) * i) / 500 - x, y1 + ((y2 - y1) * i) / 500 - y)
      }),
    ),
  )
}

const wishes = fc.array(fc.tuple(fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.boolean()), {
  minLength: 1,
  maxLength: 120,
})

describe('MazeRobot', () => {
  it('sees what is to be seen by angles, wherever it gets to', () => {
    fc.assert(
      fc.property(wishes, (steps) => {
        const robot = new MazeRobot(map)
        const inputs = new Float64Array(10)
        for (const [turn, isFast] of steps) {
          robot.step(turn, isFast ? 0.5 : -0.2)
          robot.sense(inputs)
          const wanted = seen(robot.x, robot.y, robot.heading)
          for (const [i, value] of wanted.entries()) expect(inputs[i]).toBeCloseTo(value, 9)
        }
      }),
    )
  })

  it('never comes nearer to a wall than it is wide, nor goes through one', () => {
    fc.assert(
      fc.property(wishes, (steps) => {
        const robot = new MazeRobot(map)
        for (const [turn, isFast] of steps) {
          const { x, y, speed } = robot
          robot.step(turn, isFast ? 0.5 : -0.5)
          expect(clearance(robot.x, robot.y)).toBeGreaterThanOrEqual(8)
          expect(Math.hypot(robot.x - x, robot.y - y)).toBeLessThanOrEqual(3 + 1e-12)
          expect(Math.abs(robot.speed - speed)).toBeLessThanOrEqual(0.5)
          expect(robot.heading >= 0 && robot.heading <= 360).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('moves by the heading it had, turns after, and gains at most three of either', () => {
    const robot = new MazeRobot({ ...map, walls: [] })
    for (let i = 0; i < 10; i++) robot.step(0.5, 0.5)
    expect([robot.speed, robot.turning]).toEqual([3, 3])
    const { x, y, heading } = robot
    robot.step(0, 0)
    const radians = (heading / 180) * Math.PI
    expect(robot.x - x).toBeCloseTo(3 * Math.cos(radians), 12)
    expect(robot.y - y).toBeCloseTo(3 * Math.sin(radians), 12)
    expect(robot.heading).toBe(heading + 3)
  })
})

/** Both outputs are their biases only. */
function steady(turn: number, speed: number): Network {
  const genotype = genotypeFrom({
    ...{ inputs: 10, outputs: 2, activation: 'identity', links: [] },
  })
  const neurons = genotype.neurons.map((neuron, i) => ({ ...neuron, bias: i === 0 ? turn : speed }))
  return new Network(compile({ ...genotype, neurons }))
}

describe('maze', () => {
  it('scores who stands still by the distance of the start, and says where it stands', () => {
    const distance = Math.hypot(36 - 31, 184 - 20)
    const { fitness, ...rest } = maze.evaluate(steady(0.5, 0.5))
    expect(fitness).toBeCloseTo(300 - distance, 9)
    expect(rest).toEqual({ steps: 400, solved: false, behaviour: [36, 184] })
    expect(mazeMedium.evaluate(steady(0.5, 0.5)).behaviour).toEqual([30, 22])
  })

  it('takes an output that is no number for no wish', () => {
    expect(maze.evaluate(steady(Number.NaN, Number.NaN)).behaviour).toEqual([36, 184])
  })

  it('deceives: straight towards the goal ends in a blind alley', () => {
    // What is nearer to the goal than 60 lies behind the wall of the alley; the way there is far.
    const robot = new MazeRobot(map)
    robot.heading = 270
    for (let i = 0; i < 400; i++) robot.step(0, 0.5)
    expect(robot.distance).toBeGreaterThan(5)
    expect(clearance(robot.x, robot.y)).toBeLessThan(12)
  })
})
