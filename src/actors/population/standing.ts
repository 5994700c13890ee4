// Where a population server begins: with a first generation, or where a checkpoint left off.
import { startEvolution } from '../../evolution/evolution.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Checkpoint } from './checkpoint.ts'
import { noImmigrants } from './immigrants.ts'
import type { PopulationOptions } from './population-protocol.ts'

/** What of a server's state a checkpoint holds. */
export type Standing<Origin> = Omit<Checkpoint<Origin>, 'problem'>

/** Throws EvolutionSettingsError for settings that cannot be worked with. */
export function firstStanding<Origin>({
  problem,
  settings,
  seed,
}: PopulationOptions<Origin>): Standing<Origin> {
  const population = startEvolution(problem, settings, seed)
  return { population, immigrants: noImmigrants(), best: undefined, verified: undefined }
}

/** Settings and seed are those of the run that is continued. */
export function resumedStanding<Origin>(
  { problem: { name } }: PopulationOptions<Origin>,
  { problem, ...standing }: Checkpoint,
): Standing<Origin> {
  // The store is ours, and so are the origins in it.
  if (problem === name) return standing as Standing<Origin>
  const attempt = { operation: 'resume population', target: name }
  const advice = `resume it with the problem ${problem}`
  throw new ArborError('other_problem', `the checkpoint is of ${problem}`, advice, attempt)
}

/** A population that was started without a place for checkpoints. */
export function noCheckpoints(): ArborError {
  const attempt = { operation: 'save checkpoint', target: 'population' }
  const advice = 'start the population with `checkpoint`'
  return new ArborError('no_checkpoints', 'this population keeps no checkpoints', advice, attempt)
}
