// What the operations of the scenarios do, on the public interface. Each is a generator that yields
// the promises it has to wait for: a puppet goes on by a message, a server by an async callback.
import type { Call, From, ServerPid } from '../../../src/behaviours/gen-server.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { isAlive, processInfo, send } from '../../../src/runtime/process.ts'
import { nameOf, register, unregister, whereis } from '../../../src/runtime/registry.ts'
import { demonitor, exit, link, monitor, trapExit, unlink } from '../../../src/runtime/signal.ts'
import { cancelTimer, readTimer, sendAfter } from '../../../src/runtime/timer.ts'
import { type Operation, partsOf, type Term } from './scenario.ts'
import { applicationOperations } from './scripted-application.ts'
import { eventOperations } from './scripted-event.ts'
import { groupOperations } from './scripted-pg.ts'
import { superviseOperation } from './scripted-supervisor.ts'
import { frameOperations, serverOperations } from './server-operations.ts'
import { Raised, raised, reasonFrom, withSelf } from './term.ts'
import { Unknown, type World } from './world.ts'

/** An operation at work. */
export type Waits<T = void> = Generator<Promise<unknown>, T, unknown>

export type ScriptCall = Call<'script', { request: Term }, Term>
export type ScriptPid = ServerPid<ScriptCall, Term>

/** What a callback may use beside what every process may. */
export interface Frame {
  state: Term
  readonly from: From<Term> | null
}

/** Who executes operations. */
export interface Actor {
  readonly world: World
  readonly label: string
  readonly pid: Pid
  /** Only within a callback. */
  readonly frame?: Frame
  /** What a callback throws for a term that counts as its return value. */
  readonly thrown?: (value: Term) => unknown
  note(...entry: Term[]): void
}

/** Operations whose exception is their purpose. */
const raises = new Set(['exit', 'error', 'throw'])

/** Executes an operation and logs its result, or what it raised. */
export function* perform(actor: Actor, operation: Operation): Waits {
  try {
    const result = yield* execute(actor, bound(operation, actor))
    if (result !== undefined) actor.note('ret', result)
  } catch (error) {
    if (error instanceof Unknown) {
      actor.note('unknown', error.label)
      return
    }
    const isMeant = raises.has(operation.op ?? '') || operation.uncaught === true
    if (isMeant || !isAlive(actor.pid)) throw error
    actor.note(...raised(error))
  }
}

/** Terms of an operation in which `$self` is the process that executes it. */
const terms = ['msg', 'req', 'value', 'reason'] as const

function bound(operation: Operation, { world, pid }: Actor): Operation {
  if (!terms.some((field) => field in operation)) return operation
  const label = world.labelOf(pid)
  const fields = terms.filter((field) => operation[field] !== undefined)
  const named = fields.map((field) => [field, withSelf(operation[field] ?? null, label)] as const)
  return { ...operation, ...Object.fromEntries(named) }
}

function* execute(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const op = operation.op ?? ''
  const run = signalOperations[op] ?? timeOperations[op] ?? frameOperations[op]
  if (run !== undefined) return run(actor, operation) as Term | undefined
  const wait =
    serverOperations[op] ?? eventOperations[op] ?? groupOperations[op] ?? applicationOperations[op]
  if (wait !== undefined) return yield* wait(actor, operation)
  return yield* superviseOperation(actor, operation)
}

export type Run = (actor: Actor, operation: Operation) => unknown
export type RunWaiting = (actor: Actor, operation: Operation) => Waits<Term | undefined>

