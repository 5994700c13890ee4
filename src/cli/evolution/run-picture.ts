// The picture of a whole run: what `--plot` leaves.
import type { Checkpoint } from '../../actors/population/checkpoint.ts'
import type { Problem } from '../../evolution/environment/environment.ts'
import type { EvolutionState } from '../../evolution/evolution.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile } from '../../evolution/network/plan.ts'
import { isMapElites } from '../../evolution/strategy/map-elites.ts'
import { isNovelty } from '../../evolution/strategy/novelty.ts'
import { SCATTER_POINTS_MAX } from '../../limits.ts'
import type { BehaviourPlotOptions, BehaviourPoint } from '../../plot/behaviour-plot.ts'
import { runPlot } from '../../plot/run-plot.ts'
import { Curve } from '../brain/history.ts'
import type { Task } from '../task.ts'
import type { HistoryRow } from './run-history.ts'

/** What of a history is drawn; bounded however long the run was. */
export class Drawing {
  readonly #rows: Curve<HistoryRow> = new Curve()
  readonly #samples: Curve<BehaviourPoint> = new Curve(SCATTER_POINTS_MAX)

  add(row: HistoryRow): void {
    const { samples = [], ...rest } = row
    this.#rows.add(rest)
    for (const [fitness = Number.NaN, ...behaviour] of samples) {
      this.#samples.add({ fitness, behaviour })
    }
  }

  get points(): readonly HistoryRow[] {
    return this.#rows.points
  }

  /** The picture, with what the last checkpoint has of an archive. */
  picture(task: Task, champion: Genotype, standing: Checkpoint | undefined): string {
    const { name, problem, labels } = task
    const samples = this.#samples.points
    // Matches are not told apart by what networks did.
    const behaviours =
      problem.behaviourSize === undefined || samples.length === 0
        ? {}
        : { behaviours: behavioursOf(problem, champion, samples, standing?.population) }
    return runPlot({ title: name, points: this.points, champion, ...labels, ...behaviours })
  }
}

function behavioursOf(
  problem: Problem,
  champion: Genotype,
  samples: readonly BehaviourPoint[],
  state: EvolutionState | undefined,
): Omit<BehaviourPlotOptions, 'title'> {
  const { axes, lines } = problem.behaviourSpace ?? {}
  const { fitness, behaviour } = problem.evaluate(new Network(compile(champion)))
  return {
    samples,
    ...(axes === undefined ? {} : { axes }),
    ...(lines === undefined ? {} : { lines }),
    ...(behaviour === undefined ? {} : { champion: { fitness, behaviour } }),
    ...(state === undefined ? {} : archiveOf(state)),
  }
}

/** What a strategy remembers of behaviours, if it does. */
function archiveOf(state: EvolutionState): Partial<BehaviourPlotOptions> {
  if (isNovelty(state)) return { archive: state.archive }
  if (!isMapElites(state)) return {}
  const { cells, elites } = state
  if (cells.kind === 'grid' && cells.bins.length === 2) {
    return { map: { bounds: cells.bounds, bins: cells.bins, cells: elites } }
  }
  return { elites }
}
