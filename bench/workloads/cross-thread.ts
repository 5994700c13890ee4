// The processes of bench/cross-thread.ts that run in a scheduler thread.
import { type Call, GenServer } from '../../src/behaviours/gen-server.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send } from '../../src/runtime/process.ts'

export interface Add {
  readonly type: 'add'
  readonly by: number
  readonly who: string
}

/** Counts messages, and tells its owner when there were as many as it was started for. */
export function sink(_: Add, state: SinkState): SinkState {
  state.left--
  if (state.left === 0) send(state.owner, 'all')
  return state
}

interface SinkState {
  left: number
  readonly owner: Pid<unknown>
}

/** Sends back what it is sent. */
export function mirror(message: { readonly to: Pid<unknown>; readonly left: number }): void {
  send(message.to, message.left)
}

export class Doubler extends GenServer<null, Call<'double', { n: number }, number>> {
  init(): { state: null } {
    return { state: null }
  }

  override handleCall({ n }: { n: number }): { reply: number; state: null } {
    return { reply: n * 2, state: null }
  }
}
