// The cells of MAP-Elites: which part of the space of behaviours a behaviour falls into. A grid of
// equal boxes (Mouret & Clune 2015), or the regions around evenly spread centroids, which works in
// many dimensions, too (CVT: Vassiliades, Chatzilygeroudis & Mouret 2018, algorithm 1).
import { seededRandom } from '../../runtime/random.ts'
import type { Behaviour } from '../behaviour.ts'

/** Of each dimension, the range that cells divide; behaviours beyond belong to the outermost. */
export type Bounds = readonly (readonly [low: number, high: number])[]

/** Plain data. */
export type Cells =
  | { readonly kind: 'grid'; readonly bounds: Bounds; readonly bins: readonly number[] }
  | {
      readonly kind: 'cvt'
      readonly bounds: Bounds
      /** One after the other, scaled to [0, 1]. */
      readonly centroids: Float64Array
    }

/** Boxes: so many along each dimension. */
export function gridCells(bounds: Bounds, bins: readonly number[]): Cells {
  return { kind: 'grid', bounds, bins }
}

/**
 * Regions around `count` centroids: those of `samples` random points by k-means (Lloyd's algorithm,
 * at most `iterations` times), started at the first `count` of them.
 */
export function cvtCells(
  bounds: Bounds,
  count: number,
  seed: number | string,
  samples: number,
  iterations: number,
): Cells {
  const random = seededRandom(seed).fork('centroids')
  const dimensions = bounds.length
  const points = Float64Array.from({ length: Math.max(samples, count) * dimensions }, () =>
    random.next(),
  )
  const centroids = points.slice(0, count * dimensions)
  for (let i = 0; i < iterations; i++) {
    if (!moveToMeans(centroids, points, dimensions)) break
  }
  return { kind: 'cvt', bounds, centroids }
}

/** How many cells. */
export function cellCount(cells: Cells): number {
  return cells.kind === 'grid'
    ? cells.bins.reduce((product, bins) => product * bins, 1)
    : cells.centroids.length / cells.bounds.length
}

/** The cell of a behaviour; of two equally near centroids the first. */
export function cellOf(cells: Cells, behaviour: Behaviour): number {
  if (cells.kind === 'grid') {
    return cells.bins.reduce((cell, bins, dimension) => {
      const part = scaledTo(cells.bounds, behaviour, dimension)
      return cell * bins + Math.min(bins - 1, Math.floor(part * bins))
    }, 0)
  }
  const point = Float64Array.from(cells.bounds, (_, dimension) =>
    scaledTo(cells.bounds, behaviour, dimension),
  )
  return nearest(cells.centroids, point, 0, cells.bounds.length)
}

/** A coordinate as a part of its range, within [0, 1]. */
function scaledTo(bounds: Bounds, behaviour: Behaviour, dimension: number): number {
  const [low, high] = bounds[dimension]!
  const part = (behaviour[dimension]! - low) / (high - low)
  return Math.max(0, Math.min(1, part))
}

/** Moves every centroid to the mean of the points nearest to it; whether any has moved. */
function moveToMeans(centroids: Float64Array, points: Float64Array, dimensions: number): boolean {
  const sums = new Float64Array(centroids.length)
  const counts = new Float64Array(centroids.length / dimensions)
  for (let point = 0; point < points.length; point += dimensions) {
    const centroid = nearest(centroids, points, point, dimensions)
    counts[centroid]!++
    for (let d = 0; d < dimensions; d++) {
      const at = centroid * dimensions + d
      sums[at] = sums[at]! + points[point + d]!
    }
  }
  let hasMoved = false
  for (let at = 0; at < centroids.length; at++) {
    const count = counts[Math.floor(at / dimensions)]!
    if (count === 0) continue
    const mean = sums[at]! / count
    if (mean !== centroids[at]) hasMoved = true
    centroids[at] = mean
  }
  return hasMoved
}

function nearest(
  centroids: Float64Array,
  points: Float64Array,
  point: number,
  dimensions: number,
): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  for (let centroid = 0, at = 0; at < centroids.length; centroid++) {
    let square = 0
    for (let d = 0; d < dimensions; d++, at++) {
      const difference = centroids[at]! - points[point + d]!
      square += difference * difference
    }
    if (square < least) {
      least = square
      best = centroid
    }
  }
  return best
}
