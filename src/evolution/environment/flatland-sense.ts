// What the brains of a flatland perceive, and scripts for bodies without a brain.
//
//   senseFlatland(world, body, inputs)     // FLATLAND_INPUTS numbers, by `flatlandMorphology`
//   graze(world, body, 0.6)                // drives a prey: away from predators, else to plants
//
// Scanners look forward, 90 degrees in all, in five sectors from right to left, and see the nearest
// body of each sector. DXNN's five rays are thin: what is small and far falls between them.
import type { ProblemMorphology } from '../morphology.ts'
import { type BodyKind, type Flatland, PLANT, PREDATOR, PREY, RADII } from './flatland.ts'

const SECTORS = 5
/** Where a scanner's sight ends (units). */
const SIGHT = 500
const ENERGY_SCALE = 1_000
/** DXNN's, by kind: green, blue, red; white for nothing. */
const COLOURS = [-0.5, 0, 0.5]
const NOTHING = 1

/** Tangents of 9, 27 and 45 degrees: the edges of the sectors. */
const [INNER, OUTER, EDGE] = [0.1583844403245363, 0.5095254494944288, 1] as const

/** DXNN's body of prey and predators: with all that its morphology lists, its scanner first. */
export const flatlandMorphology: ProblemMorphology = {
  sensors: [
    { name: 'distance_scanner', length: SECTORS },
    { name: 'color_scanner', length: SECTORS },
    { name: 'energy_scanner', length: SECTORS },
    { name: 'energy_reader', length: 1 },
  ],
  actuators: [{ name: 'two_wheels', length: 2 }],
  initialSensors: 1,
}

export const FLATLAND_INPUTS: number = 3 * SECTORS + 1
/** The right wheel, the left wheel. */
export const FLATLAND_OUTPUTS = 2

/** The sector of a place by how far ahead and how far to the left it is; -1 when out of sight. */
function sectorOf(ahead: number, aside: number): number {
  if (aside < 0) {
    if (aside < -EDGE * ahead) return -1
    return aside < -OUTER * ahead ? 0 : aside < -INNER * ahead ? 1 : 2
  }
  if (aside > EDGE * ahead) return -1
  return aside > OUTER * ahead ? 4 : aside > INNER * ahead ? 3 : 2
}

/** How far away what is seen in a sector is; of one call at a time. */
const seen = new Float64Array(SECTORS)

/**
 * Writes what a living body perceives. Distance: 1 at the other's skin, 0 where sight ends and for
 * nothing. Colour: -0.5 a plant, 0 a prey, 0.5 a predator, 1 nothing. Energy: in thousands.
 */
export function senseFlatland(world: Flatland, body: number, inputs: Float64Array): void {
  seen.fill(Number.POSITIVE_INFINITY)
  inputs.fill(0)
  inputs.fill(NOTHING, SECTORS, 2 * SECTORS)
  inputs[3 * SECTORS] = world.energy[body]! / ENERGY_SCALE
  const [x, y] = [world.x[body]!, world.y[body]!]
  const [towardsX, towardsY] = [world.towardsX[body]!, world.towardsY[body]!]
  for (let other = 0; other < world.size; other++) {
    if (world.alive[other] === 0 || other === body) continue
    const dx = world.x[other]! - x
    const dy = world.y[other]! - y
    const ahead = dx * towardsX + dy * towardsY
    if (ahead <= 0) continue
    const sector = sectorOf(ahead, dy * towardsX - dx * towardsY)
    if (sector < 0) continue
    const kind = world.kind[other]!
    const distance = Math.sqrt(dx * dx + dy * dy) - RADII[kind]!
    const nearness = 1 - Math.max(0, distance) / SIGHT
    if (nearness <= 0 || distance > seen[sector]!) continue
    const energy = world.energy[other]! / ENERGY_SCALE
    // Two in one corner are as far away: what is seen must not depend on their numbers.
    if (distance === seen[sector] && energy <= inputs[2 * SECTORS + sector]!) continue
    seen[sector] = distance
    inputs[sector] = nearness
    inputs[SECTORS + sector] = COLOURS[kind]!
    inputs[2 * SECTORS + sector] = energy
  }
}

/** Within how many units a script flees. */
const FEAR = 120

/** Drives a prey as a script, at a part of its full speed. */
export function graze(world: Flatland, body: number, speed: number): void {
  const threat = nearest(world, body, PREDATOR, FEAR)
  if (threat >= 0) steer(world, body, threat, speed, -1)
  else steer(world, body, nearest(world, body, PLANT, Number.POSITIVE_INFINITY), speed, 1)
}

/** Drives a predator as a script, at a part of its full speed. */
export function hunt(world: Flatland, body: number, speed: number): void {
  steer(world, body, nearest(world, body, PREY, Number.POSITIVE_INFINITY), speed, 1)
}

/** The nearest living body of a kind within some units; -1 when there is none. */
function nearest(world: Flatland, body: number, kind: BodyKind, within: number): number {
  const { x, y, alive, firstPrey, firstPredator, size } = world
  const from = kind === PLANT ? 0 : kind === PREY ? firstPrey : firstPredator
  const to = kind === PLANT ? firstPrey : kind === PREY ? firstPredator : size
  let best = -1
  let least = within * within
  for (let other = from; other < to; other++) {
    if (alive[other] === 0 || other === body) continue
    const dx = x[other]! - x[body]!
    const dy = y[other]! - y[body]!
    const squared = dx * dx + dy * dy
    if (squared >= least) continue
    least = squared
    best = other
  }
  return best
}

/** Turns a body towards another one (`way` 1) or away from it (-1) and rolls; -1 for no other. */
function steer(world: Flatland, body: number, other: number, speed: number, way: 1 | -1): void {
  if (other < 0) {
    world.drive(body, speed / 2, speed / 2)
    return
  }
  const dx = way * (world.x[other]! - world.x[body]!)
  const dy = way * (world.y[other]! - world.y[body]!)
  const distance = Math.sqrt(dx * dx + dy * dy)
  const aside = (dy * world.towardsX[body]! - dx * world.towardsY[body]!) / Math.max(1e-9, distance)
  const isAhead = dx * world.towardsX[body]! + dy * world.towardsY[body]! > 0
  // Full rudder for what lies behind; slower in a turn.
  const rudder = isAhead ? aside : aside < 0 ? -1 : 1
  const rolling = speed * (1 - Math.abs(rudder) / 2)
  world.drive(body, rolling + rudder / 2, rolling - rudder / 2)
}
