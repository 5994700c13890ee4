// Chooses the thread of a new process and has it started there, by the process that each scheduler
// has for that purpose (supervisors/scheduler-service.ts).
import { SCHEDULER_WAIT_MS, SCHEDULERS_MAX, SPAWN_ATTEMPTS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { CallError, request } from './call.ts'
import type { Pid } from './pid.ts'
import { isPid, processOf, REMOTE } from './pid.ts'
import { ownNode } from './remote-export.ts'
import { type LoadTable, UP } from './remote-load.ts'
import { currentScheduler, loadTable } from './remote-node.ts'
import type { Placement, SpawnSpec } from './remote-spec.ts'
import { copied } from './term.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

/** The name of a scheduler's process; 0 is the first thread. */
export function serviceName(scheduler: number): string {
  return `scheduler-${scheduler}`
}

/** What that process is asked to start. */
export interface SpawnRequest {
  readonly type: 'spawn'
  readonly module: string
  readonly export: string
  readonly args: readonly unknown[]
  readonly name: string | undefined
  readonly link: Pid | undefined
}

/** Starts a process where its spec says; rejects with what kept it from starting. */
export async function place(spec: SpawnSpec, attempts: number = SPAWN_ATTEMPTS_MAX): Promise<Pid> {
  const { args = [], export: exported = 'default', module, name, link } = spec
  const scheduler = await choose(spec.scheduler ?? 'spread')
  const wanted: SpawnRequest = {
    type: 'spawn',
    module: String(module),
    export: exported,
    args: args as readonly unknown[],
    name,
    link,
  }
  // Here, too, arguments are copied: where a process runs must not change what it is given.
  const message = scheduler === currentScheduler() ? { ...wanted, args: copied(args) } : wanted
  try {
    const started = await request(serviceName(scheduler), message, { timeoutMs: 'infinity' })
    if (isPid(started)) return started
    throw started
  } catch (error) {
    // The scheduler was lost, and what it may have started with it.
    if (attempts > 1 && isLost(error)) return place(spec, attempts - 1)
    throw error
  }
}

function isLost(error: unknown): boolean {
  return error instanceof CallError && (error.code === 'noproc' || error.code === 'noconnection')
}

// --- Choosing ---

let turn = 0

async function choose(placement: Placement): Promise<number> {
  const load = loadTable()
  if (load === null) throw noScheduler(placement, 'this is the only thread')
  const chosen = chooseNow(placement, load)
  if (chosen !== undefined) return chosen
  await nextUp(placement)
  return choose(placement)
}

/** A scheduler that takes processes now, or undefined when the wanted one may come back. */
function chooseNow(placement: Placement, load: LoadTable): number | undefined {
  if (typeof placement === 'object') return schedulerOf(placement.near, load)
  if (typeof placement === 'number') {
    if (!Number.isInteger(placement) || placement < 0 || placement > SCHEDULERS_MAX) {
      throw noScheduler(placement, `there is no scheduler ${placement}`)
    }
    return placement === 0 || load.stateOf(placement) === UP ? placement : undefined
  }
  const up = load.up()
  if (up.length === 0) return undefined
  if (placement === 'spread') return up[turn++ % up.length]
  return up.reduce((best, other) => (isLess(other, best, load) ? other : best))
}

function isLess(a: number, b: number, load: LoadTable): boolean {
  const difference = load.runQueueOf(a) - load.runQueueOf(b)
  return difference === 0 ? load.processesOf(a) < load.processesOf(b) : difference < 0
}

/** Where a process lives. */
function schedulerOf(pid: Pid, load: LoadTable): number {
  const process = processOf(pid)
  const node = process.id < 0 ? process.debt : ownNode()
  const scheduler =
    process.status === REMOTE || node === ownNode() ? load.schedulerOf(node) : undefined
  if (scheduler === undefined) throw noScheduler({ near: pid }, `${pid} has no thread any more`)
  return scheduler
}

function noScheduler(placement: Placement, message: string): ArborError {
  const attempt = { operation: 'spawn', target: placement }
  const advice = 'give the number of a scheduler that runs, or spread'
  return new ArborError('no_scheduler', message, advice, attempt)
}

// --- Waiting for a scheduler that restarts ---

class Waiting extends WheelTimer {
  readonly #wake: () => void
  readonly #fail: () => void

  constructor(wake: () => void, fail: () => void) {
    super()
    this.#wake = wake
    this.#fail = fail
  }

  wake(): void {
    disarm(this)
    this.#wake()
  }

  expire(): void {
    waiting.delete(this)
    this.#fail()
  }
}

const waiting = new Set<Waiting>()

function nextUp(placement: Placement): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(noScheduler(placement, 'no scheduler came up in time'))
    const wait = new Waiting(resolve, late)
    waiting.add(wait)
    arm(wait, SCHEDULER_WAIT_MS)
  })
}

/** A scheduler takes processes from now on. */
export function schedulerIsUp(): void {
  for (const wait of waiting) wait.wake()
  waiting.clear()
}
