// A run in its folder: killed and continued, looked at, replayed, exported.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeGenotype } from '../../src/evolution/genotype-codec.ts'
import { toOnnx } from '../../src/export/index.ts'
import { RUN_FAILURES_TOLD_MAX } from '../../src/limits.ts'
import { arbor, emptyFolder, ended, eventsOf, startArbor } from './arbor.ts'

const run = ['evolve', 'run', '--task', 'xor', '--seed', '3', '--population', '40', '--keep-going']
const GENERATIONS = ['--generations', '150', '--workers', '1']

const read = (cwd: string, name: string) => readFileSync(join(cwd, 'run', name), 'utf8')

/** What a run leaves that does not depend on time. */
function outcome(cwd: string) {
  return ['champion.json', 'history.jsonl', 'lineage.jsonl'].map((name) => read(cwd, name))
}

describe('a run that was killed', () => {
  it('goes on to the same champion, history and lineage, bit for bit', async () => {
    const whole = emptyFolder()
    const args = [...run, ...GENERATIONS, '--lineage', '--out', 'run', '--json']
    expect(await arbor(args, { cwd: whole })).toMatchObject({ code: 0, stderr: '' })

    const cwd = emptyFolder()
    const child = startArbor(args, { cwd })
    for await (const event of eventsOf(child)) {
      if (event.event === 'generation' && Number(event.generation) >= 40) break
    }
    child.kill('SIGKILL')
    await ended(child)
    const status = await arbor(['evolve', 'status', 'run', '--json'], { cwd })
    const standing = JSON.parse(status.stdout)
    expect(standing).toMatchObject({ state: 'unfinished', task: 'xor', seed: 3 })
    // Whether a checkpoint was saved or not.
    expect(standing.generations).toBeGreaterThan(40)
    expect(standing.evaluations).toBe(40 * standing.generations)
    expect(standing.bestFitness).toBeGreaterThan(0)
    const again = await arbor(args, { cwd })
    expect(again).toMatchObject({ code: 2 })
    expect(again.stderr).toContain('arbor evolve resume run')

    const resumed = await arbor(['evolve', 'resume', 'run', '--csv'], { cwd })
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(outcome(cwd)).toEqual(outcome(whole))
    expect(read(cwd, 'history.csv').trim().split('\n')).toHaveLength(151)

    // Whom the champion descends from, which the kill has not torn apart.
    const champion = await arbor(['evolve', 'champion', 'run', '--json'], { cwd })
    const told = await arbor(['evolve', 'champion', 'run', '--lineage', '--json'], { cwd })
    const ancestors = told.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(ancestors.at(-1).id).toBe(JSON.parse(champion.stdout).id)
    const known = new Set()
    for (const { id, kind, parents } of ancestors) {
      expect(parents.length === 0).toBe(kind === 'seed')
      for (const parent of parents) expect(known).toContain(parent)
      known.add(id)
    }
    const shown = await arbor(['evolve', 'champion', 'run', '--lineage'], { cwd })
    const [heading, titles, first] = shown.stdout.split('\n')
    expect(heading).toMatch(
      /^xor \(seed 3\): the line of the champion, \d+ of \d+ genotypes that led/,
    )
    expect(titles).toBe('generation  genotype  fitness  how it came about')
    expect(first).toMatch(/^ +0 .* seed$/)
  }, 60_000)

  it('goes on from whatever a kill at any moment leaves behind its checkpoint', async () => {
    const whole = emptyFolder()
    const args = [...run, '--generations', '30', '--workers', '1', '--lineage', '--out', 'run']
    await arbor(args, { cwd: whole })
    const cwd = emptyFolder()
    cpSync(join(whole, 'run'), join(cwd, 'run'), { recursive: true })
    // The last generation is evaluated again; of its lines some, and half of one, are there.
    const lineage = read(cwd, 'lineage.jsonl')
    writeFileSync(join(cwd, 'run', 'lineage.jsonl'), lineage.slice(0, -500))
    writeFileSync(join(cwd, 'run', 'history.jsonl'), `${read(cwd, 'history.jsonl')}{"generat`)
    await arbor(['evolve', 'resume', 'run'], { cwd })
    expect(outcome(cwd)).toEqual(outcome(whole))
  }, 60_000)
})

