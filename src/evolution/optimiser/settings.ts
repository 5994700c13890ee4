// Topologies and settings of weight optimisers that work, by task, found by search on seeds other
// than those of the figures in docs/benchmarks.md, which `npm run bench -- records` repeats.
import type { NetworkShape } from '../first-generation.ts'
import type { Genotype } from '../genotype.ts'
import { type LayeredSketch, layeredGenotype } from './layered-genotype.ts'
import { type OptimiserName, optimiserNames } from './optimisation.ts'
import type { WeightSettings } from './optimise.ts'
import type { WeightStrategySettings } from './weight-strategy.ts'

/** A topology, but for the task's inputs and outputs, and how its weights are searched for. */
export interface WeightTask {
  readonly topology: Omit<LayeredSketch, 'shape'>
  readonly settings: WeightSettings
}

/** For every task without settings of its own: one hidden layer, CMA-ES with IPOP restarts. */
export const defaultWeightTask: WeightTask = {
  topology: { hidden: [4] },
  settings: { optimiser: 'cma_es', sigma0: 1, restarts: 'ipop' },
}

/** More hidden neurons, for truth tables: 4 are too few for 16 rows and more. */
function wide(hidden: number): WeightTask {
  return { ...defaultWeightTask, topology: { hidden: [hidden] } }
}

const weightTasks: Readonly<Record<string, WeightTask>> = {
  parity4: wide(12),
  parity5: wide(12),
  multiplexer6: wide(12),
  retina_and: wide(8),
  retina_or: wide(8),
  /**
   * Double pole with velocities: 6-3-1 without biases, so that it is odd, as the task is symmetric
   * (Igel 2003, who had 6 hidden neurons).
   */
  dpv: {
    topology: { hidden: [3] },
    settings: { optimiser: 'snes', sigma0: 1, popsize: 8, biases: false, restarts: 'ipop' },
  },
  /**
   * Without velocities: Elman's network, 3-2-1 without biases. A run that has not found one that
   * generalises early is begun anew. CMA-ES needs a bound (`mindx` 0.14), because it converges on
   * networks that balance for 1,000 steps and no more.
   */
  dpnv: {
    topology: { hidden: [2], memory: 'elman' },
    settings: {
      optimiser: 'xnes',
      sigma0: 0.4,
      biases: false,
      restarts: 'same',
      maxrestarts: 1_000,
      maxiter: 100,
    },
  },
}

/** Topology and settings for a task's name. */
export function weightTaskFor(task: string): WeightTask {
  return weightTasks[task] ?? defaultWeightTask
}

/** The settings of a task for another optimiser: what depends on its own one is left out. */
export function weightSettingsFor(task: string, name: OptimiserName): WeightSettings {
  const { settings } = weightTaskFor(task)
  if (settings.optimiser === name) return settings
  const { sigma0 = 1, biases = true } = settings
  return { optimiser: name, sigma0, biases, restarts: 'same', maxrestarts: 1_000 }
}

/** The strategy of that name for a task, with the topology and settings that suit it. */
export function weightStrategyFor(task: string, name: OptimiserName): WeightStrategySettings {
  const { optimiser: _, ...settings } = weightSettingsFor(task, name)
  return { name, ...weightTaskFor(task).topology, ...settings }
}

export function isOptimiserName(name: string): name is OptimiserName {
  return optimiserNames.includes(name)
}

/** A task's topology, with weights of 0. */
export function topologyFor(task: string, shape: NetworkShape): Genotype {
  return layeredGenotype({ ...weightTaskFor(task).topology, shape })
}
