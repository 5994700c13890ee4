// A plain with plants, prey that eat plants, and predators that spear prey: one world for any
// number of brains at once. After DXNN's flatland (Sher 2013, "Handbook of Neuroevolution Through
// Erlang", chapter 18), whose radii, wheels, energies and colours it has.
//
//   const world = new Flatland({ ...flatland, prey: 8, predators: 2 }, 1)
//   world.drive(body, right, left)     // for each living body: its wheels, -1 to 1
//   world.tick()                       // all at once: move, ripen, spear, graze, starve
//
// Bodies are numbered: plants, then prey, then predators. A body of a tick acts on what the tick
// before has left, so it makes no difference in which order brains are asked. Energy comes from
// growing plants, goes from eaten to eater, and leaves by what bodies burn; the ledger says how
// much. All chance is where things begin: a world is a function of its options and its stream.
//
// Not as DXNN: one tick is five of its; who eats gets what the eaten had (there a prey is always
// worth 500); bodies do not push each other. What brains perceive: flatland-sense.ts.
import { FLATLAND_BODIES_MAX, FLATLAND_SIDE_MAX, FLATLAND_SIDE_MIN } from '../../limits.ts'
import { type Random, seededRandom } from '../../runtime/random.ts'
import { cos, sin } from '../network/elementary.ts'

export interface FlatlandOptions {
  /** Of the plain, in its units; a prey is 20 wide. */
  readonly width: number
  readonly height: number
  readonly plants: number
  readonly prey: number
  readonly predators: number
  /** With which prey and predators begin. */
  readonly energy: number
  /** Whether who has died begins again elsewhere. */
  readonly respawn: boolean
}

/** DXNN's plain: as wide as where its bodies begin, with its ten plants. */
export const flatland: FlatlandOptions = {
  width: 800,
  height: 500,
  plants: 10,
  prey: 1,
  predators: 1,
  energy: 500,
  respawn: false,
}

export const PLANT = 0
export const PREY = 1
export const PREDATOR = 2
export type BodyKind = typeof PLANT | typeof PREY | typeof PREDATOR

/** By kind. */
export const RADII: readonly number[] = [3, 10, 6]
/** Units that wheels at 1 roll in a tick, by kind. */
const SPEEDS = [0, 5, 4.5]
/** Radians that wheels apart by 1 turn a body in a tick. */
const TURN: number = 0.25 * Math.PI
/** How far in front of the predator's body its spear ends. */
const SPEAR = 4
/** What a plant begins with, gains in a tick, and has at most. */
const PLANT_START = 500
const RIPENING = 10
const PLANT_MAX = 1_000
export const ENERGY_MAX = 10_000
/** What a tick costs: to live, to roll at full speed, to turn by a radian. */
const LIVING = 1.05
const ROLLING = 2.5
const TURNING = 0.5
/** Ticks that a body lives at most. */
export const AGE_MAX = 4_000

/** Where energy came from and went, since the world began. */
export interface EnergyLedger {
  /** Begun with, ripened, sprouted and respawned. */
  grown: number
  /** By living and moving. */
  burnt: number
  /** What an eater could not hold, and what the old left behind. */
  spilled: number
}

export class Flatland {
  readonly options: FlatlandOptions
  /** Bodies: plants, prey, predators. */
  readonly size: number
  readonly firstPrey: number
  readonly firstPredator: number
  readonly kind: Uint8Array
  readonly x: Float64Array
  readonly y: Float64Array
  /** The direction it looks in, a vector of length 1. */
  readonly towardsX: Float64Array
  readonly towardsY: Float64Array
  readonly energy: Float64Array
  /** Ticks lived. */
  readonly age: Float64Array
  /** Bodies eaten. */
  readonly food: Float64Array
  /** 1 while it lives. */
  readonly alive: Uint8Array
  readonly right: Float64Array
  readonly left: Float64Array
  readonly ledger: EnergyLedger = { grown: 0, burnt: 0, spilled: 0 }
  ticks = 0
  readonly #random: Random

