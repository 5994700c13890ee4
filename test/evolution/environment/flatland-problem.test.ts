// The tasks and the game of a flatland: a life as processes is the life of `evaluate`, evolution
// gets better at both, also in plains it has not seen, and a match is one game from two sides.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Exoself, startExoself } from '../../../src/actors/neuron/exoself.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import {
  ask,
  coevolution,
  compile,
  evaluateAsked,
  FLATLAND_INPUTS,
  flatlandPredator,
  flatlandPrey,
  type Genotype,
  genotypeFrom,
  matchesOf,
  Network,
  type Problem,
  settingsFor,
  startEvolution,
  tell,
} from '../../../src/evolution/index.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../../src/supervisors/dynamic-supervisor.ts'

const networkOf = (genotype: Genotype): Network => new Network(compile(genotype))

const OWN_ENERGY = FLATLAND_INPUTS - 1
const shape = { inputs: FLATLAND_INPUTS, outputs: 2, activation: 'tanh' } as const
const idle = genotypeFrom({ ...shape, links: [] })
/** Rolls, and turns to the side on which something is near. */
const follower = genotypeFrom({
  ...shape,
  links: [0, 1].flatMap((wheel) => [
    { from: OWN_ENERGY, to: FLATLAND_INPUTS + wheel, weight: 1 },
    ...[0, 1].map((from) => ({ from, to: FLATLAND_INPUTS + wheel, weight: wheel === 0 ? -1 : 1 })),
    ...[3, 4].map((from) => ({ from, to: FLATLAND_INPUTS + wheel, weight: wheel === 0 ? 1 : -1 })),
  ]),
})

/** Eaten in a plain that nobody has been selected in. */
const meals = (problem: Problem, genotype: Genotype): number =>
  Number.parseFloat(problem.verify(networkOf(genotype)).detail)

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('evolution', () => {
  it.each([flatlandPrey, flatlandPredator])('eats more and more: $name', (problem) => {
    let state = startEvolution(problem, settingsFor(problem.name, 40), 1)
    const before = ask(state).slice(0, 3)
    const means: number[] = []
    for (let generation = 0; generation < 7; generation++) {
      const evaluations = evaluateAsked(problem, ask(state))
      means.push(mean(evaluations.map(({ fitness }) => fitness)))
      state = tell(state, evaluations)
    }
    expect(means.at(-1)).toBeGreaterThan(1.3 * means[0]!)
    const unselected = mean(before.map((genotype) => meals(problem, genotype)))
    expect(meals(problem, state.champion!.genotype)).toBeGreaterThan(3 * unselected + 0.3)
  })

  it('begins with the distance scanner alone', () => {
    for (const genotype of ask(startEvolution(flatlandPrey, settingsFor('flatland_prey', 10), 1))) {
      expect(genotype.links.every(({ from }) => from < 5)).toBe(true)
      expect(genotype.sensors?.map(({ name }) => name)).toEqual([
        'distance_scanner',
        'color_scanner',
        'energy_scanner',
        'energy_reader',
      ])
    }
  })
})

describe('a life', () => {
  let supervisor: DynamicSupervisorPid
  beforeEach(() => {
    supervisor = start(new DynamicSupervisor())
  })
  afterEach(() => stop(supervisor))

  it('has the same bits as processes', async () => {
    const compiled = flatlandPrey.evaluate(networkOf(follower))
    const exoself = await startExoself(supervisor, { problem: flatlandPrey, genotype: follower })
    expect(await Exoself.evaluate(exoself)).toEqual(compiled)
    expect(compiled.behaviour).toHaveLength(flatlandPrey.behaviourSize!)
    expect(compiled.fitness).toBeGreaterThan(flatlandPrey.evaluate(networkOf(idle)).fitness)
  })

  it('of who does nothing ends when its energy has been used up', () => {
    const { fitness, steps, behaviour } = flatlandPredator.evaluate(networkOf(idle))
    expect(steps).toBe(10 * Math.ceil(500 / 1.05))
    expect(fitness).toBeCloseTo(0.477, 9)
    expect(behaviour).toEqual([0, 0])
  })
})

describe('a match', () => {
  it('is one game, whichever side is asked, and the same each time', () => {
    const [flock, pack] = [networkOf(follower), networkOf(idle)]
    const { scores, steps } = flatlandPrey.play!([flock, pack])
    expect(flatlandPredator.play!([pack, flock])).toMatchObject({
      scores: scores?.toReversed(),
      steps,
    })
    expect(flatlandPrey.play!([flock, pack]).scores).toEqual(scores)
    expect(scores![0]! + scores![1]!).toBe(1)
    expect(scores![0]).toBeGreaterThan(0)
    expect(scores![0]).toBeLessThan(1)
  })

  it('is lost by a flock that only waits for its end', () => {
    const score = (flock: Genotype): number =>
      flatlandPrey.play!([networkOf(flock), networkOf(idle)]).fitness
    // Half of the ticks on what it began with.
    expect(score(idle)).toBeCloseTo(Math.ceil(250 / 1.05) / 500, 2)
  })

  it('lets a flock and a pack evolve against each other', () => {
    const strategy = coevolution({ opponents: 2, hofOpponents: 1 })
    let state = startEvolution(flatlandPrey, { ...settingsFor('x', 8), strategy }, 1)
    const first = ask(state)
    for (let generation = 0; generation < 5; generation++) {
      state = tell(state, evaluateAsked(flatlandPrey, ask(state), matchesOf(state)))
    }
    // Both populations, then the champions of each.
    const champions = ask(state).slice(16)
    expect(champions).toHaveLength(10)
    const score = (flocks: readonly Genotype[], packs: readonly Genotype[]): number =>
      mean(
        flocks.flatMap((flock) =>
          packs.map((pack) => flatlandPrey.play!([networkOf(flock), networkOf(pack)]).fitness),
        ),
      )
    const [flocks, packs] = [first.slice(0, 8), first.slice(8)]
    expect(score(champions.slice(3, 5), packs)).toBeGreaterThan(score(flocks, packs) + 0.05)
  })
})
