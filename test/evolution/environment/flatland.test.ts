// The plain: energy is neither made nor lost unseen, nobody leaves, order makes no difference, and
// a world is a function of its options and its stream.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AGE_MAX,
  ENERGY_MAX,
  Flatland,
  type FlatlandOptions,
  flatland,
  PREDATOR,
  RADII,
} from '../../../src/evolution/environment/flatland.ts'
import {
  FLATLAND_INPUTS,
  graze,
  hunt,
  senseFlatland,
} from '../../../src/evolution/environment/flatland-sense.ts'
import { type Random, seededRandom } from '../../../src/runtime/random.ts'

const crowd: FlatlandOptions = { ...flatland, width: 200, height: 150, prey: 6, predators: 3 }

/** Drives every living body at random. */
function jostle(world: Flatland, random: Random): void {
  for (let body = world.firstPrey; body < world.size; body++) {
    if (world.alive[body] === 1) world.drive(body, 3 * random.next() - 1, 3 * random.next() - 1)
  }
}

const bytesOf = (world: Flatland): string => {
  const { x, y, towardsX, towardsY, energy, age, food, alive, ledger } = world
  return JSON.stringify([x, y, towardsX, towardsY, energy, age, food, alive, ledger])
}

/** A world in which everything stands where it is told to. */
function posed(
  options: Partial<FlatlandOptions>,
  bodies: readonly (readonly [x: number, y: number, towardsX?: number, towardsY?: number])[],
): Flatland {
  const world = new Flatland(
    { ...flatland, plants: 0, prey: 0, predators: 0, ...options },
    seededRandom(1),
  )
  for (const [body, [x, y, towardsX = 1, towardsY = 0]] of bodies.entries()) {
    world.x[body] = x
    world.y[body] = y
    world.towardsX[body] = towardsX
    world.towardsY[body] = towardsY
  }
  return world
}

describe('laws of every plain', () => {
  it('balances what there is with what has grown, been burnt and been spilled', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, respawn) => {
        const world = new Flatland({ ...crowd, respawn }, seededRandom(seed))
        const random = seededRandom(seed).fork('wheels')
        for (let tick = 0; tick < 120; tick++) {
          jostle(world, random)
          world.tick()
          const { grown, burnt, spilled } = world.ledger
          expect(Math.abs(world.totalEnergy - (grown - burnt - spilled))).toBeLessThan(1e-6)
        }
        expect(world.ledger.burnt).toBeGreaterThan(0)
        expect(world.food.some((eaten) => eaten > 0)).toBe(true)
      }),
      { numRuns: 6 },
    )
  })

  it('keeps everybody in, in bounds, and looking somewhere', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = new Flatland({ ...crowd, respawn: true }, seededRandom(seed))
        const random = seededRandom(seed).fork('wheels')
        for (let tick = 0; tick < 100; tick++) {
          jostle(world, random)
          world.tick()
          for (let body = 0; body < world.size; body++) {
            const radius = RADII[world.kind[body]!]!
            expect(world.x[body]).toBeGreaterThanOrEqual(radius)
            expect(world.x[body]).toBeLessThanOrEqual(crowd.width - radius)
            expect(world.y[body]).toBeGreaterThanOrEqual(radius)
            expect(world.y[body]).toBeLessThanOrEqual(crowd.height - radius)
            expect(world.energy[body]).toBeGreaterThanOrEqual(0)
            expect(world.energy[body]).toBeLessThanOrEqual(ENERGY_MAX)
            expect(Math.hypot(world.towardsX[body]!, world.towardsY[body]!)).toBeCloseTo(1, 12)
          }
        }
      }),
      { numRuns: 3 },
    )
  })

  it('is the same from the same stream, to the byte, and another from another', () => {
    const run = (seed: number): string => {
      const world = new Flatland({ ...crowd, respawn: true }, seededRandom(seed))
      for (let tick = 0; tick < 200; tick++) {
        for (let body = world.firstPrey; body < world.size; body++) {
          if (world.kind[body] === PREDATOR) hunt(world, body, 0.8)
          else graze(world, body, 0.6)
        }
        world.tick()
      }
      return bytesOf(world)
    }
    expect(run(5)).toBe(run(5))
    expect(run(5)).not.toBe(run(6))
  })

  it('does not depend on the numbers that prey and predators have', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const one = new Flatland(crowd, seededRandom(seed))
        const other = new Flatland(crowd, seededRandom(seed))
        const { firstPrey, firstPredator, size } = one
        // Backwards within each kind.
        const twin = (body: number): number =>
          body < firstPrey
            ? body
            : body < firstPredator
              ? firstPrey + firstPredator - 1 - body
              : firstPredator + size - 1 - body
        for (let body = 0; body < size; body++) {
          for (const column of ['x', 'y', 'towardsX', 'towardsY', 'energy'] as const) {
            other[column][twin(body)] = one[column][body]!
          }
        }
        const random = seededRandom(seed).fork('wheels')
        const [seen, twinSeen] = [
          new Float64Array(FLATLAND_INPUTS),
          new Float64Array(FLATLAND_INPUTS),
        ]
        for (let tick = 0; tick < 80; tick++) {
          jostle(one, random)
          for (let body = firstPrey; body < size; body++) {
            if (one.alive[body] === 0) continue
            other.drive(twin(body), one.right[body]!, one.left[body]!)
            senseFlatland(one, body, seen)
            senseFlatland(other, twin(body), twinSeen)
            // Who spears two at once adds up their energies in the order of their numbers.
            for (const [i, value] of seen.entries()) expect(twinSeen[i]).toBeCloseTo(value, 9)
          }
          one.tick()
          other.tick()
          for (let body = 0; body < size; body++) {
            expect(other.alive[twin(body)]).toBe(one.alive[body])
            expect(other.x[twin(body)]).toBe(one.x[body])
            expect(other.energy[twin(body)]).toBeCloseTo(one.energy[body]!, 9)
          }
        }
      }),
      { numRuns: 6, examples: [[-9], [419729775]] },
    )
  })
})

