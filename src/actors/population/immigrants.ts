// Genotypes from elsewhere that wait to enter a population, and where those that entered came from.
// Pure: a value in, a value out.
//
// An origin belongs to a genotype, not to a place: copies that nothing has changed share it,
// children do not.
import { rankable } from '../../evolution/fitness.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { IMMIGRANTS_MAX, ORIGINS_MAX } from '../../limits.ts'

/** A genotype with its fitness and, when it was not bred here, where it came from. */
export interface Individual<Origin = unknown> {
  readonly genotype: Genotype
  readonly fitness: number
  readonly origin?: Origin
}

export interface Immigrants<Origin> {
  /** The best of those that arrived since the last generation, best first. */
  readonly waiting: readonly Individual<Origin>[]
  /** By content of the genotype, oldest first. */
  readonly origins: ReadonlyMap<string, Origin>
}

export function noImmigrants<Origin>(): Immigrants<Origin> {
  return { waiting: [], origins: new Map() }
}

/** Lets a genotype wait; when too many do, the worst goes. */
export function arrive<Origin>(
  { waiting, origins }: Immigrants<Origin>,
  individual: Individual<Origin>,
): Immigrants<Origin> {
  const { genotype, fitness, origin } = individual
  const isWorse = (other: Individual): boolean => rankable(other.fitness) < rankable(fitness)
  const place = waiting.findIndex(isWorse)
  const lined = waiting.toSpliced(place < 0 ? waiting.length : place, 0, individual)
  return {
    waiting: lined.slice(0, IMMIGRANTS_MAX),
    origins: origin === undefined ? origins : withOrigin(origins, genotypeId(genotype), origin),
  }
}

/** All that waited have entered. */
export function entered<Origin>(immigrants: Immigrants<Origin>): Immigrants<Origin> {
  return { ...immigrants, waiting: [] }
}

/**
 * A genotype as an individual: with its origin, if it, or what it is a copy of, came from
 * elsewhere.
 */
export function individualOf<Origin>(
  { origins }: Immigrants<Origin>,
  genotype: Genotype,
  fitness: number,
): Individual<Origin> {
  const origin = origins.size === 0 ? undefined : origins.get(genotypeId(genotype))
  return origin === undefined ? { genotype, fitness } : { genotype, fitness, origin }
}

function withOrigin<Origin>(
  origins: ReadonlyMap<string, Origin>,
  key: string,
  origin: Origin,
): ReadonlyMap<string, Origin> {
  const kept = [...origins].filter(([other]) => other !== key).slice(1 - ORIGINS_MAX)
  return new Map([...kept, [key, origin]])
}
