// One run of `arbor evolve`, new or continued, from its folder to its end.
import { writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import type { RunningPopulation } from '../../actors/population/population-handle.ts'
import type {
  ChampionReport,
  DoneReport,
  FailureReport,
  GenerationReport,
  PopulationReport,
} from '../../actors/population/population-report.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile } from '../../evolution/network/plan.ts'
import { needOf } from '../../evolution/strategy/strategy-for.ts'
import { RUN_FAILURES_TOLD_MAX } from '../../limits.ts'
import { type ArborNode, startNode } from '../../node.ts'
import { type Done, doneEvent } from '../brain/outcome.ts'
import { advance, newProgress, type Progress } from '../brain/progress.ts'
import { type BrainView, brainView } from '../brain/view.ts'
import { type Champion, shown, writeResults, writeWhole } from '../results.ts'
import { exitCodes, type StopSignal } from '../shutdown.ts'
import type { Task } from '../task.ts'
import type { RunFolder, RunSettings } from './run-folder.ts'
import { historyCsv, historyOf } from './run-history.ts'
import { Drawing } from './run-picture.ts'
import { RunRecord } from './run-record.ts'

export interface EvolveRun {
  readonly folder: RunFolder
  readonly run: RunSettings
  readonly task: Task
  readonly workers: number
  /** To do less at a time while memory or processor run short. */
  readonly memoryGuard: boolean
  readonly json: boolean
  /** To leave the history as comma-separated values, too. */
  readonly csv: boolean
  /** A file for the picture of the whole run. */
  readonly plot?: string
  /** To go on from what the folder has. */
  readonly resume: boolean
  readonly stop: Promise<StopSignal>
}

const NAME = 'population'

/** Evolves to the end, or until told to stop, and leaves everything in the folder. */
export async function evolveRun(options: EvolveRun): Promise<void> {
  const { folder, run, task, json, resume } = options
  const standing = resume ? await folder.checkpoint() : undefined
  const startedMs = performance.now()
  const hasLineage = run.settings.lineage === true
  const record = new RunRecord(folder, standing?.population.generation ?? 0, { hasLineage })
  const { generations } = run
  const view = brainView({
    ...{ task: task.name, seed: run.seed, nodes: undefined, json },
    ...(generations === undefined ? {} : { generations }),
  })
  const log = new RunLog(options, record, view)
  const end = await evolve(options, log)
  view.stopping()
  record.close()
  const seconds = (performance.now() - startedMs) / 1000
  await conclude(options, log, view, { end, seconds })
  if (end in exitCodes) {
    process.exitCode = exitCodes[end as StopSignal]
    if (!json) process.stdout.write(`go on with: arbor evolve resume ${folder.shown}\n`)
  }
}

/** What the reports of a run become: lines, a picture, and the champion. */
class RunLog {
  readonly #options: EvolveRun
  readonly record: RunRecord
  readonly #view: BrainView
  progress: Progress = newProgress([NAME])
  /** The solution, or else what `done` said was the best. */
  champion: Champion | undefined
  #failures = 0

  constructor(options: EvolveRun, record: RunRecord, view: BrainView) {
    this.#options = options
    this.record = record
    this.#view = view
    const written = options.resume ? options.folder.writtenChampion() : undefined
    if (written?.solved !== true) return
    this.champion = written
    this.progress = advance(this.progress, { node: NAME, report: solvedAgain(written) })
  }

  add(report: PopulationReport): void {
    if (report.type === 'failure') {
      this.#failed(report)
    } else if (report.type === 'generation') {
      this.record.add(report)
      this.#tell(generationEvent(report))
    } else if (report.type === 'champion') this.#solved(report)
    else this.#done(report)
  }

  /** One mistake in an environment fails every genotype of a run: the first tell it all. */
  #failed({ genotype, generation, failure }: FailureReport): void {
    this.#failures++
    if (this.#failures > RUN_FAILURES_TOLD_MAX) return
    const which = `genotype ${genotype.slice(0, 16)} of generation ${generation}`
    this.#view.complained('arbor', `${which} has no score (${failure})`)
    if (this.#failures < RUN_FAILURES_TOLD_MAX) return
    this.#view.complained('arbor', 'further genotypes without a score are not told of')
  }

  #solved(report: ChampionReport): void {
    if (!report.verification.solved) return
    const before = this.progress.solution
    const event = solvedEvent(report)
    this.#tell(event)
    if (before !== undefined && before.fitness >= report.fitness) return
    const { event: _, id: _id, ...found } = event
    this.champion = { ...this.#about(), solved: true, ...found, node: NAME }
    // At once: whoever is killed later still has it.
    this.#options.folder.writeChampion(this.champion)
  }

  #done({ best }: DoneReport): void {
    const { genotype, fitness, generation, evaluations } = best
    this.champion ??= {
      ...this.#about(),
      solved: false,
      ...{ fitness, genotype, node: NAME, evaluations, generation },
    }
  }

  /** Holds the champion of a game to the full criterion of the task, which matches do not. */
  judge(): Partial<Pick<Done, 'solved' | 'detail'>> {
    if (this.champion === undefined) return {}
    const network = new Network(compile(this.champion.genotype))
    const { solved, detail } = this.#options.task.problem.verify(network)
    this.champion = { ...this.champion, solved, detail }
    return { solved, detail }
  }

  #about(): Pick<Champion, 'task' | 'seed' | 'table'> {
    const { task, run } = this.#options
    const table = task.table === undefined ? {} : { table: task.table }
    return { task: task.name, seed: run.seed, ...table }
  }

  #tell(report: BrainEvent): void {
    this.progress = advance(this.progress, { node: NAME, report })
    this.#view.report({ node: NAME, report }, this.progress)
  }
}

