// A registry of processes by key (Elixir's Registry): instead of one name whatever keys a process
// wants, a value with each registration, one process a key or many. Entries vanish with their
// process, before links and monitors hear of its end.
//
//   const sessions = new Registry<string, Session, SessionPid>({ name: 'sessions' })
//   sessions.register('ada', { since: 1 })                 // in the session's init
//   call(via(sessions, 'ada'), { type: 'status' })          // wherever a name is taken
//
//   const topics = new Registry<string, { level: number }>({ name: 'topics', keys: 'duplicate' })
//   topics.dispatch('alarms', (entries) => entries.forEach(({ pid }) => send(pid, 'fire')))
//
// Asking it takes no message. It is a thing of one thread, as its entries are; groups that other
// threads see are those of process-group.ts. It has no process, so nothing of it can crash.
import { ArborError } from './arbor-error.ts'
import {
  addWatch,
  DEAD,
  type Name,
  type Pid,
  type Process,
  processOf,
  removeWatch,
  type Watch,
} from './pid.ts'
import { keyTaken, serveVia } from './registry.ts'
import { checkCaller } from './scheduler.ts'
import { self } from './signal.ts'
import { keyId } from './structural-key.ts'
import { type Match, matcherOf, type Pattern, patternTest } from './table-pattern.ts'

export interface RegistryOptions {
  /** Unique in the thread; part of `via` names. */
  readonly name: string
  /** How many processes a key may have: one (`unique`, default) or many. */
  readonly keys?: 'unique' | 'duplicate'
}

/** A registration. */
export interface RegistryEntry<K, V, P extends Pid> {
  readonly key: K
  readonly pid: P
  readonly value: V
}

class Entry<K, V> {
  readonly key: K
  readonly id: unknown
  readonly pid: Process
  value: V

  constructor(key: K, id: unknown, pid: Process, value: V) {
    this.key = key
    this.id = id
    this.pid = pid
    this.value = value
  }
}

/** The entries of a process, and what leads from its end to them. */
class Registrant<K, V> implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly entries: Set<Entry<K, V>> = new Set()
  readonly #ended: (process: Process) => void

  constructor(ended: (process: Process) => void) {
    this.#ended = ended
  }

  onExit(process: Process): void {
    this.#ended(process)
  }
}

/** A registry as its `via` names see it. */
interface ViaRegistry {
  whereis(key: unknown): Pid | undefined
  register(key: unknown, value: unknown, pid: Pid): void
  unregister(key: unknown, pid: Pid): number
}

const registries = new Map<string, ViaRegistry>()

export class Registry<K, V = undefined, P extends Pid = Pid> {
  readonly name: string
  readonly keys: 'unique' | 'duplicate'
  /** A unique key has one entry, which needs no set. */
  readonly #entries: Map<unknown, Entry<K, V> | Set<Entry<K, V>>> = new Map()
  readonly #registrants: Map<Process, Registrant<K, V>> = new Map()
  readonly #meta: Map<unknown, unknown> = new Map()
  #count = 0

  /** Throws `already_started` for a taken name. */
  constructor({ name, keys = 'unique' }: RegistryOptions) {
    this.name = name
    this.keys = keys
    if (registries.has(name)) {
      throw this.#error('new', 'already_started', 'has a namesake', 'choose another name')
    }
    registries.set(name, this)
  }

  // --- Registrations ---

  /**
   * Registers the calling process (or `pid`) under a key. Throws `already_registered` when a unique
   * key has a process (whose pid is the `attempt.request`), `noproc` for one that has ended.
   */
  register(key: K, value: V, pid: Pid = self()): void {
    checkCaller()
    const process = processOf(pid)
    if (process.status === DEAD) {
      throw this.#error('register', 'noproc', `cannot name ${process}`, 'it has ended')
    }
    const id = keyId(key)
    const holder = this.#entries.get(id)
    if (this.keys === 'unique' && holder instanceof Entry && holder.pid.status !== DEAD) {
      const what = `has ${holder.pid} under that key`
      throw this.#error('register', 'already_registered', what, 'use that one', holder.pid)
    }
    const entry = new Entry(key, id, process, value)
    if (this.keys === 'unique') this.#entries.set(id, entry)
    else if (holder instanceof Set) holder.add(entry)
    else this.#entries.set(id, new Set([entry]))
    this.#registrantOf(process).entries.add(entry)
    this.#count++
    keyTaken()
  }

