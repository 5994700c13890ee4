// What the pictures of a run are drawn from: each node's fitness over evaluations, thinned so that
// a run of any length fits, and the best genotype that a node left behind.
import { HISTORY_POINTS_MAX } from '../../limits.ts'
import type { FitnessPoint, FitnessSeries } from '../../plot/fitness-plot.ts'
import type { Champion } from '../results.ts'
import type { NodeReport, Progress } from './progress.ts'

type Best = Pick<
  Champion,
  'fitness' | 'genotype' | 'origin' | 'evaluations' | 'generation' | 'node'
>

/**
 * Points of a curve; when there are too many, every second goes and only every second comes from
 * then on.
 */
export class Curve<Point = FitnessPoint> {
  readonly #most: number
  #points: Point[] = []
  #every = 1
  #count = 0

  constructor(most: number = HISTORY_POINTS_MAX) {
    this.#most = most
  }

  get points(): readonly Point[] {
    return this.#points
  }

  add(point: Point): void {
    if (this.#count++ % this.#every !== 0) return
    this.#points.push(point)
    if (this.#points.length <= this.#most) return
    this.#points = this.#points.filter((_, index) => index % 2 === 0)
    this.#every *= 2
  }
}

export class History {
  readonly #curves: Map<string, Curve> = new Map()
  #best: Best | undefined

  /** The best genotype of the nodes that have stopped. */
  get best(): Best | undefined {
    return this.#best
  }

  add({ node, report }: NodeReport, progress: Progress): void {
    const row = progress.nodes.find(({ name }) => name === node)
    if (row === undefined) return
    if (report.event === 'generation') {
      const curve = this.#curves.get(node) ?? new Curve()
      this.#curves.set(node, curve)
      curve.add({
        evaluations: row.evaluations,
        best: report.bestFitness,
        mean: report.meanFitness,
      })
    } else if (report.event === 'stopped' && report.best !== undefined) {
      if (this.#best !== undefined && this.#best.fitness >= report.best.fitness) return
      const { evaluations, generation } = row
      this.#best = { ...report.best, node, evaluations, generation }
    }
  }

  series(): readonly FitnessSeries[] {
    const byName = [...this.#curves].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    return byName.map(([name, { points }]) => ({ name, points }))
  }
}
