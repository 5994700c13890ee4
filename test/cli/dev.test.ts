import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbor, emptyFolder, eventsOf, startArbor } from './arbor.ts'

const counter = (step: string) => `
  import { GenServer } from 'arbor'
  import { step } from './step.ts'
  export class Counter extends GenServer<number> {
    init() { return { state: 0, timeoutMs: 5 } }
    override handleInfo(_: unknown, count: number) {
      console.log(JSON.stringify({ event: 'count', step: '${step}' + step, count }))
      return { state: count + 1, timeoutMs: 5 }
    }
  }
`
const main = `
  import { start } from 'arbor'
  import { Counter } from './counter.ts'
  start(new Counter())
`

function program() {
  const folder = emptyFolder()
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('counter.ts', counter('one'))
  write('step.ts', 'export const step: string = "!"')
  write('main.ts', main)
  return { folder, write }
}

describe('arbor dev', () => {
  it('upgrades servers when a file is saved, and survives one that does not compile', async () => {
    const { folder, write } = program()
    const child = startArbor(['dev', 'main.ts', '--json'], { cwd: folder })
    const story: unknown[] = []
    let counted = -1
    for await (const { event, ...facts } of eventsOf(child)) {
      if (event === 'count') {
        // The state goes on through all of it.
        expect(facts.count).toBe(counted + 1)
        counted++
        if (story.at(-1) !== facts.step) story.push(facts.step)
        if (facts.step === 'two?') break
        continue
      }
      story.push(event)
      if (event === 'watching') write('counter.ts', 'export class {')
      if (event === 'failed') write('counter.ts', counter('two'))
      if (event === 'upgraded' && facts.instances === 1 && story.includes('two!')) continue
      if (event === 'upgraded') write('step.ts', 'export const step: string = "?"')
    }
    child.kill('SIGTERM')
    const order = ['one!', 'watching', 'failed', 'upgraded', 'two?']
    expect(order.every((entry) => story.includes(entry))).toBe(true)
    expect(story.indexOf('failed')).toBeLessThan(story.indexOf('upgraded'))
  })

  it('asks for a restart when the entry changes', async () => {
    const { folder, write } = program()
    const child = startArbor(['dev', 'main.ts', '--json'], { cwd: folder })
    for await (const { event, module } of eventsOf(child)) {
      if (event === 'watching') write('main.ts', `${main}// changed`)
      if (event !== 'restart_needed') continue
      expect(module).toBe('main.ts')
      break
    }
    child.kill('SIGTERM')
  })

  it('refuses an entry that is not there with a sentence and exit code 2', async () => {
    const { code, stderr } = await arbor(['dev', 'nothing.ts'])
    expect(code).toBe(2)
    expect(stderr).toBe(
      'arbor: there is no file nothing.ts: name the module that starts your program.\n',
    )
  })

  it('tells of an entry that does not load with a sentence and exit code 1', async () => {
    const { folder, write } = program()
    write('main.ts', 'import "./missing.ts"')
    const { code, stderr } = await arbor(['dev', 'main.ts'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^arbor: .*main\.ts did not load, .*missing\.ts.*\n$/)
  })
})