  /** Ends all registrations of the calling process (or `pid`) under a key; returns how many. */
  unregister(key: K, pid: Pid = self()): number {
    return this.#unregister(key, pid, () => true)
  }

  /** Those whose value matches. */
  unregisterMatch(key: K, value: Pattern<V>, pid: Pid = self()): number {
    return this.#unregister(key, pid, patternTest(value))
  }

  /**
   * Exchanges the value under a unique key of the calling process (or `pid`); returns it, or
   * undefined when there is none.
   */
  updateValue(key: K, update: (value: V) => V, pid: Pid = self()): V | undefined {
    checkCaller()
    if (this.keys !== 'unique') {
      throw this.#error('updateValue', 'bad_type', 'has several a key', 'register anew')
    }
    const [entry] = this.#entriesOf(key)
    if (entry === undefined || entry.pid !== pid) return undefined
    entry.value = update(entry.value)
    return entry.value
  }

  // --- Questions ---

  /** Registrations under a key, oldest first. */
  lookup(key: K): RegistryEntry<K, V, P>[] {
    return this.#entriesOf(key).map(shown) as RegistryEntry<K, V, P>[]
  }

  /** The process of a unique key, or the oldest of another; undefined when there is none. */
  whereis(key: K): P | undefined {
    return this.#entriesOf(key)[0]?.pid as P | undefined
  }

  /** Keys of a process, each as often as it is registered under it. */
  keysOf(pid: Pid): K[] {
    const registrant = this.#registrants.get(processOf(pid))
    return registrant === undefined ? [] : [...registrant.entries].map(({ key }) => key)
  }

  /** Values a process has under a key. */
  values(key: K, pid: Pid): V[] {
    return this.#entriesOf(key)
      .filter((entry) => entry.pid === pid)
      .map(({ value }) => value)
  }

  /** Registrations under a key whose value is like this one, or passes this guard. */
  match(key: K, value: Pattern<V>): RegistryEntry<K, V, P>[] {
    const matches = patternTest(value)
    return this.lookup(key).filter((entry) => matches(entry.value))
  }

  countMatch(key: K, value: Pattern<V>): number {
    return this.match(key, value).length
  }

  /** Registrations of all keys that match. */
  select(match: Match<RegistryEntry<K, V, P>> = {}): RegistryEntry<K, V, P>[] {
    const matches = matcherOf(match)
    const found: RegistryEntry<K, V, P>[] = []
    for (const entries of this.#entries.values()) {
      for (const entry of entries instanceof Set ? entries : [entries]) {
        const candidate = shown(entry) as RegistryEntry<K, V, P>
        if (matches(candidate)) found.push(candidate)
      }
    }
    return found
  }

  /** Registrations. */
  count(): number {
    return this.#count
  }

  /** Hands the registrations under a key to a function, unless there are none. */
  dispatch(key: K, act: (entries: RegistryEntry<K, V, P>[]) => void): void {
    const entries = this.lookup(key)
    if (entries.length > 0) act(entries)
  }

  // --- Of the registry itself ---

  /** Keeps something beside the registrations. */
  putMeta(key: unknown, value: unknown): void {
    this.#meta.set(keyId(key), value)
  }

  meta(key: unknown): unknown {
    return this.#meta.get(keyId(key))
  }

  deleteMeta(key: unknown): boolean {
    return this.#meta.delete(keyId(key))
  }

