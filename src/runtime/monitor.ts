// Monitors: one-way, "tell me when you end". The watcher gets one `Down` message per monitor,
// whatever happens; who ends together instead makes a link (signal.ts).
//
//   const ref = monitor(worker)
//   const down = yield* receive({ type: 'DOWN', ref })
//   demonitor(ref, { flush: true })       // from now on there is no Down of it, here or on its way
import { AliasRecord, INACTIVE, isStranger, LASTING } from './alias.ts'
import type { ExitReason } from './exit-reason.ts'
import {
  addWatch,
  DEAD,
  extensionOf,
  type OwnEdge,
  type Pid,
  Process,
  processOf,
  removeWatch,
  type Watch,
} from './pid.ts'
import { removeMessages } from './receive.ts'
import { resolve } from './registry.ts'
import { checkCaller, post } from './scheduler.ts'
import { caller } from './self.ts'

/** A monitored process has ended, or was not there (`noproc`). */
export class Down<Tag = 'DOWN'> {
  /** `DOWN`, or the `tag` of the monitor. */
  readonly type: Tag
  readonly ref: MonitorRef
  /** For a name that nobody had: a pid that never lived. */
  readonly pid: Pid
  readonly reason: ExitReason
  /** The name by which it was monitored; undefined for a pid. */
  readonly name: string | undefined

  constructor(ref: MonitorRef, pid: Pid, reason: ExitReason, type: Tag = 'DOWN' as Tag) {
    this.type = type
    this.ref = ref
    this.pid = pid
    this.reason = reason
    this.name = ref.name
  }
}

/** Names one monitor; `demonitor` takes it, `Down` carries it. */
export interface MonitorRef {
  readonly pid: Pid
  /** By which it was made; undefined for a pid. */
  readonly name?: string | undefined
}

/** A monitor that is an alias of its watcher, too: `send` takes it. */
export interface AliasedMonitorRef extends MonitorRef {
  readonly '~alias': (message: unknown) => void
}

/** What ends the alias of a monitor, beside `unalias`. */
export type MonitorAlias =
  /** Nothing. */
  | 'explicit_unalias'
  /** The end of the monitor: `demonitor`, or its `Down`. */
  | 'demonitor'
  /** That, or the first message that comes by it, which ends the monitor, too. */
  | 'reply_demonitor'

export interface MonitorOptions {
  /** Who is told, default the calling process. */
  readonly watcher?: Pid
  /** Makes the reference an alias of the watcher, for the answer of the process it watches. */
  readonly alias?: MonitorAlias
  /** `type` of the message, default `DOWN`. */
  readonly tag?: unknown
}

// Modes beyond those of every alias.
const UNTIL_DEMONITOR = 3
const UNTIL_REPLY = 4

const modes: Readonly<Record<MonitorAlias, number>> = {
  explicit_unalias: LASTING,
  demonitor: UNTIL_DEMONITOR,
  reply_demonitor: UNTIL_REPLY,
}

/** The record of a monitor. */
export class Monitor extends AliasRecord implements Watch, OwnEdge, MonitorRef {
  readonly pid: Process
  readonly name: string | undefined
  readonly tag: unknown
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  ownPrevious: OwnEdge | null = null
  ownNext: OwnEdge | null = null

  constructor(
    watcher: Process,
    mode: number,
    pid: Process,
    name: string | undefined,
    tag: unknown,
  ) {
    super(watcher, mode)
    this.pid = pid
    this.name = name
    this.tag = tag
  }

  onExit(process: Process, reason: ExitReason): void {
    this.#endAlias()
    this.#disown()
    const { owner } = this
    if (owner.status !== DEAD) post(owner, new Down(this, process, reason, this.tag))
  }

  override deliver(message: unknown): void {
    super.deliver(message)
    if (this.mode === UNTIL_REPLY) this.end()
  }

  /** Takes the monitor away; whether it was still there. */
  end(): boolean {
    const wasActive = this.target !== null
    if (wasActive) this.#disown()
    removeWatch(this)
    this.#endAlias()
    return wasActive
  }

  /** Its watcher has ended: who is watched shall not remember it. */
  abandon(): void {
    removeWatch(this)
    this.mode = INACTIVE
  }

  /** Adds it to the list of what its watcher has on others. */
  own(): void {
    const extension = extensionOf(this.owner)
    const head = extension.monitors
    this.ownNext = head
    if (head !== null) head.ownPrevious = this
    extension.monitors = this
  }

  #disown(): void {
    const { ownPrevious: previous, ownNext: next } = this
    if (next !== null) next.ownPrevious = previous
    if (previous !== null) previous.ownNext = next
    else if (this.owner.extension?.monitors === this) this.owner.extension.monitors = next
    this.ownPrevious = null
    this.ownNext = null
  }

  #endAlias(): void {
    if (this.mode !== LASTING) this.mode = INACTIVE
  }
}

/** Stands for the process of a name that nobody has. */
const nobody = new Process(0, () => undefined, 'noproc')
nobody.status = DEAD

/** Asks for one `Down` message when a process ends; at once, with `noproc`, when it already has. */
export function monitor(
  destination: Pid | string,
  options: MonitorOptions & { readonly alias: MonitorAlias },
): AliasedMonitorRef
export function monitor(destination: Pid | string, options?: Pid | MonitorOptions): MonitorRef
export function monitor(destination: Pid | string, options: Pid | MonitorOptions = {}): MonitorRef {
  const { watcher, alias, tag = 'DOWN' } = isOptions(options) ? options : { watcher: options }
  const target = resolve(destination) ?? nobody
  const process = watcher === undefined ? caller('monitor') : processOf(watcher)
  const name = typeof destination === 'string' ? destination : undefined
  const mode = alias === undefined ? INACTIVE : modes[alias]
  const edge = new Monitor(process, mode, target, name, tag)
  if (target.status === DEAD) edge.onExit(target, 'noproc')
  // Nobody hears of his own end: that makes no monitor.
  else if (target !== process && process.status !== DEAD) {
    addWatch(target, edge)
    edge.own()
  }
  return edge
}

function isOptions(options: Pid | MonitorOptions): options is MonitorOptions {
  return !(options instanceof Process)
}

/**
 * Ends a monitor; with `flush`, a `Down` that waits in the mailbox goes too. Returns whether there
 * was still one: not after its `Down`, nor the second time, nor for another process than its
 * watcher, whose attempt changes nothing.
 */
export function demonitor(ref: MonitorRef, options?: { readonly flush?: boolean }): boolean {
  checkCaller()
  if (!(ref instanceof Monitor) || isStranger(ref.owner)) return false
  const wasActive = ref.end()
  if (options?.flush === true) {
    removeMessages(ref.owner, (message) => message instanceof Down && message.ref === ref)
  }
  return wasActive
}

/** Whom a process monitors, for `processInfo`. */
export function monitorsOf(process: Process): Pid[] {
  const pids: Pid[] = []
  for (let edge = process.extension?.monitors ?? null; edge !== null; edge = edge.ownNext) {
    if (edge instanceof Monitor) pids.push(edge.pid)
  }
  return pids
}

/** Who monitors a process, for `processInfo`. */
export function monitoredBy(process: Process): Pid[] {
  const pids: Pid[] = []
  for (let watch = process.extension?.watches ?? null; watch !== null; watch = watch.watchNext) {
    if (watch instanceof Monitor) pids.push(watch.owner)
  }
  return pids
}
