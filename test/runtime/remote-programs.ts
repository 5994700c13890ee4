// What the tests of several threads start in other threads.
import {
  type Call,
  type From,
  GenServer,
  reply,
  startLink,
} from '../../src/behaviours/gen-server.ts'
import { GenStatem, type StatemInit, type States } from '../../src/behaviours/gen-statem.ts'
import { alias } from '../../src/runtime/alias.ts'
import type { AsyncSelf } from '../../src/runtime/async-process.ts'
import { boundMailbox } from '../../src/runtime/delivery.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import * as groups from '../../src/runtime/process-group.ts'
import { receive } from '../../src/runtime/receive.ts'
import { exit, link, monitor, trapExit, unlink } from '../../src/runtime/signal.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

export type CounterCall =
  | Call<'add', { by: number }, number>
  | Call<'get', object, number>
  /** Never answered. */
  | Call<'wait', object, undefined>
  /** The caller's `from` is sent to another process, which replies. */
  | Call<'delegate', { to: Pid<unknown> }, unknown>
  | Call<'fail', { word: string }, undefined>

/** Counts, and records each addition with a ledger before it replies. */
export class Counter extends GenServer<number, CounterCall, { by: number }> {
  readonly #first: number
  readonly #ledger: Pid<unknown> | undefined

  constructor(first: number, ledger?: Pid<unknown>) {
    super()
    this.#first = first
    this.#ledger = ledger
  }

  init(): { state: number } {
    return { state: this.#first }
  }

  override handleCall(
    request: CounterCall,
    from: From<never>,
    count: number,
  ): { reply?: number; state: number } {
    if (request.type === 'wait') return { state: count }
    if (request.type === 'fail') throw new RangeError(request.word)
    if (request.type === 'delegate') {
      send(request.to, from)
      return { state: count }
    }
    const next = request.type === 'add' ? count + request.by : count
    if (request.type === 'add' && this.#ledger !== undefined) send(this.#ledger, request.by)
    return { reply: next, state: next }
  }

  override handleCast({ by }: { by: number }, count: number): { state: number } {
    return { state: count + by }
  }
}

type DoorCall = Call<'push', object, 'opened' | 'closed'>
type DoorState = 'shut' | 'open'

/** Opens and closes at each push. */
export class Door extends GenStatem<DoorState, null, DoorCall> {
  override readonly states: States<DoorState, null, DoorCall> = {
    shut: { call: () => ({ state: 'open', reply: 'opened' }) },
    open: { call: () => ({ state: 'shut', reply: 'closed' }) },
  }

  init(): StatemInit<DoorState, null> {
    return { state: 'shut', data: null }
  }
}

/** Two counters, each for itself. */
export class Pair extends Supervisor {
  constructor() {
    const children = ['one', 'two'].map((id) => ({
      id,
      start: (): Pid => startLink(new Counter(0)),
    }))
    super({ children })
  }
}

/** Joins a group, and waits until it sees as many members as it is asked for. */
export class Member extends GenServer<null, Call<'members', { count: number }, Pid[]>> {
  readonly #scope: string
  readonly #group: string
  #waiting: { readonly from: From<Pid[]>; readonly count: number } | null = null

  constructor(scope: string, group: string) {
    super()
    this.#scope = scope
    this.#group = group
  }

  init(): { state: null } {
    link(groups.start(this.#scope))
    groups.monitor(this.#scope, this.#group)
    groups.join(this.#scope, this.#group, this.self)
    return { state: null }
  }

  override handleCall({ count }: { count: number }, from: From<Pid[]>): { state: null } {
    this.#waiting = { from, count }
    return this.#answer()
  }

  override handleInfo(): { state: null } {
    return this.#answer()
  }

  #answer(): { state: null } {
    const members = groups.members(this.#scope, this.#group)
    if (this.#waiting !== null && members.length >= this.#waiting.count) {
      reply(this.#waiting.from, members)
      this.#waiting = null
    }
    return { state: null }
  }
}

/** Sends back what it is sent, to whom it names. */
export function echo(message: { to: Pid<unknown>; value: unknown }): void {
  send(message.to, message.value)
}

/** Answers each question with what it is, once. */
export function* asker(self: Pid<unknown>, oracle: Pid<unknown>): Generator<unknown, void, never> {
  const replyTo = alias({ once: true })
  send(oracle, { type: 'ask', replyTo, self })
  const answer = yield* receive<{ type: 'answer'; value: unknown }>({ type: 'answer' })
  send(oracle, { type: 'heard', value: answer.value })
}

/** Tells its owner what it is sent, until it is told to stop. */
export async function teller(me: AsyncSelf<unknown>, owner: Pid<unknown>): Promise<void> {
  for (;;) {
    const message = await me.receive()
    if (message === 'stop') return
    send(owner, { told: message })
  }
}

/** Answers a call whose `from` it is sent. */
export function replier(message: unknown): void {
  reply(message as From<unknown>, 'from elsewhere')
}

/** Ways in which a thread ends by itself. */
export type Death = keyof typeof deaths

const deaths = {
  'process.exit': (): void => process.exit(3),
  'an error nobody catches': (): void => {
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
  },
  'a promise nobody catches': (): void => void Promise.reject(new Error('nobody catches this')),
  'too much memory': (): void => {
    const kept: number[][] = []
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length))
  },
}

export type Order =
  | { readonly do: 'exit'; readonly reason: string }
  | { readonly do: 'throw'; readonly word: string }
  | { readonly do: 'link' | 'unlink' | 'monitor'; readonly pid: Pid<unknown> }
  | { readonly do: 'trap' }
  | { readonly do: 'tell'; readonly pid: Pid<unknown>; readonly value: unknown }
  | { readonly do: 'die'; readonly how: Death }
  | { readonly do: 'count'; readonly to: Pid<unknown>; readonly from: number; readonly end: number }

/** Does what it is told, and tells its owner of everything else. */
export function puppet(
  message: Order | object,
  owner: Pid<unknown> | undefined,
): Pid<unknown> | undefined {
  if (!('do' in message)) {
    if (owner !== undefined) send(owner, message)
    return owner
  }
  if (message.do === 'exit') exit(message.reason)
  if (message.do === 'throw') throw new Error(message.word)
  if (message.do === 'link') link(message.pid)
  if (message.do === 'unlink') unlink(message.pid)
  if (message.do === 'monitor') monitor(message.pid)
  if (message.do === 'trap') trapExit()
  if (message.do === 'tell') send(message.pid, message.value)
  if (message.do === 'die') deaths[message.how]()
  if (message.do === 'count') {
    for (let i = message.from; i < message.end; i++) send(message.to, i)
  }
  return owner
}

type Told = { readonly told: readonly string[]; readonly hook: () => void }

/**
 * Holds at most two messages, and keeps what it is told. A pid is sent an alias, and until
 * something comes by it, nothing else is done. Of its state one part cannot cross.
 */
export class Narrow extends GenServer<Told, never, string | Pid<unknown>> {
  init(): { state: Told } {
    boundMailbox({ max: 2 })
    return { state: { told: [], hook: () => {} } }
  }

  override async handleCast(message: string | Pid<unknown>, state: Told): Promise<{ state: Told }> {
    if (typeof message === 'string') return { state: { ...state, told: [...state.told, message] } }
    await new Promise<void>((open) => {
      const door = spawn(() => open())
      send(message, alias({}, door))
    })
    return { state }
  }
}
