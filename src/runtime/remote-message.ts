// The kernel's own messages and references inside messages: whoever is sent a `Down` or a monitor's
// reference by another thread can compare it with its own.
import { registerCodec } from './codec.ts'
import type { ExitReason } from './exit-reason.ts'
import type { Pid } from './pid.ts'
import { ownNode } from './remote-export.ts'
import { Down, Exit, Monitor, type MonitorRef } from './signal.ts'
import { WeakValues } from './weak-values.ts'

/** A monitor of another thread. Only there can it be ended. */
class RemoteRef implements MonitorRef {
  readonly node: number
  readonly number: number
  readonly pid: Pid

  constructor(node: number, number: number, pid: Pid) {
    this.node = node
    this.number = number
    this.pid = pid
  }
}

type RefData = readonly [node: number, number: number, pid: Pid]

let nextNumber = 1
const numbers = new WeakMap<Monitor, number>()
const own = new WeakValues<number, Monitor>()
const foreign = new WeakValues<string, RemoteRef>()

function refData(ref: Monitor): RefData {
  let number = numbers.get(ref)
  if (number === undefined) {
    number = nextNumber++
    numbers.set(ref, number)
    own.set(number, ref)
  }
  return [ownNode(), number, ref.pid]
}

function refFrom([node, number, pid]: RefData): MonitorRef & object {
  if (node === ownNode()) return own.get(number) ?? new RemoteRef(node, number, pid)
  const key = `${node}:${number}`
  const known = foreign.get(key)
  if (known !== undefined) return known
  const ref = new RemoteRef(node, number, pid)
  foreign.set(key, ref)
  return ref
}

registerCodec<MonitorRef, RefData>({
  name: 'MonitorRef',
  class: Monitor,
  encode: (ref) => refData(ref as Monitor),
  decode: refFrom,
})
registerCodec<RemoteRef, RefData>({
  name: 'RemoteRef',
  class: RemoteRef,
  encode: ({ node, number, pid }) => [node, number, pid],
  decode: (data) => refFrom(data) as RemoteRef,
})
registerCodec<Down, readonly [MonitorRef, Pid, ExitReason]>({
  name: 'Down',
  class: Down,
  encode: ({ ref, pid, reason }) => [ref, pid, reason],
  decode: ([ref, pid, reason]) => new Down(ref, pid, reason),
})
registerCodec<Exit, readonly [Pid | null, ExitReason]>({
  name: 'Exit',
  class: Exit,
  encode: ({ from, reason }) => [from, reason],
  decode: ([from, reason]) => new Exit(from, reason),
})
