// Checkpoints of one population in a file. A save is there as a whole or not at all, whenever the
// process is killed or the power fails; the save before it is kept beside it, for when the disk
// gives back something else than was written.
//
//   const store = new CheckpointFile('run/checkpoint.arb')
//   await store.save(bytes)
//   const loaded = await store.load()      // undefined when there is none
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ArborError } from '../../runtime/arbor-error.ts'
import { log, type Report } from '../../runtime/logger.ts'
import { type Checkpoint, decodeCheckpoint } from './checkpoint.ts'

/**
 * Why a checkpoint was saved. `time_interval`, `generation_interval`, `evaluation_interval`,
 * `fitness_record`: as `CheckpointOptions` say. `manual`: somebody asked for it, or stopped the run.
 * `complete`: evolution has ended.
 */
export const checkpointReasons = [
  'time_interval',
  'generation_interval',
  'evaluation_interval',
  'fitness_record',
  'manual',
  'complete',
] as const
export type CheckpointReason = (typeof checkpointReasons)[number]

export interface SavedCheckpoint {
  /** The generation that is to be evaluated next. */
  readonly generation: number
  readonly reason: CheckpointReason
}

/** Where a population keeps its checkpoints. */
export interface CheckpointStore {
  /**
   * Replaces what was saved before, or keeps it beside, e.g. by reason. Rejects when it could not;
   * then what was saved before is still there.
   */
  save(bytes: Uint8Array, about: SavedCheckpoint): Promise<void>
  /** The last one that was saved; undefined when none was. Rejects when none can be read. */
  load(): Promise<Checkpoint | undefined>
}

export class CheckpointFile implements CheckpointStore {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The save before the last. */
  get previousPath(): string {
    return `${this.path}.previous`
  }

  async save(bytes: Uint8Array): Promise<void> {
    const folder = dirname(this.path)
    await mkdir(folder, { recursive: true })
    const fresh = `${this.path}.new`
    const file = await open(fresh, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await renameIfThere(this.path, this.previousPath)
    await rename(fresh, this.path)
    await syncFolder(folder)
  }

  async load(): Promise<Checkpoint | undefined> {
    const faults: string[] = []
    for (const path of [this.path, this.previousPath]) {
      const bytes = await readIfThere(path)
      if (bytes === undefined) continue
      const decoded = decodeCheckpoint(bytes)
      if (decoded.ok) {
        // Going on from further back is right, but nobody should wonder why.
        if (faults.length > 0) log(() => spareTaken(path, faults))
        return decoded.checkpoint
      }
      faults.push(`${path}: ${decoded.detail}`)
    }
    if (faults.length === 0) return undefined
    const attempt = { operation: 'load checkpoint', target: this.path }
    const advice = 'start the run anew, or give the path of another checkpoint'
    throw new ArborError('corrupt_checkpoint', faults.join('; '), advice, attempt)
  }
}

function spareTaken(path: string, faults: readonly string[]): Report {
  return {
    level: 'warning',
    event: 'checkpoint_unreadable',
    faults: faults.join('; '),
    takes: path,
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (failure) {
    if (isMissing(failure)) return undefined
    throw failure
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (failure) {
    if (!isMissing(failure)) throw failure
  }
}

/** So that the new name outlives a power failure. Not every file system lets folders be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (handle === undefined) return
  try {
    await handle.sync()
  } catch {
    // Then it is as safe as the file system makes it.
  } finally {
    await handle.close()
  }
}

function isMissing(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'ENOENT'
}
