// The world of one scenario: labels of processes and references, and the trace as it grows.
import { GenEventExit } from '../../../src/behaviours/gen-event.ts'
import type { From } from '../../../src/behaviours/gen-server.ts'
import type { RequestId } from '../../../src/behaviours/request.ts'
import type { Alias } from '../../../src/runtime/alias.ts'
import { isPid, type Pid } from '../../../src/runtime/pid.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { GroupChange, type GroupMonitorRef } from '../../../src/runtime/process-group.ts'
import { Down, Exit, exit, type MonitorRef, onExit } from '../../../src/runtime/signal.ts'
import type { TimerRef } from '../../../src/runtime/timer.ts'
import { termOfHandlerExit } from './event-term.ts'
import type {
  ChildDescription,
  Module,
  Operation,
  Segment,
  StatemModule,
  Term,
} from './scenario.ts'
import { termOfGroupChange } from './scripted-pg.ts'
import { canonical, reasonFrom, shown, termOfReason, useLabels } from './term.ts'

/** A label that names nothing (yet): the operation is not executed. */
export class Unknown extends Error {
  readonly label: string

  constructor(label: string) {
    super(label)
    this.label = label
  }
}

/** A message of `start_timer`: it carries the timer's name. */
export interface TimerMessage {
  readonly timer: string
  readonly term: Term
}

const lifeCycle = new Set(['init', 'terminate', 'start', 'phase', 'prep_stop', 'stop'])

/** What the world needs of its puppets; puppet.ts makes them. */
export interface Commanded {
  readonly pid: Pid<unknown>
  command(operations: readonly Operation[]): void
}

export class World {
  readonly pids: Map<string, Pid> = new Map()
  readonly labels: Map<Pid, string> = new Map()
  readonly monitors: Map<string, MonitorRef> = new Map()
  readonly aliases: Map<string, Alias<Term>> = new Map()
  readonly groupMonitors: Map<string, GroupMonitorRef> = new Map()
  readonly timers: Map<string, TimerRef> = new Map()
  readonly froms: Map<string, From<Term>> = new Map()
  readonly requests: Map<string, RequestId<Term>> = new Map()
  /** The programs of the servers, by label. */
  readonly modules: Map<string, Module | StatemModule> = new Map()
  /** Templates of the dynamic supervisors. */
  readonly templates: Map<Pid, ChildDescription> = new Map()
  /** How often a child of an id has been started. */
  readonly #starts: Map<string, number> = new Map()
  readonly #ends: (() => void)[] = []
  #log: Record<string, Term[]> = {}
  #exits: Record<string, Term> = {}
  #order: Term[] = []
  readonly #puppets: Map<string, Commanded> = new Map()
  readonly #makePuppet: (label: string, isHolding: boolean) => Commanded

  constructor(makePuppet: (label: string, isHolding: boolean) => Commanded) {
    this.#makePuppet = makePuppet
    useLabels((pid) => this.labelOf(pid))
  }

  spawnPuppet(label: string, isHolding: boolean): Commanded {
    const puppet = this.#makePuppet(label, isHolding)
    this.#puppets.set(label, puppet)
    return puppet
  }

  puppet(label: string): Commanded {
    const puppet = this.#puppets.get(label)
    if (puppet === undefined) throw new Unknown(`@${label}`)
    return puppet
  }

  /** The number of the next start of a child. */
  countStart(id: string): number {
    const count = (this.#starts.get(id) ?? 0) + 1
    this.#starts.set(id, count)
    return count
  }

  /** Names a process, in the first moment of its life. */
  label(pid: Pid, label: string): void {
    this.pids.set(label, pid)
    this.labels.set(pid, label)
    onExit(pid, (reason) => {
      this.#exits[label] = termOfReason(reason)
    })
  }

  log(label: string, entry: Term[]): void {
    this.#log[label] ??= []
    this.#log[label].push(entry)
    if (lifeCycle.has(String(entry[0]))) this.#order.push([entry[0] ?? '', label])
  }

  pid(reference: string): Pid {
    const pid = this.pids.get(reference.slice(1))
    if (pid === undefined) throw new Unknown(reference)
    return pid
  }

  /** A pid for `@p1`, a name as it is. */
  destination(reference: string): Pid | string {
    return reference.startsWith('@') ? this.pid(reference) : reference
  }

  labelOf(pid: Pid | null): string {
    return pid === null ? '@?' : `@${this.labels.get(pid) ?? '?'}`
  }

  refOf(ref: MonitorRef | GroupMonitorRef): string {
    for (const [label, monitor] of [...this.monitors, ...this.groupMonitors]) {
      if (monitor === ref) return `#${label}`
    }
    return '#?'
  }

  /** Any message as a term. */
  termOf(message: unknown): Term {
    if (message instanceof Exit) {
      return ['EXIT', this.labelOf(message.from), termOfReason(message.reason)]
    }
    if (message instanceof Down) {
      const { type, name, ref, pid, reason } = message
      const who = name === undefined ? this.labelOf(pid) : [name, 'local']
      return [type as Term, this.refOf(ref), 'process', who, termOfReason(reason)]
    }
    if (message instanceof GroupChange) return termOfGroupChange(message, this)
    if (message instanceof GenEventExit) return termOfHandlerExit(message, this)
    if (isPid(message)) return this.labelOf(message)
    if (typeof message === 'object' && message !== null && 'timer' in message) {
      const { timer, term } = message as TimerMessage
      return ['timeout', `#${timer}`, shown(term)]
    }
    return shown(message as Term)
  }

  /** What happened since the last step. */
  segment(options: { sort?: boolean; order?: boolean }): Segment {
    const segment: Segment = {}
    if (Object.keys(this.#log).length > 0) segment.log = this.#log
    if (Object.keys(this.#exits).length > 0) segment.exits = this.#exits
    if (options.order === true && this.#order.length > 0) segment.order = this.#order
    if (options.sort === true) {
      for (const entries of Object.values(this.#log)) {
        entries.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
      }
    }
    this.#log = {}
    this.#exits = {}
    this.#order = []
    return segment
  }

  /** Something to be done at the end, to what has no label. */
  atEnd(end: () => void): void {
    this.#ends.push(end)
  }

  /** Ends whoever is left. */
  close(): void {
    for (const end of this.#ends) end()
    for (const pid of this.labels.keys()) if (isAlive(pid)) exit(pid, reasonFrom('kill'))
  }
}
