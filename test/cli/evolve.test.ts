import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbor, emptyFolder } from './arbor.ts'

const lastEvent = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')

describe('arbor evolve', () => {
  it('gives the same run for a seed, whatever the number of workers', async () => {
    const runs = await Promise.all(
      ['1', '2'].map(async (workers) => {
        const cwd = emptyFolder()
        const args = ['evolve', '--task', 'xor', '--seed', '11', '--workers', workers, '--json']
        const { code, stdout } = await arbor(args, { cwd })
        expect(code).toBe(0)
        const { seconds: _, ...done } = lastEvent(stdout)
        expect(done).toMatchObject({ event: 'done', solved: true, restarts: 0, imports: 0 })
        return { done, champion: readFileSync(join(cwd, 'arbor-out', 'champion.json'), 'utf8') }
      }),
    )
    expect(runs[1]).toEqual(runs[0])
  })

  it('evolves by the strategy it is told to, to the same champion again', async () => {
    const champions = await Promise.all(
      ['islands', 'islands', 'hall_of_fame'].map(async (strategy) => {
        const cwd = emptyFolder()
        const args = ['--task', 'xor', '--seed', '3', '--generations', '4', '--workers', '1']
        const { code } = await arbor(['evolve', ...args, '--strategy', strategy], { cwd })
        expect(code).toBe(0)
        return readFileSync(join(cwd, 'arbor-out', 'champion.json'), 'utf8')
      }),
    )
    expect(champions[1]).toBe(champions[0])
    expect(champions[2]).not.toBe(champions[0])
  })

  it('adapts its mutation as it is told to, and is guarded without another outcome', async () => {
    const champions = await Promise.all(
      [['--memory-guard'], [], ['--adaptation', 'meta_control']].map(async (more) => {
        const cwd = emptyFolder()
        const args = ['--task', 'xor', '--seed', '3', '--generations', '4', '--workers', '1']
        const { code } = await arbor(['evolve', ...args, ...more], { cwd })
        expect(code).toBe(0)
        return readFileSync(join(cwd, 'arbor-out', 'champion.json'), 'utf8')
      }),
    )
    expect(champions[1]).toBe(champions[0])
    expect(champions[2]).not.toBe(champions[0])
  })

  it('searches for weights alone by an optimiser, on a topology that suits the task', async () => {
    const cwd = emptyFolder()
    const args = ['--task', 'dpv', '--seed', '3', '--workers', '1', '--json']
    const { code, stdout } = await arbor(['evolve', ...args, '--strategy', 'cma_es'], { cwd })
    expect(code).toBe(0)
    expect(lastEvent(stdout)).toMatchObject({ event: 'done', solved: true })
    const champion = readFileSync(join(cwd, 'arbor-out', 'champion.json'), 'utf8')
    expect(JSON.parse(champion).genotype.links).toHaveLength(21)
  })

  it('learns a table of the user and says how well it does on rows it never saw', async () => {
    const cwd = emptyFolder()
    const iris = resolve('examples/iris.csv')
    const args = [
      'evolve',
      '--task',
      iris,
      '--target',
      'species',
      '--seed',
      '1',
      '--generations',
      '30',
    ]
    const { code, stdout, stderr } = await arbor(args, { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('iris.csv')
    const champion = JSON.parse(readFileSync(join(cwd, 'arbor-out', 'champion.json'), 'utf8'))
    expect(champion.fitness).toBeGreaterThan(0.8)
    expect(readFileSync(join(cwd, 'arbor-out', 'network.svg'), 'utf8')).toContain('petal_length')
  })

  it('prints plain lines where it is no terminal', async () => {
    const args = ['evolve', '--task', 'xor', '--seed', '11']
    const { stdout } = await arbor(args)
    expect(stdout).toContain('seed 11')
    expect(stdout).toContain('xor solved')
    expect(stdout).toMatch(/wrote arbor-out\/champion\.json, .*fitness\.svg, .*network\.svg/)
    expect(stdout).not.toContain('\x1b')
  })

  it('ends with 0 and says so when the generations did not suffice', async () => {
    const args = ['evolve', '--task', 'dpnv', '--population', '10', '--generations', '3', '--json']
    const { code, stdout } = await arbor(args)
    expect(code).toBe(0)
    expect(lastEvent(stdout)).toMatchObject({ solved: false, evaluations: 30, generations: 3 })
  })
})
