// Where genotypes come from: parents, operators, kind of birth, for every genotype of a run.
//
//   const settings = { ...settingsFor('xor'), lineage: true }
//   let state = startEvolution(xor, settings, 42)
//   const evaluations = ...of ask(state)...
//   lineageOf(state, evaluations)     // e.g. { id, kind: 'mutant', parents, operators, fitness, ... }
//   state = tell(state, evaluations)
//
// Off unless `settings.lineage`: it takes a content id of every genotype and of every parent (some
// 15 microseconds for 300 links). It draws nothing, so a run evolves alike with it and without it.
// What a state holds of it is of one round: who wants more than that keeps the rows.
import type { Evaluation } from './environment/environment.ts'
import { type GenomePool, unpackGenotype } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'
import { genotypeId } from './genotype-codec.ts'

/**
 * How a genotype came about. `seed`: made at random. `immigrant`: from outside of the run. `migrant`:
 * from another island. `copy`: of its parent, unchanged. `mutant`: of one parent, `crossed`: of two,
 * and mutated where operators are named. `sample`: drawn from the distribution of an optimiser.
 * `unknown`: its strategy does not tell.
 */
export const birthKinds = [
  'seed',
  'immigrant',
  'migrant',
  'copy',
  'mutant',
  'crossed',
  'sample',
  'unknown',
] as const
export type BirthKind = (typeof birthKinds)[number]

/** How one genotype came about. Plain data. */
export interface Birth {
  readonly kind: BirthKind
  /** Content ids, that of the better first; none, one or two. */
  readonly parents: readonly string[]
  /** What changed it, in order: `add_neuron`, `mutate_weights`, in its life `tuning`... */
  readonly operators: readonly string[]
  /** Of a migrant: the island it left. */
  readonly from?: number
}

/** What is known of the genotypes that were asked for, each column in the order of asking. */
export interface Kin {
  /** Undefined for one that was told of in an earlier round. */
  readonly births?: readonly (Birth | undefined)[]
  /** Ids of species; -1 for none. */
  readonly species?: ArrayLike<number>
  /** Islands, or the sides of a coevolution, from 0. */
  readonly islands?: ArrayLike<number>
  /** Cells of an archive; -1 for none. */
  readonly cells?: ArrayLike<number>
}

/** A genotype of a run: a line of lineage.jsonl. */
export interface LineageRow extends Birth {
  /** In which it was evaluated first. */
  readonly generation: number
  readonly id: string
  /** NaN, and `null` in JSON, when it could not be scored. */
  readonly fitness: number
  readonly species?: number
  readonly island?: number
  readonly cell?: number
}

/**
 * A row for each genotype that is asked for the first time, or that tuning has made another of:
 * `heirs` are those that reproduce.
 */
export function lineageRows(
  generation: number,
  asked: readonly Genotype[],
  { births, species, islands, cells }: Kin,
  evaluations: readonly Evaluation[],
  heirs: readonly Genotype[] = asked,
): LineageRow[] {
  return asked.flatMap((genotype, place) => {
    const known = births === undefined ? unknown : births[place]
    if (known === undefined && heirs[place] === genotype) return []
    const born = genotypeId(genotype)
    const id = heirs[place] === genotype ? born : genotypeId(heirs[place]!)
    const birth = id === born ? known : tunedBirth(known, born)
    if (birth === undefined) return []
    return [
      {
        generation,
        id,
        ...(birth.kind !== 'migrant' && birth.parents.includes(id) ? copyOf(id) : birth),
        fitness: evaluations[place]?.fitness ?? Number.NaN,
        ...placeOf('species', species, place),
        ...placeOf('island', islands, place),
        ...placeOf('cell', cells, place),
      },
    ]
  })
}

const unknown: Birth = { kind: 'unknown', parents: [], operators: [] }

/** Operators may come to what was there before. */
function copyOf(id: string): Birth {
  return { kind: 'copy', parents: [id], operators: [] }
}

