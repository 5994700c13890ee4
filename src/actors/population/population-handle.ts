// A population as a program holds it: what it may be asked, and its end as a promise. Made by
// `node.spawnPopulation`, under whose node it lives.
//
//   const population = await node.spawnPopulation({ problem: xor, seed: 1 })
//   const unsubscribe = population.subscribe((report) => console.log(report.generation))
//   const { reason, best } = await population.done
//
// Each listener is a process of its own: what it throws ends it and nobody else. They hear of every
// life of the population server, should it crash and go on from its checkpoint.
import { availableParallelism } from 'node:os'
import type { Problem } from '../../evolution/environment/environment.ts'
import type { EvolutionSettings } from '../../evolution/evolution-settings.ts'
import { settingsFor } from '../../evolution/strategy/settings.ts'
import type { StrategySettings } from '../../evolution/strategy/strategy.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { formatReason } from '../../runtime/exit-reason.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import { isAlive, send, spawn } from '../../runtime/process.ts'
import { exit, waitForExit } from '../../runtime/signal.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import type { SupervisorPid } from '../../supervisors/supervisor.ts'
import type { PopulationEvent } from './audience.ts'
import { CheckpointFile, type CheckpointStore } from './checkpoint-file.ts'
import type { CheckpointOptions } from './checkpointer.ts'
import {
  type Best,
  best,
  finish,
  type PopulationPid,
  pause,
  resume,
  saveCheckpoint,
  step,
  subscribeEvents,
} from './population-protocol.ts'
import type { DoneReport, GenerationReport, PopulationReport } from './population-report.ts'
import {
  type EvaluatorOptions,
  type PopulationTreeOptions,
  populationSpec,
} from './population-supervisor.ts'

/** Where a population keeps its checkpoints: a file, or a store of the program's own. */
export type KeptCheckpoints = Omit<CheckpointOptions, 'store'> &
  ({ readonly path: string } | { readonly store: CheckpointStore })

export interface SpawnPopulationOptions<Origin = unknown>
  extends Omit<
    PopulationTreeOptions<Origin>,
    'name' | 'settings' | 'evaluator' | 'checkpoint' | 'clock'
  > {
  readonly problem: Problem
  /** Decides the run. */
  readonly seed: number
  /** Default: the settings measured best for the problem. */
  readonly settings?: EvolutionSettings
  /** A strategy's name, for its defaults, or its settings; default: what `settings` say. */
  readonly strategy?: string | StrategySettings
  /** Default: a pool of one thread a core. */
  readonly evaluator?: EvaluatorOptions
  /** With `resume`, seed and settings are those of the run that is continued. Default: nowhere. */
  readonly checkpoint?: KeptCheckpoints
}

let populations = 0

export class RunningPopulation<Origin = unknown> {
  /** The root of its supervision tree. */
  readonly supervisor: SupervisorPid
  /** The server, also after a restart. */
  readonly name: Name<PopulationPid<Origin>>
  /**
   * How evolution ended. Rejects with an `ArborError` `population_ended` when it ended otherwise:
   * stopped before the first generation, or crashed again and again.
   */
  readonly done: Promise<DoneReport<Origin>>
  readonly #parent: DynamicSupervisorRef
  readonly #relay: Relay<Origin>
  readonly #listeners: Set<Pid<PopulationEvent>>

  private constructor(
    parent: DynamicSupervisorRef,
    supervisor: SupervisorPid,
    name: Name<PopulationPid<Origin>>,
    relay: Relay<Origin>,
    listeners: Set<Pid<PopulationEvent>>,
  ) {
    this.supervisor = supervisor
    this.name = name
    this.done = relay.done
    this.#parent = parent
    this.#relay = relay
    this.#listeners = listeners
    void waitForExit(supervisor).then((reason) => relay.end(name, formatReason(reason)))
  }

  /**
   * Starts a population under a supervisor; evolution begins at once, unless `paused`. Rejects when
   * it does not start, e.g. for settings out of range or a corrupt checkpoint.
   */
  static async start<Origin = unknown>(
    options: SpawnPopulationOptions<Origin>,
    parent: DynamicSupervisorRef,
  ): Promise<RunningPopulation<Origin>> {
    const name: Name<PopulationPid<Origin>> = `population-${++populations}`
    const relay = new Relay<Origin>()
    const listeners = new Set(options.listeners)
    try {
      const spec = populationSpec<Origin>({
        ...treeOptions(options, name, relay.pid),
        listeners,
      })
      const pid = await DynamicSupervisor.startChild(parent, { ...spec, restart: 'temporary' })
      return new RunningPopulation(parent, pid, name, relay, listeners)
    } catch (failure) {
      relay.end(name, 'it did not start')
      throw failure
    }
  }

