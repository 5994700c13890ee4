import { describe, expect, it } from 'vitest'
import { taskNames } from '../../src/evolution/environment/problem.ts'
import {
  checkSettings,
  type EvolutionSettings,
  EvolutionSettingsError,
} from '../../src/evolution/evolution-settings.ts'
import { defaultSettings, settingsFor } from '../../src/evolution/strategy/settings.ts'

const { reproduction, speciation } = defaultSettings
const withWeights = (change: object): EvolutionSettings => {
  const weights = { ...reproduction.mutation.weights, ...change }
  const mutation = { ...reproduction.mutation, weights }
  return { ...defaultSettings, reproduction: { ...reproduction, mutation } }
}

describe('checkSettings', () => {
  it('accepts what ships', () => {
    for (const task of [...taskNames, 'a table of the user']) checkSettings(settingsFor(task))
  })

  const refused: readonly (readonly [name: string, settings: EvolutionSettings])[] = [
    ['populationSize', { ...defaultSettings, populationSize: 0 }],
    ['populationSize', { ...defaultSettings, populationSize: 7.5 }],
    ['populationSize', { ...defaultSettings, populationSize: 1e9 }],
    ['connectivity', { ...defaultSettings, connectivity: 1.1 }],
    ['restart.gain', { ...defaultSettings, restart: { patience: 1, gain: Number.NaN } }],
    [
      'compatibilityThreshold',
      { ...defaultSettings, speciation: { ...speciation, compatibilityThreshold: -1 } },
    ],
    [
      'targetNumSpecies',
      { ...defaultSettings, speciation: { ...speciation, targetNumSpecies: 1000 } },
    ],
    ['mutateOnly', { ...defaultSettings, reproduction: { ...reproduction, mutateOnly: 2 } }],
    ['weights.halvings', withWeights({ halvings: 31 })],
    ['weights.step', withWeights({ step: -1 })],
    ['each', withWeights({ each: -0.1 })],
  ]

  for (const [name, settings] of refused) {
    it(`refuses ${name} out of range, and says so`, () => {
      expect(() => checkSettings(settings)).toThrow(EvolutionSettingsError)
      expect(() => checkSettings(settings)).toThrow(`${name} is `)
    })
  }
})
