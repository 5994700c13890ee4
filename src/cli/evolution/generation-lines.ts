// A file of JSON lines that belong to generations, in their order: history.jsonl, lineage.jsonl.
// Appended as generations are reported and read line by line, from either end, so that a run of any
// length takes no more memory than a short one.
//
//   const lines = GenerationLines.continuing(path, 12)   // keeps those of generations 0 to 11
//   lines.add(12, [row])
//
// A process may be killed at any moment: what it leaves is a file whose last line may be cut short,
// and that may know more than the checkpoint from which the run goes on, never less
// (run-record.ts). So whoever continues cuts it to the checkpoint's generation, and generations
// that are told again are not written again.
import {
  closeSync,
  createReadStream,
  existsSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { FILE_CHUNK_BYTES } from '../../limits.ts'
import { BadInput } from '../failure.ts'

/** What every line has. */
export interface OfGeneration {
  readonly generation: number
}

export class GenerationLines<Row extends OfGeneration> {
  readonly #path: string
  readonly #file: number
  #end: number
  #last: number

  /** Keeps what the file has of the generations before `generation`. */
  static continuing<Row extends OfGeneration>(
    path: string,
    generation: number,
  ): GenerationLines<Row> {
    const file = openOrRefuse(path)
    let kept = 0
    for (const { row, end } of backwards<Row>(file)) {
      if (row === undefined || row.generation >= generation) continue
      kept = end
      break
    }
    ftruncateSync(file, kept)
    return new GenerationLines<Row>(path, file, kept, generation - 1)
  }

  private constructor(path: string, file: number, end: number, last: number) {
    this.#path = path
    this.#file = file
    this.#end = end
    this.#last = last
  }

  /** The lines of a generation; nothing happens when they are there already. */
  add(generation: number, rows: readonly Row[]): void {
    if (generation <= this.#last) return
    const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    try {
      for (let done = 0; done < lines.length; ) {
        done += writeSync(this.#file, lines, done, lines.length - done, this.#end + done)
      }
    } catch (failure) {
      throw refused(this.#path, failure, 'free the place and resume')
    }
    this.#end += lines.length
    this.#last = generation
  }

  /** Resolves when what was added outlives a power failure. */
  async sync(): Promise<void> {
    await promisify(fdatasync)(this.#file)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The rows of a file, oldest first; ends at a line that was not written whole. */
export async function* rowsOf<Row extends OfGeneration>(
  path: string,
): AsyncGenerator<Row, void, undefined> {
  if (!existsSync(path)) return
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
  for await (const line of lines) {
    const row = rowOf<Row>(line)
    if (row === undefined) return
    yield row
  }
}

/** The rows of a file, newest first, without a line that was not written whole. */
export function* rowsBackwards<Row extends OfGeneration>(
  path: string,
): Generator<Row, void, undefined> {
  if (!existsSync(path)) return
  const file = openSync(path, 'r')
  try {
    for (const { row } of backwards<Row>(file)) if (row !== undefined) yield row
  } finally {
    closeSync(file)
  }
}

interface Line<Row> {
  /** Undefined for what is no row. */
  readonly row: Row | undefined
  /** Bytes of the file up to its end. */
  readonly end: number
}

const NEWLINE = 10

/** The lines of an open file that end with a newline, last first. */
function* backwards<Row extends OfGeneration>(file: number): Generator<Line<Row>> {
  let from = fstatSync(file).size
  // Bytes behind `from` whose line begins before it.
  let rest = Buffer.alloc(0)
  let isWhole = false
  while (from > 0) {
    const chunk = Buffer.alloc(Math.min(FILE_CHUNK_BYTES, from))
    from -= chunk.length
    readSync(file, chunk, 0, chunk.length, from)
    const bytes = Buffer.concat([chunk, rest])
    let end = bytes.length
    for (;;) {
      const newline = bytes.subarray(0, end).lastIndexOf(NEWLINE)
      if (newline < 0) break
      const text = bytes.toString('utf8', newline + 1, end)
      if (isWhole) yield { row: rowOf<Row>(text), end: from + end + 1 }
      isWhole = true
      end = newline
    }
    rest = bytes.subarray(0, end)
  }
  if (isWhole) yield { row: rowOf<Row>(rest.toString()), end: rest.length + 1 }
}

function rowOf<Row extends OfGeneration>(line: string): Row | undefined {
  try {
    const row: unknown = JSON.parse(line)
    const isRow = typeof row === 'object' && row !== null && 'generation' in row
    // What was written there by this class.
    return isRow ? (row as Row) : undefined
  } catch {
    return undefined
  }
}

function openOrRefuse(path: string): number {
  try {
    return openSync(path, existsSync(path) ? 'r+' : 'w+')
  } catch (failure) {
    throw refused(path, failure, 'free the place')
  }
}

function refused(path: string, failure: unknown, advice: string): BadInput {
  const cause = failure instanceof Error && 'code' in failure ? failure.code : String(failure)
  return new BadInput(`${path} cannot be written (${cause}): ${advice}.`)
}
