// The body of a problem: genotypes carry its names, begin with the part of it that the problem
// says, and find the rest.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { strategyNames } from '../../src/evolution/evolution.ts'
import { GenomeWriter, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import type { ProblemMorphology } from '../../src/evolution/index.ts'
import {
  ask,
  cartPole,
  decodeGenotype,
  defaultRoulette,
  doublePole,
  encodeGenotype,
  environmentProblem,
  evaluateAsked,
  type Genotype,
  genotypeFrom,
  inject,
  minimalGenotype,
  mutateByRoulette,
  partNames,
  problemNamed,
  settingsFor,
  startEvolution,
  taskNames,
  tell,
} from '../../src/evolution/index.ts'
import { checkMorphology, inMorphology } from '../../src/evolution/morphology.ts'
import { seededRandom } from '../../src/runtime/random.ts'

const body: ProblemMorphology = {
  sensors: [
    { name: 'clock', length: 1 },
    { name: 'nose', length: 2 },
    { name: 'ear', length: 3 },
  ],
  actuators: [
    { name: 'leg', length: 1 },
    { name: 'tail', length: 2 },
  ],
  initialSensors: 2,
  initialActuators: 1,
}
const { sensors, actuators } = body

const problem = environmentProblem(
  {
    name: 'limbs',
    stateSize: 1,
    observationSize: 6,
    actionSize: 3,
    maxSteps: 4,
    reset: (state, random) => {
      state[0] = random.next()
    },
    observe: (state, seen) => {
      seen.fill(state[0]!)
    },
    step: (state, action) => ({ reward: action[0]! + state[0]!, done: false }),
  },
  { morphology: body, worstReturn: -100, solvedReturn: 1e9, episodes: 1 },
)

const first = (): readonly Genotype[] => ask(startEvolution(problem, settingsFor('limbs', 20), 1))

describe('the first generation', () => {
  it('carries the names, and is linked with the first sensors and actuators alone', () => {
    for (const genotype of first()) {
      expect(genotype).toMatchObject({ inputs: 6, outputs: 3, sensors, actuators })
      expect(new Set(genotype.links.map(({ from }) => from))).toEqual(new Set([0, 1, 2]))
      expect(new Set(genotype.links.map(({ to }) => to))).toEqual(new Set([6]))
      expect(checkGenotype(genotype).ok).toBe(true)
    }
  })

  it.each(['generational', 'rtneat', 'islands', 'map_elites', 'cma_es'])(
    '%s keeps the names over generations and restarts',
    (name) => {
      const strategy = { name, ...(name === 'islands' ? { islands: 2 } : {}) }
      const restart = { patience: 1, gain: 10 }
      let state = startEvolution(problem, { ...settingsFor('limbs', 20), strategy, restart }, 3)
      expect(strategyNames()).toContain(name)
      for (let i = 0; i < 4; i++) {
        state = tell(
          state,
          ask(state).map((_, place) => ({
            fitness: 1 + place,
            steps: 1,
            solved: false,
            behaviour: [0, 0],
          })),
        )
        for (const genotype of ask(state)) expect(genotype).toMatchObject({ sensors, actuators })
      }
    },
  )

  it('is that of before for the tasks that are older than morphologies', () => {
    for (const task of taskNames) {
      const { morphology, inputs, outputs } = problemNamed(task)!
      if (morphology === undefined) continue
      checkMorphology(morphology, { inputs, outputs })
      if (morphology.anonymous !== true) continue
      const [genotype] = ask(startEvolution(problemNamed(task)!, settingsFor(task, 4), 1))
      expect(genotype).not.toHaveProperty('sensors')
      expect(genotype).not.toHaveProperty('actuators')
    }
    expect(cartPole.morphology?.sensors).toHaveLength(2)
    expect(doublePole.morphology?.sensors).toHaveLength(3)
  })
})

describe('variation', () => {
  const used = (genotype: Genotype, inputs: readonly number[]): boolean =>
    genotype.links.some(({ from }) => inputs.includes(from))

  function mutated(genotype: Genotype, seed: number, weights: object): Genotype {
    const writer = new GenomeWriter(genotype.inputs, genotype.outputs)
    writer.append(genotype)
    const settings = { ...defaultRoulette, weights, mutationCount: { name: 'const', parameter: 5 } }
    mutateByRoulette(writer, settings as typeof defaultRoulette, seededRandom(seed))
    return unpackGenotype(writer.finish(), 0)
  }

  it('reaches a new sensor by add_sensor, as a whole, and by no other operator of links', () => {
    const [genotype] = first()
    const others = { add_inlink: 1, add_sensorlink: 1, add_outlink: 1, add_actuatorlink: 1 }
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const linked = mutated(genotype!, seed, { ...others, add_neuron: 1 })
        expect(used(linked, [3, 4, 5])).toBe(false)
        expect(linked.links.some(({ to }) => to === 7 || to === 8)).toBe(false)
        const heard = mutated(genotype!, seed, { add_sensor: 1 })
        const ear = heard.links.filter(({ from }) => from >= 3 && from < 6)
        expect(ear.map(({ from }) => from).sort()).toEqual([3, 4, 5])
        expect(new Set(ear.map(({ to }) => to)).size).toBe(1)
        const wagging = mutated(genotype!, seed, { add_actuator: 1 })
        expect(new Set(wagging.links.map(({ to }) => to))).toEqual(new Set([6, 7, 8]))
        expect(checkGenotype(wagging)).toEqual({ ok: true, genotype: wagging })
      }),
      { numRuns: 50 },
    )
  })

  it('finds one that the task cannot be solved without', () => {
    // The clock tells nothing; whoever hears the ear can answer it.
    const deaf = environmentProblem(
      {
        name: 'ear',
        stateSize: 1,
        observationSize: 2,
        actionSize: 1,
        maxSteps: 8,
        reset: (state, random) => {
          state[0] = random.next() - 0.5
        },
        observe: (state, seen) => {
          seen[0] = 1
          seen[1] = state[0]!
        },
        step: (state, action) => {
          const reward = action[0]! > 0.5 === state[0]! > 0 ? 1 : 0
          state[0] = -state[0]!
          return { reward, done: false }
        },
      },
      {
        morphology: {
          sensors: ['clock', 'ear'].map((name) => ({ name, length: 1 })),
          initialSensors: 1,
        },
        worstReturn: 0,
        solvedReturn: 8,
      },
    )
    let state = startEvolution(deaf, settingsFor('ear', 60), 2)
    const [best] = evaluateAsked(deaf, ask(state)).sort((a, b) => b.fitness - a.fitness)
    expect(best?.fitness).toBe(4)
    for (let i = 0; i < 10; i++) state = tell(state, evaluateAsked(deaf, ask(state)))
    expect(state.champion?.fitness).toBe(8)
    expect(used(state.champion!.genotype, [1])).toBe(true)
  })
})

