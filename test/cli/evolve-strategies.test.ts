// Strategies that go by more than a fitness, from the command line to the picture.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { elementsOf, hasOnlyNumbers } from '../plot/well-formed.ts'
import { arbor, emptyFolder } from './arbor.ts'

const short = ['--seed', '5', '--population', '20', '--out', 'run', '--workers', '1']

function rowsOf(cwd: string): Record<string, unknown>[] {
  const lines = readFileSync(join(cwd, 'run', 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line))
}

/** The picture of a run, whole. */
function pictureOf(cwd: string, name: string): string {
  const svg = readFileSync(join(cwd, name), 'utf8')
  elementsOf(svg)
  expect(hasOnlyNumbers(svg)).toBe(true)
  return svg
}

describe('arbor evolve --strategy', () => {
  it('novelty: tells the archive, and draws it, after a resumption as well', async () => {
    const cwd = emptyFolder()
    const task = ['evolve', 'run', '--task', 'maze', '--strategy', 'novelty', ...short]
    const { stdout, code } = await arbor([...task, '--generations', '3'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/generation 0, best .*, archive 0/)
    const more = ['--generations', '6', '--plot', 'run.svg', '--csv']
    await arbor(['evolve', 'resume', 'run', ...more], { cwd })
    const rows = rowsOf(cwd)
    expect(rows.map(({ generation }) => generation)).toEqual([0, 1, 2, 3, 4, 5])
    expect(rows.at(-1)).toMatchObject({
      measures: { archive: expect.any(Number), noveltyThreshold: expect.any(Number) },
      sizes: expect.any(Array),
    })
    for (const { samples, sizes } of rows) {
      expect((samples as number[][]).length).toBeGreaterThan(0)
      expect((samples as number[][]).length).toBeLessThanOrEqual(16)
      expect((sizes as [number, number][]).reduce((sum, [, size]) => sum + size, 0)).toBe(20)
    }
    const svg = pictureOf(cwd, 'run.svg')
    for (const text of ['in the archive', 'x at the end', 'walls', 'species 0:']) {
      expect(svg).toContain(text)
    }
    const [titles] = readFileSync(join(cwd, 'run', 'history.csv'), 'utf8').split('\n')
    expect(titles).toContain('links,archive,noveltyThreshold')
  }, 60_000)

  it('map_elites: tells the coverage, and draws the map', async () => {
    const cwd = emptyFolder()
    const task = ['evolve', 'run', '--task', 'maze_medium', '--strategy', 'map_elites', ...short]
    const args = [...task, '--generations', '5', '--plot', 'map.svg', '--json']
    const { stdout } = await arbor(args, { cwd })
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const told = events.filter(({ event }) => event === 'generation').at(-1)
    expect(told.measures.coverage).toBeGreaterThan(0)
    const svg = pictureOf(cwd, 'map.svg')
    for (const text of ['no elite yet', 'coverage', 'QD score']) expect(svg).toContain(text)
    expect(svg).not.toContain('>species</text>')
  }, 60_000)

  it('self_play: tells ratings, holds the champion to the full criterion, and replays it alone', async () => {
    const cwd = emptyFolder()
    const task = ['evolve', 'run', '--task', 'snake_duel', '--strategy', 'self_play', ...short]
    const args = [...task, '--generations', '4', '--plot', 'elo.svg']
    const { stdout, code } = await arbor(args, { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/Elo 1,/)
    expect(stdout).toMatch(/% of the points of 40 games/)
    const champion = JSON.parse(readFileSync(join(cwd, 'run', 'champion.json'), 'utf8'))
    expect(champion.fitness).toBeGreaterThan(1_500)
    expect(champion.detail).toMatch(/of 40 games/)
    expect(pictureOf(cwd, 'elo.svg')).toContain('Elo rating of the best')
    const replayed = await arbor(['evolve', 'replay', 'run'], { cwd })
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringMatching(/by itself/) })
  }, 60_000)

  it('coevolution: runs, and its champion is of the last generation that bred', async () => {
    const cwd = emptyFolder()
    const task = ['evolve', 'run', '--task', 'snake_duel', '--strategy', 'coevolution', ...short]
    const { code } = await arbor([...task, '--generations', '4'], { cwd })
    expect(code).toBe(0)
    const champion = JSON.parse(readFileSync(join(cwd, 'run', 'champion.json'), 'utf8'))
    expect(champion.generation).toBe(2)
  }, 60_000)
})
