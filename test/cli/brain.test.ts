// The main job, end to end: operating-system processes, QUIC on loopback, signals.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/runtime/random.ts'
import { arbor, emptyFolder, ended, eventsOf, type JsonEvent, startArbor } from './arbor.ts'

/** A brain that is never done: nothing predicts noise. */
function endlessBrain(): ReturnType<typeof startArbor> {
  const cwd = emptyFolder()
  writeNoise(cwd)
  return startArbor([...endless, '--nodes', '3'], { cwd })
}

const endless = ['brain', '--task', 'noise.csv', '--target', 'y', '--population', '20', '--json']

function writeNoise(folder: string): void {
  const random = seededRandom('noise')
  const row = (): string => `${random.next()},${random.next()},${random.next()}`
  const rows = Array.from({ length: 80 }, row)
  writeFileSync(join(folder, 'noise.csv'), `a,b,y\n${rows.join('\n')}\n`)
}

/** Follows a brain's events: waits for them and remembers them. */
function follow(child: ReturnType<typeof startArbor>) {
  const seen: JsonEvent[] = []
  const events = eventsOf(child)
  const until = async (wanted: (event: JsonEvent) => boolean): Promise<JsonEvent> => {
    for (;;) {
      const { value, done } = await events.next()
      if (done === true || value === undefined)
        throw new Error(`ended after ${JSON.stringify(seen)}`)
      seen.push(value)
      if (wanted(value)) return value
    }
  }
  return { seen, until }
}

const isOf =
  (event: string, node?: string) =>
  (candidate: JsonEvent): boolean =>
    candidate.event === event && (node === undefined || candidate.node === node)

