// What does an event cost a state machine? A light that goes from one of three states to the next
// and counts, told so by a process as fast as it may, or by calls that wait for each answer. And
// what does a machine of xstate cost as a process of ours, against xstate's own actor?
import { assign, createActor, setup } from 'xstate'
import { type Call, call, cast, start } from '../src/behaviours/gen-server.ts'
import { GenStatem, type StatemInit, type States } from '../src/behaviours/gen-statem.ts'
import { XstateMachine } from '../src/behaviours/xstate-machine.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { ask, cpuNs } from './question.ts'

/** Casts of a turn of the caster, which then sends itself a message to go on. */
const BURST = 100

type Colour = 'red' | 'green' | 'amber'
type LightCall = Call<'next', object, number> | Call<'count', object, number>
interface Next {
  readonly type: 'next'
}

const states: States<Colour, number, LightCall, Next> = {
  red: {
    cast: (_, count) => ({ state: 'green', data: count + 1 }),
    call: ({ type }, _, count) =>
      type === 'count' ? { reply: count } : { reply: count, state: 'green', data: count + 1 },
  },
  green: {
    cast: (_, count) => ({ state: 'amber', data: count + 1 }),
    call: ({ type }, _, count) =>
      type === 'count' ? { reply: count } : { reply: count, state: 'amber', data: count + 1 },
  },
  amber: {
    cast: (_, count) => ({ state: 'red', data: count + 1 }),
    call: ({ type }, _, count) =>
      type === 'count' ? { reply: count } : { reply: count, state: 'red', data: count + 1 },
  },
}

class Light extends GenStatem<Colour, number, LightCall, Next> {
  override readonly states: typeof states = states
  init(): StatemInit<Colour, number> {
    return { state: 'red', data: 0 }
  }
}

const machine = setup({
  types: { context: {} as { count: number }, events: {} as Next },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
}).createMachine({
  context: { count: 0 },
  initial: 'red',
  states: {
    red: { on: { next: { target: 'green', actions: 'count' } } },
    green: { on: { next: { target: 'amber', actions: 'count' } } },
    amber: { on: { next: { target: 'red', actions: 'count' } } },
  },
})

/** A process that casts so often, in bursts; then the promise resolves. */
function casting(units: number, one: () => void): Promise<void> {
  return new Promise((done) => {
    const caster = spawn((left: number) => {
      const burst = Math.min(left, BURST)
      for (let i = 0; i < burst; i++) one()
      if (left > burst) send(caster, left - burst)
      else done()
    })
    send(caster, units)
  })
}

function finish(pid: Pid, counted: number, units: number): void {
  exit(pid, 'kill')
  if (counted !== units) throw new Error(`${counted} of ${units} events arrived`)
}

async function casts(units: number): Promise<void> {
  const light = start(new Light())
  await casting(units, () => cast(light, { type: 'next' }))
  finish(light, await call(light, { type: 'count' }), units)
}

async function calls(units: number): Promise<void> {
  const light = start(new Light())
  for (let i = 0; i < units; i++) await call(light, { type: 'next' })
  finish(light, await call(light, { type: 'count' }), units)
}

async function processes(units: number): Promise<void> {
  const light = start(new XstateMachine(machine))
  await casting(units, () => cast(light, { type: 'next' }))
  finish(light, (await call(light, { type: 'snapshot' })).context.count, units)
}

function ofXstate(units: number): void {
  const actor = createActor(machine).start()
  for (let i = 0; i < units; i++) actor.send({ type: 'next' })
  if (actor.getSnapshot().context.count !== units) throw new Error('events are missing')
}

const xstate = {
  units: 100_000,
  measure: (n: number) => cpuNs(n, () => ofXstate(n)),
  note: 'it delivers within send: nothing is queued',
}

await ask({
  name: 'statem cast',
  unit: 'ns/cast',
  contestants: {
    arbor: { units: 3_000_000, measure: (n) => cpuNs(n, () => casts(n)) },
    erlang: { units: 1_000_000, module: 'switching' },
    xstate,
  },
})

await ask({
  name: 'statem call',
  unit: 'ns/call',
  contestants: {
    arbor: { units: 1_000_000, measure: (n) => cpuNs(n, () => calls(n)) },
    erlang: { units: 500_000, module: 'switching_call' },
  },
})

await ask({
  name: 'xstate machine as a process',
  unit: 'ns/cast',
  contestants: {
    arbor: { units: 100_000, measure: (n) => cpuNs(n, () => processes(n)) },
    xstate,
  },
})
