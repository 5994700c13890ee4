// Takes living servers from one version of their classes to another, all or none.
//
// JavaScript runs one thing at a time, so every server that is not in the middle of an async
// callback stands between two messages: the change of all of them is one synchronous pass, during
// which nobody can send, crash or answer, and mailboxes, callers and names are not touched. Only
// servers in an async callback are held until that is over. When a `codeChange` throws, all that
// were changed get back their code and their state before anybody else runs.
//
// `codeChange` must return a new state and leave the old one as it is, or there is nothing to go
// back to.
import { UPGRADE_ATTEMPTS, UPGRADE_HOLD_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { registerError } from '../runtime/codec.ts'
import type { LoadedModule, ModuleVersions } from '../runtime/module-versions.ts'
import { DEAD, type Pid, type Process, SUSPENDED } from '../runtime/pid.ts'
import { enter } from '../runtime/scheduler.ts'
import { hold, release, whenIdle } from './hold.ts'
import { adopt, Server } from './server-loop.ts'
import { supervisionOrder } from './supervision-order.ts'
import { type ClassVersion, forgetVersion, renewed } from './versioned-class.ts'

/** From which version of a class to which. */
export interface ClassChange {
  readonly from: ClassVersion
  readonly to: ClassVersion
}

export interface UpgradeOptions {
  /** Handed to each `codeChange`. */
  readonly extra?: unknown
  /** Milliseconds to wait for servers in async callbacks, a few times; default UPGRADE_HOLD_MS. */
  readonly holdMs?: number
  /** Keeps all servers held until `commit` or `rollback`: for an upgrade of several threads. */
  readonly holdAll?: boolean
}

/** A `codeChange` threw, or a server could not be held; everything is as it was. */
export class UpgradeError extends ArborError {
  override readonly name = 'UpgradeError'
  declare readonly code: 'code_change_failed' | 'upgrade_timeout'
  /** Who failed: the server whose `codeChange` threw, or those that stayed busy. */
  readonly pids: readonly Pid[]
  /** Servers that had been changed and were taken back. */
  readonly rolledBack: number
  constructor(
    code: UpgradeError['code'],
    message: string,
    pids: readonly Pid[],
    rolledBack: number,
    cause?: unknown,
  ) {
    super(
      code,
      message,
      advice[code],
      { operation: 'upgrade', target: pids[0] ?? 'code_server' },
      cause,
    )
    this.pids = pids
    this.rolledBack = rolledBack
  }
}

registerError(UpgradeError)

const advice = {
  code_change_failed: 'all servers run the version before: mend codeChange and upgrade again',
  upgrade_timeout: 'shorten the async callbacks of these servers, or raise holdMs',
} as const

/** Undoes one step. */
type Undo = () => void

/** An upgrade whose changes are made but can still be taken back. */
export class PreparedUpgrade {
  /** Servers changed, in supervision order. */
  readonly changed: number
  /** Servers that had to be held for it. */
  readonly held: number
  readonly #undo: readonly Undo[]
  readonly #held: Set<Process>

  constructor(undo: readonly Undo[], held: Set<Process>, changed: number) {
    this.#undo = undo
    this.#held = held
    this.held = held.size
    this.changed = changed
  }

  /** Lets the servers go on with the new code. */
  commit(): void {
    releaseAll(this.#held)
  }

  /** Lets the servers go on with the old code and the old state. */
  rollback(): void {
    for (const undo of this.#undo.toReversed()) undo()
    releaseAll(this.#held)
  }
}

/**
 * Makes the changes; the caller commits or rolls back. Rejects with an `UpgradeError`, and then
 * nothing has changed.
 */
export async function prepareUpgrade(
  changes: readonly ClassChange[],
  { extra, holdMs = UPGRADE_HOLD_MS, holdAll = false }: UpgradeOptions = {},
): Promise<PreparedUpgrade> {
  const held = new Set<Process>()
  for (let attempt = 1; ; attempt++) {
    const busy = await holdBusy(changes, held, holdMs)
    if (busy.length === 0) break
    // Somebody held may be what a busy one waits for: let all go on, then try again.
    releaseAll(held)
    if (attempt < UPGRADE_ATTEMPTS) continue
    const message = `${busy.length} servers stayed in async callbacks`
    throw new UpgradeError('upgrade_timeout', message, busy, 0)
  }
  // From here to the end nothing else runs.
  if (holdAll)
    for (const process of instancesOf(changes)) if (hold(process, 'upgrade')) held.add(process)
  return changeAll(changes, held, extra)
}

/** Holds servers in async callbacks until there are none; returns those that stayed busy. */
async function holdBusy(
  changes: readonly ClassChange[],
  held: Set<Process>,
  holdMs: number,
): Promise<Process[]> {
  for (;;) {
    const busy = instancesOf(changes).filter(({ status }) => status === SUSPENDED)
    if (busy.length === 0) return []
    for (const process of busy) if (hold(process, 'upgrade')) held.add(process)
    const outcomes = await Promise.all(busy.map((process) => whenIdle(process, holdMs)))
    const late = busy.filter((_, index) => outcomes[index] === 'late')
    if (late.length > 0) return late
  }
}

function instancesOf(changes: readonly ClassChange[]): Process[] {
  return changes.flatMap(({ from }) =>
    [...from.of.instances].filter(([, version]) => version === from).map(([process]) => process),
  )
}

function changeAll(
  changes: readonly ClassChange[],
  held: Set<Process>,
  extra: unknown,
): PreparedUpgrade {
  const undo: Undo[] = []
  const targets = new Map<ClassVersion, ClassVersion>(changes.map(({ from, to }) => [from, to]))
  for (const { from, to } of changes) {
    from.of.newest = to
    undo.push(() => {
      from.of.newest = from
    })
  }
  const changesOfClasses = undo.length
  for (const process of supervisionOrder(instancesOf(changes))) {
    if (!(process.state instanceof Server)) continue
    const from = versionRunBy(process, changes)
    const to = from === undefined ? undefined : targets.get(from)
    if (from === undefined || to === undefined) continue
    try {
      change(process, process.state, from, to, extra, undo)
    } catch (cause) {
      new PreparedUpgrade(undo, held, 0).rollback()
      const message = `codeChange of ${to.of.exportName} threw for ${process}`
      const count = undo.length - changesOfClasses
      throw new UpgradeError('code_change_failed', message, [process], count, cause)
    }
  }
  return new PreparedUpgrade(undo, held, undo.length - changesOfClasses)
}

function versionRunBy(process: Process, changes: readonly ClassChange[]): ClassVersion | undefined {
  for (const { from } of changes) {
    const version = from.of.instances.get(process)
    if (version !== undefined) return version
  }
  return undefined
}

/** Changes one server; notes how to take it back only when that has succeeded. */
function change(
  process: Process,
  server: Server,
  from: ClassVersion,
  to: ClassVersion,
  extra: unknown,
  undo: Undo[],
): void {
  const { callbacks, state } = server
  const prototype: object = Object.getPrototypeOf(callbacks)
  const takeBack = (): void => {
    if (process.status === DEAD) return
    Object.setPrototypeOf(callbacks, prototype)
    server.callbacks = callbacks
    server.state = state
    from.of.instances.set(process, from)
  }
  const interrupted = enter(process)
  try {
    const next = renewed(callbacks, from, to)
    adopt(next, process)
    server.state = next.codeChange(from.version, state, extra)
    server.callbacks = next
  } catch (error) {
    takeBack()
    throw error
  } finally {
    enter(interrupted)
  }
  from.of.instances.set(process, to)
  undo.push(takeBack)
}

function releaseAll(held: Set<Process>): void {
  for (const process of held) if (process.status !== DEAD) release(process, 'upgrade')
  held.clear()
}

const NOTHING_PREPARED = new PreparedUpgrade([], new Set(), 0)

/** An upgrade on its way: what it has loaded and changed so far. */
export class UpgradeStep {
  readonly loaded: LoadedModule[] = []
  readonly changes: ClassChange[] = []
  prepared: PreparedUpgrade = NOTHING_PREPARED
  readonly #versions: ModuleVersions

  constructor(versions: ModuleVersions) {
    this.#versions = versions
  }

  commit(): void {
    this.prepared.commit()
  }

  rollback(): void {
    this.prepared.rollback()
    for (const { to } of this.changes) forgetVersion(to)
    for (const module of this.loaded) this.#versions.takeBack(module)
  }
}