  /** By a stream or a seed. Throws a RangeError for numbers of bodies that are none, and for a plain too small. */
  constructor(options: FlatlandOptions, random: Random | number | string) {
    checkOptions(options)
    this.options = options
    this.#random = typeof random === 'object' ? random : seededRandom(random)
    const { plants, prey, predators } = options
    this.firstPrey = plants
    this.firstPredator = plants + prey
    this.size = plants + prey + predators
    this.kind = new Uint8Array(this.size).fill(PREY, plants).fill(PREDATOR, plants + prey)
    const column = (): Float64Array => new Float64Array(this.size)
    this.x = column()
    this.y = column()
    this.towardsX = column()
    this.towardsY = column()
    this.energy = column()
    this.age = column()
    this.food = column()
    this.right = column()
    this.left = column()
    this.alive = new Uint8Array(this.size)
    for (let body = 0; body < this.size; body++) {
      this.bear(body, body < plants ? PLANT_START : options.energy)
    }
  }

  /** Puts a body that is not alive somewhere, with so much energy from nowhere. */
  bear(body: number, energy: number): void {
    const radius = RADII[this.kind[body]!]!
    const { width, height } = this.options
    this.x[body] = radius + this.#random.next() * (width - 2 * radius)
    this.y[body] = radius + this.#random.next() * (height - 2 * radius)
    const angle = 2 * Math.PI * this.#random.next()
    this.towardsX[body] = cos(angle)
    this.towardsY[body] = sin(angle)
    this.energy[body] = energy
    this.age[body] = 0
    this.right[body] = 0
    this.left[body] = 0
    this.alive[body] = 1
    this.ledger.grown += energy
  }

  /** Turns a body's wheels, until it is told otherwise; what is not within [-1, 1] is clipped. */
  drive(body: number, right: number, left: number): void {
    this.right[body] = wheel(right)
    this.left[body] = wheel(left)
  }

  tick(): void {
    const { firstPrey, firstPredator, size } = this
    this.ticks++
    for (let body = firstPrey; body < size; body++) if (this.alive[body] === 1) this.#move(body)
    for (let plant = 0; plant < firstPrey; plant++) this.#ripen(plant)
    for (let prey = firstPrey; prey < firstPredator; prey++) {
      const by = this.alive[prey] === 1 ? this.#spearing(prey) : -1
      if (by >= 0) this.#eat(by, prey)
    }
    for (let plant = 0; plant < firstPrey; plant++) {
      const by = this.#grazing(plant)
      if (by < 0) continue
      this.#eat(by, plant)
      this.bear(plant, PLANT_START)
    }
    for (let body = firstPrey; body < size; body++) this.#perish(body)
  }

  /** Of all living bodies together. */
  get totalEnergy(): number {
    return this.energy.reduce((sum, energy) => sum + energy, 0)
  }

  /** Takes a body out as if it had never been. */
  remove(body: number): void {
    this.ledger.grown -= this.energy[body]!
    this.energy[body] = 0
    this.alive[body] = 0
  }

  /** Gives part of a body's energy to another one that is being born; none is made or lost. */
  share(from: number, to: number, energy: number): void {
    this.bear(to, energy)
    this.ledger.grown -= energy
    this.energy[from]! -= energy
  }

