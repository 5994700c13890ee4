// Compatibility distance (Stanley & Miikkulainen 2002, equation 1): how differently two genotypes
// are built.
//
//   δ = excess · E / N + disjoint · D / N + weight · W
//
// E and D count the links that only one of the two has, beyond or within the other's range of
// innovation numbers; W is the mean difference of weights of the links both have; N is the larger
// number of links, and 1 for small genotypes. 0 for equal genotypes, symmetric, no metric (the
// triangle may be broken).
import { type AlignableNeurons, neatPythonDistance } from './distance-neat-python.ts'
import type { GenomePool } from './genome-pool.ts'
import type { LinkGene } from './genotype.ts'

/** What of a genotype a distance sees. */
export interface Alignable extends AlignableNeurons {
  /** Ascending by innovation. */
  readonly links: readonly AlignableLink[]
}

export type AlignableLink = Pick<LinkGene, 'innovation' | 'weight' | 'enabled'>

export interface DistanceSettings {
  readonly compatibilityExcessCoefficient: number
  readonly compatibilityDisjointCoefficient: number
  /** Per unit of mean weight difference. */
  readonly compatibilityWeightCoefficient: number
  /** Whose formula; default `paper`. */
  readonly distance?: DistanceName
  /** `neat_python`: what differing enabled flags add to a weight difference; default 1. */
  readonly compatibilityEnablePenalty?: number
  /** `neat_python`: whether neurons count, too; default true. */
  readonly compatibilityIncludeNodeGenes?: boolean
}

/**
 * `paper`: as above. `always_divided`: N is never 1 (faber_tweann). `undivided`: N is always 1 (the
 * authors' own program). `neat_python`: see distance-neat-python.ts.
 */
export const distanceNames = ['paper', 'always_divided', 'undivided', 'neat_python'] as const
export type DistanceName = (typeof distanceNames)[number]

/** Genotypes with fewer links than this are not divided by their size (the paper's section 3.3). */
export const SMALL_GENOTYPE_LINKS = 20

/** The distance of two genotypes by a merge of their links: the reference for `GenomeRow`. */
export function distance(a: Alignable, b: Alignable, settings: DistanceSettings): number {
  if (settings.distance === 'neat_python') return neatPythonDistance(a, b, settings)
  const lastA = a.links.at(-1)?.innovation ?? -1
  const lastB = b.links.at(-1)?.innovation ?? -1
  let [i, j, matching, difference, unmatched, excess] = [0, 0, 0, 0, 0, 0]
  while (i < a.links.length || j < b.links.length) {
    const linkA = a.links[i]
    const linkB = b.links[j]
    if (linkA !== undefined && linkB !== undefined && linkA.innovation === linkB.innovation) {
      matching++
      difference += Math.abs(linkA.weight - linkB.weight)
      i++
      j++
      continue
    }
    const takeA =
      linkA !== undefined && (linkB === undefined || linkA.innovation < linkB.innovation)
    if (takeA ? linkA.innovation > lastB : (linkB?.innovation ?? 0) > lastA) excess++
    unmatched++
    if (takeA) i++
    else j++
  }
  const size = Math.max(a.links.length, b.links.length)
  return weigh(settings, size, excess, unmatched - excess, matching, difference)
}

/**
 * Small consecutive numbers, places, for the innovation numbers of one comparison of many
 * genotypes: what a `GenomeRow` is indexed by.
 */
export class InnovationIndex {
  /** How many different innovation numbers were seen. */
  size = 0
  #keys: Float64Array = new Float64Array(1024).fill(-1)
  #places: Int32Array = new Int32Array(1024)

  /** The place of each link of a pool between two positions. */
  placesOf(pool: GenomePool, begin = 0, end: number = pool.innovation.length): Int32Array {
    const places = new Int32Array(end - begin)
    const { innovation } = pool
    let keys = this.#keys
    let known = this.#places
    for (let link = begin; link < end; link++) {
      const key = innovation[link]!
      const mask = keys.length - 1
      let cell = (key | 0) & mask
      while (keys[cell] !== key && keys[cell] !== -1) cell = (cell + 1) & mask
      if (keys[cell] === key) {
        places[link - begin] = known[cell]!
        continue
      }
      keys[cell] = key
      known[cell] = this.size
      places[link - begin] = this.size++
      // A quarter full at most: nearly every look-up ends at its first cell.
      if (this.size * 4 <= keys.length) continue
      this.#grow()
      keys = this.#keys
      known = this.#places
    }
    return places
  }

