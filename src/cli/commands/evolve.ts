// `arbor evolve`: one population in one process, without a network.
import { availableParallelism } from 'node:os'
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import { generateKeyPair } from '../../identity/puzzle.ts'
import { startNode } from '../../node.ts'
import { secureRandomBytes } from '../../runtime/random.ts'
import { History } from '../brain/history.ts'
import { runLocalBrain } from '../brain/local-brain.ts'
import { concludeRun } from '../brain/outcome.ts'
import { advance, newProgress } from '../brain/progress.ts'
import { brainView } from '../brain/view.ts'
import { drawSeed, outputFolder, type RunOptions } from '../options.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'
import { loadTask } from '../task.ts'

interface EvolveOptions extends RunOptions {
  readonly workers?: number
  readonly nodes: number
}

const NAME = 'population'

export async function runEvolve(options: EvolveOptions): Promise<void> {
  const stop = stopRequested({ withStdin: false })
  const task = loadTask(options.task, options.target)
  const folder = outputFolder(options.out)
  const seed = options.seed ?? drawSeed()
  const { json, workers = availableParallelism() } = options
  if (options.nodes !== 1) {
    process.stderr.write('arbor: --nodes has no effect on evolve, which is one population.\n')
  }
  const startedMs = performance.now()
  const view = brainView({ task: task.name, seed, nodes: undefined, json })
  const history = new History()
  let progress = newProgress([NAME])
  const node = await startNode({ keys: generateKeyPair(secureRandomBytes) })
  const onEvent = (report: BrainEvent): void => {
    progress = advance(progress, { node: NAME, report })
    history.add({ node: NAME, report }, progress)
    view.report({ node: NAME, report }, progress)
  }
  const end = await runLocalBrain({ node, task, seed, workers, options, onEvent, stop })
  view.stopping()
  const seconds = (performance.now() - startedMs) / 1000
  concludeRun({ task, seed, progress, history }, view, folder, seconds)
  if (end !== 'solved' && end !== 'generations') process.exitCode = exitCodes[end]
}
