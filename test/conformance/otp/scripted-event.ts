// Event managers of the scenarios, and handlers whose callbacks run their programs.
import {
  EventHandler,
  GenEvent,
  type GenEventPid,
  type HandlerCallResult,
  type HandlerEnd,
  HandlerError,
  type HandlerInit,
  type HandlerResult,
  type Swap,
  type Swapped,
} from '../../../src/behaviours/gen-event.ts'
import type { MaybePromise } from '../../../src/behaviours/gen-server.ts'
import { start } from '../../../src/behaviours/gen-server.ts'
import { CallError } from '../../../src/runtime/call.ts'
import type { Name, Pid } from '../../../src/runtime/pid.ts'
import { self } from '../../../src/runtime/signal.ts'
import { termOfEnd, termOfFailure, termOfSwapped } from './event-term.ts'
import { type Actor, type Frame, perform, type ScriptCall, type Waits } from './operation.ts'
import type { HandlerModule, Operation, Program, Term } from './scenario.ts'
import { drive, programOf } from './scripted-server.ts'
import { isTuple, shown, termOfReason } from './term.ts'
import type { World } from './world.ts'

class ScriptedManager extends GenEvent<Term> {
  readonly #begin: (pid: Pid) => void

  constructor(begin: (pid: Pid) => void) {
    super()
    this.#begin = begin
  }

  override init(): ReturnType<GenEvent<Term>['init']> {
    this.#begin(this.self)
    return super.init()
  }
}

/** Starts a manager. */
export function startManager(
  world: World,
  label: () => string,
  options: { readonly name?: string; readonly parent?: Pid },
): MaybePromise<Pid> {
  const begin = (pid: Pid): void => world.label(pid, label())
  return start(new ScriptedManager(begin), options)
}

class ScriptedHandler extends EventHandler<Term, Term, ScriptCall> {
  readonly #world: World
  readonly #id: string
  readonly #module: HandlerModule

  constructor(world: World, id: string, module: HandlerModule) {
    super()
    this.#world = world
    this.#id = id
    this.#module = module
  }

