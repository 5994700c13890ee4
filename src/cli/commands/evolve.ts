// `arbor evolve run` and `resume`: one population in one process, without a network, kept in a
// folder.
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { startEvolution } from '../../evolution/evolution.ts'
import { EvolutionSettingsError } from '../../evolution/evolution-settings.ts'
import { settingsOf } from '../brain/local-brain.ts'
import { evolveRun } from '../evolution/evolve-run.ts'
import { RunFolder, type RunSettings } from '../evolution/run-folder.ts'
import { BadInput } from '../failure.ts'
import { drawSeed, outputFolder, type RunOptions } from '../options.ts'
import { stopRequested } from '../shutdown.ts'
import { loadModuleTask, loadTask, type Task } from '../task.ts'

/** Options of a run that may be given again when it goes on. */
interface GoingOptions {
  readonly workers?: number
  readonly generations?: number
  readonly evaluations?: number
  readonly keepGoing?: boolean
  readonly memoryGuard?: boolean
  readonly csv?: boolean
  readonly plot?: string
  readonly json: boolean
}

interface EvolveOptions extends RunOptions, GoingOptions {
  readonly nodes: number
  readonly module?: string
  readonly lineage?: boolean
  readonly json: boolean
}

/** Evolves from the beginning. */
export async function runEvolve(options: EvolveOptions): Promise<void> {
  const stop = stopRequested({ withStdin: false })
  const { generations, evaluations, keepGoing = false, json } = options
  const { module, task: argument, target } = options
  const task = await taskOf({ task: argument, ...given({ module, target }) })
  const run: RunSettings = {
    task: task.argument,
    ...given({ target, module: module && resolve(module), generations, evaluations }),
    seed: options.seed ?? drawSeed(),
    settings: { ...settingsOf(task, options), ...given({ lineage: options.lineage }) },
    keepGoing,
  }
  checkStart(task, run)
  const plot = plotPath(options)
  const folder = new RunFolder(outputFolder(options.out))
  if (options.nodes !== 1) {
    process.stderr.write('arbor: --nodes has no effect on evolve, which is one population.\n')
  }
  folder.begin(run)
  const { workers = availableParallelism(), csv = false, memoryGuard = false } = options
  const how = { workers, memoryGuard, json, csv }
  await evolveRun({ folder, run, task, ...how, ...plot, resume: false, stop })
}

/** Goes on with what was stopped or killed. */
export async function resumeEvolve(path: string, options: GoingOptions): Promise<void> {
  const stop = stopRequested({ withStdin: false })
  const folder = RunFolder.open(resolve(path))
  const before = folder.settings()
  const { generations, evaluations, keepGoing = before.keepGoing } = options
  const run: RunSettings = { ...before, ...given({ generations, evaluations }), keepGoing }
  const task = await taskOf(run)
  const saved = await folder.checkpoint()
  if (saved !== undefined && saved.problem !== task.problem.name) {
    throw new BadInput(`${folder.shown} is a run of ${saved.problem}: its task has changed since.`)
  }
  const plot = plotPath(options)
  folder.reopen()
  const { workers = availableParallelism(), csv = false, memoryGuard = false, json } = options
  const how = { workers, memoryGuard, json, csv }
  await evolveRun({ folder, run, task, ...how, ...plot, resume: true, stop })
}

/** The task of a run, as it was named. */
export function taskOf({
  module,
  task,
  target,
}: Pick<RunSettings, 'module' | 'task' | 'target'>): Promise<Task> | Task {
  return module === undefined ? loadTask(task, target) : loadModuleTask(module)
}

/** Refuses what evolution would refuse, before anything is written. */
function checkStart({ problem }: Task, { settings, seed }: RunSettings): void {
  try {
    startEvolution(problem, settings, seed)
  } catch (failure) {
    if (!(failure instanceof EvolutionSettingsError)) throw failure
    throw new BadInput(`${problem.name} cannot be evolved so: ${failure.message}.`)
  }
}

/** Where the picture goes. Checked before any work begins. */
function plotPath({ plot }: GoingOptions): { plot?: string } {
  if (plot === undefined) return {}
  const path = resolve(plot)
  if (!path.toLowerCase().endsWith('.svg')) {
    throw new BadInput(`--plot ${JSON.stringify(plot)} is no SVG file: give a name ending in .svg.`)
  }
  outputFolder(dirname(path))
  return { plot: path }
}

/** Only what was given. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}
