// A GenServer whose callbacks run the programs of a scenario.
import {
  type CallResult,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type NextOptions,
  type Result,
} from '../../../src/behaviours/gen-server.ts'
import type { ExitReason } from '../../../src/runtime/exit-reason.ts'
import { processOf } from '../../../src/runtime/pid.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { enter } from '../../../src/runtime/scheduler.ts'
import { trapExit } from '../../../src/runtime/signal.ts'
import { type Actor, type Frame, perform, type ScriptCall, type Waits } from './operation.ts'
import type { Module, Program, Term } from './scenario.ts'
import { isTuple, reasonFrom, shown, tagOf, termOfReason, withSelf } from './term.ts'
import type { World } from './world.ts'

type Table = Readonly<Record<string, Program>> | undefined

export class ScriptedServer extends GenServer<Term, ScriptCall, Term> {
  readonly #world: World
  /** Takes the label, in the first moment of the process's life. */
  readonly #name: () => string
  readonly #module: Module
  #label = ''

  constructor(world: World, name: () => string, module: Module) {
    super()
    this.#world = world
    this.#name = name
    this.#module = module
  }

  init(): MaybePromise<InitResult<Term>> {
    this.#label = this.#name()
    this.#world.label(this.self, this.#label)
    this.#world.modules.set(this.#label, this.#module)
    if (this.#module.trap === true) trapExit()
    const { init = {}, state = 'undefined' } = this.#module
    const start = Number(this.#label.split('.')[1] ?? 1)
    const program = Array.isArray(init) ? init[Math.min(start, init.length) - 1] : init
    return this.#run(['init'], program as Program, { state, from: null }, (ret, next) => {
      if (ret === 'ignore') return { ignore: true }
      if (isTuple(ret) && ret[0] === 'stop') return { stop: reasonFrom(ret[1] ?? null) }
      if (isTuple(ret) && ret[0] === 'bad') return ret[1] as never
      return { state: next, ...optionOf(isTuple(ret) ? ret[1] : undefined) }
    })
  }

  override handleCall(
    { request }: ScriptCall,
    from: From<Term>,
    state: Term,
  ): MaybePromise<CallResult<Term, Term>> {
    const program = programOf(this.#module.call, request)
    const entry = ['call', shown(request)]
    return this.#run(entry, program, { state, from }, (ret, next) => {
      if (ret === undefined) return { reply: shown(request), state: next }
      if (isTuple(ret) && ret[0] === 'reply') {
        return { reply: ret[1] ?? null, state: next, ...optionOf(ret[2]) }
      }
      if (isTuple(ret) && ret[0] === 'stop' && ret.length === 3) {
        return { stop: reasonFrom(ret[1] ?? null), reply: ret[2] ?? null, state: next }
      }
      return resultOf(ret, next)
    })
  }

  override handleCast(request: Term, state: Term): MaybePromise<Result<Term>> {
    const program = programOf(this.#module.cast, request)
    return this.#run(['cast', shown(request)], program, { state, from: null }, resultOf)
  }

  override handleInfo(message: unknown, state: Term): MaybePromise<Result<Term>> {
    const shownMessage = this.#world.termOf(message)
    const isScript = typeof message === 'object' && message !== null && 'tag' in message
    const program = programOf(this.#module.info, isScript ? (message as Term) : shownMessage)
    return this.#run(['info', shownMessage], program, { state, from: null }, resultOf)
  }

  override handleContinue(term: unknown, state: Term): MaybePromise<Result<Term>> {
    const request = term as Term
    const program = programOf(this.#module.continue, request)
    return this.#run(['continue', shown(request)], program, { state, from: null }, resultOf)
  }

  override terminate(reason: ExitReason, state: Term): void | Promise<void> {
    const program = this.#module.terminate ?? {}
    const entry = ['terminate', termOfReason(reason)]
    return this.#run(entry, program, { state, from: null }, () => undefined)
  }

  /** Its program cannot wait: a state is turned over at once. */
  override codeChange(oldVersion: unknown, state: Term, extra: unknown): Term {
    this.#label = this.#name()
    const program = this.#module.code_change ?? {}
    const entry: Term[] = ['code_change', oldVersion as Term, extra as Term]
    const changed = this.#run(entry, program, { state, from: null }, (ret, next) => {
      if (isTuple(ret) && ret[0] === 'error') throw ret
      return next
    })
    if (changed instanceof Promise) throw new TypeError('a code change cannot wait')
    return changed
  }

  /** Executes a program, and returns what `finish` makes of its `ret` and of the next state. */
  #run<T>(
    entry: Term[],
    { do: operations = [], ret }: Program,
    frame: Frame,
    finish: (ret: Term | undefined, state: Term) => T,
  ): MaybePromise<T> {
    const world = this.#world
    const label = this.#label
    const note = (...noted: Term[]): void => world.log(label, noted)
    note(...entry)
    const thrown = (value: Term): unknown => thrownResult(String(entry[0]), value)
    const actor: Actor = { world, label, pid: this.self, frame, note, thrown }
    function* steps(): Waits<T> {
      for (const operation of operations) {
        yield* perform(actor, operation)
      }
      return finish(ret === undefined ? ret : withSelf(ret, world.labelOf(actor.pid)), frame.state)
    }
    return drive(actor, steps())
  }
}

