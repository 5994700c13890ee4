// A brain in this process, as `arbor evolve` and `arbor node start` run one: until its population
// is done or somebody asks it to stop.
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import { settingsFor } from '../../evolution/strategy/settings.ts'
import type { ArborNode } from '../../node.ts'
import { formatReason } from '../../runtime/exit-reason.ts'
import { waitForExit } from '../../runtime/signal.ts'
import type { EvolutionOptions } from '../options.ts'
import type { StopSignal } from '../shutdown.ts'
import type { Task } from '../task.ts'

/** How a brain came to its end: `solved`, `generations`, or the signal that stopped it. */
export type BrainEnd = 'solved' | 'generations' | StopSignal

export interface BrainHere {
  readonly node: ArborNode
  readonly task: Task
  readonly seed: number
  readonly workers: number
  readonly realm?: string
  readonly options: EvolutionOptions
  readonly onEvent: (event: BrainEvent) => void
  readonly stop: Promise<StopSignal>
}

/** Runs to the end and stops the node, in order. Rejects when the node gave up. */
export async function runBrainHere(here: BrainHere): Promise<BrainEnd> {
  const { node, task, seed, workers, realm, options, onEvent } = here
  const over = Promise.withResolvers<BrainEnd>()
  try {
    const brain = await node.startBrain({
      problem: task.problem,
      seed,
      settings: settingsFor(task.problem.name, options.population),
      evaluator: { kind: 'pool', workers },
      stopWhenSolved: options.keepGoing !== true,
      ...(realm === undefined ? {} : { realm }),
      ...(options.generations === undefined ? {} : { generationsMax: options.generations }),
    })
    brain.subscribe((event) => {
      onEvent(event)
      if (event.event !== 'stopped') return
      over.resolve(event.reason === 'solved' ? 'solved' : 'generations')
    })
    const failed = waitForExit(node.supervisor).then((reason): never => {
      throw new Error(`the node gave up (${formatReason(reason)})`)
    })
    return await Promise.race([over.promise, here.stop, failed])
  } finally {
    await node.stop().catch(() => {})
  }
}