  /** The best that was ever evaluated; undefined before the first generation has been. */
  best(): Promise<Best<Origin> | undefined> {
    return best(this.name)
  }

  /** Calls `listener` with each report; whoever comes late hears the end. Answers how to leave. */
  subscribe(listener: (report: PopulationReport<Origin>) => void): () => void {
    return this.#relay.add(listener)
  }

  /**
   * Calls `listener` with every event from now on (evolution/evolution-event.ts), in their order.
   * Answers how to leave.
   */
  subscribeEvents(listener: (event: PopulationEvent) => void): () => void {
    const pid = spawn((event: PopulationEvent) => listener(event))
    this.#listeners.add(pid)
    void waitForExit(pid).then(() => this.#listeners.delete(pid))
    // A server that is just being started again finds it among its options.
    void subscribeEvents(this.name, pid).catch(() => {})
    return () => exit(pid, 'shutdown')
  }

  /** Saves a checkpoint now; rejects with an `ArborError` when the population keeps none. */
  saveCheckpoint(): Promise<void> {
    return saveCheckpoint(this.name)
  }

  /** Begins no further generation; the one that is under way is evaluated to its end. */
  pause(): Promise<void> {
    return pause(this.name)
  }

  resume(): Promise<void> {
    return resume(this.name)
  }

  /**
   * Evaluates one generation, or the rest of the one that is under way, and pauses. Resolves with
   * its report; with undefined when evolution is over.
   */
  step(): Promise<GenerationReport<Origin> | undefined> {
    return step(this.name)
  }

  /**
   * Ends evolution: saves the checkpoint, tells the reporters, and stops all processes. A
   * population that has ended is left as it is.
   */
  async stop(): Promise<void> {
    if (!isAlive(this.supervisor)) return
    const ended = waitForExit(this.supervisor)
    try {
      await finish(this.name)
      await DynamicSupervisor.terminateChild(this.#parent, this.supervisor)
    } catch (failure) {
      // Somebody else is stopping it, or the node.
      if (!(failure instanceof ArborError)) throw failure
      exit(this.supervisor, 'shutdown')
    }
    await ended
  }
}

function treeOptions<Origin>(
  options: SpawnPopulationOptions<Origin>,
  name: Name<PopulationPid<Origin>>,
  relay: Pid<PopulationReport<Origin>>,
): PopulationTreeOptions<Origin> {
  const { strategy, checkpoint, reporters = [], ...given } = options
  const settings = given.settings ?? settingsFor(given.problem.name)
  const named = typeof strategy === 'string' ? { name: strategy } : strategy
  return {
    evaluator: { kind: 'pool', workers: availableParallelism() },
    ...given,
    settings: named === undefined ? settings : { ...settings, strategy: named },
    name,
    reporters: [relay, ...reporters],
    ...(checkpoint === undefined ? {} : { checkpoint: keptIn(checkpoint) }),
  }
}

function keptIn(checkpoint: KeptCheckpoints): CheckpointOptions {
  if ('store' in checkpoint) return checkpoint
  const { path, ...timing } = checkpoint
  return { ...timing, store: new CheckpointFile(path) }
}

/** Hears a population in all its lives, and passes its reports on. */
class Relay<Origin> {
  readonly pid: Pid<PopulationReport<Origin>>
  readonly done: Promise<DoneReport<Origin>>
  readonly end: (population: string, reason: string) => void
  readonly #listeners: Set<Pid<PopulationReport<Origin>>> = new Set()
  #end: DoneReport<Origin> | undefined

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<DoneReport<Origin>>()
    // Not everybody waits for the end.
    promise.catch(() => {})
    this.done = promise
    this.pid = spawn((report: PopulationReport<Origin>) => {
      for (const listener of this.#listeners) send(listener, report)
      if (report.type !== 'done') return
      this.#end = report
      resolve(report)
    })
    this.end = (target, reason) => {
      const attempt = { operation: 'evolve', target }
      const message = `the population ended before evolution was done (${reason})`
      reject(new ArborError('population_ended', message, 'see the reports of its crashes', attempt))
      exit(this.pid, 'shutdown')
    }
  }

  add(listener: (report: PopulationReport<Origin>) => void): () => void {
    const pid = spawn((report: PopulationReport<Origin>) => listener(report))
    this.#listeners.add(pid)
    if (this.#end !== undefined) send(pid, this.#end)
    const leave = (): void => exit(pid, 'shutdown')
    void waitForExit(pid).then(() => this.#listeners.delete(pid))
    return leave
  }
}
