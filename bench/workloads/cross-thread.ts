// The processes of bench/cross-thread.ts that run in scheduler threads.
import { type Call, GenServer } from '../../src/behaviours/gen-server.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send } from '../../src/runtime/process.ts'

export interface Add {
  readonly type: 'add'
  readonly by: number
  readonly who: string
}

/** Counts messages, and tells its owner each time as many as wanted have come. */
export class Sink extends GenServer<number, Call<'expect', { count: number }, undefined>> {
  readonly #owner: Pid<unknown>
  #wanted = 0

  constructor(owner: Pid<unknown>) {
    super()
    this.#owner = owner
  }

  init(): { state: number } {
    return { state: 0 }
  }

  override handleCall({ count }: { count: number }): { reply: undefined; state: number } {
    this.#wanted = count
    return { reply: undefined, state: 0 }
  }

  override handleInfo(_message: unknown, seen: number): { state: number } {
    if (seen + 1 === this.#wanted) send(this.#owner, 'all')
    return { state: seen + 1 }
  }
}

/** Counts messages as a bare process does; the last is a word. */
export function counter(message: unknown, owner: Pid<unknown>): Pid<unknown> {
  if (message === 'end') send(owner, 'all')
  return owner
}

/** Sends back what it is sent. */
export function mirror(message: { readonly to: Pid<unknown> }): void {
  send(message.to, message)
}

export class Doubler extends GenServer<null, Call<'double', { n: number }, number>> {
  init(): { state: null } {
    return { state: null }
  }

  override handleCall({ n }: { n: number }): { reply: number; state: null } {
    return { reply: n * 2, state: null }
  }
}