/** Whether a process exists. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('arbor brain', () => {
  it('solves a task together and leaves champion and pictures', async () => {
    const cwd = emptyFolder()
    const args = ['brain', '--task', 'xor', '--nodes', '2', '--seed', '7', '--json']
    const { code, stdout, stderr } = await arbor(args, { cwd })
    expect(stderr).toBe('')
    const events: JsonEvent[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.at(-1)).toEqual({
      event: 'done',
      solved: true,
      evaluations: expect.any(Number),
      generations: expect.any(Number),
      bestFitness: expect.any(Number),
      generalisation: null,
      seconds: expect.any(Number),
      imports: expect.any(Number),
      refused: 0,
      restarts: 0,
    })
    expect(code).toBe(0)
    const out = join(cwd, 'arbor-out')
    expect(readdirSync(out).sort()).toEqual(['champion.json', 'fitness.svg', 'network.svg'])
    expect(JSON.parse(readFileSync(join(out, 'champion.json'), 'utf8'))).toMatchObject({
      schema: 'arbor-champion',
      task: 'xor',
      seed: 7,
      solved: true,
    })
    for (const picture of ['fitness.svg', 'network.svg']) {
      expect(readFileSync(join(out, picture), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\s*$/)
    }
  })

  it('goes on when a node is killed: it comes back and is given the best', async () => {
    const child = endlessBrain()
    const { until } = follow(child)
    const opened = await until((event) => isOf('program_started', 'node-2')(event))
    await until(isOf('published'))
    process.kill(Number(opened.pid), 'SIGKILL')
    expect(await until(isOf('program_ended', 'node-2'))).toMatchObject({ signal: 'SIGKILL' })
    const again = await until(isOf('program_started', 'node-2'))
    expect(again.pid).not.toBe(opened.pid)
    await until(isOf('connected', 'node-2'))
    expect(await until(isOf('imported', 'node-2'))).toMatchObject({ fitness: expect.any(Number) })
    child.kill('SIGTERM')
  })

  it('gives up in order when a node ends again and again', async () => {
    const cwd = emptyFolder()
    writeNoise(cwd)
    const child = startArbor([...endless, '--nodes', '1'], { cwd })
    const end = ended(child)
    const { seen, until } = follow(child)
    for (let kills = 0; kills <= 4; kills++) {
      const { pid } = await until(isOf('program_started', 'node-1'))
      process.kill(Number(pid), 'SIGKILL')
    }
    await until(isOf('done'))
    const { code, stderr } = await end
    expect(stderr).toMatch(/^arbor: a program kept ending[^\n]*: [^\n]+\n$/)
    expect(code).toBe(1)
    const pids = seen.filter(isOf('program_started')).map(({ pid }) => Number(pid))
    expect(pids.filter(isRunning)).toEqual([])
    expect(readdirSync(cwd).sort()).toEqual(['arbor-out', 'noise.csv'])
  })

  it('goes on when the station is killed: nodes evolve alone, then share again', async () => {
    const child = endlessBrain()
    const { until } = follow(child)
    const station = await until(isOf('program_started', 'station'))
    const connected = new Set<unknown>()
    while (connected.size < 3) connected.add((await until(isOf('connected'))).node)
    process.kill(Number(station.pid), 'SIGKILL')
    const { node } = await until(isOf('disconnected'))
    await until(isOf('generation', String(node)))
    await until(isOf('connected', String(node)))
    await until(isOf('imported'))
    child.kill('SIGTERM')
  })

  it('stops everything in order within 3 s of Ctrl-C and leaves no orphan', async () => {
    const child = endlessBrain()
    const { seen, until } = follow(child)
    const connected = new Set<unknown>()
    while (connected.size < 3) connected.add((await until(isOf('connected'))).node)
    const pids = seen.filter(isOf('program_started')).map(({ pid }) => Number(pid))
    expect(pids).toHaveLength(4)
    const startedMs = performance.now()
    const end = ended(child)
    child.kill('SIGINT')
    await until(isOf('done'))
    const { code } = await end
    expect(performance.now() - startedMs).toBeLessThan(3000)
    expect(code).toBe(130)
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('leaves no orphan when it is killed itself', async () => {
    const child = endlessBrain()
    const { seen, until } = follow(child)
    await until(isOf('connected', 'node-3'))
    const pids = seen.filter(isOf('program_started')).map(({ pid }) => Number(pid))
    child.kill('SIGKILL')
    await expect.poll(() => pids.filter(isRunning), { timeout: 5000 }).toEqual([])
  })

  it('takes events of any length, and names the node in each', async () => {
    const cwd = emptyFolder()
    const columns = Array.from({ length: 1000 }, (_, index) => `c${index}`)
    const row = (n: number): string => columns.map((_, index) => (n * index) % 7).join(',')
    const rows = Array.from({ length: 12 }, (_, n) => `${row(n)},${n}`)
    writeFileSync(join(cwd, 'a wide table.csv'), `${columns.join(',')},y\n${rows.join('\n')}\n`)
    const task = ['--task', 'a wide table.csv', '--target', 'y', '--population', '4']
    const run = ['brain', ...task, '--nodes', '1', '--generations', '1', '--out', 'a folder']
    const { code, stdout, stderr } = await arbor([...run, '--json'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events: JsonEvent[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const ofNode = events.filter(({ event }) =>
      ['started', 'generation', 'stopped'].includes(event),
    )
    expect(ofNode.map(({ node }) => node)).toEqual(['node-1', 'node-1', 'node-1'])
    expect(readdirSync(join(cwd, 'a folder')).sort()).toEqual([
      'champion.json',
      'fitness.svg',
      'network.svg',
    ])
  })

  it('ends when its generations are over and says that nothing was solved', async () => {
    const cwd = emptyFolder()
    writeNoise(cwd)
    const args = [...endless, '--nodes', '2', '--generations', '2']
    const { code, stdout } = await arbor(args, { cwd })
    const done = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    expect(done).toMatchObject({ event: 'done', solved: false, generations: 2 })
    // Two generations of two nodes, and what they ran of each other's.
    expect(done.evaluations).toBeGreaterThanOrEqual(80)
    expect(code).toBe(0)
  })
})
