import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type EvolutionState,
  measuresOf,
  startEvolution,
} from '../../../src/evolution/evolution.ts'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import {
  firstMetaControl,
  levelShapes,
  type MetaControl,
  type MetaControlSettings,
  metaControlAfter,
} from '../../../src/evolution/meta-control/meta-controller.ts'
import type { Observation } from '../../../src/evolution/meta-control/metrics.ts'
import {
  boundsAround,
  fixedRates,
  peerBounds,
  rateAt,
  rateNames,
} from '../../../src/evolution/meta-control/rates.ts'
import type { ReproductionSettings } from '../../../src/evolution/strategy/breeding.ts'
import { hallOfFame } from '../../../src/evolution/strategy/hall-of-fame.ts'
import { islands } from '../../../src/evolution/strategy/islands.ts'
import { mapElites } from '../../../src/evolution/strategy/map-elites.ts'
import { noveltySearch } from '../../../src/evolution/strategy/novelty.ts'
import { rtneat } from '../../../src/evolution/strategy/rtneat.ts'
import { defaultSettings } from '../../../src/evolution/strategy/settings.ts'
import { steadyState } from '../../../src/evolution/strategy/steady-state.ts'
import type { StrategySettings } from '../../../src/evolution/strategy/strategy.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { settingsOf, shape, steps } from '../strategy/strategy-run.ts'

const lively: MetaControlSettings = { kind: 'meta_control', noise: 2, learningRate: 5, momentum: 0 }

function reproductionWith(adaptation: MetaControlSettings): ReproductionSettings {
  return { ...defaultSettings.reproduction, adaptation }
}

function observed(
  adaptation: MetaControlSettings,
  observations: readonly Observation[],
  seed = 1,
): MetaControl {
  const reproduction = reproductionWith(adaptation)
  const random = seededRandom(seed)
  return observations.reduce(
    (control, one, i) => metaControlAfter(control, one, reproduction, random.fork(i)),
    firstMetaControl(reproduction, random),
  )
}

/** An observation of a generation of 20. */
function generation(i: number, best: number): Observation {
  const fitnesses = Array.from({ length: 20 }, (_, place) => best - place / 10)
  return { evaluations: 20 * (i + 1), fitnesses, complexity: 5 + i, species: 3 }
}

const odd = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 1.7e308, -1.7e308),
)
const observation = fc.record({
  evaluations: fc.oneof(fc.nat(), odd),
  fitnesses: fc.array(odd, { maxLength: 5 }),
  complexity: odd,
  species: odd,
})

describe('rates', () => {
  it('are the settings own at 0.5, and the bounds at 0 and 1', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((part) => rateAt(part, 0.1, [0, 0.5]))).toEqual(
      [0, 0.05, 0.1, 0.3, 0.5].map((rate) => expect.closeTo(rate, 12)),
    )
    expect(rateAt(Number.NaN, 0.1, [0.05, 0.5])).toBe(0.05)
  })

  it('keep the bounds of the peer, widened around the fixed ones only', () => {
    const peers = {
      mutationRate: 0.1,
      mutationStrength: 0.3,
      selectionRatio: 0.2,
      addNodeRate: 0.03,
      addConnectionRate: 0.05,
    }
    expect(boundsAround(peers)).toEqual(peerBounds)
    expect(boundsAround({ ...peers, mutationRate: 0.8, mutationStrength: 2 })).toEqual({
      ...peerBounds,
      mutationRate: [0.01, 1],
      mutationStrength: [0.05, 4],
    })
    expect(boundsAround(peers, { mutationRate: [0.2, 0.3] }).mutationRate).toEqual([0.2, 0.3])
  })
})

