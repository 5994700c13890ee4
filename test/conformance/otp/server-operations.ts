// What the operations on behaviours do: start and stop, calls and requests, sys.
import {
  call,
  cast,
  type From,
  type MaybePromise,
  reply,
  type ServerRef,
  type Startable,
  StartError,
  type StartOptions,
  start,
  startMonitor,
  stop,
} from '../../../src/behaviours/gen-server.ts'
import { abcast, multiCall } from '../../../src/behaviours/multi-call.ts'
import {
  type RequestId,
  type Response,
  receiveResponse,
  sendRequest,
  waitResponse,
} from '../../../src/behaviours/request.ts'
import * as sys from '../../../src/behaviours/sys.ts'
import { ArborError } from '../../../src/runtime/arbor-error.ts'
import { CallError } from '../../../src/runtime/call.ts'
import type { Name, Pid } from '../../../src/runtime/pid.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { reasonOf } from '../../../src/runtime/signal.ts'
import { currentClock } from '../../../src/runtime/timer-wheel.ts'
import type { Actor, Run, RunWaiting, ScriptCall, ScriptPid, Waits } from './operation.ts'
import type { Module, Operation, StatemModule, Term } from './scenario.ts'
import { startManager } from './scripted-event.ts'
import { ScriptedServer } from './scripted-server.ts'
import { self, watch } from './scripted-signal.ts'
import { ScriptedStatem } from './scripted-statem.ts'
import { startSupervisor } from './scripted-supervisor.ts'
import { isTuple, Raised, reasonFrom, termOfReason } from './term.ts'
import { Unknown, type World } from './world.ts'

type ScriptRef = ServerRef<ScriptCall, Term>
type ScriptName = Name<ScriptPid>

function refOf({ world, pid }: Actor, to: string): ScriptRef {
  return world.destination(self(to, pid, world)) as ScriptRef
}

function script(request: Term): { readonly type: 'script'; readonly request: Term } {
  return { type: 'script', request }
}

/** Operations that do not wait. */
export const frameOperations: Readonly<Record<string, Run>> = {
  send_request: (actor, { to = '', req = null, as = '' }) => {
    actor.world.requests.set(as, sendRequest(refOf(actor, to), script(req)))
  },
  cast: (actor, { to = '', req = null }) => cast(refOf(actor, to), req),
  abcast: (_, { name = '', req = null }) => {
    abcast(name as ScriptName, req)
    return 'abcast'
  },
  note: (actor, { value = null }) => actor.note('note', value),
  state: ({ frame }, { value = null }) => {
    if (frame !== undefined) frame.state = value
  },
  show_state: (actor) => actor.note('state', actor.frame?.state ?? null),
  save_from: ({ world, frame }, { as = '' }) => {
    if (frame?.from) world.froms.set(as, frame.from)
  },
  reply: ({ world, frame }, { from, value = null }) => {
    const caller: From<Term> | null | undefined =
      from === undefined ? frame?.from : world.froms.get(from)
    if (!caller) throw new Unknown(from ?? 'from')
    reply(caller, value)
  },
}

/** Operations that may have to wait. */
export const serverOperations: Readonly<Record<string, RunWaiting>> = {
  *sleep(_, { ms = 0 }) {
    yield new Promise<void>((wake) => currentClock().timer(ms, wake))
    return undefined
  },
  start: startBehaviour,
  *call(actor, { to = '', req = null, timeout = 5000 }) {
    return (yield call(refOf(actor, to), script(req), { timeoutMs: timeout })) as Term
  },
  *multi_call(_, { name = '', req = null, timeout = 'infinity' }) {
    const asked = multiCall(name as ScriptName, script(req), { timeoutMs: timeout })
    const { replies, badNodes } = (yield asked) as Awaited<typeof asked>
    return [
      { list: replies.map(({ node, reply: value }) => [node, value]) },
      { list: [...badNodes] },
    ]
  },
  *stop(actor, { to = '', reason = 'normal', timeout }) {
    const options = typeof timeout === 'number' ? { timeoutMs: timeout } : {}
    try {
      yield stop(refOf(actor, to), reasonFrom(reason), options)
      return 'ok'
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      const { code } = error
      actor.note('raise', 'exit', code === 'exit' ? termOfReason(error.reason) : code)
      return undefined
    }
  },
  *receive_response({ world }, { req, timeout = 'infinity' }) {
    const received = receiveResponse(requestOf(world, req), { timeoutMs: timeout })
    return termOfResponse((yield received) as Awaited<typeof received>)
  },
  *wait_response({ world }, { req, timeout = 'infinity' }) {
    const received = waitResponse(requestOf(world, req), { timeoutMs: timeout })
    return termOfResponse((yield received) as Awaited<typeof received>)
  },
  *sys_suspend(actor, { to = '' }) {
    yield sys.suspend(refOf(actor, to))
    return 'ok'
  },
  *sys_resume(actor, { to = '' }) {
    yield sys.resume(refOf(actor, to))
    return 'ok'
  },
  *sys_status(actor, { to = '' }) {
    return (yield sys.status(refOf(actor, to))) as Term
  },
  *sys_get_state(actor, { to = '' }) {
    return (yield sys.getState(refOf(actor, to))) as Term
  },
  *sys_terminate(actor, { to = '', reason = null }) {
    yield sys.terminate(refOf(actor, to), reasonFrom(reason))
    return 'ok'
  },
  sys_replace_state: replaceState,
  sys_change_code: changeCode,
}