/** Runs steps: at once if they never wait, else as a promise; no further when the process ended. */
export function drive<T>(actor: Actor, steps: Waits<T>): MaybePromise<T> {
  const first = steps.next()
  return first.done === true ? first.value : driveLater(actor, steps, first.value)
}

async function driveLater<T>(actor: Actor, steps: Waits<T>, first: Promise<unknown>): Promise<T> {
  let waitFor = first
  for (;;) {
    let step: IteratorResult<Promise<unknown>, T>
    try {
      const value = await waitFor
      if (!isAlive(actor.pid)) return await new Promise<never>(() => {})
      step = within(actor, () => steps.next(value))
    } catch (error) {
      step = within(actor, () => steps.throw(error))
    }
    if (step.done === true) return step.value
    waitFor = step.value
  }
}

/** Goes on with a callback after it has waited, as its process. */
function within<T>({ pid }: Actor, step: () => T): T {
  const interrupted = enter(processOf(pid))
  try {
    return step()
  } finally {
    enter(interrupted)
  }
}

/** What a callback throws for an Erlang term that it throws: a result, where that is one. */
function thrownResult(callback: string, value: Term): unknown {
  if (callback === 'init' && value === 'ignore') return { ignore: true }
  if (!isTuple(value)) return value
  const [kind, first = null, second = null, third] = value
  if (callback === 'init') {
    if (kind === 'ok') return { state: first, ...optionOf(value[2]) }
    return kind === 'stop' ? { stop: reasonFrom(first) } : value
  }
  if (kind === 'noreply') return { state: first, ...optionOf(value[2]) }
  if (callback === 'call' && kind === 'reply') {
    return { reply: first, state: second, ...optionOf(third) }
  }
  if (callback === 'call' && kind === 'stop' && value.length === 4) {
    return { stop: reasonFrom(first), reply: second, state: third }
  }
  return kind === 'stop' ? { stop: reasonFrom(first), state: second } : value
}

export function programOf(table: Table, request: Term): Program {
  if (typeof request === 'object' && request !== null && 'tag' in request) return request as Program
  return table?.[tagOf(request)] ?? table?.['*'] ?? {}
}

function resultOf(ret: Term | undefined, state: Term): Result<Term> {
  if (isTuple(ret) && ret[0] === 'stop') return { stop: reasonFrom(ret[1] ?? null), state }
  if (isTuple(ret) && ret[0] === 'bad') return ret[1] as never
  return { state, ...optionOf(isTuple(ret) ? ret[1] : undefined) }
}

function optionOf(option: Term | undefined): NextOptions {
  if (typeof option === 'number') return { timeoutMs: option }
  if (option === 'infinity') return { timeoutMs: option }
  if (option === 'hibernate') return { hibernate: true }
  if (isTuple(option) && option[0] === 'continue') return { continue: option[1] ?? null }
  return {}
}
