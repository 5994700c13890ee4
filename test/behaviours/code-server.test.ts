import { describe, expect, it } from 'vitest'
import { runProgram } from '../node-program.ts'

/** A server whose greeting tells its version; `TEXT` stands for it. */
const greeter = `
  import { GenServer } from '$src/behaviours/gen-server.ts'
  import { mark } from './mark.ts'
  export class Greeter extends GenServer {
    init() { return { state: { seen: 0 } } }
    handleCall(request, _from, state) {
      return { reply: 'TEXT' + mark + state.seen, state: { seen: state.seen + 1 } }
    }
    codeChange(_old, state, extra) {
      if (extra === 'fail' && state.seen > 1) throw new Error('no')
      return { seen: state.seen + 100 }
    }
  }
`
const mark = `export const mark = '!'`

/** What every program begins with. */
const prelude = `
  import { writeFileSync } from 'node:fs'
  import { CodeServer } from '$src/behaviours/code-server.ts'
  import { call, start, startLink, stop } from '$src/behaviours/gen-server.ts'
  import { setLogger } from '$src/runtime/logger.ts'
  import { exit } from '$src/runtime/signal.ts'
  import { isAlive } from '$src/runtime/process.ts'
  import { Supervisor } from '$src/supervisors/supervisor.ts'
  setLogger(null)
  const url = new URL('./greeter.ts', import.meta.url)
  const edit = (text, name = 'greeter.ts') =>
    writeFileSync(new URL(name, url), text)
  const greeter = ${JSON.stringify(greeter)}
  const code = start(new CodeServer())
  const ask = (pid) => call(pid, { type: 'greet' })
  const codeOf = (promise) => promise.then(() => 'done', (error) => error.code)
`

const run = (main: string): Promise<unknown> =>
  runProgram({
    'greeter.ts': greeter.replace('TEXT', 'one'),
    'mark.ts': mark,
    'main.ts': `${prelude}\n${main}\nconsole.log(JSON.stringify(seen))`,
  })

describe('load', () => {
  it('imports a module and gives its exported classes versions', async () => {
    const seen = await run(`
      const { module, ...seen } = await CodeServer.load(code, url)
    `)
    expect(seen).toEqual({ version: 1, classes: ['Greeter'], instances: 0, old: [] })
  })

  it('refuses what does not compile with load_failed', async () => {
    const seen = await run(`
      edit('export class {')
      const seen = await codeOf(CodeServer.load(code, url))
    `)
    expect(seen).toBe('load_failed')
  })
})

describe('upgrade', () => {
  it('takes living servers along, and the supervisor restarts with the newest code', async () => {
    const seen = await run(`
      const { Greeter } = await import(url.href)
      await CodeServer.load(code, url)
      const spec = { id: 'greeter', start: () => startLink(new Greeter(), { name: 'greeter' }) }
      const tree = await start(new Supervisor({ children: [spec] }))
      const seen = [await ask('greeter')]
      edit(greeter.replace('TEXT', 'two'))
      const { instances, modules } = await CodeServer.upgrade(code, url)
      seen.push(instances, modules[0].version, await ask('greeter'))
      const [child] = await Supervisor.whichChildren(tree)
      exit(child.pid, 'kill')
      await Supervisor.whichChildren(tree)
      seen.push(await ask('greeter'))
      await stop(tree)
    `)
    expect(seen).toEqual(['one!0', 1, 2, 'two!101', 'two!0'])
  })

  it('that does not compile, or whose codeChange throws, leaves all as it was', async () => {
    const seen = await run(`
      const { Greeter } = await import(url.href)
      await CodeServer.load(code, url)
      const pids = [start(new Greeter()), start(new Greeter()), start(new Greeter())]
      await ask(pids[1])
      await ask(pids[1])
      edit('export class {')
      const seen = [await codeOf(CodeServer.upgrade(code, url))]
      edit(greeter.replace('TEXT', 'bad'))
      seen.push(await codeOf(CodeServer.upgrade(code, url, { extra: 'fail' })))
      for (const pid of pids) seen.push(await ask(pid))
      const later = start(new Greeter())
      seen.push(await ask(later), (await CodeServer.modules(code))[0].version)
      edit(greeter.replace('TEXT', 'good'))
      seen.push((await CodeServer.upgrade(code, url)).instances, await ask(later))
      for (const pid of [...pids, later]) await stop(pid)
    `)
    const failed = ['load_failed', 'code_change_failed']
    expect(seen).toEqual([...failed, 'one!0', 'one!2', 'one!0', 'one!0', 1, 4, 'good!101'])
  })

  it('loads changed imports, and knows who imports them', async () => {
    const seen = await run(`
      const { Greeter } = await import(url.href)
      await CodeServer.load(code, url)
      const pid = start(new Greeter())
      edit("export const mark = '?'", 'mark.ts')
      const affected = await CodeServer.affectedBy(code, new URL('mark.ts', url))
      const names = affected.map((module) => module.split('/').at(-1))
      await CodeServer.upgrade(code, affected.slice(0, 2))
      const seen = [names, await ask(pid)]
      await stop(pid)
    `)
    expect(seen).toEqual([['mark.ts', 'greeter.ts', 'main.ts'], 'one?100'])
  })

  it('is refused while servers run a class that is gone, until they are purged', async () => {
    const seen = await run(`
      const { Greeter } = await import(url.href)
      await CodeServer.load(code, url)
      const pid = start(new Greeter())
      edit('export const nothing = 1')
      await CodeServer.upgrade(code, url)
      const seen = [await ask(pid), await codeOf(CodeServer.upgrade(code, url))]
      seen.push((await CodeServer.modules(code))[0].old.length)
      seen.push(await CodeServer.purge(code, url), isAlive(pid))
      edit(greeter.replace('TEXT', 'back'))
      seen.push(await codeOf(CodeServer.upgrade(code, url)))
      const again = start(new Greeter())
      seen.push(await ask(again))
      await stop(again)
    `)
    expect(seen).toEqual(['one!0', 'old_code_in_use', 1, 1, false, 'done', 'back!0'])
  })

  it('of two code servers happens on both or on none', async () => {
    const seen = await run(`
      const { Greeter } = await import(url.href)
      await CodeServer.load(code, url)
      const other = start(new CodeServer())
      const pid = start(new Greeter())
      edit(greeter.replace('TEXT', 'two'))
      const others = [other]
      const seen = [await codeOf(CodeServer.upgrade(code, url, { others: ['nobody'] }))]
      seen.push(await ask(pid))
      await CodeServer.load(other, url)
      seen.push(await codeOf(CodeServer.upgrade(code, url, { others })), await ask(pid))
      await stop(pid)
    `)
    expect(seen).toEqual(['noproc', 'one!0', 'done', 'two!101'])
  })
})
