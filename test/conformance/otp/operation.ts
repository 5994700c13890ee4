// What the operations of the scenarios do, on the public interface. Each is a generator that yields
// the promises it has to wait for: a puppet goes on by a message, a server by an async callback.
import {
  type Call,
  call,
  cast,
  changeCode,
  type From,
  type MaybePromise,
  reply,
  type ServerPid,
  type ServerRef,
  StartError,
  start,
  stop,
} from '../../../src/behaviours/gen-server.ts'
import { getState, replaceState, resume, status, suspend } from '../../../src/behaviours/sys.ts'
import { CallError } from '../../../src/runtime/call.ts'
import type { Name, Pid } from '../../../src/runtime/pid.ts'
import { isAlive, processInfo, send } from '../../../src/runtime/process.ts'
import { nameOf, register, unregister, whereis } from '../../../src/runtime/registry.ts'
import { demonitor, exit, link, monitor, trapExit, unlink } from '../../../src/runtime/signal.ts'
import { cancelTimer, readTimer, sendAfter } from '../../../src/runtime/timer.ts'
import { currentClock } from '../../../src/runtime/timer-wheel.ts'
import { type Operation, partsOf, type Term } from './scenario.ts'
import { applicationOperations } from './scripted-application.ts'
import { eventOperations, startManager } from './scripted-event.ts'
import { groupOperations } from './scripted-pg.ts'
import { Refused, ScriptedServer } from './scripted-server.ts'
import { startSupervisor, superviseOperation } from './scripted-supervisor.ts'
import { Raised, raised, reasonFrom, termOfReason } from './term.ts'
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
  note(...entry: Term[]): void
}

/** Operations whose exception is their purpose. */
const raises = new Set(['exit', 'error', 'throw'])

