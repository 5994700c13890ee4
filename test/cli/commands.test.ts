import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbor, emptyFolder } from './arbor.ts'

describe('arbor version', () => {
  it('names the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    const { code, stdout } = await arbor(['version', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ version, node: process.versions.node })
    expect(code).toBe(0)
    expect((await arbor(['version'])).stdout).toContain(`arbor ${version} on Node`)
  })
})

describe('arbor doctor', () => {
  it('finds this machine well', async () => {
    const { code, stdout } = await arbor(['doctor', '--json'])
    const { ok, checks } = JSON.parse(stdout)
    expect(checks.map(({ name }: { name: string }) => name)).toEqual([
      'node',
      'quic',
      'udp',
      'cores',
    ])
    expect({ ok, code }).toEqual({ ok: true, code: 0 })
  })
})

describe('arbor key', () => {
  it('draws a key once and shows it without the secret', async () => {
    const cwd = emptyFolder()
    const drawn = JSON.parse((await arbor(['key', 'new', 'me.key', '--json'], { cwd })).stdout)
    expect(drawn).toMatchObject({ file: 'me.key', nodeId: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const file = join(cwd, 'me.key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const bytes = readFileSync(file)
    const shown = await arbor(['key', 'show', 'me.key'], { cwd })
    expect(shown.stdout).toContain(drawn.nodeId)
    expect(shown.stdout).not.toContain(bytes.subarray(-32).toString('hex'))
    expect((await arbor(['key', 'new', 'me.key'], { cwd })).code).toBe(2)
    expect(readFileSync(file)).toEqual(bytes)
  })

  it('keeps the key of a node in the configuration folder', async () => {
    const cwd = emptyFolder()
    expect((await arbor(['key', 'new'], { cwd })).code).toBe(0)
    expect(statSync(join(cwd, 'home', 'node.key')).size).toBe(78)
    expect(statSync(join(cwd, 'home')).mode & 0o777).toBe(0o700)
  })
})

describe('arbor', () => {
  it('shows help and ends with 0', async () => {
    for (const args of [['--help'], ['brain', '--help'], ['node', 'start', '--help']]) {
      const { code, stdout, stderr } = await arbor(args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('Usage: arbor')
    }
  })

  it('says what it can do when it is told nothing', async () => {
    const { code, stdout } = await arbor([])
    expect(code).toBe(0)
    expect(stdout).toContain('evolve')
  })
})