describe('a run without lineage', () => {
  it('says how to have one', async () => {
    const cwd = emptyFolder()
    await arbor([...run, '--generations', '1', '--out', 'run'], { cwd })
    const { code, stderr } = await arbor(['evolve', 'champion', 'run', '--lineage'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^arbor: run has no lineage: .*arbor evolve run --lineage/)
  }, 60_000)
})

describe('a run that was stopped', () => {
  it('says how to go on, and does', async () => {
    const cwd = emptyFolder()
    const child = startArbor([...run, '--out', 'run'], { cwd })
    const end = ended(child)
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await expect
      .poll(() => read(cwd, 'history.jsonl').length, { timeout: 9_000 })
      .toBeGreaterThan(0)
    child.kill('SIGINT')
    const { code, stdout } = await end
    expect(code).toBe(130)
    expect(stdout).toContain('go on with: arbor evolve resume run')
    const { stdout: status } = await arbor(['evolve', 'status', 'run', '--json'], { cwd })
    const { generations, state } = JSON.parse(status)
    expect(state).toBe('SIGINT')
    const more = ['--generations', String(generations + 5), '--json']
    const resumed = await arbor(['evolve', 'resume', 'run', ...more], { cwd })
    expect(JSON.parse(resumed.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      event: 'done',
      generations: generations + 5,
    })
  }, 60_000)
})

describe('a run that has ended', () => {
  it('shows its champion, replays it and exports it', async () => {
    const cwd = emptyFolder()
    const args = [
      'evolve',
      '--task',
      'xor',
      '--seed',
      '11',
      '--out',
      'run',
      '--evaluations',
      '9000',
      '--plot',
      'run.svg',
    ]
    await arbor(args, { cwd })
    const champion = JSON.parse(read(cwd, 'champion.json'))
    const bytes = decodeGenotype(readFileSync(join(cwd, 'run', 'champion.arbg')))
    expect(bytes.ok && bytes.genotype).toEqual(champion.genotype)

    const shown = await arbor(['evolve', 'champion', 'run', '--json'], { cwd })
    expect(JSON.parse(shown.stdout)).toMatchObject({ task: 'xor', solved: true, seed: 11 })
    const replayed = await arbor(['evolve', 'replay', 'run', '--json'], { cwd })
    const events = replayed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ event: 'tick', tick: 0 })
    expect(events.at(-1)).toMatchObject({
      event: 'replay',
      verified: true,
      recorded: champion.fitness,
    })

    const exported = await arbor(['evolve', 'export', 'run', '--format', 'json'], { cwd })
    const { schema, version, id, ...genotype } = JSON.parse(exported.stdout)
    expect({ schema, version, id }).toMatchObject({ schema: 'arbor-genotype', version: 1 })
    expect(genotype).toEqual(champion.genotype)
    const file = ['--file', 'champion.onnx']
    await arbor(['evolve', 'export', 'run', '--format', 'onnx', ...file], { cwd })
    const onnx = readFileSync(join(cwd, 'champion.onnx'))
    expect(onnx.equals(toOnnx(champion.genotype))).toBe(true)
    expect(readFileSync(join(cwd, 'run.svg'), 'utf8')).toContain('worst to best')

    writeFileSync(join(cwd, 'run', 'champion.json'), JSON.stringify({ ...champion, fitness: 3.5 }))
    const { code, stdout } = await arbor(['evolve', 'replay', 'run'], { cwd })
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^not verified/),
    })
  }, 60_000)
})

describe('a task of the user', () => {
  it('is a module and its export, resumed like any other', async () => {
    const cwd = emptyFolder()
    const task = `${resolve('test/actors/population/moody.ts')}#moodyProblem`
    const args = ['evolve', '--module', task, '--generations', '2', '--out', 'run', '--seed', '1']
    const { code, stdout } = await arbor(args, { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('further genotypes without a score are not told of')
    expect(stdout.split('has no score')).toHaveLength(1 + RUN_FAILURES_TOLD_MAX)
    const resumed = await arbor(['evolve', 'resume', 'run', '--generations', '4'], { cwd })
    expect(resumed.code).toBe(0)
    expect(read(cwd, 'history.jsonl').trim().split('\n')).toHaveLength(4)
  }, 60_000)
})

describe('bad input', () => {
  it.each([
    [['status', 'nowhere'], /nowhere holds no run/],
    [['export', 'nowhere', '--format', 'pmml'], /no format "pmml"/],
    [['run', '--module', 'gone.ts#task'], /gone\.ts#task" has no problem/],
    [['run', '--evaluations', '0'], /--evaluations "0"/],
    [['run', '--plot', 'run.png'], /--plot "run\.png"/],
  ])('%j is one sentence', async (args, says) => {
    const { code, stdout, stderr } = await arbor(['evolve', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^arbor: [^\n]+: [^\n]+\n$/)
    expect(stderr).toMatch(says)
  })

  it('names a corrupt checkpoint with its path and the reason', async () => {
    const cwd = emptyFolder()
    await arbor(['evolve', '--task', 'xor', '--generations', '1', '--out', 'run'], { cwd })
    for (const name of ['checkpoint.arb', 'checkpoint.arb.previous']) {
      writeFileSync(join(cwd, 'run', name), 'nothing of the kind')
    }
    const { code, stderr } = await arbor(['evolve', 'resume', 'run'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/checkpoint\.arb: it does not begin with the mark of a checkpoint/)
  })
})
