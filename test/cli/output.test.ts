// What becomes of a command when nobody takes what it prints.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { binary, emptyFolder, ended, startArbor } from './arbor.ts'

const endless = ['--task', 'xor', '--keep-going', '--json']

describe('a command whose reader has gone', () => {
  it.each([
    ['evolve', ...endless],
    ['brain', '--nodes', '2', ...endless],
  ])('%s stops in order and leaves its results', async (...args) => {
    const cwd = emptyFolder()
    const child = startArbor(args, { cwd })
    const end = ended(child)
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"generation"')) break
    }
    child.stdout.destroy()
    expect(await end).toMatchObject({ code: 141, stderr: '' })
    expect(readdirSync(join(cwd, 'arbor-out'))).toEqual(
      expect.arrayContaining(['champion.json', 'fitness.svg', 'network.svg']),
    )
    expect(readdirSync(cwd)).toEqual(['arbor-out'])
  })
})

describe.runIf(process.platform === 'linux')('a command whose output cannot be written', () => {
  it('says so in one sentence and ends', async () => {
    const cwd = emptyFolder()
    const args = [binary, 'evolve', ...endless]
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', full, 'pipe'] })
    let stderr = ''
    child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
    const [code] = await once(child, 'close')
    expect(stderr).toMatch(/^arbor: cannot write to standard output \(ENOSPC\): [^\n]+\n$/)
    expect(code).toBe(1)
  })
})
