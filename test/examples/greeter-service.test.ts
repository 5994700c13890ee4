// The example is a program: it serves, and Ctrl-C stops it in order.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'

it('greets, serves its health and stops on SIGTERM', async () => {
  const args = ['--conditions=arbor-source', 'examples/greeter-service.ts']
  const program = spawn(process.execPath, args, { env: { ...process.env, PORT: '0' } })
  onTestFinished(() => {
    program.kill('SIGKILL')
  })
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('hello Ada')
  const health = String((await lines.next()).value)
  const response = await fetch(health)
  expect([response.status, await response.json()]).toEqual([
    200,
    { name: 'greeter', version: '1.0.0', description: 'says hello', status: 'ok' },
  ])
  const metrics = await (await fetch(health.replace('/health', '/metrics'))).text()
  expect(metrics).toContain('greetings_total{service="greeter"} 1\n')
  program.kill('SIGTERM')
  expect(await once(program, 'exit')).toEqual([0, null])
})
