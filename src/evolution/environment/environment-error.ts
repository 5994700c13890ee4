// What an environment did wrong, and where: whoever evaluates adds the genotype, and goes on.

/** Stable names, for counting. */
export type EnvironmentFault =
  | 'threw'
  /** A reward that is no finite number, or no `{ reward, done }` at all. */
  | 'bad_step'
  /** Too many numbers, or too few. */
  | 'wrong_length'
  /** NaN where the network looks. */
  | 'bad_observation'

export interface EnvironmentPlace {
  readonly environment: string
  /** Of the random stream that draws the starts; `episode` is its fork. */
  readonly seed: string
  /** Place of the episode among those of an evaluation, from 0. */
  readonly episode: number
  /** Step of the episode, from 0. */
  readonly step: number
}

export class EnvironmentError extends Error implements EnvironmentPlace {
  readonly code: EnvironmentFault
  readonly environment: string
  readonly seed: string
  readonly episode: number
  readonly step: number

  constructor(code: EnvironmentFault, place: EnvironmentPlace, detail: string, cause?: unknown) {
    const { environment, seed, episode, step } = place
    const where = `step ${step} of episode ${episode}, seed "${seed}"`
    super(`${environment}, ${where}: ${detail}`, cause === undefined ? {} : { cause })
    this.name = 'EnvironmentError'
    this.code = code
    this.environment = environment
    this.seed = seed
    this.episode = episode
    this.step = step
  }
}