/** Executes an operation and logs its result, or what it raised. */
export function* perform(actor: Actor, operation: Operation): Waits {
  try {
    const result = yield* execute(actor, operation)
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

function* execute(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const op = operation.op ?? ''
  const run = signalOperations[op] ?? timeOperations[op] ?? frameOperations[op]
  if (run !== undefined) return run(actor, operation) as Term | undefined
  const wait =
    serverOperations[op] ?? eventOperations[op] ?? groupOperations[op] ?? applicationOperations[op]
  if (wait !== undefined) return yield* wait(actor, operation)
  return yield* superviseOperation(actor, operation)
}

type Run = (actor: Actor, operation: Operation) => unknown
type RunWaiting = (actor: Actor, operation: Operation) => Waits<Term | undefined>

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
    if (isCaught !== true) throw value
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
function self(reference: string, pid: Pid, world: World): string {
  return reference === '$self' ? world.labelOf(pid) : reference
}

function watch(world: World, watcher: Pid, to: string, label: string): void {
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

const frameOperations: Readonly<Record<string, Run>> = {
  send_request: ({ world, pid }, { to = '', req = null, as = '' }) => {
    const callee = world.destination(self(to, pid, world)) as ServerRef<ScriptCall>
    const answer = call(callee, { type: 'script', request: req }, { timeoutMs: 'infinity' }).then(
      (value): Term => ['reply', value],
      (error): Term => ['error', error instanceof CallError ? termOfReason(error.reason) : '?'],
    )
    world.requests.set(as, { answer })
  },
  cast: ({ world, pid }, { to = '', req = null }) =>
    cast(world.destination(self(to, pid, world)) as ScriptPid | Name<ScriptPid>, req),
  note: (actor, { value = null }) => actor.note('note', value),
  state: ({ frame }, { value = null }) => {
    if (frame !== undefined) frame.state = value
  },
  show_state: (actor) => actor.note('state', actor.frame?.state ?? null),
  save_from: ({ world, frame }, { as = '' }) => {
    if (frame?.from) world.froms.set(as, frame.from)
  },
  reply: ({ world, frame }, { from, value = null }) => {
    const caller = from === undefined ? frame?.from : world.froms.get(from)
    if (!caller) throw new Unknown(from ?? 'from')
    reply(caller, value)
  },
}

const serverOperations: Readonly<Record<string, RunWaiting>> = {
  *sleep(_, { ms = 0 }) {
    yield new Promise<void>((wake) => currentClock().timer(ms, wake))
    return undefined
  },
  start: startBehaviour,
  *call({ world, pid }, { to = '', req = null, timeout = 5000 }) {
    const callee = world.destination(self(to, pid, world)) as ServerRef<ScriptCall>
    const request = { type: 'script' as const, request: bound(req, pid, world) }
    return (yield call(callee, request, { timeoutMs: timeout })) as Term
  },
  *stop(actor, { to = '', reason = 'normal', timeout }) {
    const options = typeof timeout === 'number' ? { timeoutMs: timeout } : {}
    try {
      yield stop(actor.world.destination(to), reasonFrom(reason), options)
      return 'ok'
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      const { code } = error
      actor.note('raise', 'exit', code === 'exit' ? termOfReason(error.reason) : code)
      return undefined
    }
  },
  *sys_suspend({ world }, { to = '' }) {
    yield suspend(world.destination(to))
    return 'ok'
  },
  *sys_resume({ world }, { to = '' }) {
    yield resume(world.destination(to))
    return 'ok'
  },
  *sys_status({ world }, { to = '' }) {
    return (yield status(world.destination(to))) as Term
  },
  *sys_get_state({ world }, { to = '' }) {
    return (yield getState(world.destination(to))) as Term
  },
  *sys_replace_state({ world }, { to = '', value = null }) {
    return (yield replaceState(world.destination(to), () => value)) as Term
  },
  *sys_change_code({ world }, { to = '', vsn, extra }) {
    const server = world.destination(to)
    const pid = typeof server === 'string' ? whereis(server) : server
    const label = pid === undefined ? '' : world.labelOf(pid).slice(1)
    const next = new ScriptedServer(world, () => label, world.modules.get(label) ?? {})
    try {
      yield changeCode(server as ServerRef<ScriptCall, Term>, next, { oldVersion: vsn, extra })
      return 'ok'
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return ['error', error.term]
    }
  },
  receive_response: awaitResponse,
  wait_response: awaitResponse,
}

/** A request as it is sent; programs name their own process by `$self` when they run. */
function bound(request: Term, pid: Pid, world: World): Term {
  return request === '$self' ? world.labelOf(pid) : request
}

function* awaitResponse({ world }: Actor, operation: Operation): Waits<Term> {
  const { req, timeout = 'infinity' } = operation
  const request = world.requests.get(String(req))
  if (request === undefined) throw new Unknown(String(req))
  if (timeout === 'infinity') return (yield request.answer) as Term
  const late = new Promise<Term>((wake) => currentClock().timer(timeout, () => wake('timeout')))
  return (yield Promise.race([request.answer, late])) as Term
}

function* startBehaviour(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const { world, pid } = actor
  const { as = '', how = 'start', name, ref = '' } = operation
  const options = name === undefined ? {} : { name }
  try {
    const startOptions = how === 'start_link' ? { ...options, parent: pid } : options
    const label = (): string => as
    const started = startOf(world, label, operation, startOptions)
    const server = started instanceof Promise ? ((yield started) as Pid) : started
    if (how !== 'start_monitor') return ['ok', world.labelOf(server)]
    watch(world, pid, world.labelOf(server), ref)
    return ['ok', [world.labelOf(server), `#${ref}`]]
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return startFailed(world, error)
  }
}

function startOf(
  world: World,
  label: () => string,
  { beh, spec = {}, mod = {} }: Operation,
  options: { readonly name?: string; readonly parent?: Pid },
): MaybePromise<Pid> {
  if (beh === 'supervisor') return startSupervisor(world, label, spec, options)
  if (beh === 'gen_event') return startManager(world, label, options)
  return start(new ScriptedServer(world, label, mod), options)
}

/** The answer of a start that failed. */
export function startFailed(world: World, error: StartError): Term {
  if (error.code === 'ignored') return 'ignore'
  if (error.code === 'already_started') {
    return ['error', ['already_started', world.labelOf(error.pid ?? null)]]
  }
  return ['error', termOfReason(error.reason)]
}

/** Whether a scenario uses an operation. */
export function uses(steps: unknown, ...operations: readonly string[]): boolean {
  for (const part of partsOf(steps)) if (operations.includes(String(part.op))) return true
  return false
}
