// What do nact's programs cost on our layer, and what on nact itself: a message, a query, an actor?
import * as nact from 'nact'
import * as layer from '../src/nact/index.ts'
import { setLogger } from '../src/runtime/logger.ts'
import { ask, cpuNs } from './question.ts'

/** What both can do, as this file uses it. */
type Api = Pick<typeof layer, 'start' | 'spawn' | 'spawnStateless' | 'dispatch' | 'query' | 'stop'>

const theirs = nact as object as Api

interface Ask {
  readonly replyTo: layer.Ref<number>
}

async function pingPong(api: Api, units: number): Promise<void> {
  const system = api.start()
  await new Promise<void>((done) => {
    const play = (name: string, other: () => layer.Ref<number>): layer.Ref<number> =>
      api.spawn(
        system,
        (state: null, left: number): null => {
          if (left === 0) done()
          else api.dispatch(other(), left - 1)
          return state
        },
        name,
      )
    const ping = play('ping', () => pong)
    const pong = play('pong', () => ping)
    api.dispatch(ping, units)
  })
  await api.stop(system)
}

/** Functions that await pay for being tracked. */
async function asyncMessages(api: Api, units: number): Promise<void> {
  const system = api.start()
  await new Promise<void>((done) => {
    const actor: layer.Ref<number> = api.spawn(system, async (_: null, left: number) => {
      await null
      if (left === 0) done()
      else api.dispatch(actor, left - 1)
      return null
    })
    api.dispatch(actor, units)
  })
  await api.stop(system)
}

async function queries(api: Api, units: number): Promise<void> {
  const system = api.start()
  const counter = api.spawn(system, (count: number = 0, { replyTo }: Ask): number => {
    api.dispatch(replyTo, count)
    return count + 1
  })
  const request = (replyTo: layer.Ref<number>): Ask => ({ replyTo })
  for (let i = 0; i < units; i++) await api.query(counter, request, 5_000)
  await api.stop(system)
}

async function spawning(api: Api, units: number): Promise<number> {
  const system = api.start()
  const idle = (state: null, _: string): null => state
  const ns = await cpuNs(units, () => {
    for (let i = 0; i < units; i++) api.spawn(system, idle, `actor-${i}`)
  })
  await api.stop(system)
  return ns
}

const contestants = (
  units: number,
  measure: (api: Api, units: number) => Promise<number>,
): Parameters<typeof ask>[0]['contestants'] => ({
  arbor: { units: units * 4, measure: (n) => measure(layer, n) },
  nact: { units, measure: (n) => measure(theirs, n) },
})

setLogger(null)
const timed = (work: (api: Api, units: number) => Promise<void>) => (api: Api, units: number) =>
  cpuNs(units, () => work(api, units))
await ask({
  name: 'nact: a message',
  unit: 'ns',
  contestants: contestants(150_000, timed(pingPong)),
})
await ask({
  name: 'nact: a message to a function that awaits',
  unit: 'ns',
  contestants: contestants(100_000, timed(asyncMessages)),
})
await ask({ name: 'nact: a query', unit: 'ns', contestants: contestants(100_000, timed(queries)) })
await ask({
  name: 'nact: starting an actor',
  unit: 'ns',
  contestants: {
    arbor: { units: 50_000, measure: (n) => spawning(layer, n) },
    nact: { units: 50_000, measure: (n) => spawning(theirs, n) },
  },
})
