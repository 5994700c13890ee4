// Compatibility distance (Stanley & Miikkulainen 2002, equation 1): how differently two genotypes are built.
//
//   δ = excess · E / N + disjoint · D / N + weight · W
//
// E and D count the links that only one of the two has, beyond or within the other's range of innovation
// numbers; W is the mean difference of weights of the links both have; N is the larger number of links, and
// 1 for small genotypes. 0 for equal genotypes, symmetric, no metric (the triangle may be broken).

import type { GenomePool } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'

export interface DistanceCoefficients {
  readonly excess: number
  readonly disjoint: number
  /** Per unit of mean weight difference. */
  readonly weight: number
}

/** Genotypes with fewer links than this are not divided by their size (the paper's section 3.3). */
export const SMALL_GENOTYPE_LINKS = 20

/** The distance of two genotypes by a merge of their links: the reference for `GenomeRow`. */
export function distance(a: Genotype, b: Genotype, coefficients: DistanceCoefficients): number {
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
  return weigh(coefficients, size, excess, unmatched - excess, matching, difference)
}

/**
 * One genotype laid out for comparison with many: its links in a hash table by innovation number, so that
 * another genotype is compared in one pass over its own links, without the mispredicted branches of a merge.
 * `load` it with another genotype instead of making a new one.
 */
export class GenomeRow {
  #mask = 0
  #keys = new Float64Array(1)
  #weights = new Float64Array(1)
  #sorted: Float64Array = new Float64Array(0)
  #links = 0

  load(pool: GenomePool, index: number): this {
    const begin = pool.linkStart[index]!
    const end = pool.linkStart[index + 1]!
    this.#links = end - begin
    this.#sorted = pool.innovation.subarray(begin, end)
    // A quarter full at most: nearly every look-up ends at its first cell.
    let cells = 16
    while (cells < this.#links * 4) cells *= 2
    if (this.#keys.length < cells) {
      this.#keys = new Float64Array(cells)
      this.#weights = new Float64Array(cells)
    }
    this.#mask = cells - 1
    this.#keys.fill(-1, 0, cells)
    for (let link = begin; link < end; link++) {
      const key = pool.innovation[link]!
      let cell = (key | 0) & this.#mask
      while (this.#keys[cell] !== -1) cell = (cell + 1) & this.#mask
      this.#keys[cell] = key
      this.#weights[cell] = pool.weight[link]!
    }
    return this
  }

  /** The distance to a genotype of a pool; the same bits as `distance`. */
  distanceTo(pool: GenomePool, index: number, coefficients: DistanceCoefficients): number {
    const keys = this.#keys
    const weights = this.#weights
    const mask = this.#mask
    const { innovation, weight } = pool
    const begin = pool.linkStart[index]!
    const end = pool.linkStart[index + 1]!
    let matching = 0
    let difference = 0
    for (let link = begin; link < end; link++) {
      const key = innovation[link]!
      let cell = (key | 0) & mask
      while (keys[cell] !== key && keys[cell] !== -1) cell = (cell + 1) & mask
      if (keys[cell] === key) {
        matching++
        difference += Math.abs(weight[link]! - weights[cell]!)
      }
    }
    const links = end - begin
    const unmatched = links + this.#links - 2 * matching
    const excess = this.#excess(innovation, begin, end)
    const size = Math.max(links, this.#links)
    return weigh(coefficients, size, excess, unmatched - excess, matching, difference)
  }

  /** Links of either side beyond the other's last one. */
  #excess(innovation: Float64Array, begin: number, end: number): number {
    const mine = this.#sorted
    const lastOther = end > begin ? innovation[end - 1]! : -1
    const lastMine = this.#links > 0 ? mine[this.#links - 1]! : -1
    let excess = 0
    for (let link = end - 1; link >= begin && innovation[link]! > lastMine; link--) excess++
    for (let link = this.#links - 1; link >= 0 && mine[link]! > lastOther; link--) excess++
    return excess
  }
}

function weigh(
  coefficients: DistanceCoefficients,
  size: number,
  excess: number,
  disjoint: number,
  matching: number,
  difference: number,
): number {
  const n = size < SMALL_GENOTYPE_LINKS ? 1 : size
  return (
    (coefficients.excess * excess) / n +
    (coefficients.disjoint * disjoint) / n +
    (matching === 0 ? 0 : (coefficients.weight * difference) / matching)
  )
}
