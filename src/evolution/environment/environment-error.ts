// What an environment did wrong, and where: whoever evaluates adds the genotype, and goes on.

export class EnvironmentError extends Error {
  readonly code: 'threw' | 'bad_reward'
  readonly environment: string
  /** Place of the episode among those of an evaluation; it names the start, and so the seed. */
  readonly episode: number
  /** Step of the episode, from 0. */
  readonly step: number

  constructor(
    code: EnvironmentError['code'],
    environment: string,
    episode: number,
    step: number,
    detail: string,
    cause?: unknown,
  ) {
    const where = `step ${step} of episode ${episode}`
    super(`${environment}, ${where}: ${detail}`, cause === undefined ? {} : { cause })
    this.name = 'EnvironmentError'
    this.code = code
    this.environment = environment
    this.episode = episode
    this.step = step
  }
}
