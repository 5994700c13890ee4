// Steady state: no generations. A few children are evaluated at a time, and each takes the place of
// one that lives (Syswerda 1991; parameters as faber_neuroevolution's).
//
//   const settings = { ...settingsFor('xor'), strategy: steadyState({ replace: 4 }) }
//
// With one child at a time selection is as fresh as it can be, and one worker is busy: `replace`
// children are bred from the same parents, so that as many workers have something to do.

import { POPULATION_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { oneOf, whole } from '../evolution-settings.ts'
import { firstGenotypes } from '../first-generation.ts'
import { bestIndex, rankable } from '../fitness.ts'
import { type GenomePool, GenomeWriter, repacked, unpackGenotypes } from '../genome-pool.ts'
import { firstBirths, idsOf } from '../lineage.ts'
import { checkAdaptation } from '../meta-control/check-meta-control.ts'
import {
  type Controlled,
  firstMeta,
  metaAfterCohort,
  metaRestarted,
} from '../meta-control/controlled-state.ts'
import { controlled, metaMeasures } from '../meta-control/meta-controller.ts'
import { tournament } from '../parent-selection.ts'
import { breed, ParentageWriter } from './breeding.ts'
import {
  begun,
  fitnessesOf,
  gathered,
  type Headway,
  headwayAfter,
  isStuck,
  noHeadway,
  parametersOf,
  streamOf,
  toldOf,
} from './round.ts'
import type { EvolutionState, Strategy, StrategySettings } from './strategy.ts'

export interface SteadyStateSettings extends StrategySettings {
  readonly name: 'steady_state'
  /** Children a round. */
  readonly replace: number
  /** Candidates of which the best becomes a parent. */
  readonly tournamentSize: number
  /**
   * Whose place a child takes. `worst`: that of the worst, if the child is better. `oldest`,
   * `random`, `tournament` (the worst of `tournamentSize`): theirs, in any case.
   */
  readonly victim: Victim
  /** Evaluations after which one has to go first; 0 = it may live for ever. */
  readonly maxAge: number
  /** The best that lives is never a victim. */
  readonly elitism: boolean
}

export const victims = ['worst', 'oldest', 'random', 'tournament'] as const
export type Victim = (typeof victims)[number]

const defaults: SteadyStateSettings = {
  name: 'steady_state',
  replace: 1,
  tournamentSize: 3,
  victim: 'worst',
  maxAge: 5_000,
  elitism: true,
}

/** Settings of the strategy: those given, and the default of every other. */
export function steadyState(given: Partial<SteadyStateSettings> = {}): SteadyStateSettings {
  return { ...defaults, ...given }
}

export interface SteadyState extends EvolutionState, Controlled {
  /** Those that were evaluated and live; none in the first round. */
  readonly living: GenomePool
  readonly fitnesses: Float64Array
  /** The count of evaluations when each was. */
  readonly bornAt: Float64Array
  readonly asked: GenomePool
  readonly headway: Headway
  readonly restarts: number
}

export const steadyStateStrategy: Strategy<SteadyState> = {
  name: 'steady_state',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    check(parametersOf(base.settings, defaults))
    checkAdaptation('steady_state', base.settings.reproduction, ['meta_control'])
    return {
      ...base,
      ...nobody(base.shape),
      asked: firstGenotypes(base.shape, base.settings, [], streamOf(base, 0)),
      headway: noHeadway,
      restarts: 0,
      ...firstBirths(base.settings, base.settings.populationSize),
      ...firstMeta(base.settings, seed),
    }
  },
  ask: ({ asked }) => unpackGenotypes(asked),
  tell(state, evaluations) {
    const fitnesses = fitnessesOf(evaluations, state.asked.size)
    const random = streamOf(state, state.generation + 1)
    const settled = settle(state, fitnesses, random.fork('victims'))
    const next = { ...state, ...settled, ...toldOf(state, state.asked, fitnesses) }
    const best = rankable(fitnesses[bestIndex(fitnesses)]!)
    const headway = headwayAfter(state.headway, next, best)
    if (isStuck(headway, next)) return restarted(next, state.immigrants, random)
    const { living, fitnesses: known, evaluations: count } = next
    const control = metaAfterCohort(next, living, known, { evaluations: count, species: 1 }, random)
    const controlledNext = { ...next, ...control, headway }
    return { ...controlledNext, ...children(controlledNext, state.immigrants, random) }
  },
  inherit: (state, heirs) => ({ ...state, asked: repacked(state.shape, heirs) }),
  living: ({ living, asked }) => (living.size > 0 ? living : asked),
  measures: ({ fitnesses, bornAt, evaluations, restarts, meta }) => ({
    ...metaMeasures(meta),
    restarts,
    population: fitnesses.length,
    oldest: bornAt.reduce((oldest, born) => Math.max(oldest, evaluations - born), 0),
  }),
}

