// A GenStatem whose handlers run the programs of a scenario.

import type { From, MaybePromise } from '../../../src/behaviours/gen-server.ts'
import {
  type Action,
  changeCallbackModule,
  eventTimeout,
  GenStatem,
  type Handled,
  nextEvent,
  pushCallbackModule,
  replyTo,
  type StateHandlers,
  type StatemEvent,
  type StatemInit,
  stateTimeout,
  type TimeoutTime,
  type Transition,
  timeout,
} from '../../../src/behaviours/gen-statem.ts'
import type { ExitReason } from '../../../src/runtime/exit-reason.ts'
import { trapExit } from '../../../src/runtime/signal.ts'
import { type Actor, type Frame, perform, type ScriptCall, type Waits } from './operation.ts'
import type { Program, StatemModule, StatemProgram, Term } from './scenario.ts'
import { drive } from './scripted-server.ts'
import { noteFault, OTP_ACTIONS } from './statem-term.ts'
import { isTuple, reasonFrom, tagOf, termOfReason } from './term.ts'
import { Unknown, type World } from './world.ts'

type Event = StatemEvent<Term, ScriptCall, Term>
type Result = Handled<Term, Term>
type Handlers = StateHandlers<Term, Term, ScriptCall, Term>

/** The names of event types in OTP, where ours differ. */
const otpTypes: Readonly<Record<string, string>> = {
  stateTimeout: 'state_timeout',
  eventTimeout: 'timeout',
}

export class ScriptedStatem extends GenStatem<Term, Term, ScriptCall, Term> {
  override readonly stateEnter: boolean
  override readonly states: Readonly<Record<string, Handlers>>
  readonly #world: World
  /** Takes the label, in the first moment of the process's life. */
  readonly #name: () => string
  readonly #module: StatemModule
  /** Set for the alternative module. */
  readonly #prefix: Term[] | null
  readonly #alternative: ScriptedStatem | null
  #label = ''