describe('a body', () => {
  it('rolls by the mean of its wheels and turns to the left by their difference', () => {
    const world = posed({ prey: 1 }, [[100, 100]])
    world.drive(0, 1, 1)
    world.tick()
    expect([world.x[0], world.y[0]]).toEqual([105, 100])
    world.drive(0, 1, -1)
    world.tick()
    expect(world.x[0]).toBe(105)
    // A quarter of a turn.
    expect(world.towardsX[0]).toBeCloseTo(0, 12)
    expect(world.towardsY[0]).toBeCloseTo(1, 12)
  })

  it('stands still when it is told no number, and takes 7 for 1', () => {
    const world = posed({ prey: 1 }, [[100, 100]])
    world.drive(0, Number.NaN, Number.NaN)
    world.tick()
    expect(world.x[0]).toBe(100)
    world.drive(0, 7, Number.POSITIVE_INFINITY)
    world.tick()
    expect(world.x[0]).toBe(105)
  })

  it('dies when its energy is burnt, and of old age', () => {
    const starving = posed({ prey: 1, energy: 10 }, [[100, 100]])
    let ticks = 0
    for (; starving.alive[0] === 1; ticks++) starving.tick()
    expect(ticks).toBe(Math.ceil(10 / 1.05))
    const old = posed({ prey: 1, energy: ENERGY_MAX }, [[100, 100]])
    old.age[0] = AGE_MAX - 2
    old.tick()
    expect(old.alive[0]).toBe(1)
    old.tick()
    expect(old.alive[0]).toBe(0)
    expect(old.totalEnergy).toBe(0)
  })
})

describe('eating', () => {
  it('gives the nearest prey all that the plant has, and another plant sprouts', () => {
    const world = posed({ plants: 1, prey: 2 }, [
      [100, 100],
      [106, 100],
      [92, 100],
    ])
    world.tick()
    expect(Array.from(world.food)).toEqual([0, 1, 0])
    // A ripening, less what a tick of life costs.
    expect(world.energy[1]).toBeCloseTo(500 + 510 - 1.05, 9)
    expect(world.energy[0]).toBe(500)
    expect(world.alive[0]).toBe(1)
    expect(world.x[0]).not.toBe(100)
  })

  it('takes a spear that points at the prey', () => {
    const facing = posed({ prey: 1, predators: 1 }, [
      [118, 100],
      [100, 100, 1, 0],
    ])
    facing.tick()
    expect([facing.alive[0], facing.food[1]]).toEqual([0, 1])
    expect(facing.energy[1]).toBeCloseTo(1_000 - 2 * 1.05, 9)
    const averted = posed({ prey: 1, predators: 1 }, [
      [118, 100],
      [100, 100, -1, 0],
    ])
    averted.tick()
    expect([averted.alive[0], averted.food[1]]).toEqual([1, 0])
  })
})

