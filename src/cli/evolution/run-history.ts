// The generations of a run, a line of JSON each (generation-lines.ts). Nothing in it depends on
// time or machine: a run that was killed and went on has the same history as one that was not.
import type {
  BehaviourSample,
  GenerationReport,
} from '../../actors/population/population-report.ts'
import type { SpeciesSize } from '../../evolution/speciation.ts'
import { BEHAVIOUR_AXES_SHOWN } from '../../plot/behaviour-plot.ts'
import { rowsOf } from './generation-lines.ts'

/** A generation. */
export interface HistoryRow {
  readonly generation: number
  /** So far. */
  readonly evaluations: number
  readonly best: number
  readonly mean: number
  readonly worst: number
  readonly species: number
  /** Of the best of the generation. */
  readonly neurons: number
  readonly links: number
  /** The strategy's own figures, by name. */
  readonly measures?: Readonly<Record<string, number>>
  /** Of each species. */
  readonly sizes?: readonly SpeciesSize[]
  /** What some did, for the pictures: fitness, then the behaviour as far as they can show it. */
  readonly samples?: readonly (readonly number[])[]
}

const columns = [
  'generation',
  'evaluations',
  'best',
  'mean',
  'worst',
  'species',
  'neurons',
  'links',
] as const satisfies readonly (keyof HistoryRow)[]

export function historyRow(report: GenerationReport): HistoryRow {
  const { generation, evaluations, meanFitness, worstFitness, species } = report
  const { measures, speciesSizes, samples } = report
  const { fitness, genotype } = report.best
  return {
    generation,
    evaluations,
    best: fitness,
    mean: meanFitness,
    worst: worstFitness,
    species,
    neurons: genotype.neurons.length,
    links: genotype.links.length,
    ...(Object.keys(measures).length === 0 ? {} : { measures }),
    ...(speciesSizes.length === 0 ? {} : { sizes: speciesSizes }),
    ...(samples.length === 0 ? {} : { samples: samples.map(sampleRow) }),
  }
}

/** Digits that a picture cannot show are not worth their bytes, a line a generation. */
function sampleRow({ fitness, behaviour }: BehaviourSample): number[] {
  const shown = behaviour.slice(0, BEHAVIOUR_AXES_SHOWN)
  return [fitness, ...shown].map((value) => Number(value.toPrecision(6)))
}

/** The generations in a file, one after the other; ends at a line that was not written whole. */
export function historyOf(path: string): AsyncGenerator<HistoryRow, void, undefined> {
  return rowsOf<HistoryRow>(path)
}

/**
 * The history as comma-separated values, titles first, a line at a time; the strategy's own figures
 * are the last columns.
 */
export async function* historyCsv(path: string): AsyncGenerator<string, void, undefined> {
  let own: readonly string[] | undefined
  for await (const row of historyOf(path)) {
    const { measures = {} } = row
    if (own === undefined) {
      own = Object.keys(measures)
      yield `${[...columns, ...own].join(',')}\n`
    }
    const values = [...columns.map((name) => row[name]), ...own.map((name) => measures[name] ?? '')]
    yield `${values.join(',')}\n`
  }
  if (own === undefined) yield `${columns.join(',')}\n`
}
