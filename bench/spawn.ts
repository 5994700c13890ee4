// What does a process cost: the time to start a million, and the bytes of an idle one?
import * as nact from 'nact'
import { type Call, type From, GenServer, start } from '../src/behaviours/gen-server.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { beam } from './peers/beam.ts'
import { median, notice, report } from './report.ts'

const OURS = 1_000_000
const NACT = 100_000
const ROUNDS = 5

class Idle extends GenServer<number, Call<'get', object, number>> {
  init() {
    return { state: 0 }
  }
  override handleCall(_request: Call<'get', object, number>, _from: From<number>, state: number) {
    return { reply: state, state }
  }
}

interface Cost {
  /** CPU nanoseconds a process. */
  readonly ns: number
  /** Bytes of heap an idle process. */
  readonly bytes: number
}

/** Starts `count` things, weighs them, and lets them go. */
async function weigh<T>(
  count: number,
  make: (i: number) => T,
  letGo: (things: T[]) => void,
): Promise<Cost> {
  const costs: Cost[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const things: T[] = new Array<T>(count)
    globalThis.gc?.()
    const heapBefore = process.memoryUsage().heapUsed
    const before = process.cpuUsage()
    for (let i = 0; i < count; i++) things[i] = make(i)
    const { user, system } = process.cpuUsage(before)
    globalThis.gc?.()
    const bytes = (process.memoryUsage().heapUsed - heapBefore) / count
    // The first round warms up.
    if (round > 0) costs.push({ ns: ((user + system) * 1000) / count, bytes })
    letGo(things)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { ns: median(costs.map(({ ns }) => ns)), bytes: median(costs.map((cost) => cost.bytes)) }
}

function stopAll(pids: Pid[]): void {
  for (const pid of pids) exit(pid, 'kill')
}

if (globalThis.gc === undefined) notice('(without --expose-gc the bytes mean nothing)')
const plain = await weigh(OURS, () => spawn((_: string, state: number) => state, 0), stopAll)
const server = await weigh(OURS, () => start(new Idle()), stopAll)
let system = nact.start()
const peer = await weigh(
  NACT,
  (i) => nact.spawnStateless(system, () => {}, `actor-${i}`),
  () => {
    nact.stop(system)
    system = nact.start()
  },
)
const erlang = beam('spawn', OURS)

for (const [name, { ns, bytes }] of Object.entries({ spawn: plain, 'spawn GenServer': server })) {
  const unit = 'ns/process'
  report({ name, value: ns, unit, peer: 'nact', peerValue: peer.ns, ratio: peer.ns / ns })
  if (erlang !== undefined) {
    report({ name, value: ns, unit, peer: 'erlang', peerValue: erlang, ratio: erlang / ns })
  }
  const idle = `${name}, idle`
  const ratio = peer.bytes / bytes
  report({ name: idle, value: bytes, unit: 'B', peer: 'nact', peerValue: peer.bytes, ratio })
}
