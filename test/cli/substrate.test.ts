// `arbor evolve` with a substrate: CPPNs evolve, and what leaves the folder is what they paint.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbor, emptyFolder } from './arbor.ts'

const settings = '{"hidden":[[3]],"biases":true,"linkForm":"freeform"}'
const run = [
  ...['evolve', 'run', '--task', 'xor', '--seed', '5', '--population', '40', '--workers', '1'],
  ...['--keep-going', '--substrate', settings, '--out', 'run'],
]
const kept = (cwd: string): string[] =>
  ['champion.json', 'history.jsonl'].map((name) => readFileSync(join(cwd, 'run', name), 'utf8'))

describe('a run with a substrate', () => {
  it('goes on from its checkpoint to the same champion, which is exported as it acts', async () => {
    const whole = emptyFolder()
    expect(await arbor([...run, '--generations', '12'], { cwd: whole })).toMatchObject({ code: 0 })
    const cwd = emptyFolder()
    expect(await arbor([...run, '--generations', '5'], { cwd })).toMatchObject({ code: 0 })
    const resumed = await arbor(['evolve', 'resume', 'run', '--generations', '12'], { cwd })
    expect(resumed).toMatchObject({ code: 0 })
    expect(kept(cwd)).toEqual(kept(whole))

    const { genotype } = JSON.parse(kept(cwd)[0]!)
    expect(genotype).toMatchObject({ inputs: 4, outputs: 2, substrate: { hidden: [[3]] } })
    const champion = await arbor(['evolve', 'champion', 'run'], { cwd })
    expect(champion.stdout).toMatch(/links that paint 4 neurons, \d+ links/)
    const module = await arbor(['evolve', 'export', 'run', '--format', 'js'], { cwd })
    expect(module.stdout).toContain('  inputs: 2,')
  }, 60_000)

  it.each([
    ['no_such', 'take one of hyperneat, es_hyperneat'],
    ['{"input":[3]}', 'substrate has 3 inputs and 1 outputs: use 2 and 1'],
  ])(
    'is refused with a sentence: %s',
    async (substrate, message) => {
      const args = ['evolve', 'run', '--task', 'xor', '--substrate', substrate, '--out', 'run']
      const { code, stderr } = await arbor(args, { cwd: emptyFolder() })
      expect(code).toBe(2)
      expect(stderr).toContain(message)
    },
    60_000,
  )
})
