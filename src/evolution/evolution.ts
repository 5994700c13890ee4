// Evolution by whatever strategy: begin, ask which genotypes to evaluate, tell their scores, again
// and again. Pure functions over plain data.
//
//   let state = startEvolution(xor, settingsFor('xor'), 42)
//   while (state.evaluations < 10_000) {
//     const networks = ask(state).map((genotype) => new Network(compile(genotype)))
//     state = tell(state, networks.map((network) => xor.evaluate(network)))
//   }
//   console.log(state.champion)
//
// `settings.strategy` names the strategy (absent: `generational`, which is NEAT). Whoever needs
// processes, workers and reports around this loop starts a population (actors/population).
import type { Evaluation } from './environment/environment.ts'
import { evaluationsSpent, heirsOf, type Lives } from './evaluate-tuned.ts'
import type { StrategyEvent } from './evolution-event.ts'
import { type EvolutionSettings, EvolutionSettingsError } from './evolution-settings.ts'
import type { NetworkShape } from './first-generation.ts'
import { bestIndex } from './fitness.ts'
import type { GenomePool } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'
import { genotypeId } from './genotype-codec.ts'
import { admitted, type InjectionFault } from './injection.ts'
import { type Kin, type LineageRow, lineageRows } from './lineage.ts'
import { standings } from './match.ts'
import { weightStrategies } from './optimiser/weight-strategy.ts'
import { populationStrategy } from './population.ts'
import type { SpeciesSize } from './speciation.ts'
import { coevolutionStrategy } from './strategy/coevolution.ts'
import { hallOfFameStrategy } from './strategy/hall-of-fame.ts'
import { islandStrategy } from './strategy/islands.ts'
import { mapElitesStrategy } from './strategy/map-elites.ts'
import { noveltyStrategy } from './strategy/novelty.ts'
import { rtneatStrategy } from './strategy/rtneat.ts'
import { selfPlayStrategy } from './strategy/self-play.ts'
import { steadyStateStrategy } from './strategy/steady-state.ts'
import type { EvolutionState, Match, Strategy } from './strategy/strategy.ts'
import { performerOf } from './tuning.ts'
import { agentFrom } from './tuning-settings.ts'

export type { Champion, EvolutionState, Match, Strategy } from './strategy/strategy.ts'

const strategies = new Map<string, Strategy<EvolutionState>>()

/**
 * Makes a strategy known by its name, in this thread. Throws a RangeError when the name is taken by
 * another.
 */
export function registerStrategy<State extends EvolutionState>(strategy: Strategy<State>): void {
  const known: unknown = strategies.get(strategy.name)
  if (known !== undefined && known !== strategy) {
    throw new RangeError(`there is a strategy ${strategy.name} already: give yours another name`)
  }
  // States come back only to the strategy that made them: `strategyOf` looks at the name in them.
  strategies.set(strategy.name, strategy as Strategy<EvolutionState>)
}

registerStrategy(populationStrategy)
registerStrategy(steadyStateStrategy)
registerStrategy(rtneatStrategy)
registerStrategy(islandStrategy)
registerStrategy(noveltyStrategy)
registerStrategy(mapElitesStrategy)
registerStrategy(hallOfFameStrategy)
registerStrategy(coevolutionStrategy)
registerStrategy(selfPlayStrategy)
for (const strategy of weightStrategies) registerStrategy(strategy)

/** The names of all strategies that there are. */
export function strategyNames(): string[] {
  return [...strategies.keys()].sort()
}

/**
 * The first state of a run. Throws EvolutionSettingsError for a strategy that does not exist, and
 * for settings out of range.
 */
export function startEvolution(
  task: NetworkShape,
  settings: EvolutionSettings,
  seed: number | string,
): EvolutionState {
  const strategy = strategyOf(settings)
  if (settings.tuning !== undefined && strategy.inherit === undefined)
    throw untunable(strategy.name)
  return strategy.init(task, settings, seed)
}

function untunable(name: string): EvolutionSettingsError {
  const able = strategyNames().filter((one) => strategies.get(one)?.inherit !== undefined)
  return new EvolutionSettingsError(
    `tuning is set, but the strategy ${name} searches by itself or lets genotypes play matches: ` +
      `leave it out, or use one of ${able.join(', ')}`,
  )
}

/** The genotypes to evaluate now. */
export function ask(state: EvolutionState): readonly Genotype[] {
  return strategyOf(state.settings).ask(state)
}

/** Who meets whom, when the strategy lets genotypes play against each other. */
export function matchesOf(state: EvolutionState): readonly Match[] | undefined {
  return strategyOf(state.settings).matches?.(state)
}

/** How the genotypes asked for are to be tuned, when the settings say that they are. */
export function livesOf({ settings, seed, generation }: EvolutionState): Lives | undefined {
  const { tuning } = settings
  return tuning === undefined ? undefined : { agent: agentFrom(tuning), seed, generation }
}

