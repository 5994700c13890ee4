// rtNEAT (Stanley, Bryant & Miikkulainen 2005, "Real-time neuroevolution in the NERO video game",
// section III): evolution while everybody goes on living, one replacement at a time.
//
//   const settings = { ...settingsFor('xor'), strategy: rtneat({ minimumAge: 1 }) }
//
// A tick is one evaluation of every agent that acts in it. Every few ticks the worst agent, by
// fitness shared within its species, among those that have lived long enough to be judged, is
// replaced by a child of a species drawn in proportion to its mean fitness; then the threshold of
// compatibility follows the number of species and everybody is sorted anew.
//
// Fitness is the mean over an agent's life, so it may be noisy or depend on who else is there: then
// let all act in a tick (`agentsPerTick: 0`), and let them live long. A problem that scores a network
// the same every time needs one agent a tick, the newborn; the others act in their turn.

import { POPULATION_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { whole, within } from '../evolution-settings.ts'
import { firstGenotypes } from '../first-generation.ts'
import { bestIndex, rankable, sharedFitness } from '../fitness.ts'
import {
  type GenomePool,
  GenomeWriter,
  repacked,
  unpackGenotype,
  unpackGenotypes,
} from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { type Birth, firstBirths, idsOf, immigrantBirth } from '../lineage.ts'
import { checkAdaptation } from '../meta-control/check-meta-control.ts'
import {
  type Controlled,
  firstMeta,
  metaAfterCohort,
  metaRestarted,
} from '../meta-control/controlled-state.ts'
import { controlled, metaMeasures } from '../meta-control/meta-controller.ts'
import { ranked, survivors } from '../selection.ts'
import {
  adjustedThreshold,
  chooseRepresentatives,
  membersOf,
  type Species,
  speciate,
  speciesSizes,
} from '../speciation.ts'
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

export interface RtneatSettings extends StrategySettings {
  readonly name: 'rtneat'
  /** Evaluations an agent has before it is judged (the paper's m). */
  readonly minimumAge: number
  /** Ticks from one replacement to the next (n); 0 = by the law of eligibility. */
  readonly ticksPerReplacement: number
  /** Part of the population that may be too young to be judged (I), for that law: n = m / |P| I. */
  readonly ineligible: number
  /** Agents evaluated in a tick; default 1; 0 = all, as in the paper. */
  readonly agentsPerTick: number
}

const defaults: RtneatSettings = {
  name: 'rtneat',
  minimumAge: 1,
  ticksPerReplacement: 0,
  ineligible: 0.5,
  agentsPerTick: 1,
}

/** Settings of the strategy: those given, and the default of every other. */
export function rtneat(given: Partial<RtneatSettings> = {}): RtneatSettings {
  return { ...defaults, ...given }
}

export interface RtneatState extends EvolutionState, Controlled {
  readonly living: GenomePool
  /** With `settings.lineage`: how each came about. */
  readonly livingBirths?: readonly Birth[]
  /** Mean over the life of each; NaN before it was evaluated. */
  readonly fitnesses: Float64Array
  /** Evaluations each has had. */
  readonly ages: Float64Array
  readonly speciesOf: Int32Array
  readonly species: readonly Species[]
  readonly nextSpeciesId: number
  readonly threshold: number
  /** Whose turn it is next among those that are old enough. */
  readonly cursor: number
  readonly replacements: number
  readonly headway: Headway
  readonly restarts: number
}

export const rtneatStrategy: Strategy<RtneatState> = {
  name: 'rtneat',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    const { settings } = base
    check(parametersOf(settings, defaults))
    checkAdaptation('rtneat', settings.reproduction, ['meta_control'])
    const living = firstGenotypes(base.shape, settings, [], streamOf(base, 0))
    const threshold = settings.speciation.compatibilityThreshold
    return {
      ...base,
      ...unknown(living),
      ...speciate(living, 0, [], 0, threshold, settings.speciation),
      threshold,
      replacements: 0,
      headway: noHeadway,
      restarts: 0,
      ...bornFirst(settings, living, 0),
      ...firstMeta(settings, seed),
    }
  },
  ask: (state) => actingIn(state).map((agent) => unpackGenotype(state.living, agent)),
  tell(state, evaluations) {
    const acting = actingIn(state)
    const told = fitnessesOf(evaluations, acting.length)
    const lived = afterTick(state, acting, told)
    const asked = gathered(
      state.living,
      acting.map((agent) => [state.living, agent] as const),
    )
    // Immigrants wait until somebody is replaced.
    const next = { ...lived, ...toldOf(state, asked, told), immigrants: state.immigrants }
    const headway = headwayAfter(state.headway, next, rankable(told[bestIndex(told)] ?? Number.NaN))
    if (isStuck(headway, next)) return restarted(next)
    const after = { ...next, ...controlAfter(next), headway }
    return isTimeToReplace(after) ? replaced(after) : after
  },
  inherit(state, heirs) {
    const acting = actingIn(state)
    const all = unpackGenotypes(state.living)
    for (const [place, agent] of acting.entries()) all[agent] = heirs[place]!
    return { ...state, living: repacked(state.shape, all) }
  },
  living: ({ living }) => living,
  kin(state) {
    const { livingBirths, ages, speciesOf } = state
    const acting = actingIn(state)
    const species = acting.map((agent) => speciesOf[agent]!)
    if (livingBirths === undefined) return { species }
    const births = acting.map((agent) => (ages[agent] === 0 ? livingBirths[agent] : undefined))
    return { species, births }
  },
  measures: ({ species, threshold, replacements, restarts, living, meta }) => ({
    ...metaMeasures(meta),
    restarts,
    species: species.length,
    threshold,
    replacements,
    population: living.size,
  }),
  speciesSizes: ({ speciesOf }) => speciesSizes(speciesOf),
}

