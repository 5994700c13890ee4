// Every refusal is one sentence with cause and mend on stderr, exit code 2, and nothing
// half-written.

import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { arbor, emptyFolder } from './arbor.ts'

const table = 'a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n2,3,y\n4,5,x\n6,7,y\n'

const cases: readonly (readonly [name: string, args: readonly string[], says: RegExp])[] = [
  ['an unknown command', ['evovle'], /evovle/],
  ['an unknown option', ['evolve', '--sede', '1'], /--sede/],
  ['an unknown task', ['evolve', '--task', 'chess'], /no task "chess".*xor/],
  [
    'a task that is no table but has a target',
    ['evolve', '--task', 'xor', '--target', 'a'],
    /--target/,
  ],
  [
    'a file that is not there',
    ['evolve', '--task', 'gone.csv', '--target', 'a'],
    /gone\.csv.*ENOENT/,
  ],
  [
    'novelty search where nothing says what networks do',
    ['evolve', '--task', 'cartpole', '--strategy', 'novelty'],
    /cartpole does not say what networks do.*--task .*maze/,
  ],
  [
    'a strategy for games on no game',
    ['evolve', '--task', 'xor', '--strategy', 'self_play'],
    /xor is no game.*--task .*snake_duel/,
  ],
  [
    'the same of a brain',
    ['brain', '--task', 'xor', '--strategy', 'coevolution'],
    /xor is no game.*--task .*snake_duel/,
  ],
  [
    'a module and a task',
    ['evolve', '--module', 'own.ts#task', '--task', 'xor'],
    /--module.* cannot be used with .*--task/,
  ],
  ['a table without target', ['evolve', '--task', 'good.csv'], /--target/],
  [
    'a column that is not there',
    ['evolve', '--task', 'good.csv', '--target', 'z'],
    /no column "z"/,
  ],
  ['a malformed table', ['evolve', '--task', 'open.csv', '--target', 'a'], /open\.csv/],
  ['a table with a hole', ['evolve', '--task', 'hole.csv', '--target', 'c'], /row 3.*b|b.*row 3/],
  ['a folder for a table', ['evolve', '--task', 'folder.csv', '--target', 'a'], /folder\.csv/],
  [
    'a pipe for a table',
    ['evolve', '--task', 'pipe.csv', '--target', 'a'],
    /pipe\.csv is not a file/,
  ],
  ['a seed that is no number', ['evolve', '--seed', 'x'], /--seed "x"/],
  ['a negative seed', ['evolve', '--seed=-1'], /--seed "-1"/],
  ['a population of one', ['evolve', '--population', '1'], /--population "1"/],
  ['no generations', ['evolve', '--generations', '0'], /--generations "0"/],
  ['no strategy', ['evolve', '--strategy', 'magic'], /no strategy "magic"/],
  ['no adaptation', ['evolve', '--adaptation', 'magic'], /no adaptation "magic"/],
  ['half a node', ['brain', '--nodes', '1.5'], /--nodes "1.5"/],
  ['a million nodes', ['brain', '--nodes', '1000000'], /--nodes "1000000"/],
  ['a file for --out', ['evolve', '--task', 'xor', '--out', 'good.csv'], /--out "good\.csv"/],
  ['a port beyond ports', ['station', 'start', '--port', '65536'], /--port "65536"/],
  ['a host that is none of ours', ['station', 'start', '--host', '203.0.113.7'], /--host 203/],
  ['a corrupt key file', ['station', 'start', '--key', 'bad.key'], /bad\.key/],
  ['a key file others can read', ['key', 'show', 'open.key'], /chmod 600/],
  ['a key file that is not there', ['key', 'show', 'gone.key'], /arbor key new/],
  ['a key file that exists', ['key', 'new', 'bad.key'], /exists/],
  ['a node without station', ['node', 'start', '--station-id', 'x'], /--station/],
  ['a station nowhere', ['node', 'start', '--station', 'a:b:c', '--station-id', 'x'], /"a:b:c"/],
  ['a station at no port', ['node', 'start', '--station', 'a:0', '--station-id', 'x'], /"a:0"/],
  [
    'a realm that has no name',
    [
      ...['node', 'start', '--station', 'a:1', '--station-id', 'a'.repeat(64)],
      ...['--realm', 'My Realm', '--task', 'xor'],
    ],
    /--realm "My Realm"/,
  ],
  [
    'a station id that is none',
    ['node', 'start', '--station', '127.0.0.1:1', '--station-id', 'nobody'],
    /"nobody"/,
  ],
]

const isUnfinished =
  (whole: ReadonlySet<string>) =>
  (path: string | Buffer): boolean =>
    !whole.has(String(path)) && !/^home\/station\.key$/.test(String(path))

describe('arbor', () => {
  it.each(cases)('refuses %s', async (_, args, says) => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'good.csv'), table)
    writeFileSync(join(cwd, 'open.csv'), 'a,b\n1,"2\n')
    writeFileSync(join(cwd, 'hole.csv'), table.replace('3,4,y', '3,,y'))
    execFileSync('mkfifo', [join(cwd, 'pipe.csv')])
    writeFileSync(join(cwd, 'bad.key'), 'no key', { mode: 0o600 })
    writeFileSync(join(cwd, 'open.key'), 'no key')
    chmodSync(join(cwd, 'open.key'), 0o644)
    const before = readdirSync(cwd)
    const { code, stdout, stderr } = await arbor(args, { cwd })
    expect(stderr).toMatch(says)
    expect(stderr).toMatch(/^arbor: [^\n]+[:;,] [^\n]+\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    // A whole key may have been made, in the configuration folder.
    const whole = new Set([...before, 'home'])
    expect(readdirSync(cwd, { recursive: true }).filter(isUnfinished(whole))).toEqual([])
  })

  it('refuses a folder for results where none can be made', async () => {
    const args = ['evolve', '--task', 'xor', '--out', '/proc/none/of/ours']
    const { code, stderr } = await arbor(args)
    expect(stderr).toMatch(/^arbor: --out "\/proc\/none\/of\/ours" [^\n]+: [^\n]+\n$/)
    expect(code).toBe(2)
  })

  it('says what cannot be written in the end, after the last event', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'out', 'champion.json'), { recursive: true })
    const args = ['evolve', '--task', 'xor', '--generations', '1', '--out', 'out', '--json']
    const { code, stdout, stderr } = await arbor(args, { cwd })
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ event: 'done' })
    expect(stderr).toMatch(/^arbor: [^\n]+champion\.json cannot be written \(\w+\): [^\n]+\n$/)
    expect(code).toBe(2)
    const left = readdirSync(join(cwd, 'out'))
    expect(left.filter((name) => name.startsWith('champion') || name.startsWith('.'))).toEqual([
      'champion.json',
    ])
  })

  it('refuses to go without a temporary folder', async () => {
    const env = { TMPDIR: '/nowhere/at/all' }
    const { code, stderr } = await arbor(['brain', '--task', 'xor'], { env })
    expect(stderr).toMatch(/^arbor: no temporary folder [^\n]+: set TMPDIR [^\n]+\n$/)
    expect(code).toBe(2)
  })

  it('refuses a port in use', async () => {
    const socket = createSocket('udp4')
    onTestFinished(() => {
      socket.close()
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    const { code, stderr } = await arbor(['station', 'start', '--port', String(port)])
    expect(stderr).toMatch(new RegExp(`^arbor: port ${port} [^\\n]+ in use: [^\\n]+\\n$`))
    expect(code).toBe(2)
  })
})
