import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ProcessTree } from '../../src/actors/inspection/process-tree.ts'
import { drawTree } from '../../src/cli/commands/tree.ts'
import { arbor, emptyFolder, eventsOf, startArbor } from './arbor.ts'

const shop = `
  import { GenServer, send, start, startLink, Supervisor } from 'arbor'
  class Till extends GenServer<number> {
    init() { return { state: 5, timeoutMs: 10 } }
    override handleInfo(_: unknown, count: number) { return { state: count, timeoutMs: 10 } }
  }
  await start(
    new Supervisor({ children: [{ id: 'till', start: () => startLink(new Till(), { name: 'till' }) }] }),
    { name: 'shop' },
  )
`

/** Runs a program under \`arbor dev\`, which can be inspected. */
async function running() {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'shop.ts'), shop)
  const child = startArbor(['dev', 'shop.ts', '--json'], { cwd })
  for await (const { event } of eventsOf(child)) if (event === 'watching') break
  return { cwd, child }
}

describe('a running node', () => {
  it('is shown by top, tree, inspect and trace', async () => {
    const { cwd, child } = await running()
    const top = await arbor(['top', '--json'], { cwd })
    const { node, processes } = JSON.parse(top.stdout)
    expect(node.name).toBe('shop')
    expect(processes.map(({ name }: { name: string | null }) => name)).toContain('till')

    const table = await arbor(['top', '--sort', 'mailbox', '--limit', '3'], { cwd })
    expect(table.stdout.split('\n')[0]).toMatch(/^shop \(\d+\) · up .* processes · run queue/)
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(6)

    const tree = await arbor(['tree'], { cwd })
    expect(tree.stdout).toMatch(/shop Supervisor <\d+>\n└─ till Till <\d+>/)

    const inspected = await arbor(['inspect', 'till'], { cwd })
    expect(inspected.stdout).toMatch(/^pid +\d+\n/)
    expect(inspected.stdout).toMatch(/\nbehaviour +Till\n/)
    expect(inspected.stdout).toMatch(/\nstate +5\n$/)

    const trace = startArbor(['trace', 'till', '--json'], { cwd })
    for await (const { event, type } of eventsOf(trace)) {
      expect(event).toBe('trace')
      if (type === 'receive') break
    }
    trace.kill('SIGTERM')
    child.kill('SIGTERM')
  })

  it('that is not there is a sentence and exit code 2', async () => {
    const { code, stderr } = await arbor(['tree'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^arbor: no node runs here that can be inspected: .*\.\n$/)
  })

  it('is not asked for a column it does not have', async () => {
    const { code, stderr } = await arbor(['top', '--sort', 'colour'])
    expect(code).toBe(2)
    expect(stderr).toBe('arbor: --sort colour: take one of mailbox, reductions, memory.\n')
  })
})

describe('drawTree', () => {
  it('draws branches', () => {
    const leaf = (pid: number, children: ProcessTree[] = []): ProcessTree => ({
      pid,
      name: null,
      behaviour: 'Echo',
      status: 'idle',
      mailboxLength: pid === 4 ? 2 : 0,
      reductions: 0,
      memoryBytes: 0,
      children,
    })
    expect(drawTree(leaf(1, [leaf(2, [leaf(3)]), leaf(4)]))).toEqual([
      'Echo <1>',
      '├─ Echo <2>',
      '│  └─ Echo <3>',
      '└─ Echo <4>  2 waiting',
    ])
  })
})