describe('the meta-controller', () => {
  it('is a chain of 8 to 4, 4 to 5, and 5 and sensors to 5', () => {
    const shapes = levelShapes({ kind: 'meta_control', sensors: ['plateau'] })
    expect(shapes.map(({ inputs, hidden, outputs }) => [inputs, ...hidden, outputs])).toEqual([
      [8, 8, 4, 4],
      [4, 6, 4, 5],
      [6, 10, 6, 5],
    ])
    expect(shapes.map(({ timeConstant }) => timeConstant)).toEqual([100, 50, 10])
  })

  it('leaves the rates as they are until it tries something', () => {
    const silent: MetaControlSettings = { kind: 'meta_control', silos: ['chain'], noise: 0 }
    const seen = Array.from({ length: 30 }, (_, i) => generation(i, i % 7))
    const { rates } = observed(silent, seen)
    const fixed = fixedRates(defaultSettings.reproduction)
    for (const name of rateNames) expect(rates[name]).toBeCloseTo(fixed[name], 9)
  })

  it('keeps every rate within its bounds, whatever it is told', () => {
    const fixed = fixedRates(defaultSettings.reproduction)
    const types = fc.constantFrom('ltc' as const, 'cfc' as const)
    fc.assert(
      fc.property(types, fc.nat(), fc.array(observation), (neuronType, seed, seen) => {
        const bounds = boundsAround(fixed)
        const { rates, levels } = observed({ ...lively, neuronType }, seen, seed)
        for (const name of rateNames) {
          expect(rates[name]).toBeGreaterThanOrEqual(bounds[name][0])
          expect(rates[name]).toBeLessThanOrEqual(bounds[name][1])
        }
        for (const { parameters, values } of levels) {
          expect(parameters.every((value) => Math.abs(value) <= 40)).toBe(true)
          expect(values.every(Number.isFinite)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('keeps what it tried when the reward was better than usual, and its opposite when worse', () => {
    const usual = Array.from({ length: 6 }, (_, i) => generation(i, 10))
    const before = observed(lively, usual)
    const moved = (best: number): number => {
      const { levels } = metaControlAfter(
        before,
        generation(6, best),
        reproductionWith(lively),
        seededRandom(9),
      )
      // Along what was tried by the fastest level.
      return levels[2]!.parameters.reduce((sum, value, i) => {
        return sum + (value - before.levels[2]!.parameters[i]!) * before.tried[2]![i]!
      }, 0)
    }
    expect(moved(20)).toBeGreaterThan(0)
    expect(moved(5)).toBeLessThan(0)
  })

  it('is plain data that goes on bit for bit', () => {
    const seen = Array.from({ length: 12 }, (_, i) => generation(i, Math.min(i, 6)))
    const reproduction = reproductionWith(lively)
    const random = seededRandom(5)
    let control = observed(lively, seen.slice(0, 6), 5)
    for (const [i, one] of seen.slice(6).entries()) {
      control = structuredClone(metaControlAfter(control, one, reproduction, random.fork(6 + i)))
    }
    expect(control).toEqual(observed(lively, seen, 5))
    expect(control).not.toEqual(observed(lively, seen, 6))
  })
})

const begun = (strategy: StrategySettings, adaptation?: MetaControlSettings): EvolutionState => {
  const settings = settingsOf(strategy)
  const { reproduction } = settings
  const changed = adaptation === undefined ? reproduction : { ...reproduction, adaptation }
  return startEvolution(shape, { ...settings, reproduction: changed }, 1)
}

describe.each([
  { name: 'generational' },
  islands({ islands: 2 }),
  noveltySearch(),
  steadyState({ replace: 3 }),
  rtneat({ agentsPerTick: 4, ticksPerReplacement: 1 }),
])('meta-control of $name', (strategy) => {
  it('reports its rates, changes the run, and continues from a clone bit for bit', () => {
    const end = steps(begun(strategy, lively), 24)
    expect(Object.keys(measuresOf(end))).toEqual(
      expect.arrayContaining([...rateNames, 'explorationBoost', 'stagnationSeverity', 'reward']),
    )
    for (const value of Object.values(measuresOf(end))) expect(value).not.toBeNaN()
    const half = steps(begun(strategy, lively), 13)
    expect(steps(structuredClone(half), 11)).toEqual(end)
    const { champion, generation: rounds } = steps(begun(strategy), 24)
    expect(rounds).toBe(end.generation)
    expect(champion).not.toEqual(end.champion)
  })

  it('that says nothing is a run without it, draw for draw', () => {
    const silent: MetaControlSettings = {
      kind: 'meta_control',
      silos: ['chain'],
      bounds: Object.fromEntries(
        Object.entries(fixedRates(settingsOf(strategy).reproduction)).map(([name, rate]) => {
          return [name, [rate, rate] as const]
        }),
      ),
    }
    const one = steps(begun(strategy, silent), 16)
    const other = steps(begun(strategy), 16)
    expect(one.champion).toEqual(other.champion)
    expect(measuresOf(one)).toMatchObject(measuresOf(other))
  })
})

describe('settings of meta-control', () => {
  const refused: readonly (readonly [name: string, change: Partial<MetaControlSettings>])[] = [
    ['silos', { silos: [] }],
    ['noise', { noise: -1 }],
    ['learningRate', { learningRate: Number.NaN }],
    ['momentum', { momentum: 2 }],
    ['history', { history: 0 }],
    ['timeConstants', { timeConstants: [100, 50, 1] }],
    ['hidden', { hidden: [[8], [6], [0]] }],
    ['bounds.mutationRate', { bounds: { mutationRate: [0.5, 0.1] } }],
    ['bounds.addNodeRate', { bounds: { addNodeRate: [0, 2] } }],
    ['guidance.aggression', { guidance: { aggression: 3 } }],
    ['guidance.velocityWindowSize', { guidance: { velocityWindowSize: 7.5 } }],
    ['rewardWeights.finalFitness', { rewardWeights: { finalFitness: -1 } }],
  ]

  it.each(refused)('%s out of range is refused by its name', (name, change) => {
    const settings: MetaControlSettings = { kind: 'meta_control', ...change }
    expect(() => begun({ name: 'generational' }, settings)).toThrow(EvolutionSettingsError)
    expect(() => begun({ name: 'generational' }, settings)).toThrow(`adaptation.${name}`)
  })

  it.each([mapElites(), hallOfFame()])('are refused by $name, which heeds none', (strategy) => {
    expect(() => begun(strategy, lively)).toThrow(EvolutionSettingsError)
  })

  it.each([steadyState(), rtneat()])('are all that $name heeds', (strategy) => {
    const { reproduction } = settingsOf(strategy)
    const settings = { ...reproduction, adaptation: { kind: 'one_fifth' as const } }
    expect(() =>
      startEvolution(shape, { ...settingsOf(strategy), reproduction: settings }, 1),
    ).toThrow('use meta_control')
  })
})