  constructor(world: World, name: () => string, module: StatemModule, prefix?: Term[]) {
    super()
    this.#world = world
    this.#name = name
    this.#module = module
    this.#prefix = prefix ?? null
    this.#alternative =
      module.alt === undefined
        ? null
        : new ScriptedStatem(world, () => this.#label, module.alt, ['module', 'alt'])
    this.stateEnter = module.state_enter === true
    this.states = module.mode === 'state_functions' ? this.#stateFunctions() : {}
  }

  /** A handler for each kind of event in each state that the programs name. */
  #stateFunctions(): Record<string, Handlers> {
    const names = new Set([this.#module.first ?? 's1', ...Object.keys(this.#module.states ?? {})])
    const table: Record<string, Handlers> = {}
    for (const state of names) {
      if (typeof state !== 'string' || state === '*') continue
      const on = (event: Event, data: Term): Result => this.#handle(event, state, data)
      table[state] = {
        ...(this.stateEnter && { enter: (old, data) => on({ type: 'enter', content: old }, data) }),
        call: (content, from, data) => on({ type: 'call', content, from }, data),
        cast: (content, data) => on({ type: 'cast', content }, data),
        info: (content, data) => on({ type: 'info', content }, data),
        internal: (content, data) => on({ type: 'internal', content }, data),
        stateTimeout: (content, data) => on({ type: 'stateTimeout', content }, data),
        eventTimeout: (content, data) => on({ type: 'eventTimeout', content }, data),
        timeout: (name, content, data) => on({ type: 'timeout', name, content }, data),
      }
    }
    return table
  }

  init(): MaybePromise<StatemInit<Term, Term>> {
    this.#label = this.#name()
    this.#world.label(this.self, this.#label)
    this.#world.modules.set(this.#label, this.#module)
    if (this.#module.trap === true) trapExit()
    const { init = {}, first = 's1', data = 'undefined' } = this.#module
    const start = Number(this.#label.split('.')[1] ?? 1)
    const programs: readonly StatemProgram[] = Array.isArray(init) ? init : [init as StatemProgram]
    const program = programs[Math.min(start, programs.length) - 1] ?? {}
    return this.#run(['init'], program, { state: data, from: null }, (frame) => {
      const { ret } = program
      if (ret === 'ignore') return { ignore: true }
      if (isTuple(ret) && ret[0] === 'stop') return { stop: reasonFrom(ret[1] ?? null) }
      if (isTuple(ret) && ret[0] === 'bad') return ret[1] as never
      return { state: first, data: frame.state, actions: this.#actions(program, frame) }
    })
  }

  override handleEvent(event: Event, state: Term, data: Term): Result {
    return this.#handle(event, state, data)
  }

  #handle(event: Event, state: Term, data: Term): Result {
    if (event.type === 'enter') {
      const program = this.#lookUp(state, 'enter', 'enter') ?? {}
      const frame: Frame = { state: data, from: null }
      return this.#run(['enter', event.content, state], program, frame, () =>
        this.#transition(program, frame),
      )
    }
    const from = event.type === 'call' ? (event.from as From<Term>) : null
    const content = event.type === 'call' ? event.content.request : event.content
    const type = otpTypes[event.type] ?? event.type
    const isNamed = event.type === 'timeout'
    const frame: Frame = { state: data, from }
    const seen = this.#world.termOf(content)
    const program = this.#programOf(state, isNamed ? `timeout.${event.name}` : type, content, seen)
    const entry = ['event', state, isNamed ? ['timeout', event.name] : type, seen]
    return this.#run(entry, program, frame, () => this.#transition(program, frame))
  }

  override terminate(reason: ExitReason, state: Term, data: Term): void | Promise<void> {
    const term = termOfReason(reason)
    // OTP tells terminate the bare reason, and the world the one with a stack.
    const bare = typeof term === 'object' && term !== null && 'crash' in term ? term.crash : term
    const frame: Frame = { state: data, from: null }
    const entry = ['terminate', bare ?? null, state]
    return this.#run(entry, this.#module.terminate ?? {}, frame, () => undefined)
  }

  override codeChange(
    oldVersion: unknown,
    state: Term,
    data: Term,
    extra: unknown,
  ): { state: Term; data: Term } {
    this.#label = this.#name()
    const program = this.#module.code_change ?? {}
    const frame: Frame = { state: data, from: null }
    const entry = ['code_change', oldVersion as Term, state, extra as Term]
    const changed = this.#run(entry, program, frame, () => {
      const { ret } = program
      if (isTuple(ret) && ret[0] === 'error') throw ret
      return { state: isTuple(ret) && ret[0] === 'ok' ? (ret[1] ?? state) : state }
    })
    if (changed instanceof Promise) throw new TypeError('a code change cannot wait')
    return { state: changed.state, data: frame.state }
  }

  #programOf(state: Term, type: string, content: unknown, seen: Term): StatemProgram {
    if (typeof content === 'object' && content !== null && 'tag' in content) {
      return content as StatemProgram
    }
    return this.#lookUp(state, `${type}:${tagOf(seen)}`, `${type}:*`) ?? {}
  }

  /** Exact key, then the type's fallback, in the state, then in the state `*`. */
  #lookUp(state: Term, key: string, fallback: string): StatemProgram | undefined {
    const { states = {} } = this.#module
    const name = String(isTuple(state) ? state[0] : state)
    for (const table of [states[name], states['*']]) {
      const program = table?.[key] ?? table?.[fallback]
      if (program !== undefined) return program
    }
    return undefined
  }

  #transition(program: StatemProgram, frame: Frame): Transition<Term, Term> {
    const { ret = ['keep'] } = program
    const data = frame.state
    if (isTuple(ret) && ret[0] === 'bad') return ret[1] as never
    const reason = isTuple(ret) ? reasonFrom(ret[1] ?? null) : 'normal'
    if (ret === 'stop' || (isTuple(ret) && ret[0] === 'stop')) return { stop: reason, data }
    const actions = this.#actions(program, frame)
    if (isTuple(ret) && ret[0] === 'stop_reply') {
      return { stop: reason, data, replies: actions as never }
    }
    if (ret === 'repeat') return { repeat: true, data, actions }
    if (!isTuple(ret) || ret[0] !== 'next') return { data, actions }
    const next = { state: ret[1] ?? null, data, actions }
    const list = { list: [...(program.actions ?? [])] }
    return noteFault(next, ['next_state', next.state, data, list])
  }

  #actions(program: StatemProgram, frame: Frame): Action[] {
    return (program.actions ?? []).map((term) => {
      const action = this.#action(term, frame)
      return typeof action === 'object' ? noteFault(action, term) : action
    })
  }

  #action(term: Term, frame: Frame): Action {
    if (!isTuple(term)) return (OTP_ACTIONS[String(term)] ?? term) as Action
    const [kind, first = null, second = null, third = null] = term
    const isCancel = term.at(-1) === 'cancel'
    switch (kind) {
      case 'next_event':
        return insertedEvent(first, second)
      case 'state_timeout':
        return stateTimeout(first as TimeoutTime, isCancel ? undefined : second)
      case 'timeout':
        return eventTimeout(first as TimeoutTime, isCancel ? undefined : second)
      case 'named_timeout':
        return timeout(String(first), second as TimeoutTime, isCancel ? undefined : third)
      case 'reply':
        return replyTo(this.#callerOf(String(first), frame), second)
      case 'push_callback_module':
        return pushCallbackModule(this.#alternative ?? this)
      case 'change_callback_module':
        return changeCallbackModule(this.#alternative ?? this)
      case 'bad':
        return first as Action
      default:
        throw new TypeError(`no action ${JSON.stringify(term)}`)
    }
  }

  #callerOf(label: string, { from }: Frame): From<Term> {
    const caller = label === 'from' ? from : this.#world.froms.get(label)
    if (!caller) throw new Unknown(label)
    return caller
  }

  /** Executes a program, and returns what `finish` makes of it. */
  #run<T>(entry: Term[], program: Program, frame: Frame, finish: (frame: Frame) => T) {
    const world = this.#world
    const label = this.#label || this.#name()
    const prefix = this.#prefix
    const note = (...noted: Term[]): void => world.log(label, noted)
    if (prefix !== null) note(...prefix)
    note(...entry)
    const actor: Actor = { world, label, pid: this.self, frame, note, thrown: resultOf }
    function* steps(): Waits<T> {
      for (const operation of program.do ?? []) yield* perform(actor, operation)
      return finish(frame)
    }
    return drive(actor, steps())
  }
}

/** The Erlang value that a program throws, which counts as the callback's return value. */
function resultOf(thrown: Term): unknown {
  if (thrown === 'ignore') return { ignore: true }
  if (thrown === 'keep_state_and_data') return undefined
  if (thrown === 'repeat_state_and_data') return { repeat: true }
  if (thrown === 'stop') return { stop: 'normal' }
  if (!isTuple(thrown)) return thrown
  const [kind, first = null, second] = thrown
  switch (kind) {
    case 'ok':
    case 'next_state':
      return { state: first, data: second ?? null }
    case 'keep_state':
      return { data: first }
    case 'repeat_state':
      return { repeat: true, data: first }
    case 'stop':
      return { stop: reasonFrom(first), ...(second !== undefined && { data: second }) }
    default:
      return thrown
  }
}

function insertedEvent(type: Term, content: Term): Action {
  if (isTuple(type) && type[0] === 'timeout') return nextEvent('timeout', content, String(type[1]))
  const known = { state_timeout: 'stateTimeout', timeout: 'eventTimeout' }[String(type)]
  return nextEvent((known ?? type) as 'internal', content)
}
