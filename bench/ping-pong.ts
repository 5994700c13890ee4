// What does a message cost? Two processes send each other one message at a time.
import * as nact from 'nact'
import { send, spawn } from '../src/runtime/process.ts'
import { beam } from './peers/beam.ts'
import { compare } from './peers/rounds.ts'
import { report } from './report.ts'

const OURS = 3_000_000
const NACT = 150_000

function ours(): Promise<void> {
  return new Promise((done) => {
    const ping = spawn((left: number) => {
      if (left === 0) done()
      else send(pong, left - 1)
    })
    const pong = spawn((left: number) => {
      if (left === 0) done()
      else send(ping, left - 1)
    })
    send(ping, OURS - 1)
  })
}

function peer(): Promise<void> {
  const system = nact.start()
  return new Promise<void>((done) => {
    const play = (name: string, other: () => nact.Ref<number>): nact.Ref<number> =>
      nact.spawnStateless(
        system,
        (left: number) => {
          if (left === 0) done()
          else nact.dispatch(other(), left - 1)
        },
        name,
      )
    const ping = play('ping', () => pong)
    const pong = play('pong', () => ping)
    nact.dispatch(ping, NACT - 1)
  }).finally(() => nact.stop(system))
}

const [value = 0, peerValue = 0] = await compare(
  { name: 'arbor', units: OURS, round: ours },
  { name: 'nact', units: NACT, round: peer },
)
const unit = 'ns/message'
report({ name: 'ping-pong', value, unit, peer: 'nact', peerValue, ratio: peerValue / value })
const erlang = beam('ping_pong', 3_000_000)
if (erlang !== undefined) {
  report({
    name: 'ping-pong',
    value,
    unit,
    peer: 'erlang',
    peerValue: erlang,
    ratio: erlang / value,
  })
}
