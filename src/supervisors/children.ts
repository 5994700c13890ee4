// The children of a supervisor, in the order of their starts, found by id and by pid. Every step is
// O(1), so that a hundred thousand that crash at once are a hundred thousand steps.
import { type Pid, processOf } from '../runtime/pid.ts'
import type { RestartAgain } from './child.ts'
import type { AnyChildSpec } from './child-spec.ts'

/** A child as its supervisor keeps it: a link of the list of all. */
export class Child {
  spec: AnyChildSpec
  pid: Pid | undefined = undefined
  /** Set while it is neither running nor given up: the next attempt to restart it. */
  retry: RestartAgain | null = null
  previous: Child | null = null
  next: Child | null = null

  constructor(spec: AnyChildSpec) {
    this.spec = spec
  }
}

export class Children implements Iterable<Child> {
  #first: Child | null = null
  #last: Child | null = null
  readonly #byId: Map<string, Child> = new Map()
  /** Children whose process is another supervisor's child, too: its record tells of that one. */
  readonly #foreign: Map<Pid, Child> = new Map()
  /** Significant children that run or are being restarted. */
  #significant = 0

  get first(): Child | null {
    return this.#first
  }

  get last(): Child | null {
    return this.#last
  }

  get size(): number {
    return this.#byId.size
  }

  /** Whether a significant child runs or is being restarted. */
  get hasSignificant(): boolean {
    return this.#significant > 0
  }

  byId(id: string): Child | undefined {
    return this.#byId.get(id)
  }

  /** The child that runs as a process, by what lies in its record. */
  byPid(pid: Pid): Child | undefined {
    const { supervised } = processOf(pid)
    if (supervised instanceof Child) {
      const child = this.#byId.get(supervised.spec.id)
      if (child?.pid === pid) return child
    }
    return this.#foreign.get(pid)
  }

  /** Adds a child behind the others. */
  add(child: Child): void {
    child.previous = this.#last
    if (this.#last === null) this.#first = child
    else this.#last.next = child
    this.#last = child
    this.#byId.set(child.spec.id, child)
  }

  /** Takes out a child that is not running. */
  remove(child: Child): void {
    const { previous, next } = child
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    child.previous = null
    child.next = null
    this.#byId.delete(child.spec.id)
  }

  /** A child runs as `pid`; `before` is what stood for it until now. */
  started(child: Child, pid: Pid, before: Child | null = null): void {
    this.#leave(child)
    child.pid = pid
    const process = processOf(pid)
    if (process.supervised === before) process.supervised = child
    else this.#foreign.set(pid, child)
    if (child.spec.significant === true) this.#significant++
  }

  /** A child does not run and is not being restarted; returns the pid it had. */
  ended(child: Child): Pid | undefined {
    const { pid } = child
    this.#leave(child)
    return pid
  }

  /** A child waits for its next restart. */
  waits(child: Child, retry: RestartAgain): void {
    this.#leave(child)
    child.retry = retry
    if (child.spec.significant === true) this.#significant++
  }

  #leave(child: Child): void {
    const { pid, retry } = child
    if (pid === undefined && retry === null) return
    if (child.spec.significant === true) this.#significant--
    if (pid !== undefined && !this.#foreign.delete(pid)) processOf(pid).supervised = null
    retry?.cancel()
    child.pid = undefined
    child.retry = null
  }

  /**
   * The same children under other specs, as after a code change: first those of the specs, in their
   * order, then the others. Who runs goes on running; who is new does not run yet.
   */
  respecified(specs: readonly AnyChildSpec[]): Children {
    const children = new Children()
    for (const spec of specs) children.#takeOver(spec, this.#byId.get(spec.id))
    for (const child of this) {
      if (!children.#byId.has(child.spec.id)) children.#takeOver(child.spec, child)
    }
    return children
  }

  #takeOver(spec: AnyChildSpec, old: Child | undefined): void {
    const child = new Child(spec)
    this.add(child)
    if (old?.pid !== undefined) this.started(child, old.pid, old)
    if (old !== undefined && old.retry !== null) this.waits(child, old.retry)
  }

  *[Symbol.iterator](): Generator<Child, void, undefined> {
    for (let child = this.#first; child !== null; child = child.next) yield child
  }
}