function bornFirst(
  settings: EvolutionState['settings'],
  { size }: GenomePool,
  immigrants: number,
): Pick<RtneatState, 'livingBirths'> {
  const { births } = firstBirths(settings, size, immigrants)
  return births === undefined ? {} : { livingBirths: births }
}

/** Agents of whom nothing is known yet. */
function unknown(
  living: GenomePool,
): Pick<RtneatState, 'living' | 'fitnesses' | 'ages' | 'cursor'> {
  const fitnesses = new Float64Array(living.size).fill(Number.NaN)
  return { living, fitnesses, ages: new Float64Array(living.size), cursor: 0 }
}

/** Begins anew with random genotypes, and immigrants. */
function restarted(state: RtneatState): RtneatState {
  const { shape, settings, generation, evaluations, immigrants, nextSpeciesId } = state
  const living = firstGenotypes(shape, settings, immigrants, streamOf(state, generation))
  const threshold = settings.speciation.compatibilityThreshold
  return {
    ...state,
    ...unknown(living),
    ...speciate(living, generation, [], nextSpeciesId, threshold, settings.speciation),
    threshold,
    immigrants: [],
    headway: { ...noHeadway, at: evaluations },
    restarts: state.restarts + 1,
    ...bornFirst(settings, living, immigrants.length),
    ...metaRestarted(state),
  }
}

/** The controller, which looks once in a population's worth of evaluations. */
function controlAfter(state: RtneatState): Controlled {
  if (state.meta === undefined) return {}
  const { living, fitnesses, evaluations, species, generation } = state
  const count = { evaluations, species: species.length }
  return metaAfterCohort(state, living, fitnesses, count, streamOf(state, generation))
}

function check(parameters: RtneatSettings): void {
  whole('minimumAge', parameters.minimumAge, 1, Number.MAX_SAFE_INTEGER)
  whole('ticksPerReplacement', parameters.ticksPerReplacement, 0, Number.MAX_SAFE_INTEGER)
  within('ineligible', parameters.ineligible, Number.EPSILON, 1)
  whole('agentsPerTick', parameters.agentsPerTick, 0, POPULATION_MAX)
}

/** Who acts in this tick: the young first, then the others in turn. */
function actingIn({ living, ages, cursor, settings }: RtneatState): number[] {
  const { minimumAge, agentsPerTick } = parametersOf(settings, defaults)
  const all = Array.from({ length: living.size }, (_, agent) => agent)
  if (agentsPerTick === 0 || agentsPerTick >= living.size) return all
  const young = all.filter((agent) => ages[agent]! < minimumAge)
  const old = all.filter((agent) => ages[agent]! >= minimumAge)
  const start = old.findIndex((agent) => agent >= cursor)
  const inTurn = start < 0 ? old : [...old.slice(start), ...old.slice(0, start)]
  return [...young, ...inTurn].slice(0, agentsPerTick)
}

/** Everybody who acted is older and better known. */
function afterTick(state: RtneatState, acting: readonly number[], told: Float64Array): RtneatState {
  const fitnesses = Float64Array.from(state.fitnesses)
  const ages = Float64Array.from(state.ages)
  const { minimumAge } = parametersOf(state.settings, defaults)
  let { cursor } = state
  for (const [i, agent] of acting.entries()) {
    const age = ages[agent]!
    fitnesses[agent] =
      age === 0 ? told[i]! : fitnesses[agent]! + (told[i]! - fitnesses[agent]!) / (age + 1)
    ages[agent] = age + 1
    if (age >= minimumAge) cursor = agent + 1
  }
  return { ...state, fitnesses, ages, cursor: cursor >= ages.length ? 0 : cursor }
}

/** Ticks from one replacement to the next. */
export function replacementInterval(
  { minimumAge, ticksPerReplacement, ineligible }: RtneatSettings,
  populationSize: number,
): number {
  if (ticksPerReplacement > 0) return ticksPerReplacement
  return Math.max(1, Math.round(minimumAge / (populationSize * ineligible)))
}

