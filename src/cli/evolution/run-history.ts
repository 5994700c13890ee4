// The generations of a run, a line of JSON each. Appended as they come and read line by line, so
// that a run of any length takes no more memory than a short one. Nothing in it depends on time or
// machine: a run that was killed and went on has the same history as one that was not.
import {
  closeSync,
  createReadStream,
  existsSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs'
import { createInterface } from 'node:readline'
import type {
  BehaviourSample,
  GenerationReport,
} from '../../actors/population/population-report.ts'
import type { SpeciesSize } from '../../evolution/speciation.ts'
import { BEHAVIOUR_AXES_SHOWN } from '../../plot/behaviour-plot.ts'
import { BadInput } from '../failure.ts'

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

/** Appends generations to a file. */
export class HistoryWriter {
  readonly #path: string
  readonly #file: number
  #next: number

  /** Keeps what the file has of the generations before `generation`. */
  static async continuing(path: string, generation: number): Promise<HistoryWriter> {
    let kept = 0
    if (existsSync(path)) {
      for await (const { row, end } of linesOf(path)) {
        if (row.generation >= generation) break
        kept = end
      }
    }
    const file = openOrRefuse(path)
    ftruncateSync(file, kept)
    return new HistoryWriter(path, file, kept)
  }

  private constructor(path: string, file: number, next: number) {
    this.#path = path
    this.#file = file
    this.#next = next
  }

  add(row: HistoryRow): void {
    const line = Buffer.from(`${JSON.stringify(row)}\n`)
    try {
      this.#next += writeSync(this.#file, line, 0, line.length, this.#next)
    } catch (failure) {
      const cause = failure instanceof Error && 'code' in failure ? failure.code : String(failure)
      throw new BadInput(`${this.#path} cannot be written (${cause}): free the place and resume.`)
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The generations in a file, one after the other; ends at a line that was not written whole. */
export async function* historyOf(path: string): AsyncGenerator<HistoryRow, void, undefined> {
  if (!existsSync(path)) return
  for await (const { row } of linesOf(path)) yield row
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

interface Line {
  readonly row: HistoryRow
  /** Bytes of the file up to its end. */
  readonly end: number
}

async function* linesOf(path: string): AsyncGenerator<Line, void, undefined> {
  let end = 0
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
  for await (const line of lines) {
    end += Buffer.byteLength(line) + 1
    const row = rowOf(line)
    if (row === undefined) return
    yield { row, end }
  }
}

function rowOf(line: string): HistoryRow | undefined {
  try {
    const row: unknown = JSON.parse(line)
    return typeof row === 'object' && row !== null && 'generation' in row
      ? (row as HistoryRow)
      : undefined
  } catch {
    return undefined
  }
}

function openOrRefuse(path: string): number {
  try {
    return openSync(path, existsSync(path) ? 'r+' : 'w+')
  } catch (failure) {
    const cause = failure instanceof Error && 'code' in failure ? failure.code : String(failure)
    throw new BadInput(`${path} cannot be written (${cause}): free the place.`)
  }
}
