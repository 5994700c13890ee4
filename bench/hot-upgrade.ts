// What does it cost to take 100,000 living servers to a newer version of their class, each with its
// state: in one pass by the code server, and one after the other by `changeCode`? And are calls
// slower afterwards?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CodeServer } from '../src/behaviours/code-server.ts'
import {
  type Call,
  call,
  changeCode,
  type GenServer,
  type ServerPid,
  start,
  stop,
} from '../src/behaviours/gen-server.ts'
import { exit } from '../src/runtime/signal.ts'
import { ask, cpuNs } from './question.ts'

type CounterCall = Call<'get', object, number>
type CounterClass = new () => GenServer<number, CounterCall> & {
  init(): { readonly state: number }
}

const source = new URL('../src/behaviours/gen-server.ts', import.meta.url).href
const folder = mkdtempSync(join(tmpdir(), 'arbor-upgrade-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Modules so far: each round has one of its own. */
let modules = 0

/** A module whose servers add `version` to their state when they come to it. */
function moduleText(version: number): string {
  return `import { GenServer } from '${source}'
export class Counter extends GenServer<number> {
  init() {
    return { state: 0 }
  }
  override handleCall(_: unknown, __: unknown, state: number) {
    return { reply: state, state }
  }
  override codeChange(_: unknown, state: number): number {
    return state + ${version}
  }
}
`
}

function nextFile(): string {
  modules++
  return join(folder, `counter-${modules}.ts`)
}

async function classOf(file: string): Promise<CounterClass> {
  const { Counter }: { Counter: CounterClass } = await import(pathToFileURL(file).href)
  return Counter
}

/** Nanoseconds of a call to a server, asking one after the other. */
function calls(servers: readonly ServerPid<CounterCall>[], state: number): Promise<number> {
  return cpuNs(servers.length, async () => {
    for (const server of servers) {
      if ((await call(server, { type: 'get' })) !== state) throw new Error('a state is lost')
    }
  })
}

function kill(servers: readonly ServerPid<CounterCall>[]): void {
  for (const server of servers) exit(server, 'kill')
}

async function byCodeServer(units: number): Promise<Record<string, number>> {
  const file = nextFile()
  writeFileSync(file, moduleText(0))
  const code = start(new CodeServer())
  await CodeServer.load(code, pathToFileURL(file))
  const Counter = await classOf(file)
  const servers = Array.from({ length: units }, () => start(new Counter()))
  const before = await calls(servers, 0)
  writeFileSync(file, moduleText(1))
  const upgrade = await cpuNs(units, () => CodeServer.upgrade(code, pathToFileURL(file)))
  const after = await calls(servers, 1)
  kill(servers)
  await stop(code)
  return { 'a server': upgrade, 'a call before': before, 'a call afterwards': after }
}

async function oneByOne(units: number): Promise<Record<string, number>> {
  const [oldFile, newFile] = [nextFile(), nextFile()]
  writeFileSync(oldFile, moduleText(0))
  writeFileSync(newFile, moduleText(1))
  const [Old, New] = [await classOf(oldFile), await classOf(newFile)]
  const servers = Array.from({ length: units }, () => start(new Old()))
  const before = await calls(servers, 0)
  const upgrade = await cpuNs(units, () =>
    Promise.all(servers.map((server) => changeCode(server, new New()))),
  )
  const after = await calls(servers, 1)
  kill(servers)
  return { 'a server': upgrade, 'a call before': before, 'a call afterwards': after }
}

const unit = 'ns'
await ask({
  name: 'hot upgrade of all at once',
  unit,
  contestants: {
    arbor: {
      units: 100_000,
      measure: byCodeServer,
      note: 'reading and compiling the module included',
    },
    erlang: { units: 100_000, module: 'upgrading', note: 'suspend, change_code, resume of each' },
  },
})
await ask({
  name: 'hot upgrade of each',
  unit,
  contestants: { arbor: { units: 100_000, measure: oneByOne } },
})