describe('scanners', () => {
  const seen = (world: Flatland, body: number): number[] => {
    const inputs = new Float64Array(FLATLAND_INPUTS).fill(7)
    senseFlatland(world, body, inputs)
    return Array.from(inputs)
  }

  it('see the nearest body of a sector: how near, which colour, how much energy', () => {
    const world = posed({ plants: 2, prey: 1, predators: 1 }, [
      [303, 100],
      [353, 100],
      [100, 100, 1, 0],
      [200, 170, 1, 0],
    ])
    world.energy[0] = 750
    const [distance, colour, energy] = [0, 5, 10].map((from) =>
      seen(world, 2).slice(from, from + 5),
    )
    expect(distance![2]).toBeCloseTo(1 - 200 / 500, 12)
    // The predator is at 35 degrees to the left.
    expect(distance!.map((near) => near > 0)).toEqual([false, false, true, false, true])
    expect(colour).toEqual([1, 1, -0.5, 1, 0.5])
    expect(energy).toEqual([0, 0, 0.75, 0, 0.5])
    expect(seen(world, 2)[15]).toBe(0.5)
  })

  it('see nothing behind, nor the dead', () => {
    const world = posed({ prey: 2 }, [
      [100, 100, -1, 0],
      [200, 100],
    ])
    expect(seen(world, 0).slice(0, 5)).toEqual([0, 0, 0, 0, 0])
    world.towardsX[0] = 1
    expect(seen(world, 0)[2]).toBeGreaterThan(0)
    world.alive[1] = 0
    expect(seen(world, 0)[2]).toBe(0)
  })

  it('have five sectors of 18 degrees', () => {
    for (const [degrees, sector] of [
      [-44, 0],
      [-28, 0],
      [-26, 1],
      [-10, 1],
      [-8, 2],
      [8, 2],
      [10, 3],
      [28, 4],
      [44, 4],
      [46, -1],
    ] as const) {
      const angle = (degrees * Math.PI) / 180
      const place = [400 + 100 * Math.cos(angle), 250 + 100 * Math.sin(angle)] as const
      const world = posed({ prey: 2 }, [[400, 250], place])
      expect(
        seen(world, 0)
          .slice(0, 5)
          .findIndex((near) => near > 0),
      ).toBe(sector)
    }
  })
})

describe('scripts', () => {
  it('hunt down a prey that stands still, and graze what grows', () => {
    const hunting = posed({ prey: 1, predators: 1, energy: 2_000 }, [
      [700, 400],
      [100, 100, -1, 0],
    ])
    for (let tick = 0; tick < 300 && hunting.alive[0] === 1; tick++) {
      hunt(hunting, 1, 0.8)
      hunting.tick()
    }
    expect(hunting.food[1]).toBe(1)
    const grazing = new Flatland({ ...flatland, predators: 0 }, seededRandom(3))
    for (let tick = 0; tick < 300; tick++) {
      graze(grazing, grazing.firstPrey, 0.8)
      grazing.tick()
    }
    expect(grazing.food[grazing.firstPrey]).toBeGreaterThan(5)
  })

  it('flee from what is near', () => {
    const world = posed({ prey: 1, predators: 1 }, [
      [400, 250],
      [350, 250],
    ])
    for (let tick = 0; tick < 20; tick++) {
      graze(world, 0, 0.5)
      world.tick()
    }
    expect(world.x[0]! - world.x[1]!).toBeGreaterThan(90)
  })
})

it.each([
  [{ prey: -1 }, /prey is -1/],
  [{ plants: 1e9 }, /plants is 1000000000/],
  [{ width: 10 }, /width is 10/],
  [{ height: Number.NaN }, /height is NaN/],
  [{ energy: 0 }, /energy is 0/],
])('refuses %j', (options, message) => {
  expect(() => new Flatland({ ...flatland, ...options }, seededRandom(1))).toThrow(message)
})
