// One round of a strategy: what all of them do alike when they begin and when they are told scores.
import { type Random, seededRandom } from '../../runtime/random.ts'
import type { Evaluation } from '../environment/environment.ts'
import type { ArchiveUpdatedEvent } from '../evolution-event.ts'
import { checkSettings, type EvolutionSettings } from '../evolution-settings.ts'
import { type NetworkShape, shapeFor, withHiddenActivation } from '../first-generation.ts'
import { bestIndex, rankable } from '../fitness.ts'
import { type GenomePool, GenomeWriter, unpackGenotype } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import type { Champion, EvolutionState, StrategySettings } from './strategy.ts'

/** The part of a first state that is the same for all strategies. */
export function begun(
  task: NetworkShape,
  given: EvolutionSettings,
  seed: number | string,
): EvolutionState {
  checkSettings(given)
  const shape = shapeFor(task, given)
  const settings = withHiddenActivation(given, shape)
  return { shape, settings, seed, generation: 0, evaluations: 0, immigrants: [] }
}

/** The part of a next state that is the same: counters, champion, immigrants let in. */
export function toldOf(
  state: EvolutionState,
  asked: GenomePool,
  fitnesses: ArrayLike<number>,
): Pick<EvolutionState, 'generation' | 'evaluations' | 'champion' | 'immigrants'> {
  const champion = championAfter(state, fitnesses, (index) => unpackGenotype(asked, index))
  return {
    generation: state.generation + 1,
    evaluations: state.evaluations + asked.size,
    immigrants: [],
    ...(champion === undefined ? {} : { champion }),
  }
}

/** The best ever, when those have been evaluated; undefined before anything was. */
export function championAfter(
  { champion, generation }: Pick<EvolutionState, 'champion' | 'generation'>,
  fitnesses: ArrayLike<number>,
  genotypeOf: (index: number) => Genotype,
): Champion | undefined {
  const best = bestIndex(fitnesses)
  if (best < 0) return champion
  const fitness = rankable(fitnesses[best]!)
  if (champion !== undefined && fitness <= champion.fitness) return champion
  return { genotype: genotypeOf(best), fitness, generation }
}

/** The fitness of each; throws a RangeError when they are not as many as were asked for. */
export function fitnessesOf(evaluations: readonly Evaluation[], asked: number): Float64Array {
  if (evaluations.length !== asked) {
    throw new RangeError(`${evaluations.length} evaluations for ${asked} genotypes`)
  }
  return Float64Array.from(evaluations, ({ fitness }) => fitness)
}

/** The stream of a round. */
export function streamOf({ seed }: Pick<EvolutionState, 'seed'>, round: number): Random {
  return seededRandom(seed).fork('round').fork(round)
}

/** The last progress of a strategy without generations, since its last restart. */
export interface Headway {
  readonly fitness: number
  /** Evaluations when it was made. */
  readonly at: number
}

export const noHeadway: Headway = { fitness: Number.NEGATIVE_INFINITY, at: 0 }

/** The progress after evaluations, whose best is given; `gain` as in `RestartSettings`. */
export function headwayAfter(
  before: Headway,
  { settings, evaluations }: Pick<EvolutionState, 'settings' | 'evaluations'>,
  best: number,
): Headway {
  const needed = before.fitness + settings.restart.gain * Math.abs(before.fitness)
  const isFirst = before.fitness === Number.NEGATIVE_INFINITY
  return isFirst || best > needed ? { fitness: best, at: evaluations } : before
}

/** Whether a population's worth of evaluations has gone by without progress, `patience` times. */
export function isStuck(
  { at }: Headway,
  { settings, evaluations }: Pick<EvolutionState, 'settings' | 'evaluations'>,
): boolean {
  const { patience } = settings.restart
  return patience > 0 && evaluations - at > patience * settings.populationSize
}

/** A strategy's parameters: those given, and the default of every other. */
export function parametersOf<Parameters extends StrategySettings>(
  { strategy }: EvolutionSettings,
  defaults: Parameters,
): Parameters {
  return { ...defaults, ...strategy }
}

/** A pool of genotypes from several pools, in that order. */
export function gathered(
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  parts: Iterable<readonly [pool: GenomePool, index: number]>,
): GenomePool {
  const writer = new GenomeWriter(inputs, outputs)
  for (const [pool, index] of parts) writer.copy(pool, index)
  return writer.finish()
}

/** How a memory has changed, of which everything has a name; nothing when it has not. */
export function archiveEvents(
  archive: ArchiveUpdatedEvent['archive'],
  generation: number,
  before: readonly string[],
  after: readonly string[],
): ArchiveUpdatedEvent[] {
  const left = new Map<string, number>()
  for (const name of before) left.set(name, (left.get(name) ?? 0) + 1)
  let kept = 0
  for (const name of after) {
    const count = left.get(name) ?? 0
    if (count === 0) continue
    left.set(name, count - 1)
    kept++
  }
  const [added, removed] = [after.length - kept, before.length - kept]
  if (added + removed === 0) return []
  return [{ type: 'archive_updated', generation, archive, added, removed, size: after.length }]
}
