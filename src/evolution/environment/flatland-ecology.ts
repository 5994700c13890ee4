// Life on a plain without generations: a body that has eaten enough bears another one, with a brain
// mutated from its own, to which it gives half of its energy; who starves, is speared or grows old
// is gone. Nobody computes a fitness: what multiplies is what eats (DXNN's create_offspring).
//
//   const ecology = new FlatlandEcology({ ...flatlandEcology, predators: 4 }, 1)
//   while (ecology.world.ticks < 10_000) {
//     for (const body of ecology.bodies) ecology.think(body)    // or drive it by other means
//     ecology.tick()
//   }
//   ecology.measures                                            // births, deaths, seedings ...
//
// The numbers of prey and predators are places: beyond them nobody is born. A kind that has died
// out is seeded anew with random brains. A run is a function of its settings and its seed. As
// processes, a brain each: actors/ecology/flatland-server.ts.
import { type Random, seededRandom } from '../../runtime/random.ts'
import type { EvolutionSettings } from '../evolution-settings.ts'
import { firstGenotype, withHiddenActivation } from '../first-generation.ts'
import { GenomeWriter, unpackGenotype } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { mutate } from '../mutation/mutation.ts'
import { Network } from '../network/interpreter.ts'
import { compile } from '../network/plan.ts'
import { defaultSettings } from '../strategy/settings.ts'
import { Flatland, type FlatlandOptions, flatland } from './flatland.ts'
import { flatlandPrey } from './flatland-problem.ts'
import { FLATLAND_INPUTS, FLATLAND_OUTPUTS, senseFlatland } from './flatland-sense.ts'

export interface EcologySettings extends FlatlandOptions {
  /** With more energy than this a body bears another. */
  readonly bearing: number
  /** Bodies of a kind that begin, and begin anew when it has died out. */
  readonly founders: number
  /** How brains mutate. */
  readonly evolution: EvolutionSettings
}

/** Forty places for prey among twenty plants, and none for predators. */
export const flatlandEcology: EcologySettings = {
  ...flatland,
  plants: 20,
  prey: 40,
  predators: 0,
  bearing: 1_500,
  founders: 10,
  evolution: defaultSettings,
}

/** Who came and went in a tick. */
export interface EcologyChange {
  readonly born: readonly number[]
  readonly died: readonly number[]
}

export interface EcologyMeasures {
  readonly births: number
  readonly deaths: number
  /** Bodies with random brains after a kind had died out. */
  readonly seedings: number
  /** The most births in a row that lead to a living body. */
  readonly generations: number
  readonly prey: number
  readonly predators: number
}

export class FlatlandEcology {
  readonly world: Flatland
  readonly settings: EcologySettings
  readonly #random: Random
  readonly #evolution: EvolutionSettings
  readonly #genotypes: Genotype[] = []
  readonly #networks: (Network | undefined)[] = []
  readonly #generations: number[] = []
  readonly #inputs: Float64Array = new Float64Array(FLATLAND_INPUTS)
  readonly #outputs: Float64Array = new Float64Array(FLATLAND_OUTPUTS)
  #births = 0
  #deaths = 0
  #seedings = 0
  #brains = 0