function nobody(
  shape: EvolutionState['shape'],
): Pick<SteadyState, 'living' | 'fitnesses' | 'bornAt'> {
  const living = gathered(shape, [])
  return { living, fitnesses: new Float64Array(0), bornAt: new Float64Array(0) }
}

/** Begins anew with random genotypes, and immigrants. */
function restarted(
  state: SteadyState,
  immigrants: EvolutionState['immigrants'],
  random: Random,
): SteadyState {
  const { shape, settings, evaluations } = state
  return {
    ...state,
    ...nobody(shape),
    asked: firstGenotypes(shape, settings, immigrants, random),
    headway: { ...noHeadway, at: evaluations },
    restarts: state.restarts + 1,
    ...firstBirths(settings, settings.populationSize, immigrants.length),
    ...metaRestarted(state),
  }
}

function check(parameters: SteadyStateSettings): void {
  whole('replace', parameters.replace, 1, POPULATION_MAX)
  whole('tournamentSize', parameters.tournamentSize, 1, POPULATION_MAX)
  whole('maxAge', parameters.maxAge, 0, Number.MAX_SAFE_INTEGER)
  oneOf('victim', parameters.victim, victims)
}

/** Those that live after the evaluated ones have taken their places. */
function settle(
  { living, fitnesses, bornAt, asked, settings, evaluations }: SteadyState,
  told: Float64Array,
  random: Random,
): Pick<SteadyState, 'living' | 'fitnesses' | 'bornAt'> {
  const parameters = parametersOf(settings, defaults)
  const places: { pool: GenomePool; index: number; fitness: number; born: number }[] = Array.from(
    fitnesses,
    (fitness, index) => ({ pool: living, index, fitness, born: bornAt[index]! }),
  )
  for (let index = 0; index < asked.size; index++) {
    const born = evaluations + index
    const child = { pool: asked, index, fitness: told[index]!, born }
    if (places.length < settings.populationSize) {
      places.push(child)
      continue
    }
    const victim = victimOf(places, child, parameters, random)
    if (victim !== undefined) places[victim] = child
  }
  return {
    living: gathered(
      living,
      places.map(({ pool, index }) => [pool, index] as const),
    ),
    fitnesses: Float64Array.from(places, ({ fitness }) => fitness),
    bornAt: Float64Array.from(places, ({ born }) => born),
  }
}

interface Place {
  readonly fitness: number
  readonly born: number
}

/** Whose place the child takes; undefined when it is the child that has to go. */
function victimOf(
  places: readonly Place[],
  child: Place,
  { victim, maxAge, elitism, tournamentSize }: SteadyStateSettings,
  random: Random,
): number | undefined {
  const fitnesses = places.map(({ fitness }) => fitness)
  const spared = elitism && child.fitness <= Math.max(...fitnesses.map(rankable))
  const best = spared ? bestIndex(fitnesses) : -1
  const candidates = places.map((_, place) => place).filter((place) => place !== best)
  if (candidates.length === 0) return undefined
  const oldest = candidates.reduce((a, b) => (places[b]!.born < places[a]!.born ? b : a))
  if (maxAge > 0 && child.born - places[oldest]!.born > maxAge) return oldest
  if (victim === 'oldest') return oldest
  const worse = (a: number, b: number): number =>
    rankable(fitnesses[b]!) < rankable(fitnesses[a]!) ? b : a
  if (victim === 'worst') {
    const worst = candidates.reduce(worse)
    return rankable(child.fitness) > rankable(fitnesses[worst]!) ? worst : undefined
  }
  const draw = (): number => candidates[random.integer(candidates.length)]!
  if (victim === 'random') return draw()
  return Array.from({ length: tournamentSize }, draw).reduce(worse)
}

/** The next round: immigrants, then children. */
function children(
  { living, fitnesses, settings, shape, meta }: SteadyState,
  immigrants: EvolutionState['immigrants'],
  random: Random,
): Pick<SteadyState, 'asked' | 'births'> {
  const { replace, tournamentSize } = parametersOf(settings, defaults)
  const reproduction = controlled(settings.reproduction, meta)
  const writer = new GenomeWriter(shape.inputs, shape.outputs)
  const size = Math.max(replace, immigrants.length)
  const parentage = new ParentageWriter(size, settings.lineage ? idsOf(living) : undefined)
  for (const immigrant of immigrants) {
    writer.append(immigrant)
    parentage.immigrant()
  }
  const pick = (from: Random): number => tournament(fitnesses, living.size, tournamentSize, from)
  while (writer.size < size) {
    breed(
      { writer, parentage },
      { genomes: living, fitnesses },
      { pick, pickMate: pick },
      reproduction,
      random.fork(writer.size),
    )
  }
  return { asked: writer.finish(), ...parentage.births }
}
