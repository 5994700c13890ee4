// The resource silo: less work at a time while memory or processor run short, and a pause when
// memory is critical. Pure: readings are arguments, so that what it decides can be repeated.
//
//   let silo = firstResourceSilo
//   silo = resourceSiloAfter(silo, { memory: 0.8, cpu: 0.5 })
//   concurrencyOf(silo, 16)          // 12: a quarter less
//
// It decides how work is done, never what comes of it: scores and evolution are the same at every
// reading. Hence it keeps nothing in checkpoints, and how often a genotype is evaluated, which the
// peer lets it set, is an answer it gives (`effectiveEvaluations`) and nobody here follows.
//
// Equations and constants are faber_neuroevolution's (`resource_silo`): pressure beyond a threshold
// takes up to nine tenths of the work away, with a time constant of five readings. A critical
// reading counts at once.
import { whole, within } from '../settings-check.ts'

/** Parts of what there is, from 0 to 1. */
export interface ResourceReading {
  readonly memory: number
  readonly cpu: number
}

export interface ResourceSettings {
  /** Memory beyond which less is done at a time; default 0.7. */
  readonly memoryHigh?: number
  /** Memory from which nothing is begun for a while; default 0.9. */
  readonly memoryCritical?: number
  /** Processor time beyond which less is done at a time; default 0.9. */
  readonly cpuHigh?: number
  /** Part of the work that full pressure takes away; default 0.9. */
  readonly pressureScale?: number
  /** Part of the work that is left at least; default 0.1. */
  readonly minScale?: number
  /** Readings over which pressure is smoothed; default 5. */
  readonly timeConstant?: number
  /** Milliseconds of a pause; default 5,000. */
  readonly pauseMs?: number
}

const defaults: Required<ResourceSettings> = {
  memoryHigh: 0.7,
  memoryCritical: 0.9,
  cpuHigh: 0.9,
  pressureScale: 0.9,
  minScale: 0.1,
  timeConstant: 5,
  pauseMs: 5_000,
}

/** Settings: those given, and the default of every other. Throws EvolutionSettingsError. */
export function resourceSettings(given: ResourceSettings = {}): Required<ResourceSettings> {
  const settings = { ...defaults, ...given }
  within('resources.memoryHigh', settings.memoryHigh, 0, 1)
  within('resources.memoryCritical', settings.memoryCritical, settings.memoryHigh, 1)
  within('resources.cpuHigh', settings.cpuHigh, 0, 1)
  within('resources.pressureScale', settings.pressureScale, 0, 1)
  within('resources.minScale', settings.minScale, 0, 1)
  within('resources.timeConstant', settings.timeConstant, 1, Number.MAX_VALUE)
  whole('resources.pauseMs', settings.pauseMs, 1, 3_600_000)
  return settings
}

export type ResourceAction = 'continue' | 'throttle' | 'pause'

/** Plain data. */
export interface ResourceSilo {
  readonly action: ResourceAction
  /** From 0 to 1, smoothed: how far beyond the thresholds. */
  readonly pressure: number
  /** Part of the work that may be under way. */
  readonly scale: number
  /** Readings that were critical. */
  readonly pauses: number
}

export const firstResourceSilo: ResourceSilo = {
  action: 'continue',
  pressure: 0,
  scale: 1,
  pauses: 0,
}

/** The silo after a reading; what is no number counts as none of it used. */
export function resourceSiloAfter(
  silo: ResourceSilo,
  reading: ResourceReading,
  given: ResourceSettings = {},
): ResourceSilo {
  const settings = { ...defaults, ...given }
  const { memoryHigh, memoryCritical, cpuHigh, pressureScale, minScale, timeConstant } = settings
  const [memory, cpu] = [part(reading.memory), part(reading.cpu)]
  const now = Math.max(beyond(memory, memoryHigh), beyond(cpu, cpuHigh))
  const pressure = silo.pressure + (now - silo.pressure) / timeConstant
  const scale = Math.max(minScale, 1 - pressure * pressureScale)
  if (memory >= memoryCritical) {
    return { action: 'pause', pressure, scale, pauses: silo.pauses + 1 }
  }
  const isHigh = memory >= memoryHigh || cpu >= cpuHigh
  return { action: isHigh ? 'throttle' : 'continue', pressure, scale, pauses: silo.pauses }
}

/** How many of `most` jobs may be under way; at least one. */
export function concurrencyOf({ scale }: ResourceSilo, most: number): number {
  return Math.max(1, Math.round(most * scale))
}

/** The evaluations of a genotype that resources allow, of `most`; at least one. */
export function evaluationsLimit(silo: ResourceSilo, most = 20): number {
  return concurrencyOf(silo, most)
}

/** What is made of a limit by resources and a wish of the task: max(1, min(limit, wish)). */
export function effectiveEvaluations(limit: number, wish: number): number {
  return Math.max(1, Math.min(limit, wish))
}

/** 0 up to the threshold, 1 where everything is used. */
function beyond(value: number, threshold: number): number {
  if (value <= threshold) return 0
  return Math.min(1, (value - threshold) / (1 - threshold))
}

function part(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(0, Math.min(1, value))
}