  /** Forgets all registrations, and frees the name. */
  close(): void {
    for (const process of [...this.#registrants.keys()]) this.#ended(process)
    registries.delete(this.name)
  }

  // --- Entries ---

  #entriesOf(key: K): Entry<K, V>[] {
    const found = this.#entries.get(keyId(key))
    if (found === undefined) return []
    // Its process may just be ending, and its other watchers ask before ours has run.
    const entries = found instanceof Set ? [...found] : [found]
    return entries.filter(({ pid }) => pid.status !== DEAD)
  }

  #unregister(key: K, pid: Pid, isMeant: (value: V) => boolean): number {
    checkCaller()
    const process = processOf(pid)
    const meant = this.#entriesOf(key).filter((one) => one.pid === process && isMeant(one.value))
    for (const entry of meant) this.#remove(entry)
    return meant.length
  }

  #registrantOf(process: Process): Registrant<K, V> {
    let registrant = this.#registrants.get(process)
    if (registrant === undefined) {
      registrant = new Registrant<K, V>((ended) => this.#ended(ended))
      this.#registrants.set(process, registrant)
      addWatch(process, registrant)
    }
    return registrant
  }

  #remove(entry: Entry<K, V>): void {
    const found = this.#entries.get(entry.id)
    if (found instanceof Set) found.delete(entry)
    if (found === entry || (found instanceof Set && found.size === 0)) {
      this.#entries.delete(entry.id)
    }
    this.#count--
    const registrant = this.#registrants.get(entry.pid)
    registrant?.entries.delete(entry)
    if (registrant?.entries.size === 0) {
      removeWatch(registrant)
      this.#registrants.delete(entry.pid)
    }
  }

  #ended(process: Process): void {
    const entries = this.#registrants.get(process)?.entries ?? []
    for (const entry of [...entries]) this.#remove(entry)
  }

  #error(operation: string, code: string, what: string, advice: string, request?: Pid) {
    const attempt = { operation, target: this.name, ...(request !== undefined && { request }) }
    return new ArborError(code, `registry "${this.name}" ${what}`, advice, attempt)
  }
}

function shown({ key, pid, value }: Entry<unknown, unknown>): RegistryEntry<unknown, unknown, Pid> {
  return { key, pid, value }
}

// --- Keys as names ---

const SEPARATOR = '\u0002'

/** What a name can carry: it is text. */
export type ViaKey = string | number | boolean | null | readonly ViaKey[]

/**
 * A key as a name, for `call`, `cast`, `send`, `whereis`, timers, and as the `name` of a start
 * (which registers the process with the value `undefined`). It is looked up each time, and costs
 * more than `registry.whereis`: for a hot path, keep the pid.
 */
export function via<K extends ViaKey, P extends Pid>(
  { name }: { readonly name: string; whereis(key: K): P | undefined },
  key: NoInfer<K>,
): Name<P> {
  return `${SEPARATOR}${name}${SEPARATOR}${JSON.stringify(key)}`
}

/** The registry and the key that a name stands for. */
function parsed(name: string): { registry: ViaRegistry; key: unknown } | undefined {
  const end = name.indexOf(SEPARATOR, 1)
  const registry = registries.get(name.slice(1, end))
  return registry && { registry, key: JSON.parse(name.slice(end + 1)) as unknown }
}

serveVia(SEPARATOR, {
  find(name) {
    const target = parsed(name)
    return target && processOfEntry(target.registry.whereis(target.key))
  },
  register(name, process) {
    const target = parsed(name)
    if (target === undefined) throw unknownRegistry(name)
    target.registry.register(target.key, undefined, process)
  },
  unregister(name) {
    const target = parsed(name)
    const pid = target?.registry.whereis(target.key)
    if (target === undefined || pid === undefined) return false
    return target.registry.unregister(target.key, pid) > 0
  },
})

function processOfEntry(pid: Pid | undefined): Process | undefined {
  return pid === undefined ? undefined : processOf(pid)
}

function unknownRegistry(name: string): ArborError {
  const attempt = { operation: 'register', target: name }
  return new ArborError('unknown_name', `${name} names no registry`, 'make it first', attempt)
}