const signalOperations: Readonly<Record<string, Run>> = {
  spawn: spawnPuppet,
  link: ({ world, pid }, { to = '' }) => link(world.pid(self(to, pid, world)), pid),
  unlink: ({ world, pid }, { to = '' }) => unlink(world.pid(self(to, pid, world)), pid),
  monitor: ({ world, pid }, { to = '', as = '' }) => watch(world, pid, self(to, pid, world), as),
  demonitor: ({ world }, { ref = '', opts }) => {
    const options = Array.isArray(opts) ? opts : []
    const monitored = world.monitors.get(ref.slice(1))
    if (monitored === undefined) throw new Unknown(ref)
    const existed = demonitor(monitored, { flush: options.includes('flush') })
    return options.includes('info') ? existed : undefined
  },
  exit: (actor, { reason = null, catch: isCaught }) => {
    if (isCaught !== true) exit(reasonFrom(reason))
    actor.note('raise', 'exit', reason)
  },
  error: (actor, { reason = null, catch: isCaught }) => {
    if (isCaught !== true) throw new Raised(reason)
    actor.note('raise', 'error', reason)
  },
  throw: (actor, { value = null, catch: isCaught }) => {
    if (isCaught !== true) throw actor.thrown === undefined ? value : actor.thrown(value)
    actor.note('raise', 'throw', value)
  },
  exit_to: ({ world, pid }, { to = '', reason = null }) => {
    exit(world.pid(self(to, pid, world)), reasonFrom(reason))
  },
  send: ({ world, pid }, { to = '', msg = null }) => {
    send(world.destination(self(to, pid, world)) as ScriptPid, msg)
  },
  register: ({ world, pid }, { name = '', pid: who = '' }) =>
    register(name, world.pid(self(who, pid, world))),
  unregister: (_, { name = '' }) => {
    if (!unregister(name)) throw new Raised('badarg')
  },
  whereis: ({ world }, { name = '' }) => {
    const pid = whereis(name)
    return pid === undefined ? 'undefined' : world.labelOf(pid)
  },
  names: ({ world }, { pid = '' }) => {
    const who = world.pid(pid)
    return isAlive(who) ? (nameOf(who) ?? 'none') : 'undefined'
  },
  trap_exit: ({ pid }, { on }) => trapExit(on, pid),
  alive: ({ world, pid }, { pid: who = '' }) => isAlive(world.pid(self(who, pid, world))),
  links: ({ world, pid }, { pid: who = '' }) => {
    const links = processInfo(world.pid(self(who, pid, world))).links
    return { list: links.map((other) => world.labelOf(other)).sort() }
  },
}

/** A reference to a process; `$self` is the one that executes. */
export function self(reference: string, pid: Pid, world: World): string {
  return reference === '$self' ? world.labelOf(pid) : reference
}

export function watch(world: World, watcher: Pid, to: string, label: string): void {
  const destination = world.destination(to)
  const ref = monitor(destination, watcher)
  world.monitors.set(label, ref)
  if (typeof destination === 'string') world.monitorNames.set(ref, destination)
}

function spawnPuppet({ world, pid }: Actor, operation: Operation): void {
  const { as = '', how = 'spawn', opts, ref = '', trap = false, hold = false, ops } = operation
  const options = Array.isArray(opts) ? opts : []
  const puppet = world.spawnPuppet(as, hold)
  if (trap) trapExit(true, puppet.pid)
  if (how === 'spawn_link' || options.includes('link')) link(puppet.pid, pid)
  if (how === 'spawn_monitor' || options.includes('monitor')) watch(world, pid, `@${as}`, ref)
  if (ops !== undefined) puppet.command(ops)
}

const timeOperations: Readonly<Record<string, Run>> = {
  send_after: ({ world, pid }, { to = '', msg = null, ms = 0, as = '' }) => {
    const destination = world.destination(self(to, pid, world)) as ScriptPid
    world.timers.set(as, sendAfter(destination, msg, ms))
  },
  start_timer: ({ world, pid }, { to = '', msg = null, ms = 0, as = '' }) => {
    const destination = world.destination(self(to, pid, world)) as ScriptPid
    world.timers.set(as, sendAfter(destination, { timer: as, term: msg }, ms))
  },
  cancel_timer: ({ world }, { ref = '' }) => (cancelTimer(timerOf(world, ref)) ? 'left' : false),
  read_timer: ({ world }, { ref = '' }) =>
    readTimer(timerOf(world, ref)) === null ? false : 'left',
}

function timerOf(world: World, ref: string) {
  const timer = world.timers.get(ref.slice(1))
  if (timer === undefined) throw new Unknown(ref)
  return timer
}

/** Whether a scenario uses an operation. */
export function uses(steps: unknown, ...operations: readonly string[]): boolean {
  for (const part of partsOf(steps)) if (operations.includes(String(part.op))) return true
  return false
}
