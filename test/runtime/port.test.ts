import { afterEach, describe, expect, it } from 'vitest'
import { GenServer, start } from '../../src/behaviours/gen-server.ts'
import { PORT_BACKLOG_MAX } from '../../src/limits.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import {
  openPort,
  osPid,
  type PortMessage,
  type PortOptions,
  type PortPid,
} from '../../src/runtime/port.ts'
import { processInfo, send, spawn } from '../../src/runtime/process.ts'
import { exit, trapExit, waitForExit } from '../../src/runtime/signal.ts'

/** A process that receives a port's messages, and can be waited for. */
class Receiver {
  readonly messages: PortMessage[] = []
  readonly pid: Pid<PortMessage>
  #waiting: { readonly until: (messages: PortMessage[]) => boolean; done: () => void } | null = null

  constructor() {
    this.pid = spawn((message: PortMessage) => {
      this.messages.push(message)
      if (this.#waiting?.until(this.messages) === true) this.#waiting.done()
    })
  }

  /** Waits until the messages fulfil a condition. */
  async until(condition: (messages: PortMessage[]) => boolean): Promise<void> {
    if (condition(this.messages)) return
    await new Promise<void>((done) => {
      this.#waiting = { until: condition, done }
    })
  }

  lines(): string[] {
    return this.messages.flatMap((m) => (m.type === 'line' ? [`${m.stream} ${m.line}`] : []))
  }
}

/** Runs a script in Node; `owner` and receiver are one process. */
function run(script: string, options: Partial<PortOptions> = {}): [PortPid, Receiver] {
  const receiver = new Receiver()
  const port = openPort({
    command: process.execPath,
    args: ['-e', script],
    owner: null,
    receiver: receiver.pid,
    ...options,
  })
  ports.push(port)
  return [port, receiver]
}

const ports: PortPid[] = []
afterEach(() => {
  for (const port of ports.splice(0)) exit(port, 'kill')
})

function isRunning(id: number | undefined): boolean {
  if (id === undefined) return false
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}

/** Waits until the operating system has forgotten a process. */
async function untilGone(id: number | undefined): Promise<void> {
  while (isRunning(id)) await new Promise((resolve) => setTimeout(resolve, 5))
}

const hasLine =
  (text: string) =>
  (messages: PortMessage[]): boolean =>
    messages.some((m) => m.type === 'line' && m.line === text)

describe('openPort', () => {
  it('delivers lines of both streams, then the status, and ends with it', async () => {
    const [port, receiver] = run(`
      console.log('one'); console.error('two'); process.stdout.write('thrée');
      process.exitCode = 3`)
    expect(await waitForExit(port)).toEqual({ exitStatus: 3 })
    await receiver.until((messages) => messages.length === 4)
    expect(receiver.lines().sort()).toEqual(['stderr two', 'stdout one', 'stdout thrée'])
    expect(receiver.messages.at(-1)).toEqual({
      type: 'exit_status',
      port,
      status: 3,
      signal: null,
    })
  })

  it('ends with normal when the program ends well', async () => {
    const [port] = run('')
    expect(await waitForExit(port)).toBe('normal')
    expect(osPid(port)).toBeUndefined()
  })

  it('ends with the signal that ended the program', async () => {
    const [port] = run('setInterval(() => {}, 1000); console.log("up")')
    process.kill(osPid(port) ?? 0, 'SIGKILL')
    expect(await waitForExit(port)).toEqual({ signal: 'SIGKILL' })
  })

  it('cuts lines beyond its bound', async () => {
    const [port, receiver] = run('console.log("x".repeat(1000)); console.log("short")', {
      lineBytesMax: 10,
    })
    await waitForExit(port)
    await receiver.until((messages) => messages.length === 3)
    expect(receiver.messages).toMatchObject([
      { line: 'xxxxxxxxxx', isCut: true },
      { line: 'short', isCut: false },
      { type: 'exit_status' },
    ])
  })

  it('hands arguments over as they are: there is no shell', async () => {
    const nasty = '$(echo gotcha); `id` "quoted" \n*'
    const receiver = new Receiver()
    const port = openPort({
      command: process.execPath,
      args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', nasty],
      owner: null,
      receiver: receiver.pid,
    })
    await waitForExit(port)
    await receiver.until((messages) => messages.length === 2)
    expect(receiver.lines()).toEqual([`stdout ${JSON.stringify([nasty])}`])
  })

  it('gives the program an environment and a folder', async () => {
    const script = 'console.log(process.env.ARBOR_TEST, process.env.HOME, process.cwd())'
    const [port, receiver] = run(script, {
      env: { ARBOR_TEST: 'yes', HOME: undefined },
      cwd: '/',
    })
    await waitForExit(port)
    await receiver.until((messages) => messages.length === 2)
    expect(receiver.lines()).toEqual(['stdout yes undefined /'])
  })

  it('throws when the program cannot be started', () => {
    expect(() => openPort({ command: '/does/not/exist', owner: null })).toThrow(
      expect.objectContaining({ code: 'spawn_failed' }),
    )
  })

  it('makes the program wait while the receiver cannot keep up, and loses nothing', async () => {
    const lines = 50_000
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let count = 0
    const done = new Promise<void>((resolve) => {
      class Slow extends GenServer<null> {
        init() {
          return { state: null, continue: 'wait' }
        }
        override async handleContinue() {
          await released
          return { state: null }
        }
        override handleInfo(message: unknown) {
          if ((message as PortMessage).type === 'line') count++
          else resolve()
          return { state: null }
        }
      }
      slow = start(new Slow())
    })
    const waiting = (): number => processInfo(slow).mailboxLength
    const [port] = run(
      `const text = ('x'.repeat(99) + '\\n').repeat(1000);
      for (let i = 0; i < ${lines / 1000}; i++) process.stdout.write(text)`,
      { receiver: slow },
    )
    while (waiting() <= PORT_BACKLOG_MAX) await new Promise((resolve) => setTimeout(resolve, 5))
    // Time in which a program that nobody holds would have printed everything.
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(waiting()).toBeLessThan(PORT_BACKLOG_MAX + 5_000)
    release()
    await done
    expect(count).toBe(lines)
    expect(await waitForExit(port)).toBe('noproc')
  })
})

let slow: Pid<unknown>

describe('a message to a port', () => {
  it('writes to the stdin of the program and ends it', async () => {
    const [port, receiver] = run(`
      process.stdin.on('data', (d) => console.log('got ' + d));
      process.stdin.on('end', () => console.log('end'))`)
    send(port, { type: 'write', text: 'hello' })
    await receiver.until(hasLine('got hello'))
    send(port, { type: 'end' })
    expect(await waitForExit(port)).toBe('normal')
    expect(receiver.lines()).toContain('stdout end')
  })

  it('sends a signal', async () => {
    const [port, receiver] = run(`
      process.on('SIGUSR2', () => { console.log('signalled'); process.exit(7) });
      setInterval(() => {}, 1000); console.log('up')`)
    await receiver.until(hasLine('up'))
    send(port, { type: 'signal', signal: 'SIGUSR2' })
    expect(await waitForExit(port)).toEqual({ exitStatus: 7 })
  })
})

describe('the end of a port', () => {
  const obedient = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) });
    setInterval(() => {}, 1000); console.log('up')`
  const deaf = `process.on('SIGTERM', () => console.log('no'));
    setInterval(() => {}, 1000); console.log('up')`

  it('by shutdown gives the program time to say goodbye', async () => {
    const [port, receiver] = run(obedient)
    await receiver.until(hasLine('up'))
    exit(port, 'shutdown')
    expect(await waitForExit(port)).toBe('shutdown')
    await receiver.until(hasLine('bye'))
  })

  it('by shutdown kills a program that does not obey', async () => {
    const [port, receiver] = run(deaf, { terminateMs: 20 })
    await receiver.until(hasLine('up'))
    const id = osPid(port)
    exit(port, 'shutdown')
    expect(await waitForExit(port)).toBe('shutdown')
    expect(receiver.lines()).toContain('stdout no')
    await untilGone(id)
  })

  it('by kill kills the program at once', async () => {
    const [port, receiver] = run(deaf)
    await receiver.until(hasLine('up'))
    const id = osPid(port)
    exit(port, 'kill')
    await untilGone(id)
  })

  it('comes with the end of its owner, however the owner ends', async () => {
    for (const reason of ['normal', 'crash'] satisfies ExitReason[]) {
      const owner = spawn((task: () => void) => task())
      const [port, receiver] = run(obedient, { owner })
      await receiver.until(hasLine('up'))
      const id = osPid(port)
      send(owner, () => exit(reason))
      expect(await waitForExit(port)).toBe(reason)
      await untilGone(id)
    }
  })

  it('takes its owner along when the program crashes, unless the owner traps exits', async () => {
    const owner = spawn((_: unknown) => {})
    const ended = waitForExit(owner)
    run('process.exit(9)', { owner })
    expect(await ended).toEqual({ exitStatus: 9 })
    const heard: unknown[] = []
    const trapper = spawn((message: unknown) => void heard.push(message))
    trapExit(true, trapper)
    const [port] = run('process.exit(9)', { owner: trapper })
    await waitForExit(port)
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toMatchObject([{ type: 'EXIT', from: port, reason: { exitStatus: 9 } }])
  })
})
