// Meta-control as a part of a strategy's state: absent unless the settings ask for it, and then
// nothing is drawn and nothing changes.
import { type Random, seededRandom } from '../../runtime/random.ts'
import type { EvolutionSettings } from '../evolution-settings.ts'
import type { GenomePool } from '../genome-pool.ts'
import {
  firstMetaControl,
  type MetaControl,
  metaControlAfter,
  metaControlRestarted,
} from './meta-controller.ts'

export interface Controlled {
  /** Where rates are controlled: what the controller has learnt and sees. */
  readonly meta?: MetaControl
}

/** A controller that has seen nothing, where the settings ask for one. */
export function firstMeta(
  { reproduction }: Pick<EvolutionSettings, 'reproduction'>,
  seed: number | string,
): Controlled {
  if (reproduction.adaptation?.kind !== 'meta_control') return {}
  return { meta: firstMetaControl(reproduction, seededRandom(seed).fork('meta_control')) }
}

/** The controller after an evaluated population, `evaluations` made so far. */
export function metaAfter(
  { meta, settings }: Controlled & { readonly settings: EvolutionSettings },
  genomes: GenomePool,
  fitnesses: ArrayLike<number>,
  { evaluations, species }: { readonly evaluations: number; readonly species: number },
  random: Random,
): Controlled {
  if (meta === undefined) return {}
  const complexity = genomes.innovation.length / genomes.size
  const observation = { evaluations, fitnesses, complexity, species }
  const from = random.fork('meta_control')
  return { meta: metaControlAfter(meta, observation, settings.reproduction, from) }
}

/**
 * The same for strategies without generations: an update is due after a population's worth of
 * evaluations.
 */
export function metaAfterCohort(
  state: Controlled & { readonly settings: EvolutionSettings },
  genomes: GenomePool,
  fitnesses: ArrayLike<number>,
  count: { readonly evaluations: number; readonly species: number },
  random: Random,
): Controlled {
  const { meta, settings } = state
  if (meta === undefined) return {}
  const seen = meta.updatedAt
  if (count.evaluations - seen < settings.populationSize) return { meta }
  return metaAfter(state, genomes, fitnesses, count, random)
}

/** For a population that begins anew: what was learnt stays. */
export function metaRestarted({ meta }: Controlled): Controlled {
  return meta === undefined ? {} : { meta: metaControlRestarted(meta) }
}
