// What a run leaves behind: champion.json, fitness.svg and network.svg. Each file is written beside
// its place and then moved there, so that a file is either whole or not there.
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Origin } from '../actors/brain/brain-event.ts'
import type { Genotype } from '../evolution/genotype.ts'
import { type FitnessSeries, fitnessPlot } from '../plot/fitness-plot.ts'
import { networkPlot } from '../plot/network-plot.ts'
import { BadInput } from './failure.ts'
import type { TableReading } from './task.ts'

/** Version of champion.json. */
const CHAMPION_SCHEMA_VERSION = 1

/** The best genotype of a run, and how it was found. */
export interface Champion {
  readonly task: string
  readonly seed: number
  readonly solved: boolean
  readonly fitness: number
  readonly generalisation?: number
  readonly detail?: string
  /** Name of the node that bred or verified it, in a brain. */
  readonly node?: string
  /** Set when it was bred elsewhere. */
  readonly origin?: Origin
  /** How to feed it, when it was bred for a table. */
  readonly table?: TableReading
  /** Spent when it was found. */
  readonly evaluations: number
  readonly generation: number
  readonly genotype: Genotype
}

/** Names of inputs and outputs for the picture, where the problem has them. */
export interface Labels {
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
}

/** Writes the three files and returns their paths, as a person reads them. */
export function writeResults(
  folder: string,
  champion: Champion,
  history: readonly FitnessSeries[],
  labels: Labels = {},
): readonly string[] {
  const { task, genotype } = champion
  const title = `${task}: best fitness by evaluations`
  const files: readonly (readonly [string, string])[] = [
    ['champion.json', championText(champion)],
    ['fitness.svg', fitnessPlot({ title, series: history })],
    ['network.svg', networkPlot(genotype, { title: `${task}: champion`, ...labels })],
  ]
  return files.map(([name, text]) => shown(writeWhole(folder, name, text)))
}

/** A path as short as it can be read. */
export function shown(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}

/** The text of champion.json. */
export function championText(champion: Champion): string {
  const schema = { schema: 'arbor-champion', version: CHAMPION_SCHEMA_VERSION }
  return `${JSON.stringify({ ...schema, ...champion }, null, 2)}\n`
}

/**
 * Writes a file, whole or not at all, and returns its path. Where it cannot, it refuses and names
 * the `option` that said where.
 */
export function writeWhole(
  folder: string,
  name: string,
  content: string | Uint8Array,
  option = '--out',
): string {
  const path = join(folder, name)
  const draft = join(folder, `.${name}.${process.pid}`)
  try {
    writeFileSync(draft, content)
    renameSync(draft, path)
  } catch (failure) {
    rmSync(draft, { force: true })
    const cause = failure instanceof Error && 'code' in failure ? failure.code : String(failure)
    throw new BadInput(
      `${path} cannot be written (${cause}): free the place or choose another ${option}.`,
    )
  }
  return path
}
