// Benchmarks rot when nobody runs them: here each question of the runtime runs with tiny rounds,
// and what is checked is the shape of its lines, never the speed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

interface Line {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer: string | null
  readonly peerValue: number | null
  readonly ratio: number | null
}

interface Run {
  readonly status: number
  readonly out: string
  readonly err: string
}

async function run(file: string, args: readonly string[]): Promise<Run> {
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, ['--expose-gc', join(root, file), ...args], { env })
  const told = { out: '', err: '' }
  child.stdout.on('data', (text) => {
    told.out += text
  })
  child.stderr.on('data', (text) => {
    told.err += text
  })
  const [status] = await once(child, 'close')
  return { status, ...told }
}

const bench = (...args: string[]): Promise<Run> => run('bench/main.ts', args)

function linesOf(out: string): Line[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const questions: Readonly<Record<string, readonly string[]>> = {
  spawn: ['spawn', 'spawn GenServer', 'spawn, end and DOWN', 'spawn a million, by the clock'],
  memory: ['memory, process', 'memory, GenServer', 'memory, supervised GenServer'],
  ring: ['ring'],
  'ping-pong': ['ping-pong', 'ping-pong of generator processes'],
  call: ['call', 'call, 1,000 callers', 'call, 1,000 kept open', 'call, from a generator process'],
  cast: ['cast'],
  'fan-in': ['fan-in, 100 to 1'],
  restart: [
    'restart, first 200',
    'restart, one by one',
    'restart, one by one, after an Error',
    'restart, burst of 1,000',
  ],
  fairness: ['p50', 'p99', 'max', 'p99 of our own work']
    .map((figure) => `timer lag, full load, ${figure}`)
    .concat(['p50', 'p99', 'max'].map((figure) => `TCP echo, idle, ${figure}`))
    .concat(['p50', 'p99', 'max'].map((figure) => `TCP echo, full load, ${figure}`)),
  tracing: ['message', 'call', 'spawn and exit'].map((what) => `tracing, nobody attached, ${what}`),
  'hot-upgrade': ['hot upgrade of all at once', 'hot upgrade of each'].flatMap((name) =>
    ['a server', 'a call before', 'a call afterwards'].map((what) => `${name}, ${what}`),
  ),
  'nact-layer': [
    'nact: a message',
    'nact: a message to a function that awaits',
    'nact: a query',
    'nact: starting an actor',
  ],
  'selective-receive': [
    'call past 100,000',
    '100,000 in order',
    '10,000 in reverse',
    'one past 100,000',
  ].map((what) => `selective receive, ${what}`),
  timers: ['timer started and cancelled', 'timer expired, of a million'],
}

/** Erlang takes half a second to start for each question; one suffices to see that it is asked. */
const withErlang = ['ping-pong']

describe('a benchmark prints one JSON object a line', () => {
  for (const [name, figures] of Object.entries(questions)) {
    it.concurrent(name, async () => {
      const peers = [
        'nact',
        'effect',
        'xstate',
        'node',
        'hooks cut out',
        'all attached',
        ...(withErlang.includes(name) ? ['erlang'] : []),
      ]
      const flags = ['--quick', '--json', '--peers', peers.join(',')]
      const { status, out, err } = await run(`bench/${name}.ts`, flags)
      expect(err).toBe('')
      expect(status).toBe(0)
      const lines = linesOf(out)
      expect([...new Set(lines.map((line) => line.name))]).toEqual(figures)
      for (const line of lines) {
        expect(Object.keys(line)).toEqual(['name', 'value', 'unit', 'peer', 'peerValue', 'ratio'])
        expect(line.value).toBeTypeOf('number')
        expect(line.unit).not.toBe('')
        if (line.peer === null) continue
        expect(peers).toContain(line.peer)
        expect(line.peerValue).toBeTypeOf('number')
      }
    })
  }
})

describe('npm run bench', () => {
  it('solves a task for the records, and says what the published figures are', async () => {
    const { status, out } = await bench('records', '--quick', '--json', '--task', 'dpv')
    expect(status).toBe(0)
    const lines = linesOf(out)
    expect(lines).toContainEqual(
      expect.objectContaining({
        name: 'dpv snes, mean',
        peer: 'genoxide CMA-ES',
        peerValue: 683,
      }),
    )
    for (const name of ['dpv snes, solved', 'dpv neat, solved']) {
      expect(lines).toContainEqual(expect.objectContaining({ name, value: 1 }))
    }
  })

  it('lists the questions', async () => {
    const { status, out } = await bench('--list')
    expect(status).toBe(0)
    expect(out.split('\n')).toEqual(expect.arrayContaining(Object.keys(questions)))
    expect(out).not.toMatch(/question|report|main/)
  })

  it('refuses a name it does not know with a sentence and code 2', async () => {
    const { status, out, err } = await bench('pingpong')
    expect(status).toBe(2)
    expect(out).toBe('')
    expect(err).toBe('there is no benchmark "pingpong"; see npm run bench -- --list\n')
  })

  it('refuses an option it does not know', async () => {
    const { status, err } = await bench('--jsn')
    expect(status).toBe(2)
    expect(err).toContain('--jsn')
  })

  it('ends with a table of all figures, and draws the ratios', async () => {
    const file = join(tmpdir(), `ratios-${process.pid}.svg`)
    const { status, out } = await bench(
      'ring',
      'cast',
      '--quick',
      '--peers',
      'xstate',
      '--plot',
      file,
    )
    expect(status).toBe(0)
    const table = out
      .slice(out.indexOf('\n\n') + 2)
      .trim()
      .split('\n')
    expect(table[0]).toMatch(/^question +arbor +unit +peer +its figure +ratio$/)
    expect(table.slice(2).map((row) => row.split(/ {2,}/)[0])).toEqual(['ring', 'cast'])
    const svg = readFileSync(file, 'utf8')
    expect(svg).toContain('ring / xstate')
    expect(svg.match(/<rect/g)).toHaveLength(3)
    rmSync(file)
  })
})
