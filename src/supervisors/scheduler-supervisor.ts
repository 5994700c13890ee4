// All cores: a supervisor whose children are threads, each with a kernel of its own (Erlang's
// schedulers, as far as threads without a common heap can be them). Pids work across them.
//
//   await startSchedulers({ count: 3 })
//   const counter = await spawn<typeof Counter>({ module, export: 'Counter', args: [0] })
//   await call(counter, { type: 'add', by: 2 })
//
// A thread that dies, however it does, takes its processes with it: links and monitors elsewhere
// hear `noconnection`, calls fail with it at once, and the thread is restarted, empty. A message to
// another thread is copied and costs as much as ten within one: processes that talk a lot belong
// together (`scheduler: { near: pid }`), and only work above some 10 µs a message is worth the way.
import { availableParallelism } from 'node:os'
import { start, startLink } from '../behaviours/gen-server.ts'
import { SCHEDULERS_MAX } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { CallError, request } from '../runtime/call.ts'
import type { Name } from '../runtime/pid.ts'
import { whereis } from '../runtime/registry.ts'
import { DRAINING, UP } from '../runtime/remote-load.ts'
import { loadTable } from '../runtime/remote-node.ts'
import { serviceName } from '../runtime/remote-spawn.ts'
import { onExit } from '../runtime/signal.ts'
import type { ChildSpec } from './child-spec.ts'
import { SchedulerService } from './scheduler-service.ts'
import {
  enterThreads,
  leaveThreads,
  SchedulerThread,
  type ThreadOptions,
} from './scheduler-threads.ts'
import { Supervisor, type SupervisorPid } from './supervisor.ts'

export interface SchedulersOptions extends ThreadOptions {
  /** Threads beside this one; default: one for each core but the first. */
  readonly count?: number
  /** Restarts of threads allowed within `periodMs`; default 3. One more, and all end. */
  readonly intensity?: number
  /** Default 5000. */
  readonly periodMs?: number
}

/** The supervisor of schedulers, by its name in the first thread. */
export const schedulersName: Name<SupervisorPid> = 'schedulers'

/**
 * Starts scheduler threads and resolves when all are ready. This thread is scheduler 0, the others
 * are 1 to `count`. Stop them with `stop(schedulers, 'shutdown')`; until then they keep the program
 * alive. Rejects with a `StartError` when a thread does not start.
 */
export async function startSchedulers(options: SchedulersOptions = {}): Promise<SupervisorPid> {
  return await startAll(options, (supervisor) => start(supervisor, { name: schedulersName }))
}

/** The same as a child of a supervisor of the first thread. */
export function schedulersChild(options: SchedulersOptions = {}): ChildSpec<SupervisorPid> {
  return {
    id: 'schedulers',
    type: 'supervisor',
    start: (parent) =>
      startAll(options, (supervisor) => startLink(supervisor, { name: schedulersName, parent })),
  }
}

type Start = (supervisor: Supervisor) => SupervisorPid | Promise<SupervisorPid>

async function startAll(options: SchedulersOptions, startIt: Start): Promise<SupervisorPid> {
  const { count = Math.max(1, availableParallelism() - 1), intensity, periodMs } = options
  checkCount(count)
  if (whereis(schedulersName) !== undefined) throw alreadyStarted()
  const service = {
    id: 'service',
    start: () => startLink(new SchedulerService(), { name: serviceName(0) }),
  }
  const threads = Array.from({ length: count }, (_, i) => threadSpec(i + 1, options))
  try {
    enterThreads()
    const pid = await startIt(
      new Supervisor({
        children: [service, ...threads],
        ...(intensity === undefined ? {} : { intensity }),
        ...(periodMs === undefined ? {} : { periodMs }),
      }),
    )
    onExit(pid, leaveThreads)
    return pid
  } catch (error) {
    leaveThreads()
    throw error
  }
}

function threadSpec(scheduler: number, options: ThreadOptions): ChildSpec {
  return {
    id: serviceName(scheduler),
    // It gives its processes their time, and then ends the thread whatever they do.
    shutdown: 'infinity',
    start: (parent) => startLink(new SchedulerThread(scheduler, options), { parent }),
  }
}

/** A scheduler, as `schedulers` shows it. */
export interface SchedulerInfo {
  readonly scheduler: number
  readonly state: 'up' | 'draining' | 'down'
  /** Its number among all threads that have been; each restart makes it another. */
  readonly node: number
  /** Processes that wait for their turn, as of the last turn of its event loop. */
  readonly runQueueLength: number
  readonly processes: number
}

/** The schedulers of this program, the first thread included; empty when they are not started. */
export function schedulers(): SchedulerInfo[] {
  const load = loadTable()
  if (load === null) return []
  const all: SchedulerInfo[] = []
  for (let scheduler = 0; scheduler <= SCHEDULERS_MAX; scheduler++) {
    const node = load.nodeOf(scheduler)
    const state = load.stateOf(scheduler)
    if (node === 0 && scheduler !== 0) continue
    all.push({
      scheduler,
      state: state === UP ? 'up' : state === DRAINING ? 'draining' : 'down',
      node,
      runQueueLength: load.runQueueOf(scheduler),
      processes: load.processesOf(scheduler),
    })
  }
  return all
}

/**
 * Replaces a thread by a fresh one: no new processes from now on, then up to `timeoutMs` for those
 * that live to end, then the rest is stopped as by a supervisor. The way out for what a thread
 * cannot give back, such as modules loaded again and again. From the first thread only. Resolves
 * when the new thread is ready, with whether the old one was empty in time.
 */
export async function drainScheduler(
  scheduler: number,
  options: { readonly timeoutMs: number },
): Promise<boolean> {
  const load = loadTable()
  const supervisor = whereis(schedulersName)
  if (
    load === null ||
    supervisor === undefined ||
    load.stateOf(scheduler) !== UP ||
    scheduler < 1
  ) {
    const attempt = { operation: 'drainScheduler', target: scheduler }
    const advice = 'give the number of a scheduler that runs, in the first thread'
    throw new ArborError('no_scheduler', `scheduler ${scheduler} is not up`, advice, attempt)
  }
  load.setState(scheduler, DRAINING)
  const wasEmpty = await isEmptyWithin(scheduler, options.timeoutMs)
  const id = serviceName(scheduler)
  // Meanwhile it may have crashed: then its supervisor has replaced it already.
  if (load.stateOf(scheduler) === DRAINING) {
    await Supervisor.terminateChild(supervisor, id)
    await Supervisor.restartChild(supervisor, id)
  }
  return wasEmpty
}

async function isEmptyWithin(scheduler: number, timeoutMs: number): Promise<boolean> {
  try {
    await request(serviceName(scheduler), { type: 'whenEmpty' }, { timeoutMs })
    return true
  } catch (error) {
    if (error instanceof CallError) return false
    throw error
  }
}

function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= SCHEDULERS_MAX) return
  const attempt = { operation: 'startSchedulers', request: { count } }
  const advice = `give an integer from 1 to ${SCHEDULERS_MAX}`
  throw new ArborError('bad_option', `${count} schedulers`, advice, attempt)
}

function alreadyStarted(): ArborError {
  const attempt = { operation: 'startSchedulers' }
  const advice = 'start them once, where the program starts'
  return new ArborError('already_started', 'the schedulers run already', advice, attempt)
}
