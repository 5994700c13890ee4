import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { InspectionClient } from '../../../src/actors/inspection/inspection-client.ts'
import { parseRequest, type TraceLine } from '../../../src/actors/inspection/inspection-protocol.ts'
import { InspectionServer } from '../../../src/actors/inspection/inspection-server.ts'
import { socketFiles, socketPath } from '../../../src/actors/inspection/inspection-socket.ts'
import type { ServerStatus } from '../../../src/behaviours/callbacks.ts'
import {
  type Call,
  call,
  type From,
  GenServer,
  start,
  startLink,
  stop,
} from '../../../src/behaviours/gen-server.ts'
import { send, spawn } from '../../../src/runtime/process.ts'
import { exit } from '../../../src/runtime/signal.ts'
import { Supervisor } from '../../../src/supervisors/supervisor.ts'

type VaultCall = Call<'open', { code: string }, boolean>

class Vault extends GenServer<{ secret: string; opened: number }, VaultCall> {
  init() {
    return { state: { secret: '1234', opened: 0 } }
  }
  override handleCall(
    { code }: VaultCall,
    _from: From<boolean>,
    state: { secret: string; opened: number },
  ) {
    return { reply: code === state.secret, state: { ...state, opened: state.opened + 1 } }
  }
  override formatStatus(status: ServerStatus<{ secret: string; opened: number }>) {
    return { ...status, state: { ...status.state, secret: '***' } }
  }
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'arbor-run-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function attached(name = 'test') {
  const run = folder()
  const server = await start(new InspectionServer({ name, folder: run }))
  const path = socketPath(run, name, process.pid)
  const client = await InspectionClient.connect(path)
  onTestFinished(async () => {
    client.close()
    await stop(server)
  })
  return { client, path, run, server }
}

describe('the socket', () => {
  it('can be opened by its owner only', async () => {
    const { path, run } = await attached()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(socketFiles(run)).toEqual([{ path, name: 'test', osPid: process.pid }])
  })

  it('of a process that is gone is removed', () => {
    const run = folder()
    writeFileSync(join(run, 'gone-999999999.sock'), '')
    expect(socketFiles(run)).toEqual([])
    expect(() => statSync(join(run, 'gone-999999999.sock'))).toThrow('ENOENT')
  })

  it('in a folder that others may write to is refused', async () => {
    const run = folder()
    const { chmodSync } = await import('node:fs')
    chmodSync(run, 0o777)
    const failed = start(new InspectionServer({ name: 'open', folder: run }))
    await expect(failed).rejects.toMatchObject({ cause: { code: 'inspection_failed' } })
  })

  it('of a server killed while it begins to listen is closed', async () => {
    const run = folder()
    const server = new InspectionServer({ name: 'killed', folder: run })
    const starting = start(server).catch((failure: Error) => failure.name)
    exit(server.self, 'kill')
    expect(await starting).toBe('StartError')
    const path = socketPath(run, 'killed', process.pid)
    await expect
      .poll(() => InspectionClient.connect(path).catch((f) => f.code))
      .toBe('not_attached')
  })

  it('is gone with its server', async () => {
    const run = folder()
    const server = await start(new InspectionServer({ name: 'short', folder: run }))
    const path = socketPath(run, 'short', process.pid)
    await stop(server)
    await expect(InspectionClient.connect(path)).rejects.toMatchObject({ code: 'not_attached' })
  })

  it('is closed on who sends no request, or a long line', async () => {
    const { path } = await attached()
    for (const text of ['hello\n', '{"id":1}\n', `${'x'.repeat(10_000)}\n`]) {
      const socket = connect(path)
      const closed = new Promise((done) => socket.once('close', done))
      socket.on('error', () => {})
      socket.write(text)
      await closed
    }
  })
})