  /** Where a number is or belongs; its low bits are as good as random. */
  #cellOf(key: number): number {
    const keys = this.#keys
    const mask = keys.length - 1
    let cell = (key | 0) & mask
    while (keys[cell] !== key && keys[cell] !== -1) cell = (cell + 1) & mask
    return cell
  }

  #grow(): void {
    const keys = this.#keys
    const places = this.#places
    this.#keys = new Float64Array(keys.length * 4).fill(-1)
    this.#places = new Int32Array(keys.length * 4)
    keys.forEach((key, from) => {
      if (key === -1) return
      const cell = this.#cellOf(key)
      this.#keys[cell] = key
      this.#places[cell] = places[from]!
    })
  }
}

/**
 * One genotype laid out by place for comparison with many: a straight pass over the other's links,
 * without the mispredicted branches of a merge. The same bits as `distance`.
 */
export class GenomeRow {
  readonly #sorted: Float64Array
  /** Of each place 1 and the weight, or twice 0. */
  readonly #cells: Float64Array

  /**
   * `places` are those of the genotype's own links; `size` is the index's, which may not grow
   * after.
   */
  constructor(pool: GenomePool, index: number, places: Int32Array, size: number) {
    const begin = pool.linkStart[index]!
    this.#sorted = pool.innovation.subarray(begin, pool.linkStart[index + 1])
    this.#cells = new Float64Array(2 * size)
    places.forEach((place, link) => {
      this.#cells[2 * place] = 1
      this.#cells[2 * place + 1] = pool.weight[begin + link]!
    })
  }

  /** The distance to a genotype of a pool; `places` are those of all the pool's links. */
  distanceTo(
    pool: GenomePool,
    index: number,
    places: Int32Array,
    settings: DistanceSettings,
  ): number {
    const cells = this.#cells
    const { innovation, weight } = pool
    const begin = pool.linkStart[index]!
    const end = pool.linkStart[index + 1]!
    let matching = 0
    let difference = 0
    for (let link = begin; link < end; link++) {
      const cell = 2 * places[link]!
      const isShared = cells[cell]!
      matching += isShared
      difference += isShared * Math.abs(weight[link]! - cells[cell + 1]!)
    }
    const links = end - begin
    const mine = this.#sorted.length
    const unmatched = links + mine - 2 * matching
    const excess = this.#excess(innovation, begin, end)
    const size = Math.max(links, mine)
    return weigh(settings, size, excess, unmatched - excess, matching, difference)
  }

  /** Links of either side beyond the other's last one. */
  #excess(innovation: Float64Array, begin: number, end: number): number {
    const mine = this.#sorted
    const lastOther = end > begin ? innovation[end - 1]! : -1
    const lastMine = mine.length > 0 ? mine[mine.length - 1]! : -1
    let excess = 0
    for (let link = end - 1; link >= begin && innovation[link]! > lastMine; link--) excess++
    for (let link = mine.length - 1; link >= 0 && mine[link]! > lastOther; link--) excess++
    return excess
  }
}

function weigh(
  settings: DistanceSettings,
  size: number,
  excess: number,
  disjoint: number,
  matching: number,
  difference: number,
): number {
  const n = divisorOf(size, settings.distance)
  return (
    (settings.compatibilityExcessCoefficient * excess) / n +
    (settings.compatibilityDisjointCoefficient * disjoint) / n +
    (matching === 0 ? 0 : (settings.compatibilityWeightCoefficient * difference) / matching)
  )
}

/** The N of the formula. */
function divisorOf(size: number, name: DistanceName = 'paper'): number {
  if (name === 'undivided') return 1
  if (name === 'always_divided') return Math.max(1, size)
  return size < SMALL_GENOTYPE_LINKS ? 1 : size
}
