// What `arbor evolve` keeps of a run, in one folder:
//
//   settings.json                   what was asked for; written first
//   checkpoint.arb                  where the run stands; a killed run goes on from it, bit for bit
//   history.jsonl                   a line a generation, appended
//   lineage.jsonl                   a line a genotype, appended; with --lineage only
//   champion.json, champion.arbg    the champion: for people, and in its canonical bytes
//   result.json                     how it ended; not there while it runs, or when it was killed
//   fitness.svg, network.svg        pictures
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Checkpoint } from '../../actors/population/checkpoint.ts'
import { CheckpointFile } from '../../actors/population/checkpoint-file.ts'
import type { EvolutionSettings } from '../../evolution/evolution-settings.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { decodeGenotype, encodeGenotype } from '../../evolution/genotype-codec.ts'
import { BadInput } from '../failure.ts'
import { type Champion, championText, writeWhole } from '../results.ts'

/** Version of settings.json. */
const RUN_SCHEMA_VERSION = 1

/** What a run was asked for. */
export interface RunSettings {
  /** What `--task` takes; a table's path is absolute. */
  readonly task: string
  readonly target?: string
  /** What `--module` takes, its path absolute: goes before the task. */
  readonly module?: string
  readonly seed: number
  readonly settings: EvolutionSettings
  readonly generations?: number
  readonly evaluations?: number
  readonly keepGoing: boolean
}

/** How a run ended: as result.json has it. */
export interface RunResult {
  /** `solved`, `generations`, `evaluations`, or the signal that stopped it. */
  readonly reason: string
  readonly solved: boolean
  readonly evaluations: number
  readonly generations: number
  readonly bestFitness: number | null
}

interface Written {
  readonly schema: string
  readonly version: number
}

export class RunFolder {
  readonly path: string
  readonly checkpoints: CheckpointFile

  constructor(path: string) {
    this.path = path
    this.checkpoints = new CheckpointFile(this.file('checkpoint.arb'))
  }

  /** The folder of a run there is. Refuses every other. */
  static open(path: string): RunFolder {
    const folder = new RunFolder(path)
    if (existsSync(folder.file('settings.json'))) return folder
    throw new BadInput(
      `${path} holds no run: name the --out of an \`arbor evolve run\`, which has a settings.json.`,
    )
  }

  file(name: string): string {
    return join(this.path, name)
  }

  get historyPath(): string {
    return this.file('history.jsonl')
  }

  get lineagePath(): string {
    return this.file('lineage.jsonl')
  }

  /** As a person reads it. */
  get shown(): string {
    const fromHere = relative(process.cwd(), this.path)
    return fromHere.startsWith('..') ? this.path : fromHere || '.'
  }

  /** Makes room for a new run. A run that was cut short is not given up unasked. */
  begin(run: RunSettings): void {
    const wasCut = existsSync(this.checkpoints.path) && !existsSync(this.file('result.json'))
    if (wasCut) {
      throw new BadInput(
        `${this.shown} holds a run that was cut short: go on with ` +
          `\`arbor evolve resume ${this.shown}\`, or choose another --out.`,
      )
    }
    const { path, previousPath } = this.checkpoints
    const stale = [
      'history.jsonl',
      'lineage.jsonl',
      'history.csv',
      'champion.json',
      'champion.arbg',
      'result.json',
      'fitness.svg',
      'network.svg',
    ]
    for (const name of stale) removeFile(this.file(name))
    for (const old of [path, previousPath]) removeFile(old)
    this.#write('settings.json', { schema: 'arbor-run', version: RUN_SCHEMA_VERSION, ...run })
  }

  /** A run that is to go on has not ended. */
  reopen(): void {
    removeFile(this.file('result.json'))
  }

  settings(): RunSettings {
    const { schema, version, ...run } = this.#read<Written & RunSettings>('settings.json')
    const isRun = schema === 'arbor-run' && version === RUN_SCHEMA_VERSION
    if (isRun && typeof run.seed === 'number' && typeof run.task === 'string') return run
    throw new BadInput(
      `${this.file('settings.json')} is not of a run of this version: run it anew.`,
    )
  }

  result(): RunResult | undefined {
    if (!existsSync(this.file('result.json'))) return undefined
    return this.#read<RunResult>('result.json')
  }

  writeResult(result: RunResult): void {
    this.#write('result.json', result)
  }

  writeChampion(champion: Champion): void {
    writeWhole(this.path, 'champion.json', championText(champion))
    writeWhole(this.path, 'champion.arbg', encodeGenotype(champion.genotype))
  }

  /** Where the run stands; undefined before its first checkpoint. Refuses a corrupt one. */
  async checkpoint(): Promise<Checkpoint | undefined> {
    try {
      return await this.checkpoints.load()
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure)
      throw new BadInput(`no checkpoint can be read (${why}): restore it, or run anew.`)
    }
  }

  /** The champion that was written; undefined for a run that has written none. */
  writtenChampion(): Champion | undefined {
    if (!existsSync(this.file('champion.json'))) return undefined
    const { schema: _, version: _v, ...facts } = this.#read<Written & Champion>('champion.json')
    return { ...facts, genotype: this.#genotype() }
  }

  /** The champion, or the best so far of a run that was killed. */
  async champion(): Promise<Champion> {
    const written = this.writtenChampion()
    if (written !== undefined) return written
    const { task, seed } = this.settings()
    const best = (await this.checkpoint())?.best
    if (best === undefined) {
      throw new BadInput(`${this.shown} has no champion yet: let it evolve a generation.`)
    }
    const { genotype, fitness, generation, evaluations } = best
    return { task, seed, solved: false, fitness, generation, evaluations, genotype }
  }

  #genotype(): Genotype {
    const path = this.file('champion.arbg')
    const decoded = decodeGenotype(readOrRefuse(path))
    if (decoded.ok) return decoded.genotype
    throw new BadInput(`${path} is no genotype (${decoded.reason}): restore it, or run anew.`)
  }

  /** What was written there by this class. */
  #read<T extends object>(name: string): T {
    const path = this.file(name)
    const text = new TextDecoder().decode(readOrRefuse(path))
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'object' && value !== null) return value as T
    } catch {
      // Said below.
    }
    throw new BadInput(`${path} is not what Arbor writes there: restore it, or run anew.`)
  }

  #write(name: string, value: object): void {
    writeWhole(this.path, name, `${JSON.stringify(value, null, 2)}\n`)
  }
}

function readOrRefuse(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (failure) {
    const cause = failure instanceof Error && 'code' in failure ? failure.code : String(failure)
    throw new BadInput(`${path} cannot be read (${cause}): check its name and permissions.`)
  }
}

/** What cannot be removed cannot be written either: that is said then. */
function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // See above.
  }
}