  /** Throws a RangeError for settings out of range. */
  constructor(settings: EcologySettings, seed: number | string) {
    const { founders, bearing, respawn } = settings
    if (!Number.isSafeInteger(founders) || founders < 1) {
      throw new RangeError(`founders is ${founders}: use a whole number from 1 on`)
    }
    if (!(bearing > 0)) throw new RangeError(`bearing is ${bearing}: use a number above 0`)
    if (respawn) throw new RangeError('respawn is true: the dead of an ecology stay dead')
    this.settings = settings
    this.#random = seededRandom(seed).fork('ecology')
    this.#evolution = withHiddenActivation(settings.evolution, flatlandPrey)
    this.world = new Flatland(settings, this.#random.fork('plain'))
    for (let body = this.world.firstPrey; body < this.world.size; body++) {
      if (this.#placeOf(body) < founders) this.#seed(body)
      else this.world.remove(body)
    }
  }

  /** Those that live, by number. */
  get bodies(): number[] {
    const { firstPrey, size, alive } = this.world
    const places = Array.from({ length: size - firstPrey }, (_, place) => firstPrey + place)
    return places.filter((body) => alive[body] === 1)
  }

  /** The brain of a living body. */
  genotypeOf(body: number): Genotype {
    return this.#genotypes[body]!
  }

  /** Drives a living body by its brain. */
  think(body: number): void {
    const network = this.#networks[body] ?? new Network(compile(this.genotypeOf(body)))
    this.#networks[body] = network
    senseFlatland(this.world, body, this.#inputs)
    network.step(this.#inputs, this.#outputs)
    this.world.drive(body, this.#outputs[0]!, this.#outputs[1]!)
  }

  /** A tick of the plain, and who is born by it, at the earliest to live in the next. */
  tick(): EcologyChange {
    const { world } = this
    const before = this.bodies
    world.tick()
    const died = before.filter((body) => world.alive[body] === 0)
    this.#deaths += died.length
    const born: number[] = []
    for (const body of before) {
      if (world.alive[body] === 0 || world.energy[body]! <= this.settings.bearing) continue
      const place = this.#freePlace(body)
      if (place < 0) continue
      this.#bear(body, place)
      born.push(place)
    }
    this.#births += born.length
    const { firstPrey, firstPredator, size } = world
    for (const [from, to] of [
      [firstPrey, firstPredator] as const,
      [firstPredator, size] as const,
    ]) {
      if (from === to || world.alive.subarray(from, to).includes(1)) continue
      for (let body = from; body < Math.min(to, from + this.settings.founders); body++) {
        world.bear(body, this.settings.energy)
        this.#seed(body)
        this.#seedings++
        born.push(body)
      }
    }
    return { born, died }
  }

  /** Ends a living body, e.g. because its brain is broken; its energy is spilled. */
  kill(body: number): void {
    const { alive, energy, ledger } = this.world
    if (alive[body] === 0) return
    ledger.spilled += energy[body]!
    energy[body] = 0
    alive[body] = 0
    this.#deaths++
  }

  get measures(): EcologyMeasures {
    const living = this.bodies
    const prey = living.filter((body) => body < this.world.firstPredator).length
    return {
      births: this.#births,
      deaths: this.#deaths,
      seedings: this.#seedings,
      generations: living.reduce((most, body) => Math.max(most, this.#generations[body]!), 0),
      prey,
      predators: living.length - prey,
    }
  }

  /** Its number among the places of its kind. */
  #placeOf(body: number): number {
    const { firstPrey, firstPredator } = this.world
    return body < firstPredator ? body - firstPrey : body - firstPredator
  }

  /** A place for another one of a body's kind; -1 when all live. */
  #freePlace(body: number): number {
    const { alive, firstPrey, firstPredator, size } = this.world
    const [from, to] = body < firstPredator ? [firstPrey, firstPredator] : [firstPredator, size]
    const at = alive.subarray(from, to).indexOf(0)
    return at < 0 ? -1 : from + at
  }

  #bear(parent: number, body: number): void {
    const { world } = this
    world.share(parent, body, world.energy[parent]! / 2)
    const writer = new GenomeWriter(FLATLAND_INPUTS, FLATLAND_OUTPUTS)
    writer.append(this.genotypeOf(parent))
    const { mutation } = this.#evolution.reproduction
    mutate(writer, mutation, this.#random.fork('brain').fork(this.#brains++))
    this.#place(body, unpackGenotype(writer.finish(), 0), this.#generations[parent]! + 1)
  }

  /** Gives a body a random brain. */
  #seed(body: number): void {
    const random = this.#random.fork('brain').fork(this.#brains++)
    this.#place(body, firstGenotype(flatlandPrey, this.#evolution, random), 0)
  }

  #place(body: number, genotype: Genotype, generation: number): void {
    this.#genotypes[body] = genotype
    this.#networks[body] = undefined
    this.world.food[body] = 0
    this.#generations[body] = generation
  }
}
