// The tree of one population: its evaluator and its server, and for networks as processes the
// supervisor of their exoselves. When one of them crashes all are started again: the server from
// its last checkpoint, or without one from the first generation of its seed, since scores that were
// under way are lost with either.
//
//   population-tree          one_for_all
//   ├─ exoselves             dynamic, only for networks as processes
//   ├─ evaluator             owns the worker threads
//   └─ population-server
import { start, startLink } from '../../behaviours/gen-server.ts'
import type { Problem } from '../../evolution/environment/environment.ts'
import { problemOf } from '../../evolution/environment/problem.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import type { ChildSpec } from '../../supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../supervisors/supervisor.ts'
import { Evaluator, type EvaluatorRef, type RunnerOptions } from './evaluator.ts'
import {
  type PopulationOptions,
  type PopulationPid,
  PopulationServer,
} from './population-server.ts'
import type { ResourceOptions } from './resource-guard.ts'

/** How genotypes are evaluated; the scores, and so the whole run, are the same. */
export type EvaluatorOptions =
  /** Compiled, in worker threads. */
  | { readonly kind: 'pool'; readonly workers: number; readonly worker?: URL }
  /** Compiled, in this thread, a millisecond at a time. */
  | { readonly kind: 'inline' }
  /**
   * As neuron processes; one that closes no cycle for `stallTimeoutMs` has no score (default
   * CYCLE_TIMEOUT_MS).
   */
  | { readonly kind: 'process'; readonly stallTimeoutMs?: number }

export interface PopulationTreeOptions<Origin = unknown>
  extends Omit<PopulationOptions<Origin>, 'evaluator' | 'onPause'> {
  readonly evaluator: EvaluatorOptions
  /** Does less at a time while memory or processor run short; scores stay the same. Default: no. */
  readonly resources?: ResourceOptions
  /** Registers the server, so that others find it again after a restart. */
  readonly name?: Name<PopulationPid<Origin>>
}

/** The child spec of a population's tree. */
export function populationSpec<Origin = unknown>(
  options: PopulationTreeOptions<Origin>,
): ChildSpec<SupervisorPid> {
  return {
    id: options.name ?? 'population',
    type: 'supervisor',
    restart: 'transient',
    start: (parent) => startPopulationLink(options, parent),
  }
}

/** Starts a population linked to `parent`, as its child. */
export function startPopulationLink<Origin>(
  options: PopulationTreeOptions<Origin>,
  parent: Pid,
): SupervisorPid | Promise<SupervisorPid> {
  return startLink(new Supervisor(treeOf(options, () => {})), { parent })
}

/**
 * Starts a population with a tree of its own, for a program that has none; stop `supervisor` to end
 * it.
 */
export async function startPopulation<Origin = unknown>(
  options: PopulationTreeOptions<Origin>,
): Promise<{ supervisor: SupervisorPid; population: PopulationPid<Origin> }> {
  let population: PopulationPid<Origin> | undefined
  const tree = treeOf(options, (pid) => {
    population = pid
  })
  const supervisor = await start(new Supervisor(tree))
  if (population === undefined) throw notStarted('population-server')
  return { supervisor, population }
}

function treeOf<Origin>(
  options: PopulationTreeOptions<Origin>,
  started: (population: PopulationPid<Origin>) => void,
): ConstructorParameters<typeof Supervisor>[0] {
  const { problem, name, evaluator: how, clock, resources } = options
  if (how.kind === 'pool') checkReachable(problem)
  let exoselves: DynamicSupervisorPid | undefined
  let evaluator: EvaluatorRef | undefined
  let starts = 0
  let paused = options.paused ?? false
  const onPause = (isPaused: boolean): void => {
    paused = isPaused
  }
  const runner = (): RunnerOptions => {
    if (how.kind !== 'process') return how
    if (exoselves === undefined) throw notStarted('exoselves')
    return { ...how, supervisor: exoselves }
  }
  const children: ChildSpec[] = [
    {
      id: 'exoselves',
      type: 'supervisor',
      start: () => {
        exoselves = startLink(new DynamicSupervisor())
        return exoselves
      },
    },
    {
      id: 'evaluator',
      start: () => {
        const timing = clock === undefined ? {} : { clock }
        const guarded = resources === undefined ? {} : { resources }
        const pid = startLink(new Evaluator({ problem, runner: runner(), ...timing, ...guarded }))
        evaluator = pid
        return pid
      },
    },
    {
      id: 'population-server',
      start: async () => {
        if (evaluator === undefined) throw notStarted('evaluator')
        const given = { ...resumed(options, starts++), evaluator, paused, onPause }
        const server = new PopulationServer<Origin>(given)
        const pid = await startLink(server, name === undefined ? {} : { name })
        started(pid)
        return pid
      },
    },
  ]
  return {
    strategy: 'one_for_all',
    children: how.kind === 'process' ? children : children.slice(1),
  }
}

/** Whatever the first start did, a server that is started again goes on where it was. */
function resumed<Origin>(
  { checkpoint, ...options }: PopulationTreeOptions<Origin>,
  starts: number,
): Omit<PopulationTreeOptions<Origin>, 'evaluator'> {
  if (checkpoint === undefined) return options
  return { ...options, checkpoint: starts === 0 ? checkpoint : { ...checkpoint, resume: true } }
}

/** Worker threads look a problem up; a program's own cannot be found there. */
function checkReachable({ name, reference }: Problem): void {
  // A module of the program's own is imported by the workers.
  if ('module' in reference) return
  try {
    problemOf(reference)
  } catch (cause) {
    const attempt = { operation: 'start population', target: name }
    const advice = "give it a reference to its module, or evaluate it with { kind: 'inline' }"
    const message = `worker threads do not know the problem ${name}`
    throw new ArborError('unknown_problem', message, advice, attempt, cause)
  }
}

/** Siblings start in order: this says that somebody has changed it. */
function notStarted(sibling: string): ArborError {
  const attempt = { operation: 'start population', target: sibling }
  return new ArborError('not_started', `${sibling} is not running`, 'start it before', attempt)
}
