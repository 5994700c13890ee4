// How commands that run until told otherwise are told.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyFolder, ended, eventsOf, startArbor } from './arbor.ts'

const endless = ['--task', 'xor', '--keep-going', '--json']

async function untilGeneration(child: ReturnType<typeof startArbor>): Promise<void> {
  for await (const { event } of eventsOf(child)) if (event === 'generation') return
}

describe('Ctrl-C', () => {
  it.each([
    ['evolve', ...endless],
    ['brain', '--nodes', '2', ...endless],
  ])('ends %s with the best so far, also when it comes twice', async (...args) => {
    const cwd = emptyFolder()
    const child = startArbor(args, { cwd })
    const end = ended(child)
    await untilGeneration(child)
    // As npm does: the terminal has sent it already.
    child.kill('SIGINT')
    child.kill('SIGINT')
    const { code, stdout } = await end
    expect(code).toBe(130)
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ event: 'done' })
    const champion = JSON.parse(readFileSync(join(cwd, 'arbor-out', 'champion.json'), 'utf8'))
    expect(champion).toMatchObject({ task: 'xor', fitness: expect.any(Number) })
    expect(readdirSync(cwd)).toEqual(['arbor-out'])
  })
})

describe('a program with a parent', () => {
  const stationArguments = ['station', 'start', '--port', '0', '--json', '--until-stdin-ends']

  it('ends when its stdin does', async () => {
    const child = startArbor(stationArguments)
    const end = ended(child)
    const listening = await eventsOf(child).next()
    expect(listening.value).toMatchObject({ event: 'listening' })
    child.kill('SIGINT')
    child.stdin.end()
    expect(await end).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends when its work is done, though stdin is open', async () => {
    const id = 'a'.repeat(64)
    const child = startArbor([
      ...['node', 'start', '--until-stdin-ends', '--station', '127.0.0.1:9', '--station-id', id],
      ...['--task', 'xor', '--population', '10', '--generations', '2', '--json'],
    ])
    expect(await ended(child)).toMatchObject({ code: 0 })
  })
})
