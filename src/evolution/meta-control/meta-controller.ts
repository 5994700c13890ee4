// The meta-controller (faber_neuroevolution's "liquid conglomerate"): a chain of three networks of
// liquid neurons that watches evolution and sets its rates, and a task silo whose rules make them
// bolder while nothing improves. Off unless asked for: docs/benchmarks.md says what it is worth.
//
//   const settings = { ...settingsFor('xor') }
//   const adaptation = { kind: 'meta_control', silos: ['task'] }    // the rules alone
//   const reproduction = { ...settings.reproduction, adaptation }
//
// After each generation, or a population's worth of evaluations:
//
//   L2 (tau 100)   8 metrics -> 4 signals     also how strongly the silo reacts
//   L1 (tau 50)    4 signals -> 5
//   L0 (tau 10)    5 signals and sensors -> the five rates
//
// Outputs of 0.5 are the settings' own rates, which is where it begins. It learns by trying: for an
// update noise is added to all parameters, and what was tried is kept in proportion to how much
// better the reward then was than usual. Rates follow with momentum, then come the silo's boosts,
// and bounds hold whatever all of them say.
//
// Its state is plain data, and chance a named stream: runs repeat, and checkpoints continue.
import type { Random } from '../../runtime/random.ts'
import type { ReproductionSettings } from '../strategy/breeding.ts'
import { defaultGuidance, type Guidance, guidanceRanges, guidedNames } from './guidance.ts'
import {
  changed,
  firstLevel,
  type Level,
  type LevelShape,
  levelStep,
  parameterCount,
} from './liquid-level.ts'
import {
  METRIC_INPUTS,
  type Metrics,
  metricInputs,
  metricsOf,
  type Observation,
  type SensorName,
  sensorInput,
  sensorNames,
} from './metrics.ts'
import {
  atRates,
  boundedRates,
  boundsAround,
  fixedRates,
  mapRates,
  type RateBounds,
  type Rates,
  rateAt,
  rateNames,
} from './rates.ts'
import { defaultRewardWeights, type RewardWeights, rewardOf } from './reward.ts'
import { boostedRates, firstTaskSilo, type TaskSilo, taskSiloAfter } from './task-silo.ts'

export const siloNames = ['chain', 'task'] as const
export type SiloName = (typeof siloNames)[number]

export interface MetaControlSettings {
  readonly kind: 'meta_control'
  /** What controls: the chain of networks, the rules of the task silo; default both. */
  readonly silos?: readonly SiloName[]
  /** Default `ltc`. Of a `cfc` neuron the time constant makes the gate stiff, not slow. */
  readonly neuronType?: 'ltc' | 'cfc'
  /** Time constants of the levels, in updates; default 100, 50 and 10. */
  readonly timeConstants?: LevelNumbers
  /** Neurons of the hidden layers; default [8, 4], [6, 4] and [10, 6]. */
  readonly hidden?: readonly [l2: readonly number[], l1: readonly number[], l0: readonly number[]]
  /** What L0 senses beside its signals; default everything there is. */
  readonly sensors?: readonly SensorName[]
  /** Deviation of the noise that is tried; default 0.5. */
  readonly noise?: number
  /**
   * What a reward better by 1 keeps of it, for tau 10, slower levels less; default 1. With the
   * 0.001 of the peer nothing is learnt in a hundred generations.
   */
  readonly learningRate?: number
  /** Part of a rate that stays from update to update; default 0.9. */
  readonly momentum?: number
  /** Updates that are remembered; default 10. */
  readonly history?: number
  readonly rewardWeights?: Partial<RewardWeights>
  /** Bounds of the rates; default the peer's, widened around the settings' rates. */
  readonly bounds?: Partial<RateBounds>
  /** How strongly the task silo reacts, where the chain does not say. */
  readonly guidance?: Partial<Guidance>
}

type LevelNumbers = readonly [l2: number, l1: number, l0: number]

