// How settings are checked: what is out of range is refused by its name.

/** Settings that cannot be worked with; the message names the setting and its range. */
export class EvolutionSettingsError extends Error {
  readonly code = 'bad_settings'
}

/** Throws EvolutionSettingsError for a word that is not one of those. */
export function oneOf(name: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return
  throw new EvolutionSettingsError(`${name} is ${value}: use one of ${words.join(', ')}`)
}

/** Throws EvolutionSettingsError for what is no whole number of that range. */
export function whole(name: string, value: number, min: number, max: number): void {
  within(name, value, min, max)
  if (!Number.isInteger(value)) {
    throw new EvolutionSettingsError(`${name} is ${value}: use a whole number`)
  }
}

/** Throws EvolutionSettingsError for what is no number of that range. */
export function within(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return
  const range = max === Number.MAX_VALUE ? `${min} or more` : `${min} to ${max}`
  throw new EvolutionSettingsError(`${name} is ${value}: use a number of ${range}`)
}
