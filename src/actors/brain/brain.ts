// A brain of nodes, model 1: a population that evolves here and shares its bests with others that
// work on the same problem. Five calls: start, stop, publish, subscribe, unsubscribe.
//
//   const brain = await Brain.start({ keys, problem, seed: 1, supervisor, mesh })
//   const subscription = brain.subscribe((event) => console.log(event))
//   await brain.publish(genotype)
//   brain.unsubscribe(subscription)
//   await brain.stop()
//
// Under it: one_for_one of the population's tree and the brain server (brain-server.ts), each of
// which lives on when the other is started again.
import { start, startLink } from '../../behaviours/gen-server.ts'
import type { Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { EvolutionSettings } from '../../evolution/population.ts'
import { settingsFor } from '../../evolution/strategy/settings.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import type { PeerManagerRef } from '../../mesh/peer-manager.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Name } from '../../runtime/pid.ts'
import { isAlive } from '../../runtime/process.ts'
import { seededRandom } from '../../runtime/random.ts'
import { exit, waitForExit } from '../../runtime/signal.ts'
import type { ChildSpec } from '../../supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../supervisors/supervisor.ts'
import type { PopulationPid } from '../population/population-server.ts'
import { type EvaluatorOptions, populationSpec } from '../population/population-supervisor.ts'
import type { PubSubRef } from '../pubsub/pubsub-server.ts'
import type { BrainEvent, Origin } from './brain-event.ts'
import type { BrainPid } from './brain-message.ts'
import { BrainServer, publishGenotype } from './brain-server.ts'
import { meetingOf } from './meeting.ts'
import { Subscription, type SubscriptionPid } from './subscription.ts'

export interface BrainOptions {
  /** Signs what is published. */
  readonly keys: KeyPair
  readonly problem: Problem
  /** Decides the evolution of this population, up to what comes from others. */
  readonly seed: number
  /** Default: the settings measured best for the problem. */
  readonly settings?: EvolutionSettings
  /** Default: a pool of one worker thread. */
  readonly evaluator?: EvaluatorOptions
  readonly generationsMax?: number
  /** Whether a champion that passes the full criterion ends the evolution; default true. */
  readonly stopWhenSolved?: boolean
  /** Fitness above which a best is published; default: that of the first generation's best. */
  readonly publishThreshold?: number
  /** Absent: the population evolves alone. */
  readonly mesh?: {
    /** Name of the realm in which the brain meets others. */
    readonly realm: string
    readonly pubsub: PubSubRef
    readonly peers: PeerManagerRef
  }
  /** Under which the brain lives. */
  readonly supervisor: DynamicSupervisorRef
}

let brains = 0

export class Brain {
  readonly #supervisor: DynamicSupervisorRef
  readonly #pid: SupervisorPid
  readonly #name: Name<BrainPid>

  private constructor(supervisor: DynamicSupervisorRef, pid: SupervisorPid, name: Name<BrainPid>) {
    this.#supervisor = supervisor
    this.#pid = pid
    this.#name = name
  }

  /** Starts a brain; evolution begins at once. Rejects when its tree does not start. */
  static async start(options: BrainOptions): Promise<Brain> {
    const name: Name<BrainPid> = `brain-${++brains}`
    const spec = brainSpec(options, name)
    const pid = await DynamicSupervisor.startChild(options.supervisor, spec)
    return new Brain(options.supervisor, pid, name)
  }

  /** Stops evolution and leaves the realm. A brain that has ended is left as it is. */
  async stop(): Promise<void> {
    if (!isAlive(this.#pid)) return
    const ended = waitForExit(this.#pid)
    try {
      await DynamicSupervisor.terminateChild(this.#supervisor, this.#pid)
    } catch (failure) {
      // Somebody else is stopping it, or the node.
      if (!(failure instanceof ArborError)) throw failure
    }
    await ended
  }

  /**
   * Shares a genotype with the realm and with the population here, with the fitness it has here;
   * resolves with its content id.
   */
  publish(genotype: Genotype): Promise<string> {
    return publishGenotype(this.#name, genotype)
  }

  /**
   * Calls `listener` with each event, in a process of its own: what it throws ends the
   * subscription. The last event is `stopped`.
   */
  subscribe(listener: (event: BrainEvent) => void): SubscriptionPid {
    return start(new Subscription(this.#pid, this.#name, listener))
  }

  async unsubscribe(subscription: SubscriptionPid): Promise<void> {
    exit(subscription, 'shutdown')
    await waitForExit(subscription)
  }
}

/**
 * The tree of a brain, to be started under a supervisor. When its restarts are spent it ends for
 * good, and its subscribers hear `stopped`.
 */
export function brainSpec(options: BrainOptions, name: Name<BrainPid>): ChildSpec<SupervisorPid> {
  const { keys, mesh, supervisor: _, publishThreshold, ...evolution } = options
  const { problem, seed } = evolution
  const population: Name<PopulationPid<Origin>> = `${name}-population`
  const populationTree = populationSpec<Origin>({
    settings: settingsFor(problem.name),
    evaluator: { kind: 'pool', workers: 1 },
    ...evolution,
    name: population,
  })
  const brainServer = (): BrainPid => {
    const random = seededRandom(seed).fork('brain')
    const meeting = mesh && { ...mesh, meeting: meetingOf(mesh.realm, problem.name) }
    const server = { keys, problem, seed, population, random, publishThreshold, mesh: meeting }
    return startLink(new BrainServer(server), { name })
  }
  const children: ChildSpec[] = [
    // A tree that has given up ends in order; evolution has to go on all the same.
    { ...populationTree, restart: 'permanent' },
    { id: 'brain', start: brainServer },
  ]
  return {
    id: name,
    type: 'supervisor',
    restart: 'temporary',
    start: () => startLink(new Supervisor({ children })),
  }
}
