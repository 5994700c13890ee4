// What does a call cost, with its timeout, its monitor and its reply? One caller that waits for
// each reply, and a thousand callers at once.
import * as nact from 'nact'
import { type Call, call, type From, GenServer, start, stop } from '../src/behaviours/gen-server.ts'
import { beam } from './peers/beam.ts'
import { compare } from './peers/rounds.ts'
import { report } from './report.ts'

const OURS = 1_000_000
const NACT = 100_000
const CALLERS = 1_000
const TIMEOUT_MS = 5_000

type CounterCall = Call<'add', { by: number }, number>

class Counter extends GenServer<number, CounterCall> {
  init() {
    return { state: 0 }
  }
  override handleCall(request: CounterCall, _from: From<number>, count: number) {
    const next = count + request.by
    return { reply: next, state: next }
  }
}

interface Add {
  readonly by: number
  readonly sender: nact.Ref<number>
}

async function ours(callers: number): Promise<void> {
  const counter = start(new Counter())
  const caller = async (): Promise<void> => {
    for (let i = 0; i < OURS / callers; i++) await call(counter, { type: 'add', by: 1 })
  }
  await Promise.all(Array.from({ length: callers }, caller))
  await stop(counter)
}

async function peer(callers: number): Promise<void> {
  const system = nact.start()
  const counter = nact.spawn(
    system,
    (count: number = 0, { by, sender }: Add) => {
      nact.dispatch(sender, count + by)
      return count + by
    },
    'counter',
  )
  const caller = async (): Promise<void> => {
    for (let i = 0; i < NACT / callers; i++) {
      await nact.query(counter, (sender: nact.Ref<number>) => ({ by: 1, sender }), TIMEOUT_MS)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  nact.stop(system)
}

const unit = 'ns/call'
const name = 'call/reply'
for (const callers of [1, CALLERS]) {
  const [value = 0, peerValue = 0] = await compare(
    { name: 'arbor', units: OURS, round: () => ours(callers) },
    { name: 'nact', units: NACT, round: () => peer(callers) },
  )
  const title = callers === 1 ? name : `${name}, ${callers} callers`
  report({ name: title, value, unit, peer: 'nact', peerValue, ratio: peerValue / value })
  const erlang = callers === 1 ? beam('call', OURS) : undefined
  if (erlang !== undefined) {
    report({ name: title, value, unit, peer: 'erlang', peerValue: erlang, ratio: erlang / value })
  }
}