function* replaceState(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const { to = '', value = null, crash, data_only: isData } = operation
  let behaviour = 'gen_server'
  const replace = (state: unknown): unknown => {
    if (isStatem(actor, to)) behaviour = 'gen_statem'
    if (crash === true) throw new Raised('nope')
    return isData === true && Array.isArray(state) ? [state[0], value] : value
  }
  try {
    return (yield sys.replaceState(refOf(actor, to), replace)) as Term
  } catch (error) {
    if (!(error instanceof Raised)) throw error
    const callback: Term = [behaviour, 'system_replace_state']
    actor.note('raise', 'error', ['callback_failed', callback, ['error', error.term]])
    return undefined
  }
}

function* changeCode(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const { to = '', vsn = null, extra = null } = operation
  const { world } = actor
  const server = refOf(actor, to)
  const label = labelIn(actor, to)
  const module = world.modules.get(label) ?? {}
  const next = isStatem(actor, to)
    ? new ScriptedStatem(world, () => label, module as StatemModule)
    : new ScriptedServer(world, () => label, module as Module)
  try {
    yield sys.changeCode(server, next, { oldVersion: vsn, extra })
    return 'ok'
  } catch (error) {
    if (error instanceof CallError) throw error
    if (error instanceof ArborError && error.code === 'not_suspended') {
      return ['error', ['unknown_system_msg', ['change_code', 'module', vsn, extra]]]
    }
    return ['error', termOfRefusal(error)]
  }
}

/** The label of a server, by pid or name. */
function labelIn(actor: Actor, to: string): string {
  const server = refOf(actor, to)
  const pid = typeof server === 'string' ? whereis(server) : server
  return pid === undefined ? '' : actor.world.labelOf(pid).slice(1)
}

/** Whether a server is a gen_statem: its module says which form it has. */
function isStatem(actor: Actor, to: string): boolean {
  return 'mode' in (actor.world.modules.get(labelIn(actor, to)) ?? {})
}

/** What `catch` makes of a code_change that did not return a state. */
function termOfRefusal(error: unknown): Term {
  if (isTuple(error as Term) || typeof error === 'string') return error as Term
  return ['EXIT', termOfReason(reasonOf(error, { callback: 'codeChange' }))]
}

function requestOf(world: World, label: unknown): RequestId<Term> {
  const request = world.requests.get(String(label))
  if (request === undefined) throw new Unknown(String(label))
  return request
}

function termOfResponse(response: Response<Term> | 'timeout'): Term {
  if (response === 'timeout') return response
  if ('reply' in response) return ['reply', response.reply]
  return ['error', termOfReason(response.error.reason)]
}

function* startBehaviour(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const { world } = actor
  const { how = 'start', ref = '' } = operation
  try {
    const started = startAs(actor, operation)
    const server = started instanceof Promise ? ((yield started) as Pid) : started
    if (how !== 'start_monitor') return ['ok', world.labelOf(server)]
    if (!world.monitors.has(ref)) watch(world, actor.pid, world.labelOf(server), { as: ref })
    return ['ok', [world.labelOf(server), `#${ref}`]]
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return startFailed(world, error)
  }
}

function startAs(actor: Actor, operation: Operation): MaybePromise<Pid> {
  const { world, pid } = actor
  const { as = '', how = 'start', name, ref = '', beh, spec = {}, mod = {} } = operation
  const options: StartOptions<ScriptCall, Term> = {
    ...(name !== undefined && { name }),
    ...(how === 'start_link' && { parent: pid }),
    ...timesOf(operation.opts),
  }
  const label = (): string => as
  if (beh === 'supervisor') return startSupervisor(world, label, spec, options)
  if (beh === 'gen_event') return startManager(world, label, options)
  const server: Startable<ScriptCall, Term, MaybePromise<unknown>> = beh === 'gen_statem'
    ? new ScriptedStatem(world, label, mod)
    : new ScriptedServer(world, label, mod)
  if (how !== 'start_monitor') return start(server, options)
  const monitored = startMonitor(server, { ...options, watcher: pid })
  const keep = (started: Awaited<typeof monitored>): Pid => {
    world.monitors.set(ref, started.ref)
    return started.pid
  }
  return monitored instanceof Promise ? monitored.then(keep) : keep(monitored)
}

/** The options `timeout` and `hibernate_after` of a start. */
function timesOf(opts: Term | undefined): { timeoutMs?: number; hibernateAfterMs?: number } {
  if (typeof opts !== 'object' || opts === null || isTuple(opts)) return {}
  const { timeout, hibernate_after: hibernateAfter } = opts
  return {
    ...(typeof timeout === 'number' && { timeoutMs: timeout }),
    ...(typeof hibernateAfter === 'number' && { hibernateAfterMs: hibernateAfter }),
  }
}

/** The answer of a start that failed. */
export function startFailed(world: World, error: StartError): Term {
  if (error.code === 'ignored') return 'ignore'
  if (error.code === 'already_started') {
    return ['error', ['already_started', world.labelOf(error.pid ?? null)]]
  }
  return ['error', termOfReason(error.reason)]
}
