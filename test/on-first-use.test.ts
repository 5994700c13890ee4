import { describe, expect, it } from 'vitest'
import { runProgram } from './node-program.ts'

/** Imports the public door, uses it, and tells which packages have been loaded each time. */
const loads = (use: string) => ({
  'job.ts': 'export default () => 1',
  'main.ts': `
    import { registerHooks } from 'node:module'
    const loaded = new Set()
    registerHooks({
      load(url, context, next) {
        const [, name] = url.match(/.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/) ?? []
        if (name !== undefined) loaded.add(name)
        else if (/\\/src\\/(mesh|evolution\\/population|node\\.ts)/.test(url)) loaded.add('ours')
        return next(url, context)
      },
    })
    const arbor = await import('$src/index.ts')
    const isHttp = () => process.moduleLoadList.includes('NativeModule _http_server')
    const first = [...loaded, ...(isHttp() ? ['http'] : [])]
    ${use}
    console.log(JSON.stringify({ first, later: [...loaded], isHttp: isHttp() }))
  `,
})

describe('the public door', () => {
  it('loads no package, no HTTP, and neither mesh nor evolution before they are used', async () => {
    const node = `
      const node = await arbor.startNode({})
      await node.stop()`
    expect(await runProgram(loads(node))).toMatchObject({ first: [], later: ['ours'] })
  })

  it('loads what a service listens with when one does', async () => {
    const service = `
      class Quiet extends arbor.Service {
        info() { return { name: 'quiet', version: '1.0.0', description: 'is there' } }
        capabilities() { return [] }
        identitySpec() {
          return { scope: 'quiet', actions: ['rpc/serve'], resources: ['quiet/*'], ttlDays: 1 }
        }
        start() { return 0 }
        stop() {}
        health() { return arbor.ok() }
      }
      const quiet = await arbor.startService(new Quiet(), { port: 0 })
      await (await fetch('http://127.0.0.1:' + quiet.port + '/metrics')).text()
      await quiet.stop()`
    const { later, isHttp } = (await runProgram(loads(service))) as {
      later: string[]
      isHttp: boolean
    }
    expect(later).toContain('prom-client')
    expect(isHttp).toBe(true)
  })

  it('loads the packages of threads, pools and machines with the first of each', async () => {
    const use = `
      const threads = await arbor.startSchedulers({ count: 1 })
      await arbor.stop(threads, 'shutdown')
      const pool = new arbor.DirtyPool({ filename: new URL('job.ts', import.meta.url), threads: 1 })
      await pool.run(null)
      await pool.close()
      const { createMachine } = await import('$src/../node_modules/xstate/dist/xstate.cjs.mjs')
      const machine = arbor.start(new arbor.XstateMachine(createMachine({})))
      await arbor.stop(machine)`
    const { later } = (await runProgram(loads(use))) as { later: string[] }
    expect(later).toEqual(expect.arrayContaining(['cbor-x', 'piscina', 'xstate']))
  })
})