  init(swapped?: Swapped): MaybePromise<HandlerInit<Term>> {
    const { init = {}, state = 'undefined' } = this.#module
    const entry = swapped === undefined ? ['init'] : ['init_swap', termOfSwapped(swapped)]
    return this.#run(entry, init, state, (ret, next) => {
      if (isTuple(ret) && ret[0] === 'error') return { error: ret[1] ?? null }
      if (isTuple(ret) && ret[0] === 'bad') return ret[1] as never
      return ret === 'hibernate' ? { state: next, hibernate: true } : { state: next }
    })
  }

  handleEvent(event: Term, state: Term): MaybePromise<HandlerResult<Term>> {
    const program = programOf(this.#module.event, event)
    return this.#run(['event', shown(event)], program, state, (ret, next) => this.#next(ret, next))
  }

  override handleInfo(message: unknown, state: Term): MaybePromise<HandlerResult<Term>> {
    const seen = this.#world.termOf(message)
    const isScript = typeof message === 'object' && message !== null && 'tag' in message
    const program = programOf(this.#module.info, isScript ? (message as Term) : seen)
    return this.#run(['info', seen], program, state, (ret, next) => this.#next(ret, next))
  }

  override handleCall(
    { request }: ScriptCall,
    state: Term,
  ): MaybePromise<HandlerCallResult<Term, Term>> {
    const program = programOf(this.#module.call, request)
    return this.#run(['call', shown(request)], program, state, (ret, next) => {
      if (!isTuple(ret)) return { reply: shown(request), state: next }
      const [kind, value = null] = ret
      if (kind === 'bad') return value as never
      if (kind === 'remove') return { reply: value, remove: true }
      if (kind !== 'swap') return { reply: value, state: next }
      return { reply: value, state: next, swap: this.#swap(ret.slice(1)) }
    })
  }

  override terminate(end: HandlerEnd, state: Term): unknown {
    const program = this.#module.terminate ?? {}
    const value = (ret: Term | undefined): Term => ret ?? ['term', this.#id]
    return this.#run(['terminate', termOfEnd(end)], program, state, value)
  }

  #next(ret: Term | undefined, state: Term): HandlerResult<Term> {
    if (ret === 'remove') return { remove: true }
    if (ret === 'hibernate') return { state, hibernate: true }
    if (isTuple(ret) && ret[0] === 'swap') return { state, swap: this.#swap(ret) }
    if (isTuple(ret) && ret[0] === 'bad') return ret[1] as never
    return { state }
  }

  /** `[…, Arg, NewId, NewMod]`. */
  #swap([, argument, id, module]: readonly Term[]): Swap {
    const name = String(id)
    const handler = new ScriptedHandler(this.#world, name, module as HandlerModule)
    return { argument, id: name, handler }
  }

  #run<T>(
    entry: Term[],
    { do: operations = [], ret }: Program,
    state: Term,
    finish: (ret: Term | undefined, state: Term) => T,
  ): MaybePromise<T> {
    const world = this.#world
    // Its manager runs the programs, and logs.
    const pid = self()
    const label = world.labelOf(pid).slice(1)
    const frame: Frame = { state, from: null }
    const note = (...noted: Term[]): void => world.log(label, noted)
    note(this.#id, ...entry)
    const actor: Actor = { world, label, pid, frame, note }
    function* steps(): Waits<T> {
      for (const operation of operations) yield* perform(actor, operation)
      return finish(ret, frame.state)
    }
    return drive(actor, steps())
  }
}

type Manager = GenEventPid<Term> | Name<GenEventPid<Term>>

function managerOf({ world, pid }: Actor, { to = '' }: Operation): Manager {
  return world.destination(to === '$self' ? world.labelOf(pid) : to) as Manager
}

function handlerOf({ world }: Actor, { mod = {} }: Operation, id: string): ScriptedHandler {
  return new ScriptedHandler(world, id, mod as HandlerModule)
}

/** Waits for what is asked of a manager, and writes failures as OTP's return values. */
function* asked(request: Promise<unknown>, isSwap = false): Waits<Term> {
  try {
    return ((yield request) ?? 'ok') as Term
  } catch (error) {
    if (!(error instanceof HandlerError)) throw error
    const { failure } = error
    if (failure === undefined) {
      const isCall = error.attempt.operation === 'callHandler'
      return ['error', isCall ? 'bad_module' : 'module_not_found']
    }
    const term = termOfFailure(failure)
    return isSwap || error.attempt.operation === 'callHandler' ? ['error', term] : term
  }
}

/** A request to the manager itself, not to a handler: its failure is not wrapped. */
function* plain(actor: Actor, answer: Waits<Term>): Waits<Term | undefined> {
  try {
    return yield* answer
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    actor.note('raise', 'exit', termOfReason(error.reason))
    return undefined
  }
}

type RunWaiting = (actor: Actor, operation: Operation) => Waits<Term | undefined>

/** The operations on event managers. */
export const eventOperations: Readonly<Record<string, RunWaiting>> = {
  // biome-ignore lint/correctness/useYield: an operation is a generator, this one waits for nothing
  *notify(actor, operation) {
    GenEvent.notify(managerOf(actor, operation), operation.event ?? null)
    return undefined
  },
  sync_notify: (actor, operation) =>
    plain(actor, asked(GenEvent.syncNotify(managerOf(actor, operation), operation.event ?? null))),
  *event_call(actor, operation) {
    const { id = '', req = null, timeout = 5000 } = operation
    const request = { type: 'script' as const, request: req }
    const manager = managerOf(actor, operation)
    return yield* asked(
      GenEvent.callHandler<ScriptCall, 'script'>(manager, id, request, { timeoutMs: timeout }),
    )
  },
  *which_handlers(actor, operation) {
    const ids = yield* plain(actor, asked(GenEvent.whichHandlers(managerOf(actor, operation))))
    return ids === undefined ? undefined : { list: ids as Term[] }
  },
  add_handler: (actor, operation) => {
    const { id = '' } = operation
    const handler = handlerOf(actor, operation, id)
    return plain(actor, asked(GenEvent.addHandler(managerOf(actor, operation), id, handler)))
  },
  add_sup_handler: (actor, operation) => {
    const { id = '' } = operation
    const handler = handlerOf(actor, operation, id)
    const manager = managerOf(actor, operation)
    return plain(actor, asked(GenEvent.addSupHandler(manager, id, handler, actor.pid)))
  },
  delete_handler: (actor, operation) => {
    const { id = '', arg = null } = operation
    const manager = managerOf(actor, operation)
    return plain(actor, asked(GenEvent.deleteHandler(manager, id, arg)))
  },
  swap_handler: (actor, operation) => {
    const { id = '', arg = null, id2 = '' } = operation
    const successor = { id: id2, handler: handlerOf(actor, operation, id2) }
    const manager = managerOf(actor, operation)
    return plain(actor, asked(GenEvent.swapHandler(manager, id, arg, successor), true))
  },
  swap_sup_handler: (actor, operation) => {
    const { id = '', arg = null, id2 = '' } = operation
    const successor = { id: id2, handler: handlerOf(actor, operation, id2) }
    const manager = managerOf(actor, operation)
    const swap = GenEvent.swapSupHandler(manager, id, arg, successor, actor.pid)
    return plain(actor, asked(swap, true))
  },
}