/** What is learnt and remembered. Plain data. */
export interface MetaControl {
  /** L2, L1, L0; none without the chain. */
  readonly levels: readonly Level[]
  /** Evaluations at the last update. */
  readonly updatedAt: number
  /** What was tried in the last update, level by level. */
  readonly tried: readonly Float64Array[]
  /** Rates of the chain, before the boosts of the silo. */
  readonly chainRates: Rates
  /** Those in force. */
  readonly rates: Rates
  readonly guidance: Guidance
  readonly task: TaskSilo
  /** The latest last. */
  readonly metrics: readonly Metrics[]
  readonly rewards: readonly number[]
}

const DEFAULT_NOISE = 0.5
const DEFAULT_RATE = 1
const TIME_CONSTANTS: LevelNumbers = [100, 50, 10]
const HIDDEN = [
  [8, 4],
  [6, 4],
  [10, 6],
] as const
const STRATEGIC_SIGNALS = guidedNames.length
const TACTICAL_SIGNALS = 5

/** A controller that has seen nothing: the settings' rates are in force. */
export function firstMetaControl(reproduction: ReproductionSettings, random: Random): MetaControl {
  const settings = metaSettingsOf(reproduction)
  const fixed = fixedRates(reproduction)
  const isChained = settings.silos?.includes('chain') ?? true
  const shapes = isChained ? levelShapes(settings) : []
  return {
    levels: shapes.map((shape, place) => firstLevel(shape, random.fork('level').fork(place))),
    updatedAt: 0,
    tried: [],
    chainRates: fixed,
    rates: fixed,
    guidance: { ...defaultGuidance, ...settings.guidance },
    task: firstTaskSilo,
    metrics: [],
    rewards: [],
  }
}

/** The controller after an observation: it has learnt from the last update, and made another. */
export function metaControlAfter(
  control: MetaControl,
  observation: Observation,
  reproduction: ReproductionSettings,
  random: Random,
): MetaControl {
  const settings = metaSettingsOf(reproduction)
  const { history = 10, silos = siloNames } = settings
  const now = metricsOf(observation, control.metrics)
  const weights = { ...defaultRewardWeights, ...settings.rewardWeights }
  const reward = rewardOf(now, control.metrics, control.rates, weights)
  const metrics = [...control.metrics, now].slice(-history)
  const learnt = learned(control, reward, settings)
  const rewards = [...control.rewards, reward].slice(-history)
  const task = silos.includes('task')
    ? taskSiloAfter(
        control.task,
        { bestFitness: now.best, evaluations: now.evaluations },
        control.guidance,
      )
    : control.task
  const updatedAt = now.evaluations
  const seen: MetaControl = { ...control, updatedAt, levels: learnt, metrics, rewards, task }
  const moved = learnt.length === 0 ? seen : chained(seen, reproduction, settings, random)
  const fixed = fixedRates(reproduction)
  const boosted = silos.includes('task')
    ? boostedRates(moved.chainRates, task, moved.guidance)
    : moved.chainRates
  return { ...moved, rates: boundedRates(boosted, fixed, boundsAround(fixed, settings.bounds)) }
}

/** The same, for a population that begins anew: what was learnt stays, what was seen does not. */
export function metaControlRestarted(control: MetaControl): MetaControl {
  return { ...control, tried: [], task: firstTaskSilo, metrics: [], rewards: [] }
}

/** Reproduction at the rates in force; as it is without a controller. */
export function controlled(
  reproduction: ReproductionSettings,
  control: MetaControl | undefined,
): ReproductionSettings {
  return control === undefined ? reproduction : atRates(reproduction, control.rates)
}

/** Figures for reports: those of a controller, or the means of several; none without any. */
export function metaMeasures(
  ...given: readonly (MetaControl | undefined)[]
): Readonly<Record<string, number>> {
  const all = given.filter((control) => control !== undefined).map(measuresOf)
  const [first] = all
  if (first === undefined) return {}
  const means = Object.keys(first).map((name) => {
    return [name, all.reduce((sum, measures) => sum + measures[name]!, 0) / all.length]
  })
  return Object.fromEntries(means)
}

