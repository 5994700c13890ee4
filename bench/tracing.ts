// What do the hooks of the tracer cost? With nobody attached, against the same runtime with the
// hooks cut out of its source; and with a subscriber that takes everything.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ask, cpuNs, type Measured } from './question.ts'
import { isQuick } from './report.ts'

const runtime = new URL('../src/runtime/', import.meta.url).href

/** A hook stands on a line of its own. */
const hook = /^ *if \(tracer !== null\) tracer\.\w+\(.*\)$/gm

let hooks = 0

/** Loads the files of the runtime without their hooks, from now on. */
function cutHooks(): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.startsWith(runtime)) return loaded
      const source = readFileSync(fileURLToPath(url), 'utf8')
      hooks += source.match(hook)?.length ?? 0
      return { ...loaded, source: source.replace(hook, '') }
    },
  })
}

/** Messages of a ping-pong, calls one after the other, starts and ends. */
async function measure(units: number): Promise<Measured> {
  const { send, spawn } = await import('../src/runtime/process.ts')
  const { exit } = await import('../src/runtime/signal.ts')
  const { call, GenServer, start } = await import('../src/behaviours/gen-server.ts')
  class Echo extends GenServer<null, { readonly type: 'echo' }> {
    init() {
      return { state: null }
    }
    override handleCall() {
      return { reply: undefined as never, state: null }
    }
  }
  const message = await cpuNs(
    units,
    () =>
      new Promise<void>((done) => {
        const player = (other: () => ReturnType<typeof spawn<number>>) =>
          spawn((left: number) => {
            if (left === 0) done()
            else send(other(), left - 1)
          })
        const ping: ReturnType<typeof spawn<number>> = player(() => pong)
        const pong: ReturnType<typeof spawn<number>> = player(() => ping)
        send(ping, units)
      }),
  )
  const calls = Math.ceil(units / 10)
  const echo = start(new Echo())
  const perCall = await cpuNs(calls, async () => {
    for (let i = 0; i < calls; i++) await call(echo, { type: 'echo' })
  })
  exit(echo, 'kill')
  const idle = (): void => {}
  const process = await cpuNs(calls, () => {
    for (let i = 0; i < calls; i++) exit(spawn(idle), 'kill')
  })
  return { message, call: perCall, 'spawn and exit': process }
}

let isCut = false
let isAttached = false

await ask({
  name: 'tracing, nobody attached',
  unit: 'ns',
  contestants: {
    arbor: { units: 4_000_000, measure },
    'hooks cut out': {
      units: 4_000_000,
      measure: async (n) => {
        if (!isCut) cutHooks()
        isCut = true
        const measured = await measure(n)
        if (hooks === 0 && !isQuick) throw new Error('no hook was found to cut out')
        return measured
      },
    },
    'all attached': {
      units: 400_000,
      measure: async (n) => {
        const { attachTracer } = await import('../src/runtime/tracer.ts')
        if (!isAttached) attachTracer(() => {})
        isAttached = true
        return measure(n)
      },
      note: 'its ratio says how much dearer every event is when somebody takes it',
    },
  },
})
