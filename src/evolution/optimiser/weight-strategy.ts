// Optimisers of weights as strategies of a population: one topology, whose numbers an optimiser
// searches for. One strategy an optimiser, under its name.
//
//   const strategy = weightStrategy({ name: 'cma_es', hidden: [6], biases: false, sigma0: 1 })
//   const state = startEvolution(doublePole, { ...settingsFor('dpv'), strategy }, 42)
//
// Of the evolution's settings only `strategy` counts: the number of candidates is the optimiser's
// (`popsize`), and nothing is mutated or crossed. An immigrant is evaluated beside the candidates
// and may become the champion; it does not move the search.
import type { Evaluation } from '../environment/environment.ts'
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { packGenotypes } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { type Birth, immigrantBirth } from '../lineage.ts'
import { checkAdaptation } from '../meta-control/check-meta-control.ts'
import { begun, championAfter, fitnessesOf } from '../strategy/round.ts'
import type { EvolutionState, Strategy, StrategySettings } from '../strategy/strategy.ts'
import { type LayeredSketch, layeredGenotype } from './layered-genotype.ts'
import {
  askOptimisation,
  type Optimisation,
  type OptimisationSettings,
  type OptimiserName,
  optimiserNames,
  startOptimisation,
  tellOptimisation,
} from './optimisation.ts'
import { type WeightParts, weightsOf, withWeights } from './weights.ts'

type WithoutName<Settings> = Settings extends unknown ? Omit<Settings, 'optimiser'> : never

/** The optimiser's own settings stand beside those of the topology. Plain data. */
export type WeightStrategySettings = StrategySettings &
  Partial<Omit<LayeredSketch, 'shape'>> &
  WeightParts & {
    readonly name: OptimiserName
    /** Whose topology it is, and where the search begins; instead of `hidden` and `memory`. */
    readonly genotype?: Genotype
  } & Partial<WithoutName<OptimisationSettings>>

/** A strategy's settings: those given, sigma0 1 and IPOP restarts unless said otherwise. */
export function weightStrategy(settings: WeightStrategySettings): WeightStrategySettings {
  return settings
}

/** Plain data. */
export interface WeightState extends EvolutionState {
  /** Its numbers are replaced by those of each candidate. */
  readonly topology: Genotype
  readonly parts: WeightParts
  readonly optimisation: Optimisation
  /** Immigrants that are evaluated beside the candidates of this round. */
  readonly visitors: readonly Genotype[]
}

function init(
  name: string,
  ...[task, given, seed]: Parameters<Strategy<WeightState>['init']>
): WeightState {
  const base = begun(task, given, seed)
  checkAdaptation(name, base.settings.reproduction, [])
  const {
    hidden = [4],
    memory = 'none',
    biases = true,
    timeConstants = false,
    genotype,
    name: _,
    ...own
  } = { ...given.strategy } as Partial<WeightStrategySettings>
  const { shape } = base
  const plain = genotype ?? layeredGenotype({ shape, hidden, memory })
  const { substrate } = shape
  const topology = substrate === undefined ? plain : { ...plain, substrate }
  if (topology.inputs !== shape.inputs || topology.outputs !== shape.outputs) {
    const has = `${topology.inputs} inputs and ${topology.outputs} outputs`
    const wanted = `${shape.inputs} and ${shape.outputs}`
    throw new EvolutionSettingsError(`genotype has ${has}: use one of ${wanted}`)
  }
  const parts = { biases, timeConstants }
  // Each optimiser checks its own settings.
  const settings = { sigma0: 1, restarts: 'ipop', ...own, optimiser: name } as OptimisationSettings
  const optimisation = startOptimisation(weightsOf(topology, parts), settings, seed)
  return { ...base, topology, parts, optimisation, visitors: [] }
}

function ask({ topology, parts, optimisation, visitors }: WeightState): Genotype[] {
  const candidates = askOptimisation(optimisation)
  return [...candidates.map((x) => withWeights(topology, x, parts)), ...visitors]
}

function tell(state: WeightState, evaluations: readonly Evaluation[]): WeightState {
  const asked = ask(state)
  const fitnesses = fitnessesOf(evaluations, asked.length)
  const candidates = askOptimisation(state.optimisation)
  const told = fitnesses.subarray(0, candidates.length)
  const champion = championAfter(state, fitnesses, (index) => asked[index]!)
  return {
    ...state,
    optimisation: tellOptimisation(state.optimisation, candidates, told),
    generation: state.generation + 1,
    evaluations: state.evaluations + asked.length,
    visitors: state.immigrants,
    immigrants: [],
    ...(champion === undefined ? {} : { champion }),
  }
}

/** One strategy an optimiser. */
export const weightStrategies: readonly Strategy<WeightState>[] = optimiserNames.map((name) => ({
  name,
  init: (task, settings, seed) => init(name, task, settings, seed),
  ask,
  tell,
  kin: ({ optimisation, visitors, settings }) => {
    if (settings.lineage !== true) return {}
    // The parent of a candidate is the distribution, which all before it have shaped.
    const sample: Birth = { kind: 'sample', parents: [], operators: [name] }
    const candidates = askOptimisation(optimisation).map(() => sample)
    return { births: [...candidates, ...visitors.map(() => immigrantBirth)] }
  },
  living: (state) => packGenotypes(state.shape.inputs, state.shape.outputs, ask(state)),
  measures: ({ optimisation }) => ({
    restarts: optimisation.restarts,
    candidates: askOptimisation(optimisation).length,
    iteration: optimisation.run.iteration,
  }),
}))
