import { describe, expect, it } from 'vitest'
import { runProgram } from '../node-program.ts'

const greeter = `
  import { GenServer } from '$src/behaviours/gen-server.ts'
  export class Greeter extends GenServer {
    init() { return { state: 0 } }
    handleCall(request, _from, seen) {
      if (request.type === 'fail') return { reply: 'will', state: -1 }
      return { reply: 'TEXT ' + seen, state: seen + 1 }
    }
    codeChange(_old, seen) {
      if (seen < 0) throw new Error('unlucky')
      return seen + 100
    }
  }
`

const main = (body: string): string => `
  import { writeFileSync } from 'node:fs'
  import { CODE_SERVER, CodeServer } from '$src/behaviours/code-server.ts'
  import { call, start, stop } from '$src/behaviours/gen-server.ts'
  import { setLogger } from '$src/runtime/logger.ts'
  import { spawn } from '$src/runtime/process.ts'
  import { codeServerPreload, upgradeEverywhere } from '$src/supervisors/code-servers.ts'
  import { drainScheduler, startSchedulers } from '$src/supervisors/scheduler-supervisor.ts'
  setLogger(null)
  const url = new URL('./greeter.ts', import.meta.url)
  const greeter = ${JSON.stringify(greeter)}
  const edit = (text) => writeFileSync(url, greeter.replace('TEXT', text))
  const preload = [codeServerPreload, new URL('./quiet.ts', import.meta.url)]
  const supervisor = await startSchedulers({ count: 2, preload })
  start(new CodeServer(), { name: CODE_SERVER })
  await CodeServer.load(CODE_SERVER, url)
  const on = (scheduler) => spawn({ module: url, export: 'Greeter', scheduler })
  const { Greeter } = await import(url.href)
  const pids = [start(new Greeter()), await on(1), await on(2)]
  const ask = (type = 'greet') => Promise.all(pids.map((pid) => call(pid, { type })))
  const codeOf = (promise) => promise.then(() => 'done', (error) => error.code)
  ${body}
  await stop(supervisor, 'shutdown')
  console.log(JSON.stringify(seen))
  process.exit(0)
`

const run = (body: string): Promise<unknown> =>
  runProgram({
    'greeter.ts': greeter.replace('TEXT', 'one'),
    'quiet.ts': `import { setLogger } from '$src/runtime/logger.ts'\nsetLogger(null)`,
    'main.ts': main(body),
  })

describe('an upgrade of all threads', () => {
  it('takes servers of every thread along, and a drained thread starts with the newest', async () => {
    const seen = await run(`
      const seen = [...await ask()]
      edit('two')
      seen.push((await upgradeEverywhere(url)).instances, ...await ask())
      await stop(pids[1])
      await drainScheduler(1, { timeoutMs: 5000 })
      pids[1] = await on(1)
      seen.push(...await ask())
      edit('three')
      seen.push((await upgradeEverywhere(url)).instances, ...await ask())
    `)
    const first = ['one 0', 'one 0', 'one 0']
    const second = [3, 'two 101', 'two 101', 'two 101', 'two 102', 'two 0', 'two 102']
    const third = [3, 'three 203', 'three 101', 'three 203']
    expect(seen).toEqual([...first, ...second, ...third])
  })

  it('whose codeChange throws in one thread takes back all of them', async () => {
    const seen = await run(`
      await ask()
      await call(pids[2], { type: 'fail' })
      edit('two')
      const seen = [await codeOf(upgradeEverywhere(url))]
      seen.push(...await ask())
    `)
    expect(seen).toEqual(['code_change_failed', 'one 1', 'one 1', 'one -1'])
  })
})
