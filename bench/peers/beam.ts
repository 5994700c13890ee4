// Erlang as a peer, where it is installed: the same work on the same machine, one scheduler. A
// question's module of bench/erlang runs in a virtual machine that lives as long as the question
// and is told over its standard input to run a round; it measures itself by statistics(runtime),
// the CPU time of all its threads.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.ts'

const sources = fileURLToPath(new URL('../erlang/', import.meta.url))

let isPresent: boolean | undefined
let compiled: string | undefined

/** Whether `erl` and `erlc` are on the PATH. */
export function hasErlang(): boolean {
  isPresent ??= ['erl', 'erlc'].every((program) => isOnPath(program))
  return isPresent
}

function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '')
  return folders.some((folder) => spawnSync('test', ['-x', join(folder, program)]).status === 0)
}

/** Starts the virtual machine of a question. */
export function beam(module: string, schedulers = 1): LineProcess {
  // Schedulers do not spin while they have nothing to do: that would count as work.
  const flags = [
    '+S',
    `${schedulers}:${schedulers}`,
    '+P',
    '2000000',
    '+sbwt',
    'none',
    '+sbwtdcpu',
    'none',
  ]
  const start = ['-noshell', '-pa', compile(), '-eval', `bench:main(${module}).`]
  const child = spawn('erl', [...flags, '+sbwtdio', 'none', ...start], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ERL_CRASH_DUMP_SECONDS: '0' },
  })
  return new LineProcess(`erlang ${module}`, child)
}

/** Compiles all modules, once, into a folder that goes with this process. */
function compile(): string {
  if (compiled !== undefined) return compiled
  const folder = mkdtempSync(join(tmpdir(), 'arbor-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const files = readdirSync(sources).filter((file) => file.endsWith('.erl'))
  const paths = files.map((file) => join(sources, file))
  execFileSync('erlc', ['-o', folder, ...paths], { stdio: ['ignore', 'inherit', 'inherit'] })
  compiled = folder
  return folder
}