describe('processes', () => {
  it('are listed, the busiest first, with what they are', async () => {
    const { client } = await attached()
    const vault = start(new Vault(), { name: 'vault' })
    for (let i = 0; i < 50; i++) await call(vault, { type: 'open', code: '' })
    const { processes, node } = await client.ask({
      op: 'processes',
      sort: 'reductions',
      limit: 10_000,
    })
    const line = processes.find(({ pid }) => pid === vault.id)
    expect(line).toMatchObject({ name: 'vault', behaviour: 'Vault', mailboxLength: 0 })
    expect(line?.reductions).toBeGreaterThanOrEqual(50)
    const reductions = processes.map((process) => process.reductions)
    expect(reductions).toEqual(reductions.toSorted((a, b) => b - a))
    expect(node).toMatchObject({ name: 'test', osPid: process.pid, processes: processes.length })
    const [most] = (await client.ask({ op: 'processes', sort: 'reductions', limit: 1 })).processes
    expect(most).toBeDefined()
    await stop(vault)
  })

  it('that lived before are found along names, supervisors and links', async () => {
    const tree = await start(
      new Supervisor({ children: [{ id: 'vault', start: () => startLink(new Vault()) }] }),
      { name: 'older-tree' },
    )
    const { client } = await attached()
    const trees = await client.ask({ op: 'tree' })
    const root = trees.find(({ pid }) => pid === tree.id)
    expect(root).toMatchObject({ name: 'older-tree', behaviour: 'Supervisor' })
    expect(root?.children.map(({ behaviour }) => behaviour)).toEqual(['Vault'])
    await stop(tree)
  })

  it('that lived before are found from the server itself, as its supervisor', async () => {
    const run = folder()
    const inspection = () => startLink(new InspectionServer({ name: 'child', folder: run }))
    const tree = await start(
      new Supervisor({
        children: [
          { id: 'vault', start: () => startLink(new Vault()) },
          { id: 'inspection', start: inspection },
        ],
      }),
    )
    const client = await InspectionClient.connect(socketPath(run, 'child', process.pid))
    const trees = await client.ask({ op: 'tree' })
    const root = trees.find(({ pid }) => pid === tree.id)
    expect(root?.children.map(({ behaviour }) => behaviour)).toEqual(['Vault', 'InspectionServer'])
    client.close()
    await stop(tree)
  })

  it('that have ended are gone', async () => {
    const { client } = await attached()
    const vault = start(new Vault())
    await stop(vault)
    const { processes } = await client.ask({ op: 'processes', sort: 'memoryBytes', limit: 10_000 })
    expect(processes.some(({ pid }) => pid === vault.id)).toBe(false)
  })
})

describe('inspect', () => {
  it('shows a server with its state as formatStatus lets it be seen', async () => {
    const { client } = await attached()
    const vault = start(new Vault(), { name: 'vault' })
    const details = await client.ask({ op: 'inspect', pid: 'vault' })
    expect(details).toMatchObject({ pid: vault.id, behaviour: 'Vault', trapExit: false })
    expect(details.state).toBe("{ secret: '***', opened: 0 }")
    const byNumber = await client.ask({ op: 'inspect', pid: vault.id })
    expect(byNumber).toEqual({ ...details, reductions: byNumber.reductions })
    await stop(vault)
  })

  it('shows a plain process without a state', async () => {
    const { client } = await attached()
    const pid = spawn(() => {})
    expect(await client.ask({ op: 'inspect', pid: pid.id })).toMatchObject({ state: null })
    exit(pid, 'kill')
  })

  it('of nobody is refused', async () => {
    const { client } = await attached()
    await expect(client.ask({ op: 'inspect', pid: 'nobody' })).rejects.toMatchObject({
      code: 'noproc',
      message: 'there is no process nobody: see arbor top',
    })
  })
})

describe('trace', () => {
  it('is refused beyond what one connection may follow', async () => {
    const { client } = await attached()
    const echo = spawn(() => {})
    for (let i = 0; i < 16; i++) void client.trace(echo.id, () => {}).catch(() => {})
    const refused = client.trace(echo.id, () => {})
    await expect(refused).rejects.toMatchObject({ code: 'too_many_traces' })
    exit(echo, 'kill')
  })

  it('tells what a process does until it ends', async () => {
    const { client } = await attached()
    const echo = spawn((message: unknown) => {
      if (message === 'stop') exit('normal')
    })
    const lines: TraceLine[] = []
    const following = client.trace(echo.id, (line) => {
      if ('type' in line) lines.push(line)
    })
    // Answered after the trace has begun, on the same socket.
    await client.ask({ op: 'node' })
    send(echo, 'hello')
    send(echo, 'stop')
    await following
    expect(lines.map(({ type }) => type)).toEqual(['receive', 'receive', 'exit'])
    expect(lines.map(({ text }) => text)).toEqual([
      "message 'hello'",
      "message 'stop'",
      "reason 'normal'",
    ])
  })
})

describe('parseRequest', () => {
  it.each([
    ['{"id":1,"request":{"op":"node"}}', { op: 'node' }],
    ['{"id":1,"request":{"op":"trace","pid":3}}', { op: 'trace', pid: 3 }],
  ])('takes %s', (line, request) => {
    expect(parseRequest(line)).toEqual({ id: 1, request })
  })

  it.each([
    'null',
    '[]',
    '{"id":"1","request":{"op":"node"}}',
    '{"id":1,"request":{"op":"shutdown"}}',
    '{"id":1,"request":{"op":"inspect"}}',
    '{"id":1,"request":{"op":"processes","sort":"pid","limit":1}}',
    '{"id":1,"request":{"op":"processes","sort":"reductions","limit":0}}',
  ])('refuses %s', (line) => {
    expect(parseRequest(line)).toBeNull()
  })
})