  /** First it turns, then it rolls; a wall holds it up. */
  #move(body: number): void {
    const kind = this.kind[body]!
    const [right, left] = [this.right[body]!, this.left[body]!]
    const turn = TURN * (right - left)
    const rolling = (right + left) / 2
    const [cosine, sine] = [cos(turn), sin(turn)]
    const [x, y] = [this.towardsX[body]!, this.towardsY[body]!]
    const [turnedX, turnedY] = [x * cosine - y * sine, x * sine + y * cosine]
    const length = Math.sqrt(turnedX * turnedX + turnedY * turnedY)
    this.towardsX[body] = turnedX / length
    this.towardsY[body] = turnedY / length
    const step = SPEEDS[kind]! * rolling
    const radius = RADII[kind]!
    const { width, height } = this.options
    this.x[body] = within(this.x[body]! + step * this.towardsX[body]!, radius, width - radius)
    this.y[body] = within(this.y[body]! + step * this.towardsY[body]!, radius, height - radius)
    const cost = LIVING + ROLLING * Math.abs(rolling) + TURNING * Math.abs(turn)
    const burnt = Math.min(this.energy[body]!, cost)
    this.energy[body]! -= burnt
    this.ledger.burnt += burnt
    this.age[body]!++
  }

  #ripen(plant: number): void {
    const gain = Math.min(RIPENING, PLANT_MAX - this.energy[plant]!)
    this.energy[plant]! += gain
    this.ledger.grown += gain
  }

  /** The living predator whose spear has gone least far to reach a prey; -1 when none has. */
  #spearing(prey: number): number {
    const radius = RADII[PREY]!
    let best = -1
    let least = RADII[PREDATOR]! + SPEAR
    for (let body = this.firstPredator; body < this.size; body++) {
      if (this.alive[body] === 0) continue
      const [dx, dy] = [this.x[prey]! - this.x[body]!, this.y[prey]! - this.y[body]!]
      const ahead = dx * this.towardsX[body]! + dy * this.towardsY[body]!
      const aside = dy * this.towardsX[body]! - dx * this.towardsY[body]!
      const chord = radius * radius - aside * aside
      if (ahead <= 0 || chord < 0) continue
      const distance = ahead - Math.sqrt(chord)
      if (!this.#isBefore(body, distance, best, least)) continue
      least = distance
      best = body
    }
    return best
  }

  /**
   * Whether a body is nearer than the best so far. Of two as near, as in one corner, the one with
   * less energy has it: it must not depend on their numbers.
   */
  #isBefore(body: number, distance: number, best: number, least: number): boolean {
    if (distance !== least) return distance < least
    return best >= 0 && this.energy[body]! < this.energy[best]!
  }

  /** The living prey that is nearest to a plant it touches; -1 when none does. */
  #grazing(plant: number): number {
    const reach = RADII[PREY]! + RADII[PLANT]!
    let best = -1
    let least = reach * reach
    for (let body = this.firstPrey; body < this.firstPredator; body++) {
      if (this.alive[body] === 0) continue
      const [dx, dy] = [this.x[plant]! - this.x[body]!, this.y[plant]! - this.y[body]!]
      const squared = dx * dx + dy * dy
      if (!this.#isBefore(body, squared, best, least)) continue
      least = squared
      best = body
    }
    return best
  }

  #eat(eater: number, eaten: number): void {
    const taken = Math.min(this.energy[eaten]!, ENERGY_MAX - this.energy[eater]!)
    this.ledger.spilled += this.energy[eaten]! - taken
    this.energy[eater]! += taken
    this.food[eater]!++
    this.energy[eaten] = 0
    this.alive[eaten] = 0
  }

  /** The starved and the old go; where bodies respawn, all that are gone come back. */
  #perish(body: number): void {
    if (this.energy[body]! <= 0 || this.age[body]! >= AGE_MAX) {
      this.ledger.spilled += this.energy[body]!
      this.energy[body] = 0
      this.alive[body] = 0
    }
    if (this.alive[body] === 0 && this.options.respawn) this.bear(body, this.options.energy)
  }
}

/** A wheel that is told no number stands still. */
function wheel(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(-1, Math.min(1, value))
}

function within(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value))
}

function checkOptions({ width, height, energy, ...counts }: FlatlandOptions): void {
  const { plants, prey, predators } = counts
  for (const [name, count] of Object.entries({ plants, prey, predators })) {
    if (Number.isSafeInteger(count) && count >= 0 && count <= FLATLAND_BODIES_MAX) continue
    throw new RangeError(`${name} is ${count}: use a whole number of 0 to ${FLATLAND_BODIES_MAX}`)
  }
  for (const [name, side] of Object.entries({ width, height })) {
    if (side >= FLATLAND_SIDE_MIN && side <= FLATLAND_SIDE_MAX) continue
    const range = `${FLATLAND_SIDE_MIN} to ${FLATLAND_SIDE_MAX}`
    throw new RangeError(`${name} is ${side}: use a number of ${range}`)
  }
  if (energy > 0 && energy <= ENERGY_MAX) return
  throw new RangeError(`energy is ${energy}: use a number above 0, ${ENERGY_MAX} at most`)
}
