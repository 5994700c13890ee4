// The example is a program: its brains begin without the nose, and cannot do without it.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('finds a sensor of its body that no brain began with, in 20 lines', async () => {
  const args = ['--conditions=arbor-source', 'examples/own-body.ts']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(stdout).toMatch(/after \d+ generations, links from the nose: [1-9]/)
  expect(readFileSync('examples/own-body.ts', 'utf8').trim().split('\n').length).toBeLessThan(21)
})
