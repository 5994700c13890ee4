// What happens in a plain of a flatland task: where everybody went, and where something was eaten.
// For pictures (plot/flatland-plot.ts).
//
//   const trace = traceFlatland('prey', new Network(compile(champion)))
import type { Network } from '../network/interpreter.ts'
import type { BodyKind, FlatlandOptions } from './flatland.ts'
import { type FlatlandRole, Plain } from './flatland-problem.ts'
import { FLATLAND_INPUTS, FLATLAND_OUTPUTS, senseFlatland } from './flatland-sense.ts'

export type Place = readonly [x: number, y: number]

/** A prey or a predator. */
export interface BodyTrace {
  readonly kind: BodyKind
  /** The network drives it; the others follow scripts. */
  readonly isOwn: boolean
  /** Where it was after each tick that it lived, its beginning first. */
  readonly path: readonly Place[]
  /** Where it has eaten. */
  readonly meals: readonly Place[]
  readonly isAlive: boolean
}

export interface FlatlandTrace {
  readonly options: FlatlandOptions
  readonly ticks: number
  readonly bodies: readonly BodyTrace[]
  /** Where plants grow at the end. */
  readonly plants: readonly Place[]
}

/** One life of a network; plain 100 and those after it are none that fitness is measured in. */
export function traceFlatland(role: FlatlandRole, network: Network, plain = 100): FlatlandTrace {
  const life = new Plain(role, plain)
  const { world, own } = life
  const { firstPrey, size } = world
  const placeOf = (body: number): Place => [world.x[body]!, world.y[body]!]
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i)
  const paths = range(firstPrey, size).map((body) => [placeOf(body)])
  const meals = range(firstPrey, size).map((): Place[] => [])
  const inputs = new Float64Array(FLATLAND_INPUTS)
  const outputs = new Float64Array(FLATLAND_OUTPUTS)
  network.reset()
  while (!life.isOver) {
    const [alive, food] = [world.alive.slice(), world.food.slice()]
    senseFlatland(world, own, inputs)
    network.step(inputs, outputs)
    life.tick(outputs[0]!, outputs[1]!)
    for (const body of range(firstPrey, size)) {
      if (alive[body] === 0) continue
      paths[body - firstPrey]!.push(placeOf(body))
      if (world.food[body]! > food[body]!) meals[body - firstPrey]!.push(placeOf(body))
    }
  }
  const bodies = range(firstPrey, size).map((body, i) => ({
    kind: body < world.firstPredator ? (1 as const) : (2 as const),
    isOwn: body === own,
    path: paths[i]!,
    meals: meals[i]!,
    isAlive: world.alive[body] === 1,
  }))
  const plants = range(0, firstPrey).map(placeOf)
  return { options: world.options, ticks: world.ticks, bodies, plants }
}
