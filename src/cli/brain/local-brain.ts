// A brain in this process, as `arbor evolve` and `arbor node start` run one: until its population
// is done or somebody asks it to stop.
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import type { SubscriptionPid } from '../../actors/brain/subscription.ts'
import { problemNamed, taskNames } from '../../evolution/environment/problem.ts'
import type { EvolutionSettings } from '../../evolution/evolution-settings.ts'
import { settingsFor } from '../../evolution/strategy/settings.ts'
import { isFit, needOf, strategyFor } from '../../evolution/strategy/strategy-for.ts'
import type { ArborNode } from '../../node.ts'
import { formatReason } from '../../runtime/exit-reason.ts'
import { waitForExit } from '../../runtime/signal.ts'
import { BadInput } from '../failure.ts'
import type { EvolutionOptions } from '../options.ts'
import type { StopSignal } from '../shutdown.ts'
import type { Task } from '../task.ts'

/** How a brain came to its end: `solved`, `generations`, or the signal that stopped it. */
export type BrainEnd = 'solved' | 'generations' | StopSignal

export interface LocalBrain {
  readonly node: ArborNode
  readonly task: Task
  readonly seed: number
  readonly workers: number
  readonly realm?: string
  readonly options: EvolutionOptions
  /** The last event is `stopped`. */
  readonly onEvent: (event: BrainEvent) => void
  readonly stop: Promise<StopSignal>
}

/** Runs to the end and stops the node, in order. Rejects when the brain gave up. */
export async function runLocalBrain(local: LocalBrain): Promise<BrainEnd> {
  const { node, task, seed, workers, realm, options, onEvent, stop } = local
  const over = Promise.withResolvers<BrainEnd>()
  let subscription: SubscriptionPid | undefined
  try {
    const brain = await node.startBrain({
      problem: task.problem,
      seed,
      settings: settingsOf(task, options),
      evaluator: { kind: 'pool', workers },
      stopWhenSolved: options.keepGoing !== true,
      ...(realm === undefined ? {} : { realm }),
      ...(options.generations === undefined ? {} : { generationsMax: options.generations }),
    })
    subscription = brain.subscribe((event) => {
      onEvent(event)
      if (event.event !== 'stopped') return
      if (event.reason === 'solved' || event.reason === 'generations') over.resolve(event.reason)
      // Nobody has asked for it yet.
      else over.reject(new Error('evolution failed again and again: start it again.'))
    })
    const deaf = waitForExit(subscription).then((reason): never => {
      throw new Error(`what shows the events failed (${formatReason(reason)}): start it again.`)
    })
    return await Promise.race([over.promise, stop, deaf])
  } finally {
    await node.stop()
    // Until the last event is told.
    if (subscription !== undefined) await waitForExit(subscription)
  }
}

/** What the command line says of settings. */
type Told = 'population' | 'strategy' | 'substrate' | 'tuning' | 'adaptation'

/** The settings measured best for a task, with what the options change. */
export function settingsOf(
  task: Task,
  { population, strategy, substrate, tuning, adaptation }: Pick<EvolutionOptions, Told>,
): EvolutionSettings {
  const plain = settingsFor(task.problem.name, population)
  const { reproduction } = plain
  const settings = {
    ...plain,
    ...(substrate === undefined ? {} : { substrate }),
    ...(tuning === undefined ? {} : { tuning }),
    ...(adaptation === undefined ? {} : { reproduction: { ...reproduction, adaptation } }),
  }
  if (strategy === undefined) return settings
  checkStrategy(task, strategy)
  return { ...settings, strategy: strategyFor(task.problem, strategy) }
}

/** Refuses a strategy that the task cannot feed, with tasks that can. */
export function checkStrategy({ name, problem }: Task, strategy: string): void {
  if (isFit(problem, strategy)) return
  const fit = taskNames.filter((other) => {
    const known = problemNamed(other)
    return known !== undefined && isFit(known, strategy)
  })
  const lacks = needOf(strategy) === 'game' ? 'is no game' : 'does not say what networks do'
  const own = needOf(strategy) === 'game' ? 'play' : 'behaviourSize and behaviourSpace'
  throw new BadInput(
    `${name} ${lacks}, which ${strategy} goes by: take --task ${fit.join(', ')}, ` +
      `or a task of your own that has ${own}.`,
  )
}