function isTimeToReplace({ settings, generation, ages, living }: RtneatState): boolean {
  const parameters = parametersOf(settings, defaults)
  if (generation % replacementInterval(parameters, living.size) !== 0) return false
  // At the start nobody can be judged before all can be compared.
  return ages.every((age) => age > 0) && ages.some((age) => age >= parameters.minimumAge)
}

/** One goes, one comes. */
function replaced(state: RtneatState): RtneatState {
  const { living, fitnesses, ages, settings, generation, species, speciesOf } = state
  const random = streamOf(state, generation)
  const members = membersOf(species, speciesOf)
  const victim = worstOf(state, members)
  if (victim === undefined) return state
  const left = members.map((indices) => indices.filter((index) => index !== victim))
  const [immigrant, ...immigrants] = state.immigrants
  const { child, birth } =
    immigrant === undefined
      ? childOf(state, left, random)
      : { child: immigrant, birth: immigrantBirth }
  const places = Array.from({ length: living.size }, (_, agent) => agent)
  const newcomer = packed(living, child)
  const pool = gathered(
    living,
    places.map((agent) =>
      agent === victim ? ([newcomer, 0] as const) : ([living, agent] as const),
    ),
  )
  const kept = species.filter((_, place) => left[place]!.length > 0)
  const keptMembers = left.filter((indices) => indices.length > 0)
  const threshold = adjustedThreshold(state.threshold, kept.length, settings.speciation)
  return {
    ...state,
    living: pool,
    fitnesses: fitnesses.with(victim, Number.NaN),
    ages: ages.with(victim, 0),
    immigrants,
    ...withBirth(state, victim, birth),
    ...speciate(
      pool,
      generation,
      chooseRepresentatives(living, kept, keptMembers, random.fork('representatives')),
      state.nextSpeciesId,
      threshold,
      settings.speciation,
    ),
    threshold,
    replacements: state.replacements + 1,
  }
}

function withBirth(
  { livingBirths }: RtneatState,
  place: number,
  birth: Birth | undefined,
): Pick<RtneatState, 'livingBirths'> {
  if (livingBirths === undefined || birth === undefined) return {}
  return { livingBirths: livingBirths.with(place, birth) }
}

/** The worst that is old enough, by shared fitness; undefined when nobody is. */
function worstOf(
  { fitnesses, ages, settings }: RtneatState,
  members: readonly (readonly number[])[],
): number | undefined {
  const { minimumAge } = parametersOf(settings, defaults)
  const lowest = fitnesses.reduce((a, b) => (Number.isFinite(b) ? Math.min(a, b) : a), 0)
  let [worst, least]: [number | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const indices of members) {
    for (const agent of indices) {
      if (ages[agent]! < minimumAge) continue
      const own = fitnesses[agent]!
      const shared = Number.isFinite(own) ? (own - lowest) / indices.length : -1
      if (shared < least) [worst, least] = [agent, shared]
    }
  }
  return worst
}

/** A child of a species drawn by its mean fitness; its birth, where that is wanted. */
function childOf(
  { living, fitnesses, settings, meta }: RtneatState,
  members: readonly (readonly number[])[],
  random: Random,
): { readonly child: Genotype; readonly birth: Birth | undefined } {
  const reproduction = controlled(settings.reproduction, meta)
  const shares = sharedFitness(fitnesses, members).map((share, place) =>
    members[place]!.length === 0 ? 0 : share,
  )
  const parents = members.map((indices) =>
    indices.length === 0
      ? []
      : survivors(ranked(indices, fitnesses), reproduction.survivalThreshold),
  )
  const places = parents.map((_, place) => place).filter((place) => parents[place]!.length > 0)
  const own = parents[spun(shares, places, random.fork('species'))]!
  const pick = (from: Random): number => own[from.integer(own.length)]!
  const pickMate = (from: Random): number => {
    if (from.next() >= reproduction.interspecies) return pick(from)
    const others = parents[places[from.integer(places.length)]!]!
    return others[from.integer(others.length)]!
  }
  const writer = new GenomeWriter(living.inputs, living.outputs)
  const parentage = new ParentageWriter(1, settings.lineage ? idsOf(living) : undefined)
  const choice = { pick, pickMate }
  breed(
    { writer, parentage },
    { genomes: living, fitnesses },
    choice,
    reproduction,
    random.fork('child'),
  )
  return { child: unpackGenotype(writer.finish(), 0), birth: parentage.births.births?.[0] }
}

/** One of the places, with a chance in proportion to its share; any when there are no shares. */
function spun(shares: readonly number[], places: readonly number[], random: Random): number {
  const total = places.reduce((sum, place) => sum + shares[place]!, 0)
  if (!(total > 0)) return places[random.integer(places.length)]!
  let left = random.next() * total
  for (const place of places) {
    left -= shares[place]!
    if (left < 0) return place
  }
  return places[places.length - 1]!
}

function packed({ inputs, outputs }: GenomePool, genotype: Genotype): GenomePool {
  const writer = new GenomeWriter(inputs, outputs)
  writer.append(genotype)
  return writer.finish()
}
