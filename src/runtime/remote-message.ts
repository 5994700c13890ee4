// The kernel's own messages and references inside messages: `Down`, `Exit`, references of monitors
// and aliases. A reference that comes back is the same again, so whoever is sent a `Down` by way of
// another thread can compare it with its own; and an alias can be sent to from anywhere, as long as
// its owner has not taken it back.
import { OPEN_CALLS_SWEEP_MIN } from '../limits.ts'
import { AliasRecord, INACTIVE, LASTING } from './alias.ts'
import { registerCodec } from './codec.ts'
import { deadLetter } from './dead-letter.ts'
import type { ExitReason } from './exit-reason.ts'
import { Down, Monitor, type MonitorRef } from './monitor.ts'
import { DEAD, type Pid, processOf } from './pid.ts'
import { ownNode } from './remote-export.ts'
import { Exit } from './signal.ts'
import { WeakValues } from './weak-values.ts'

/** Sends to an alias of another node. */
type SendToAlias = (node: number, number: number, message: unknown) => void

let sendToAlias: SendToAlias = () => {
  throw new TypeError('no other thread is connected')
}

/** Who carries messages to aliases elsewhere; set by remote-node.ts. */
export function useAliasSender(send: SendToAlias): void {
  sendToAlias = send
}

/** An alias, or the reference of a monitor, of another thread. Only there can it be ended. */
class RemoteAlias extends AliasRecord {
  readonly node: number
  readonly number: number

  constructor(node: number, number: number, owner: Pid) {
    super(processOf(owner), LASTING)
    this.node = node
    this.number = number
  }

  override deliver(message: unknown): void {
    sendToAlias(this.node, this.number, message)
  }
}

class RemoteRef extends RemoteAlias implements MonitorRef {
  readonly pid: Pid
  readonly name: string | undefined

  constructor(node: number, number: number, owner: Pid, pid: Pid, name: string | undefined) {
    super(node, number, owner)
    this.pid = pid
    this.name = name
  }
}

// --- Ours that others know ---

let nextNumber = 1
const numbers = new WeakMap<AliasRecord, number>()
/** Those that somebody may send to. Their owner need not hold them: it only waits. */
const active = new Map<number, AliasRecord>()
/** All, as long as somebody here holds them. */
const known = new WeakValues<number, AliasRecord>()
let sweepAt: number = OPEN_CALLS_SWEEP_MIN

function isOver({ mode, owner }: AliasRecord): boolean {
  return mode === INACTIVE || owner.status === DEAD
}

function numberOf(record: AliasRecord): number {
  const before = numbers.get(record)
  if (before !== undefined) return before
  const number = nextNumber++
  numbers.set(record, number)
  known.set(number, record)
  if (!isOver(record)) {
    if (active.size >= sweepAt) sweep()
    active.set(number, record)
  }
  return number
}

/** Forgets what cannot be sent to any more. */
function sweep(): void {
  for (const [number, record] of active) if (isOver(record)) active.delete(number)
  sweepAt = Math.max(OPEN_CALLS_SWEEP_MIN, active.size * 2)
}

/** A message from another thread to an alias of ours. */
export function deliverToAlias(number: number, message: unknown): void {
  const record = active.get(number)
  if (record === undefined) deadLetter('inactive_alias', `alias ${number}`, message)
  else record.deliver(message)
}

// --- Of others ---

const foreign = new WeakValues<string, RemoteAlias>()

/** The same object as long as somebody holds it. */
function foreignAlias<T extends RemoteAlias>(key: string, make: () => T): RemoteAlias {
  const before = foreign.get(key)
  if (before !== undefined) return before
  const made = make()
  foreign.set(key, made)
  return made
}

// --- Codecs ---

type AliasData = readonly [node: number, number: number, owner: Pid]
type RefData = readonly [...AliasData, pid: Pid, name: string | undefined]

function placeOf(record: AliasRecord): AliasData {
  if (record instanceof RemoteAlias) return [record.node, record.number, record.owner]
  return [ownNode(), numberOf(record), record.owner]
}

function aliasFrom([node, number, owner]: AliasData): AliasRecord {
  const own = node === ownNode() ? known.get(number) : undefined
  return own ?? foreignAlias(`${node}:${number}`, () => new RemoteAlias(node, number, owner))
}

function refData(ref: Monitor | RemoteRef): RefData {
  return [...placeOf(ref), ref.pid, ref.name]
}

function refFrom([node, number, owner, pid, name]: RefData): Monitor | RemoteRef {
  const make = (): RemoteRef => new RemoteRef(node, number, owner, pid, name)
  const own = node === ownNode() ? known.get(number) : undefined
  const ref = own ?? foreignAlias(`${node}:${number}`, make)
  return ref instanceof Monitor || ref instanceof RemoteRef ? ref : make()
}

registerCodec<AliasRecord, AliasData>({
  name: 'Alias',
  class: AliasRecord,
  encode: placeOf,
  decode: aliasFrom,
})
registerCodec<AliasRecord, AliasData>({
  name: 'RemoteAlias',
  class: RemoteAlias,
  encode: placeOf,
  decode: aliasFrom,
})
registerCodec<Monitor | RemoteRef, RefData>({
  name: 'MonitorRef',
  class: Monitor,
  encode: refData,
  decode: refFrom,
})
registerCodec<Monitor | RemoteRef, RefData>({
  name: 'RemoteRef',
  class: RemoteRef,
  encode: refData,
  decode: refFrom,
})
registerCodec<Down<unknown>, readonly [MonitorRef, Pid, ExitReason, unknown]>({
  name: 'Down',
  class: Down,
  encode: ({ ref, pid, reason, type }) => [ref, pid, reason, type],
  decode: ([ref, pid, reason, type]) => new Down(ref, pid, reason, type),
})
registerCodec<Exit, readonly [Pid | null, ExitReason]>({
  name: 'Exit',
  class: Exit,
  encode: ({ from, reason }) => [from, reason],
  decode: ([from, reason]) => new Exit(from, reason),
})
