// `arbor brain`, the main job: one station and several nodes, each an operating-system process,
// evolve one problem together until a champion passes the full criterion.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { stop } from '../../behaviours/gen-server.ts'
import { waitForExit } from '../../runtime/signal.ts'
import { History } from '../brain/history.ts'
import { type LaunchedBrain, launchBrain } from '../brain/launch.ts'
import { checkStrategy } from '../brain/local-brain.ts'
import type { Listening } from '../brain/monitor.ts'
import { concludeRun } from '../brain/outcome.ts'
import { type NodeReport, newProgress, type Progress } from '../brain/progress.ts'
import { brainView } from '../brain/view.ts'
import { openKeys } from '../configuration.ts'
import { BadInput } from '../failure.ts'
import { drawSeed, outputFolder, type RunOptions } from '../options.ts'
import { exitCodes, type StopSignal, stopRequested } from '../shutdown.ts'
import { loadTask, type Task } from '../task.ts'

interface BrainOptions extends RunOptions {
  readonly nodes: number
}

/** How a brain came to its end. */
type End =
  | { readonly why: 'solved' | 'finished' }
  | { readonly why: 'stopped'; readonly signal: StopSignal }
  | { readonly why: 'failed'; readonly reason: string }

export async function runBrain(options: BrainOptions): Promise<void> {
  const stop = stopRequested({ withStdin: false })
  const task = loadTask(options.task, options.target)
  if (options.strategy !== undefined) checkStrategy(task, options.strategy)
  const folder = outputFolder(options.out)
  const seed = options.seed ?? drawSeed()
  const startedMs = performance.now()
  const run = new BrainRun(options, task, seed, temporaryFolder())
  const end = await run.untilEnd(stop)
  concludeRun(run, run.view, folder, (performance.now() - startedMs) / 1000)
  if (end.why === 'failed') throw new Error(end.reason)
  if (end.why === 'stopped') process.exitCode = exitCodes[end.signal]
}

/** A folder for the keys of this run, which nobody else can read; gone when the program ends. */
function temporaryFolder(): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'arbor-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    return folder
  } catch (failure) {
    const cause = failure instanceof Error ? failure.message : String(failure)
    throw new BadInput(`no temporary folder (${cause}): set TMPDIR to one you may write to.`)
  }
}

/** One run: the programs, what they report, and the moment it is over. */
class BrainRun {
  progress: Progress
  readonly history: History = new History()
  readonly view: ReturnType<typeof brainView>
  readonly #options: BrainOptions
  readonly task: Task
  readonly seed: number
  readonly #keyFolder: string
  readonly #names: readonly string[]
  readonly #listening: PromiseWithResolvers<Listening> = Promise.withResolvers()
  readonly #over: PromiseWithResolvers<End> = Promise.withResolvers()
  readonly #finished: Set<string> = new Set()
  #station: Listening | undefined
  /** Why programs end, as far as they have said. */
  #lastComplaint = 'start it again'
  #isStopping = false

  constructor(options: BrainOptions, task: Task, seed: number, keyFolder: string) {
    this.#options = options
    this.task = task
    this.seed = seed
    this.#keyFolder = keyFolder
    this.#names = Array.from({ length: options.nodes }, (_, index) => `node-${index + 1}`)
    this.progress = newProgress(this.#names)
    this.view = brainView({ task: task.name, seed, nodes: options.nodes, json: options.json })
  }

  /** Runs until it is solved, finished or stopped; then everything has been stopped in order. */
  async untilEnd(stopRequest: Promise<StopSignal>): Promise<End> {
    void stopRequest.then((signal) => this.#end({ why: 'stopped', signal }))
    const { nodeId } = openKeys(this.#keyFile('station'))
    const brain = await launchBrain(() => this.#stationArguments(), {
      nodes: this.#names,
      onReport: (report, progress) => this.#report(report, progress),
      onListening: (listening) => this.#stationListens(listening),
      onStarted: (program, pid) => this.view.started(program, pid),
      onExit: (program, { status, signal }) => {
        if (status !== 0 && !this.#isStopping) this.view.exited(program, status, signal)
      },
      onLine: (program, line) => {
        this.#lastComplaint = `${program}: ${line}`
        this.view.complained(program, line)
      },
    })
    void waitForExit(brain.supervisor).then(() =>
      this.#end({ why: 'failed', reason: `a program kept ending: ${this.#lastComplaint}` }),
    )
    void this.#startNodes(brain, nodeId).catch((failure: unknown) =>
      this.#end({ why: 'failed', reason: String(failure) }),
    )
    const end = await this.#over.promise
    this.#isStopping = true
    this.view.stopping()
    await stop(brain.supervisor, 'shutdown').catch(() => {})
    return end
  }

  async #startNodes(brain: LaunchedBrain, stationId: string): Promise<void> {
    await this.#listening.promise
    for (const [index, name] of this.#names.entries()) {
      await brain.startNode(name, (life) => this.#nodeArguments(name, index, life, stationId))
    }
  }

  #report(report: NodeReport, progress: Progress): void {
    const { node, report: event } = report
    if (this.#isStopping && event.event !== 'stopped') return
    this.progress = progress
    this.history.add(report, progress)
    this.view.report(report, progress)
    if (event.event === 'solved' && !this.#options.keepGoing) this.#end({ why: 'solved' })
    if (event.event !== 'stopped' || event.reason !== 'generations') return
    this.#finished.add(node)
    if (this.#finished.size === this.#names.length) this.#end({ why: 'finished' })
  }

  #stationListens(listening: Listening): void {
    this.#station = listening
    this.#listening.resolve(listening)
    this.view.listening(listening)
  }

  #end(end: End): void {
    this.#over.resolve(end)
  }

  #keyFile(program: string): string {
    return join(this.#keyFolder, `${program}.key`)
  }

  /** A station that is started again takes the address that its nodes know. */
  #stationArguments(): readonly string[] {
    const port = String(this.#station?.port ?? 0)
    const key = this.#keyFile('station')
    return ['station', 'start', '--port', port, '--key', key, '--json', '--until-stdin-ends']
  }

  #nodeArguments(name: string, index: number, life: number, stationId: string): readonly string[] {
    const { host, port } = this.#station ?? { host: '127.0.0.1', port: 0 }
    const { population, generations, strategy, adaptation, nodes } = this.#options
    const workers = Math.max(1, Math.floor(availableParallelism() / nodes))
    // Nodes must not search the same way, nor a node that comes back the way it came.
    const seed = (this.seed + index + life * nodes) >>> 0
    return [
      ...['node', 'start', '--json', '--until-stdin-ends', '--name', name],
      ...['--station', `${host}:${port}`, '--station-id', stationId],
      ...['--key', this.#keyFile(name), '--seed', String(seed), '--workers', String(workers)],
      ...['--task', this.task.argument],
      ...(this.task.target === undefined ? [] : ['--target', this.task.target]),
      ...(this.#options.keepGoing === true ? ['--keep-going'] : []),
      ...(population === undefined ? [] : ['--population', String(population)]),
      ...(strategy === undefined ? [] : ['--strategy', strategy]),
      ...(adaptation === undefined ? [] : ['--adaptation', JSON.stringify(adaptation)]),
      ...(generations === undefined ? [] : ['--generations', String(generations)]),
    ]
  }
}