/**
 * The state after the evaluation of all that was asked for, in that order: one evaluation a
 * genotype, or a match where there are matches. Throws a RangeError for another number.
 */
export function tell(state: EvolutionState, evaluations: readonly Evaluation[]): EvolutionState {
  const strategy = strategyOf(state.settings)
  const isTuned = evaluations.some(({ tuned }) => tuned !== undefined)
  return isTuned ? toldOfLives(strategy, state, evaluations) : strategy.tell(state, evaluations)
}

/**
 * Those that were tuned have used more evaluations, and may reproduce with other weights. The
 * champion has those with which it was scored.
 */
function toldOfLives(
  strategy: Strategy<EvolutionState>,
  state: EvolutionState,
  evaluations: readonly Evaluation[],
): EvolutionState {
  const asked = strategy.ask(state)
  const more = evaluationsSpent(evaluations) - evaluations.length
  const counted = { ...state, evaluations: state.evaluations + more }
  const inherited = strategy.inherit?.(counted, heirsOf(asked, evaluations)) ?? counted
  const told = strategy.tell(inherited, evaluations)
  const { champion } = told
  const best = bestIndex(evaluations.map(({ fitness }) => fitness))
  if (champion === undefined || champion.generation !== state.generation || best < 0) return told
  const genotype = performerOf(asked[best]!, evaluations[best]!)
  return { ...told, champion: { ...champion, genotype } }
}

/**
 * Of each genotype that was asked for: how it came about and where it stands; given one evaluation
 * a genotype (`standings`, where there are matches).
 */
export function kinOf(state: EvolutionState, evaluations: readonly Evaluation[]): Kin {
  const strategy = strategyOf(state.settings)
  if (strategy.kin !== undefined) return strategy.kin(state, evaluations)
  return state.births === undefined ? {} : { births: state.births }
}

/**
 * How every genotype that was asked for came about, with its fitness: a row for each that was not
 * told of before. Given the evaluations that `tell` is given.
 */
export function lineageOf(state: EvolutionState, evaluations: readonly Evaluation[]): LineageRow[] {
  const asked = ask(state)
  const standing = standings(asked, matchesOf(state), evaluations)
  const heirs = heirsOf(asked, standing)
  const rows = lineageRows(state.generation, asked, kinOf(state, standing), standing, heirs)
  const best = bestIndex(standing.map(({ fitness }) => fitness))
  if (standing[best]?.tuned === undefined) return rows
  // The champion has the weights that it was scored with, which may be nobody's to inherit.
  const { fitness } = standing[best]
  const parents = [genotypeId(heirs[best]!)]
  const id = genotypeId(performerOf(asked[best]!, standing[best]))
  if (parents.includes(id)) return rows
  const birth = { kind: 'mutant', parents, operators: ['tuning'] } as const
  return [...rows, { generation: state.generation, id, ...birth, fitness }]
}

/** What the strategy alone can tell of a step; for evolution-events.ts. */
export function eventsOfStrategy(
  before: EvolutionState,
  evaluations: readonly Evaluation[],
  after: EvolutionState,
): StrategyEvent[] {
  return strategyOf(before.settings).events?.(before, evaluations, after) ?? []
}

/** Those that live, for evolution-events.ts. */
export function livingOf(state: EvolutionState): GenomePool {
  return strategyOf(state.settings).living(state)
}

/** Figures of the state, by name: those of its strategy. */
export function measuresOf(state: EvolutionState): Readonly<Record<string, number>> {
  return strategyOf(state.settings).measures(state)
}

/** The species of those that live, by id; none for a strategy without species. */
export function speciesSizesOf(state: EvolutionState): readonly SpeciesSize[] {
  return strategyOf(state.settings).speciesSizes?.(state) ?? []
}

export type Admission =
  | { readonly ok: true; readonly state: EvolutionState }
  | { readonly ok: false; readonly reason: InjectionFault }

/** Takes in a checked genotype from elsewhere: it is asked for next, as it is. */
export function inject(state: EvolutionState, genotype: Genotype): Admission {
  const { shape, immigrants, champion, settings } = state
  const entering = admitted(
    {
      shape,
      genomes: strategyOf(settings).living(state),
      immigrants,
      known: champion === undefined ? [] : [champion.genotype],
      places: settings.populationSize - 1,
    },
    genotype,
  )
  if (typeof entering === 'string') return { ok: false, reason: entering }
  return { ok: true, state: { ...state, immigrants: [...immigrants, entering] } }
}

function strategyOf({ strategy }: EvolutionSettings): Strategy<EvolutionState> {
  const name = strategy?.name ?? populationStrategy.name
  const found = strategies.get(name)
  if (found !== undefined) return found
  const names = strategyNames().join(', ')
  throw new EvolutionSettingsError(`strategy is ${name}: use one of ${names}`)
}