function measuresOf({ rates, task, rewards }: MetaControl): Record<string, number> {
  return {
    ...rates,
    explorationBoost: task.explorationBoost,
    exploitationBoost: task.exploitationBoost,
    stagnationSeverity: task.severity,
    reward: rewards[rewards.length - 1] ?? 0,
  }
}

/** L2, L1 and L0. */
export function levelShapes(settings: MetaControlSettings): LevelShape[] {
  const { neuronType = 'ltc', timeConstants = TIME_CONSTANTS, hidden = HIDDEN } = settings
  const { sensors = sensorNames } = settings
  const widths = [
    [METRIC_INPUTS, STRATEGIC_SIGNALS],
    [STRATEGIC_SIGNALS, TACTICAL_SIGNALS],
    [TACTICAL_SIGNALS + sensors.length, rateNames.length],
  ] as const
  return widths.map(([inputs, outputs], place) => ({
    inputs,
    hidden: hidden[place]!,
    outputs,
    timeConstant: timeConstants[place]!,
    neuronType,
  }))
}

/** The levels with what was tried kept in proportion to its advantage. */
function learned(
  { levels, tried, rewards }: MetaControl,
  reward: number,
  settings: MetaControlSettings,
): readonly Level[] {
  if (tried.length === 0 || rewards.length === 0) return levels
  const { learningRate = DEFAULT_RATE, noise = DEFAULT_NOISE } = settings
  const usual = rewards.reduce((a, b) => a + b, 0) / rewards.length
  const shapes = levelShapes(settings)
  return levels.map((level, place) => {
    const slowness = 10 / shapes[place]!.timeConstant
    const kept = noise === 0 ? 0 : (learningRate * slowness * (reward - usual)) / noise
    return { ...level, parameters: changed(level.parameters, tried[place]!, kept) }
  })
}

/** A step of the chain: new signals, guidance and rates. */
function chained(
  control: MetaControl,
  reproduction: ReproductionSettings,
  settings: MetaControlSettings,
  random: Random,
): MetaControl {
  const { noise = DEFAULT_NOISE, momentum = 0.9, sensors = sensorNames } = settings
  const shapes = levelShapes(settings)
  const tried = shapes.map((shape, place) => {
    const from = random.fork('noise').fork(place)
    return Float64Array.from({ length: parameterCount(shape) }, () => noise * from.gaussian())
  })
  const { metrics, rates, task } = control
  const [before2, before1, before0] = control.levels
  const l2 = levelStep(shapes[0]!, before2!, metricInputs(metrics), tried[0])
  const l1 = levelStep(shapes[1]!, before1!, l2.outputs, tried[1])
  const sensed = sensors.map((name) => sensorInput(name, metrics, rates, task.explorationBoost))
  const l0 = levelStep(shapes[2]!, before0!, [...l1.outputs, ...sensed], tried[2])
  const fixed = fixedRates(reproduction)
  const bounds = boundsAround(fixed, settings.bounds)
  const chainRates = mapRates((name) => {
    const wanted = rateAt(l0.outputs[rateNames.indexOf(name)]!, fixed[name], bounds[name])
    return momentum * control.chainRates[name] + (1 - momentum) * wanted
  })
  const guidance = guided({ ...defaultGuidance, ...settings.guidance }, l2.outputs)
  return { ...control, levels: [l2, l1, l0], tried, chainRates, guidance }
}

/** Guidance as the slowest level says: 0.5 is the settings' own. */
function guided(base: Guidance, signals: ArrayLike<number>): Guidance {
  const moved = guidedNames.map((name, i) => [
    name,
    rateAt(signals[i]!, base[name], guidanceRanges[name]),
  ])
  return { ...base, ...Object.fromEntries(moved) }
}

function metaSettingsOf({ adaptation }: ReproductionSettings): MetaControlSettings {
  if (adaptation?.kind === 'meta_control') return adaptation
  throw new RangeError('the adaptation of these settings is no meta_control')
}