type End = Exclude<DoneReport['reason'], 'stopped'> | StopSignal

async function evolve(options: EvolveRun, log: RunLog): Promise<End> {
  const node = await startNode({})
  const told = Promise.withResolvers<DoneReport>()
  const listener = (report: PopulationReport): void => {
    try {
      log.add(report)
      if (report.type === 'done') told.resolve(report)
    } catch (failure) {
      log.record.fail(failure)
      told.reject(failure)
    }
  }
  try {
    const population = await started(node, options, log.record)
    population.subscribe(listener)
    await population.resume()
    const over = population.done.then(() => told.promise)
    const end = await Promise.race([over, told.promise, options.stop])
    if (typeof end !== 'string') return end.reason === 'stopped' ? 'SIGTERM' : end.reason
    await population.stop()
    // There is no report when nothing was evaluated yet.
    await over.catch(() => {})
    return end
  } finally {
    await node.stop()
  }
}

/** Nothing is evaluated before somebody listens. */
function started(
  node: ArborNode,
  { run, task, workers, memoryGuard, resume }: EvolveRun,
  { checkpoints }: RunRecord,
): Promise<RunningPopulation> {
  const { seed, settings, generations, evaluations, keepGoing } = run
  return node.spawnPopulation({
    problem: task.problem,
    seed,
    settings,
    paused: true,
    evaluator: { kind: 'pool', workers },
    ...(memoryGuard ? { resources: {} } : {}),
    checkpoint: { store: checkpoints, resume },
    stopWhenSolved: !keepGoing,
    ...(generations === undefined ? {} : { generationsMax: generations }),
    ...(evaluations === undefined ? {} : { evaluationsMax: evaluations }),
  })
}

async function conclude(
  { folder, run, task, csv, plot }: EvolveRun,
  log: RunLog,
  view: BrainView,
  { end, seconds }: { readonly end: End; readonly seconds: number },
): Promise<void> {
  const isGame = needOf(run.settings.strategy?.name ?? '') === 'game'
  const judged = isGame ? log.judge() : {}
  const { champion, progress } = log
  const done = { ...doneEvent(progress, seconds), ...judged }
  let files: readonly string[] = []
  try {
    if (champion !== undefined) {
      const drawing = new Drawing()
      for await (const row of historyOf(folder.historyPath)) drawing.add(row)
      const { points } = drawing
      files = writeResults(folder.path, champion, [{ name: NAME, points }], task.labels)
      folder.writeChampion(champion)
      if (plot !== undefined) {
        const { genotype } = champion
        const text = drawing.picture(task, genotype, await folder.checkpoint())
        files = [...files, shown(writeWhole(dirname(plot), basename(plot), text, '--plot'))]
      }
    }
    if (csv) await writeFile(folder.file('history.csv'), historyCsv(folder.historyPath))
    const { solved, evaluations, generations, bestFitness } = done
    folder.writeResult({ reason: end, solved, evaluations, generations, bestFitness })
  } finally {
    view.finished(done, files)
  }
}

// --- What a population reports, as `--json` prints it ---

function generationEvent(report: GenerationReport): BrainEvent {
  const { generation, evaluations, best, meanFitness, worstFitness } = report
  const { species, measures, evaluationsPerSecond } = report
  return {
    event: 'generation',
    ...{ generation, evaluations, bestFitness: best.fitness, meanFitness, worstFitness },
    ...{ species, measures, evaluationsPerSecond, sent: 0, received: 0, imports: 0, refused: {} },
  }
}

type Solved = Extract<BrainEvent, { event: 'solved' }>

function solvedEvent(report: ChampionReport): Solved {
  const { genotype, fitness, evaluations, generation, verification } = report
  const { generalisation, detail } = verification
  return {
    event: 'solved',
    ...{ id: genotypeId(genotype), fitness, detail, evaluations, generation, genotype },
    ...(generalisation === undefined ? {} : { generalisation }),
  }
}

/** The champion of a run that goes on, as it was told then. */
function solvedAgain(champion: Champion): Solved {
  const { genotype, fitness, evaluations, generation, generalisation, detail = '' } = champion
  return {
    event: 'solved',
    ...{ id: genotypeId(genotype), fitness, detail, evaluations, generation, genotype },
    ...(generalisation === undefined ? {} : { generalisation }),
  }
}
