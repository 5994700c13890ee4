// The example is a program: it evolves on two threads, which import its task.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('evolves for a task of its own on worker threads, and gets better', async () => {
  const args = ['--conditions=arbor-source', 'examples/own-task.ts']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const fitness = stdout
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]))
  // It ends when the task is solved.
  expect(fitness.length).toBeGreaterThan(1)
  expect(fitness.at(-1)).toBeGreaterThan(fitness[0]!)
})