/** How a genotype came about that was tuned in its life; `born` is what it was before. */
function tunedBirth(birth: Birth | undefined, born: string): Birth {
  const isCopy = birth?.kind !== 'migrant' && birth?.parents.includes(born) === true
  if (birth === undefined || isCopy) {
    return { kind: 'mutant', parents: [born], operators: ['tuning'] }
  }
  return { ...birth, operators: [...birth.operators, 'tuning'] }
}

function placeOf<Name extends string>(
  name: Name,
  column: ArrayLike<number> | undefined,
  place: number,
): { [K in Name]?: number } {
  const value = column?.[place]
  // A computed name widens the type of the literal.
  return value === undefined || value < 0 ? {} : ({ [name]: value } as { [K in Name]: number })
}

/**
 * A genotype and all it descends from, of rows in the order they were told; oldest first. Each
 * stands once, where it came about: copies and migrants are what they came from. Rows that begin in
 * the middle of a run leave out who came before.
 */
export function ancestors(id: string, rows: readonly LineageRow[]): LineageRow[] {
  const ancestry = new Ancestry(id)
  for (let place = rows.length - 1; place >= 0; place--) ancestry.add(rows[place]!)
  return ancestry.rows
}

/** The same a row at a time, the newest first: for rows that do not fit into memory. */
export class Ancestry {
  readonly #wanted: Set<string>
  readonly #found: LineageRow[] = []

  constructor(id: string) {
    this.#wanted = new Set([id])
  }

  /** Whether nobody is left to be found. */
  get isComplete(): boolean {
    return this.#wanted.size === 0
  }

  /** Those found, oldest first. */
  get rows(): LineageRow[] {
    return this.#found.toReversed()
  }

  add(row: LineageRow): void {
    if (!this.#wanted.has(row.id) || row.parents.includes(row.id)) return
    this.#wanted.delete(row.id)
    this.#found.push(row)
    for (const parent of row.parents) this.#wanted.add(parent)
  }
}

// --- For strategies ---

/** The content ids of a pool's genotypes, each taken when it is asked for, and once. */
export function idsOf(pool: GenomePool): (index: number) => string {
  return remembered((index) => unpackGenotype(pool, index))
}

/** The content ids of a list's genotypes, each taken when it is asked for, and once. */
export function idsIn(list: readonly { readonly genotype: Genotype }[]): (index: number) => string {
  return remembered((index) => list[index]!.genotype)
}

function remembered(genotypeOf: (index: number) => Genotype): (index: number) => string {
  const known = new Map<number, string>()
  return (index) => {
    const before = known.get(index)
    if (before !== undefined) return before
    const id = genotypeId(genotypeOf(index))
    known.set(index, id)
    return id
  }
}

export const immigrantBirth: Birth = { kind: 'immigrant', parents: [], operators: [] }
export const seedBirth: Birth = { kind: 'seed', parents: [], operators: [] }

/** Immigrants, then genotypes made at random; nothing when lineage is not wanted. */
export function firstBirths(
  { lineage }: { readonly lineage?: boolean },
  size: number,
  immigrants = 0,
): { births?: readonly Birth[] } {
  if (lineage !== true) return {}
  const births = Array.from({ length: size }, (_, i) =>
    i < immigrants ? immigrantBirth : seedBirth,
  )
  return { births }
}

/** The columns of parts of a population, one after the other; parts are islands when so wanted. */
export function joinedKin(
  parts: readonly { readonly kin: Kin; readonly size: number }[],
  areIslands = true,
): Kin {
  const column = <T>(of: (kin: Kin) => ArrayLike<T> | undefined, none: T): T[] =>
    parts.flatMap(({ kin, size }) => {
      const values = of(kin)
      return Array.from({ length: size }, (_, place) => values?.[place] ?? none)
    })
  const islands = parts.flatMap(({ size }, part) => new Array<number>(size).fill(part))
  const isTold = parts.some(({ kin }) => kin.births !== undefined)
  return {
    ...(isTold ? { births: column<Birth | undefined>(({ births }) => births, undefined) } : {}),
    species: column<number>(({ species }) => species, -1),
    ...(areIslands ? { islands } : {}),
  }
}