describe('a stranger', () => {
  const state = startEvolution(problem, settingsFor('limbs', 20), 1)
  const shape = { inputs: 6, outputs: 3, activation: 'steep_sigmoid' } as const
  const plain = minimalGenotype({ ...shape, weight: () => 1 })

  it('without names gets those of the body, and lives on', () => {
    const entered = inject(state, plain)
    expect(entered.ok).toBe(true)
    if (!entered.ok) return
    const next = tell(
      entered.state,
      ask(state).map(() => ({ fitness: 1, steps: 1, solved: false })),
    )
    expect(ask(next)).toContainEqual({ ...plain, sensors, actuators })
  })

  it('of another body does not come in', () => {
    const other = genotypeFrom({ ...shape, links: [], sensors: [{ name: 'eye', length: 6 }] })
    expect(inject(state, other)).toEqual({ ok: false, reason: 'shape' })
  })

  it('loses names that mean nothing here, but not what its actuators do', () => {
    expect(inMorphology({ ...plain, sensors: sensors! }, {})).toEqual(plain)
    const argmax = [{ name: 'move', length: 3, processing: 'argmax' }] as const
    expect(inMorphology({ ...plain, actuators: argmax }, {})).toBeUndefined()
    expect(inMorphology(plain, { actuators: argmax })).toBeUndefined()
  })
})

describe('a morphology', () => {
  const eye = { name: 'eye', length: 2 }
  it.each<[ProblemMorphology, RegExp]>([
    [{ sensors: [eye] }, /sensors have 2 inputs together: make it the 6/],
    [{ sensors: [eye, eye, eye] }, /a name of its own/],
    [{ sensors: [{ name: '', length: 6 }] }, /a name of its own/],
    [{ sensors: [{ name: 'eye', length: 0.5 }] }, /length 0.5/],
    [{ actuators: [{ name: 'leg', length: 4 }] }, /actuators have 4 outputs together/],
    [{ sensors: [{ name: 'eye', length: 6 }], initialSensors: 2 }, /initialSensors is 2.*1 to 1/],
    [{ initialActuators: 1 }, /initialActuators is 1/],
  ])('%j is refused with advice', (morphology, message) => {
    const { name: _, evaluate: __, ...shape } = problem
    expect(() => startEvolution({ ...shape, morphology }, settingsFor('x', 4), 1)).toThrow(message)
  })

  it('names its inputs one by one', () => {
    expect(partNames(sensors)).toEqual([
      'clock',
      'nose[0]',
      'nose[1]',
      'ear[0]',
      'ear[1]',
      'ear[2]',
    ])
    expect(problem.inputNames).toEqual(partNames(sensors))
    expect(problem.outputNames).toEqual(['leg', 'tail[0]', 'tail[1]'])
  })

  it('goes through the codec with the genotype', () => {
    const [genotype] = first()
    expect(decodeGenotype(encodeGenotype(genotype!))).toMatchObject({ ok: true, genotype })
  })
})
