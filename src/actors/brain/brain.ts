// A brain of nodes, model 1: a population that evolves here and shares its bests with others that
// work on the same problem. Five calls: start, stop, publish, subscribe, unsubscribe.
//
//   const brain = await Brain.start({ keys, problem, seed: 1, supervisor, mesh })
//   const subscription = brain.subscribe((event) => console.log(event))
//   await brain.publish(genotype)
//   brain.unsubscribe(subscription)
//   await brain.stop()
//
// Under it: rest_for_one of the population's tree and the brain server (brain-server.ts).
import { start, startLink, stop } from '../../behaviours/gen-server.ts'
import type { Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { EvolutionSettings } from '../../evolution/population.ts'
import { settingsFor } from '../../evolution/strategy/settings.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import type { PeerManagerRef } from '../../mesh/peer-manager.ts'
import type { Name } from '../../runtime/pid.ts'
import { seededRandom } from '../../runtime/random.ts'
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
import { type BrainPid, BrainServer, publishGenotype } from './brain-server.ts'
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

  /** Stops evolution and leaves the realm. */
  async stop(): Promise<void> {
    await DynamicSupervisor.terminateChild(this.#supervisor, this.#pid)
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
   * subscription.
   */
  subscribe(listener: (event: BrainEvent) => void): SubscriptionPid {
    return start(new Subscription(this.#pid, this.#name, listener))
  }

  unsubscribe(subscription: SubscriptionPid): Promise<void> {
    return stop(subscription)
  }
}

/** The tree of a brain, to be started under a supervisor. */
export function brainSpec(options: BrainOptions, name: Name<BrainPid>): ChildSpec<SupervisorPid> {
  const { keys, problem, seed, mesh } = options
  const population: Name<PopulationPid<Origin>> = `${name}-population`
  return {
    id: name,
    type: 'supervisor',
    restart: 'transient',
    start: () =>
      startLink(
        new Supervisor({
          strategy: 'rest_for_one',
          children: [
            populationSpec<Origin>({
              name: population,
              problem,
              seed,
              settings: options.settings ?? settingsFor(problem.name),
              evaluator: options.evaluator ?? { kind: 'pool', workers: 1 },
              stopWhenSolved: options.stopWhenSolved ?? true,
              ...(options.generationsMax === undefined
                ? {}
                : { generationsMax: options.generationsMax }),
            }),
            {
              id: 'brain',
              start: () =>
                startLink(
                  new BrainServer({
                    keys,
                    problem,
                    seed,
                    population,
                    random: seededRandom(seed).fork('brain'),
                    ...(options.publishThreshold === undefined
                      ? {}
                      : { publishThreshold: options.publishThreshold }),
                    ...(mesh === undefined
                      ? {}
                      : { mesh: { ...mesh, meeting: meetingOf(mesh.realm, problem.name) } }),
                  }),
                  { name },
                ),
            },
          ],
        }),
      ),
  }
}
