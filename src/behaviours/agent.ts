// A state that several processes share, kept by one of them (Elixir's Agent): functions travel to
// it, and run there one after the other.
//
//   const visits = Agent.start(() => new Map<string, number>())
//   await Agent.update(visits, (map) => new Map(map).set('home', 1))
//   await Agent.get(visits, (map) => map.get('home'))      // 1
//
// The functions are the agent's callbacks: while one runs nobody else is served, and what it throws
// ends the agent. When not to use it: as soon as the state has rules of its own write a GenServer,
// whose protocol says what may be asked; and state of one process needs no agent at all.
import type { CallOptions } from '../runtime/call.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Pid } from '../runtime/pid.ts'
import {
  type Call,
  call,
  cast,
  GenServer,
  type MaybePromise,
  type ServerPid,
  type ServerRef,
  type StartOptions,
  start,
  startLink,
  stop,
} from './gen-server.ts'

/** Returns what to reply, and the next state. */
export type Step<State> = (state: State) => MaybePromise<readonly [reply: unknown, next: State]>

export type AgentCall<State> = Call<'step', { run: Step<State> }, unknown>
export type AgentCast<State> = (state: State) => MaybePromise<State>
export type AgentPid<State> = ServerPid<AgentCall<State>, AgentCast<State>>
export type AgentRef<State> = ServerRef<AgentCall<State>, AgentCast<State>>
export type AgentOptions<State> = StartOptions<AgentCall<State>, AgentCast<State>>

class AgentServer<State> extends GenServer<State, AgentCall<State>, AgentCast<State>> {
  readonly #first: () => State

  constructor(first: () => State) {
    super()
    this.#first = first
  }

  init(): { readonly state: State } {
    return { state: this.#first() }
  }

  override handleCall({ run }: AgentCall<State>, _from: unknown, state: State) {
    const stepped = run(state)
    if (!(stepped instanceof Promise)) return { reply: stepped[0], state: stepped[1] }
    return stepped.then(([reply, next]) => ({ reply, state: next }))
  }

  override handleCast(change: AgentCast<State>, state: State) {
    const changed = change(state)
    if (!(changed instanceof Promise)) return { state: changed }
    return changed.then((next) => ({ state: next }))
  }
}

// A namespace as in Elixir: `Agent.get` reads better than `agentGet`, and `get` alone says nothing.
export const Agent = {
  /** Starts an agent with the state that `first` returns. */
  start<State>(first: () => State, options?: AgentOptions<State>): AgentPid<State> {
    return start(new AgentServer(first), options)
  },

  /** Starts an agent linked to the calling process (or `parent`). */
  startLink<State>(first: () => State, options?: AgentOptions<State>): AgentPid<State> {
    return startLink(new AgentServer(first), options)
  },

  /** The spec of an agent as the child of a supervisor. */
  childSpec<State>(
    id: string,
    first: () => State,
    options: AgentOptions<State> = {},
  ): { readonly id: string; readonly start: (supervisor: Pid) => AgentPid<State> } {
    return { id, start: (parent) => Agent.startLink(first, { parent, ...options }) }
  },

  /** What `read` makes of the state. */
  async get<State, Reply>(
    agent: AgentRef<State>,
    read: (state: State) => MaybePromise<Reply>,
    options?: CallOptions,
  ): Promise<Reply> {
    return await Agent.getAndUpdate(agent, (state) => withState(read(state), state), options)
  },

  /** Changes the state; resolves when that is done. */
  async update<State>(
    agent: AgentRef<State>,
    change: (state: State) => MaybePromise<State>,
    options?: CallOptions,
  ): Promise<void> {
    const run = (state: State): MaybePromise<readonly [undefined, State]> => {
      const changed = change(state)
      if (!(changed instanceof Promise)) return [undefined, changed]
      return changed.then((next) => [undefined, next])
    }
    await Agent.getAndUpdate(agent, run, options)
  },

  /** Changes the state and returns something, in one step: `[reply, next]`. */
  async getAndUpdate<State, Reply>(
    agent: AgentRef<State>,
    run: (state: State) => MaybePromise<readonly [reply: Reply, next: State]>,
    options?: CallOptions,
  ): Promise<Reply> {
    return (await call<AgentCall<State>, 'step'>(agent, { type: 'step', run }, options)) as Reply
  },

  /** Changes the state, some time; nobody learns when. */
  cast<State>(agent: AgentRef<State>, change: (state: State) => MaybePromise<State>): void {
    cast<AgentCast<State>>(agent, change)
  },

  /** Stops an agent, and waits until it has ended. */
  stop(
    agent: Pid | string,
    reason?: ExitReason,
    options?: { readonly timeoutMs?: number },
  ): Promise<void> {
    return stop(agent, reason, options)
  },
} as const

function withState<State, Reply>(
  read: MaybePromise<Reply>,
  state: State,
): MaybePromise<readonly [Reply, State]> {
  return read instanceof Promise ? read.then((reply) => [reply, state]) : [read, state]
}
