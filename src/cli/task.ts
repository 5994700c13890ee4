// What `--task` names: a problem that comes with Arbor, or a table of the user's own.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TableError } from '../evolution/environment/csv.ts'
import { type DataSet, dataSetFromCsv } from '../evolution/environment/data-set.ts'
import { dataSetProblem } from '../evolution/environment/data-set-problem.ts'
import type { Problem } from '../evolution/environment/environment.ts'
import { loadProblem, problemNamed, taskNames } from '../evolution/environment/problem.ts'
import { TABLE_BYTES_MAX } from '../limits.ts'
import { BadInput } from './failure.ts'
import type { Labels } from './results.ts'

export interface Task {
  /** For people: the task's name, or the file's. */
  readonly name: string
  readonly problem: Problem
  /** What another process is given to load the same task. */
  readonly argument: string
  readonly target?: string
  /** How cells become inputs and outputs what they predict, for a table. */
  readonly table?: TableReading
  /** Names of inputs and outputs. */
  readonly labels: Labels
}

/** A data set without its rows. */
export type TableReading = Omit<DataSet, 'training' | 'heldOut'>

/** Loads a task; refuses with a sentence what is no task, no readable file or no table. */
export function loadTask(argument: string, target: string | undefined): Task {
  const problem = problemNamed(argument)
  if (problem !== undefined) {
    if (target === undefined)
      return { name: argument, problem, argument, labels: labelsOf(problem) }
    throw new BadInput(`--target belongs to a CSV file, not to the task ${argument}: leave it out.`)
  }
  if (!argument.toLowerCase().endsWith('.csv')) {
    const names = taskNames.join(', ')
    throw new BadInput(
      `there is no task ${JSON.stringify(argument)}: take one of ${names} or a CSV file.`,
    )
  }
  if (target === undefined) {
    throw new BadInput(`which column of ${argument} shall be predicted: name it with --target.`)
  }
  const path = resolve(argument)
  const set = readDataSet(path, target)
  const problemOfSet = dataSetProblem(set)
  const labels = labelsOf(problemOfSet)
  const { training: _training, heldOut: _heldOut, ...table } = set
  return { name: basename(path), problem: problemOfSet, argument: path, target, table, labels }
}

/**
 * Loads a task of the user's own: `FILE.ts#export`, a module that exports a problem (default: as
 * `default`), which worker threads import as well.
 */
export async function loadModuleTask(argument: string): Promise<Task> {
  const [file = '', name = 'default'] = argument.split('#')
  const path = resolve(file)
  const reference = { module: pathToFileURL(path).href, export: name }
  try {
    const found = await loadProblem(reference)
    const problem = { ...found, reference }
    return { name: found.name, problem, argument: found.name, labels: labelsOf(found) }
  } catch (failure) {
    const cause = failure instanceof Error ? failure.message : String(failure)
    throw new BadInput(
      `--module ${JSON.stringify(argument)} has no problem to evolve for (${cause}): ` +
        'name a module and its export, as task.ts#walking.',
    )
  }
}

function labelsOf({ inputNames, outputNames }: Problem): Labels {
  return {
    ...(inputNames === undefined ? {} : { inputs: inputNames }),
    ...(outputNames === undefined ? {} : { outputs: outputNames }),
  }
}

function readDataSet(path: string, target: string): DataSet {
  try {
    return dataSetFromCsv(readBounded(path), { target })
  } catch (failure) {
    if (failure instanceof BadInput) throw failure
    if (failure instanceof TableError) throw new BadInput(`${path}: ${failure.message}`)
    const cause = failure instanceof Error && 'code' in failure ? failure.code : String(failure)
    throw new BadInput(`${path} cannot be read (${cause}): check its name and permissions.`)
  }
}

function readBounded(path: string): Uint8Array {
  // Not blocking, for a path that names a pipe.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new BadInput(`${path} is not a file: name a CSV file.`)
    if (stat.size > TABLE_BYTES_MAX) {
      const most = Math.floor(TABLE_BYTES_MAX / 1_000_000)
      throw new BadInput(`${path} is larger than ${most} MB: sample its rows.`)
    }
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}
