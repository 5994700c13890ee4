// What does it cost to choose among messages that wait: to call past 100,000 of them, to take them
// in order, to take 10,000 by tag and reference in the reverse order, and to find one behind
// 100,000? Our peers have no selective receive.
import { type Call, GenServer, start } from '../src/behaviours/gen-server.ts'
import { replyOf } from '../src/runtime/call.ts'
import { spawnGenerator } from '../src/runtime/generator-process.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { send } from '../src/runtime/process.ts'
import { receive } from '../src/runtime/receive.ts'
import { exit } from '../src/runtime/signal.ts'
import { ask, cpuNs } from './question.ts'

const JUNK = 100_000
const REVERSE = 10_000

type EchoCall = Call<'echo', object, number>

class Echo extends GenServer<number, EchoCall> {
  init() {
    return { state: 0 }
  }
  override handleCall(_: EchoCall, __: unknown, state: number) {
    return { reply: state, state }
  }
}

/**
 * Runs `body` in a process whose mailbox is filled first; CPU nanoseconds a unit, without the look
 * for `go` behind all that, which bench/erlang/selective.erl does not count either.
 */
function withMailbox(
  units: number,
  fill: (pid: Pid<unknown>) => void,
  body: (self: Pid<unknown>) => Generator<unknown, void, unknown>,
): Promise<number> {
  return new Promise<number>((measured) => {
    const pid = spawnGenerator<unknown>(function* (self) {
      yield* receive({ type: 'go' })
      let end = (): void => {}
      const ended = new Promise<void>((done) => {
        end = done
      })
      measured(cpuNs(units, () => ended))
      yield* body(self)
      end()
    })
    fill(pid)
    send(pid, { type: 'go' })
  })
}

function junk(count: number): (pid: Pid<unknown>) => void {
  return (pid) => {
    for (let i = 0; i < count; i++) send(pid, { type: 'junk', ref: i })
  }
}

async function calls(units: number): Promise<number> {
  const echo = start(new Echo())
  const ns = await withMailbox(units, junk(JUNK), function* () {
    for (let i = 0; i < units; i++) yield* replyOf(echo, { type: 'echo' })
  })
  exit(echo, 'kill')
  return ns
}

function inOrder(units: number): Promise<number> {
  const next = receive()
  return withMailbox(units, junk(units), function* () {
    for (let i = 0; i < units; i++) yield next
  })
}

function reversed(units: number): Promise<number> {
  return withMailbox(units, junk(units), function* () {
    for (let ref = units - 1; ref >= 0; ref--) yield receive({ type: 'junk', ref })
  })
}

async function pastJunk(units: number): Promise<number> {
  const ns = await withMailbox(units, junk(JUNK), function* (self) {
    for (let i = 0; i < units; i++) {
      send(self, { type: 'wanted' })
      yield receive({ type: 'wanted' })
    }
  })
  return ns / 1000
}

await ask({
  name: 'selective receive, call past 100,000',
  unit: 'ns/call',
  contestants: {
    arbor: { units: 100_000, measure: calls },
    erlang: { units: 100_000, module: 'selective_call' },
  },
})
await ask({
  name: 'selective receive, 100,000 in order',
  unit: 'ns/message',
  contestants: {
    arbor: { units: JUNK, measure: inOrder },
    erlang: {
      units: JUNK,
      module: 'selective_order',
      note: 'its clock of whole milliseconds is coarse here',
    },
  },
})
await ask({
  name: 'selective receive, 10,000 in reverse',
  unit: 'ns/message',
  contestants: {
    arbor: { units: REVERSE, measure: reversed },
    erlang: { units: REVERSE, module: 'selective_reverse' },
  },
})
await ask({
  name: 'selective receive, one past 100,000',
  unit: 'µs',
  contestants: {
    arbor: { units: 500, measure: pastJunk },
    erlang: { units: 500, module: 'selective_past' },
  },
})
