// One table of names for all threads, in shared memory: a name belongs to one process of the whole
// program, whoever asks first has it, and there is nothing to resolve afterwards. Who asks for a
// name of another thread finds the process without a message.
//
// Writers hold a lock for a microsecond; so do readers. A thread that is killed while it holds the
// lock leaves a table that is right (an entry counts from its last store on), and whoever waits too
// long for a dead holder takes the lock over.
import { NAME_BYTES_MAX, NAME_LOCK_MS, NAMES_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { systemClock } from './clock.ts'
import type { Process } from './pid.ts'
import type { SharedNames } from './registry.ts'
import { exportProcess, ownNode } from './remote-export.ts'

// The table: a head (its lock, and how many claims there have been), then slots of the same size.
// 32-bit fields.
const LOCK = 0
const CLAIMS = 1
const HEAD_FIELDS = 16
const STATE = 0
const HASH = 1
const NODE = 2
const ID_HIGH = 3
const ID_LOW = 4
const LENGTH = 5
const FIELDS = 6

const FREE = 0
const USED = 1
/** Was used: a search goes on behind it. */
const DELETED = 2

const SLOT_BYTES = FIELDS * 4 + NAME_BYTES_MAX
const SLOT_FIELDS = SLOT_BYTES >> 2
const LOW = 0x1_0000_0000
/** Looks at a taken lock before the thread rests for a moment. */
const SPINS = 200

const encoder = new TextEncoder()

/** Finds the process of another thread by its number. */
export type Find = (node: number, id: number) => Process

export class NameTable implements SharedNames {
  readonly #fields: Int32Array
  readonly #bytes: Uint8Array
  readonly #find: Find
  /** The name asked for, as bytes. */
  readonly #name: Uint8Array = new Uint8Array(NAME_BYTES_MAX)
  #length = 0
  #hash = 0

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_FIELDS * 4 + NAMES_MAX * SLOT_BYTES)
  }

  constructor(memory: SharedArrayBuffer, find: Find) {
    this.#fields = new Int32Array(memory)
    this.#bytes = new Uint8Array(memory)
    this.#find = find
  }

  claim(name: string, process: Process): Process | undefined {
    if (!this.#prepare(name)) throw tooLong(name)
    const id = exportProcess(process)
    const holder = this.#locked((): readonly [number, number] | null => {
      const slot = this.#search()
      if (slot >= 0) return this.#holderOf(slot)
      this.#insert(name, ~slot, id)
      return null
    })
    if (holder === null) {
      Atomics.add(this.#fields, CLAIMS, 1)
      Atomics.notify(this.#fields, CLAIMS)
      return undefined
    }
    const [node, held] = holder
    return this.#find(node, held)
  }

  claims(): number {
    return Atomics.load(this.#fields, CLAIMS)
  }

  whenClaimed(seen: number, told: () => void): void {
    Promise.resolve(Atomics.waitAsync(this.#fields, CLAIMS, seen).value).then(told, told)
  }

  release(name: string): void {
    if (!this.#prepare(name)) return
    this.#locked(() => {
      const slot = this.#search()
      if (slot >= 0 && this.#field(slot, NODE) === ownNode()) this.#remove(slot)
    })
  }

  find(name: string): Process | undefined {
    if (!this.#prepare(name)) return undefined
    const holder = this.#locked(() => {
      const slot = this.#search()
      return slot < 0 ? null : this.#holderOf(slot)
    })
    if (holder === null) return undefined
    const [node, id] = holder
    return node === ownNode() ? undefined : this.#find(node, id)
  }

  names(): string[] {
    const decoder = new TextDecoder()
    return this.#locked(() => {
      const names: string[] = []
      for (let slot = 0; slot < NAMES_MAX; slot++) {
        if (this.#field(slot, STATE) !== USED || this.#field(slot, NODE) === ownNode()) continue
        const start = this.#nameAt(slot)
        names.push(decoder.decode(this.#bytes.slice(start, start + this.#field(slot, LENGTH))))
      }
      return names
    })
  }

  /** Frees all names of a thread that is gone. */
  releaseAll(node: number): void {
    this.#locked(() => {
      for (let slot = 0; slot < NAMES_MAX; slot++) {
        if (this.#field(slot, STATE) === USED && this.#field(slot, NODE) === node)
          this.#remove(slot)
      }
    })
  }

  // --- Slots ---

  /** Turns a name into bytes and a hash (FNV-1a); whether it fits. */
  #prepare(name: string): boolean {
    if (name.length > NAME_BYTES_MAX) return false
    const { read, written } = encoder.encodeInto(name, this.#name)
    if (read < name.length) return false
    let hash = 0x811c9dc5
    for (let i = 0; i < written; i++) hash = Math.imul(hash ^ (this.#name[i] ?? 0), 0x01000193)
    this.#length = written
    this.#hash = hash
    return true
  }

  /** The slot of the name; when there is none, `~slot` of where it may go. */
  #search(): number {
    let free = -1
    for (let i = 0; i < NAMES_MAX; i++) {
      const slot = ((this.#hash >>> 0) + i) % NAMES_MAX
      const state = this.#field(slot, STATE)
      if (state === USED && this.#isName(slot)) return slot
      if (state !== USED && free < 0) free = slot
      if (state === FREE) break
    }
    return ~(free < 0 ? NAMES_MAX : free)
  }

  #isName(slot: number): boolean {
    if (this.#field(slot, HASH) !== this.#hash) return false
    if (this.#field(slot, LENGTH) !== this.#length) return false
    const start = this.#nameAt(slot)
    for (let i = 0; i < this.#length; i++) {
      if (this.#bytes[start + i] !== this.#name[i]) return false
    }
    return true
  }

  #insert(name: string, slot: number, id: number): void {
    if (slot >= NAMES_MAX) throw tableFull(name)
    const at = HEAD_FIELDS + slot * SLOT_FIELDS
    const fields = this.#fields
    fields[at + HASH] = this.#hash
    fields[at + NODE] = ownNode()
    fields[at + ID_HIGH] = Math.floor(id / LOW)
    fields[at + ID_LOW] = id | 0
    fields[at + LENGTH] = this.#length
    this.#bytes.set(this.#name.subarray(0, this.#length), this.#nameAt(slot))
    Atomics.store(fields, at + STATE, USED)
  }

  /** Empties a slot; a search has to go on behind it only when there is something behind. */
  #remove(slot: number): void {
    const behind = this.#field((slot + 1) % NAMES_MAX, STATE)
    this.#setState(slot, behind === FREE ? FREE : DELETED)
    if (behind !== FREE) return
    const before = (at: number): number => (at + NAMES_MAX - 1) % NAMES_MAX
    for (let i = before(slot); this.#field(i, STATE) === DELETED; i = before(i)) {
      this.#setState(i, FREE)
    }
  }

  #holderOf(slot: number): readonly [node: number, id: number] {
    const id = this.#field(slot, ID_HIGH) * LOW + (this.#field(slot, ID_LOW) >>> 0)
    return [this.#field(slot, NODE), id]
  }

  #field(slot: number, field: number): number {
    return this.#fields[HEAD_FIELDS + slot * SLOT_FIELDS + field] as number
  }

  #setState(slot: number, state: number): void {
    Atomics.store(this.#fields, HEAD_FIELDS + slot * SLOT_FIELDS + STATE, state)
  }

  #nameAt(slot: number): number {
    return HEAD_FIELDS * 4 + slot * SLOT_BYTES + FIELDS * 4
  }

  // --- Lock ---

  #locked<T>(work: () => T): T {
    this.#lock()
    try {
      return work()
    } finally {
      Atomics.store(this.#fields, LOCK, 0)
      Atomics.notify(this.#fields, LOCK, 1)
    }
  }

  #lock(): void {
    const fields = this.#fields
    const mine = ownNode() + 1
    let giveUpAt = Number.POSITIVE_INFINITY
    for (let spins = 0; ; spins++) {
      const holder = Atomics.compareExchange(fields, LOCK, 0, mine)
      if (holder === 0) return
      if (spins < SPINS) continue
      const now = systemClock.now()
      if (giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = now + NAME_LOCK_MS
      // Nobody holds it for so long: its holder was killed within.
      else if (now >= giveUpAt && Atomics.compareExchange(fields, LOCK, holder, mine) === holder) {
        return
      }
      Atomics.wait(fields, LOCK, holder, 1)
    }
  }
}

function tooLong(name: string): ArborError {
  const attempt = { operation: 'register', target: name }
  const advice = `give at most ${NAME_BYTES_MAX} bytes, or use a Registry of this thread`
  return new ArborError('name_too_long', 'the name does not fit among threads', advice, attempt)
}

function tableFull(name: string): ArborError {
  const attempt = { operation: 'register', target: name }
  const advice = 'names are for few, well-known processes: use a Registry or pids for the rest'
  return new ArborError('too_many_names', `${NAMES_MAX} names are taken`, advice, attempt)
}
