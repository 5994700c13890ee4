// Whether settings of meta-control can be worked with.
import { META_HISTORY_MAX, META_LAYER_MAX, META_LAYERS_MAX } from '../../limits.ts'
import { EvolutionSettingsError, oneOf, whole, within } from '../settings-check.ts'
import type { ReproductionSettings } from '../strategy/breeding.ts'
import { checkGuidance } from './guidance.ts'
import { type MetaControlSettings, siloNames } from './meta-controller.ts'
import { sensorNames } from './metrics.ts'
import { rateNames } from './rates.ts'

/** Throws EvolutionSettingsError for a value outside its range, by its name. */
export function checkMetaControl(
  settings: MetaControlSettings,
  { mutation }: ReproductionSettings,
): void {
  const { silos = siloNames, sensors = sensorNames, neuronType = 'ltc' } = settings
  if (silos.length === 0) refuse('adaptation.silos is empty: name chain, task or both')
  for (const silo of silos) oneOf('adaptation.silos', silo, siloNames)
  for (const sensor of sensors) oneOf('adaptation.sensors', sensor, sensorNames)
  oneOf('adaptation.neuronType', neuronType, ['ltc', 'cfc'])
  checkLevels(settings)
  within('adaptation.noise', settings.noise ?? 0, 0, 10)
  within('adaptation.learningRate', settings.learningRate ?? 0, 0, 1_000)
  within('adaptation.momentum', settings.momentum ?? 0, 0, 1)
  whole('adaptation.history', settings.history ?? 1, 1, META_HISTORY_MAX)
  for (const [name, weight] of Object.entries(settings.rewardWeights ?? {})) {
    within(`adaptation.rewardWeights.${name}`, weight, 0, 1)
  }
  checkBounds(settings)
  checkGuidance(settings.guidance ?? {})
  // Their rates are others, which nobody controls.
  for (const other of ['roulette', 'neatPython'] as const) {
    if (mutation[other] === undefined) continue
    refuse(
      `adaptation.kind is meta_control, which has no rates of mutation.${other}: use one of them`,
    )
  }
}

function checkLevels(settings: MetaControlSettings): void {
  const timeConstants: readonly number[] = settings.timeConstants ?? []
  const hidden: readonly (readonly number[])[] = settings.hidden ?? []
  if (![0, 3].includes(timeConstants.length))
    refuse('adaptation.timeConstants: give three, L2 first')
  if (![0, 3].includes(hidden.length)) refuse('adaptation.hidden: give three lists, L2 first')
  // A neuron of 1 rests nowhere.
  for (const tau of timeConstants) within('adaptation.timeConstants', tau, 1.01, 100)
  for (const layers of hidden) {
    whole('adaptation.hidden.length', layers.length, 0, META_LAYERS_MAX)
    for (const size of layers) whole('adaptation.hidden', size, 1, META_LAYER_MAX)
  }
}

function checkBounds({ bounds = {} }: MetaControlSettings): void {
  for (const [name, range] of Object.entries(bounds)) {
    oneOf('adaptation.bounds', name, rateNames)
    const [min, max] = range
    const most = name === 'mutationStrength' ? Number.MAX_VALUE : 1
    within(`adaptation.bounds.${name}`, max, 0, most)
    within(`adaptation.bounds.${name}`, min, 0, max)
  }
}

function refuse(message: string): never {
  throw new EvolutionSettingsError(message)
}

/** Throws EvolutionSettingsError for an adaptation that a strategy would not heed. */
export function checkAdaptation(
  strategy: string,
  { adaptation }: ReproductionSettings,
  heeded: readonly string[],
): void {
  if (adaptation === undefined || heeded.includes(adaptation.kind)) return
  const advice = heeded.length === 0 ? 'leave adaptation out' : `use ${heeded.join(', ')}`
  refuse(`adaptation.kind is ${adaptation.kind}, which ${strategy} does not heed: ${advice}`)
}
