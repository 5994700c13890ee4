// Erlang as a second peer, where it is installed: the same question to the same machine, one
// scheduler.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { notice } from '../report.ts'

const source = fileURLToPath(new URL('arbor_peer.erl', import.meta.url))

/** Runs a function of arbor_peer.erl; its figure, or undefined when there is no Erlang. */
export function beam(question: 'ping_pong' | 'call' | 'spawn', units: number): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-bench-'))
  try {
    execFileSync('erlc', ['-o', folder, source], { stdio: 'ignore' })
    const expression = `arbor_peer:${question}(${units}), halt().`
    const flags = ['+S', '1:1', '+P', '2000000', '-noshell', '-pa', folder, '-eval', expression]
    return Number(
      execFileSync('erl', flags, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, ERL_CRASH_DUMP_SECONDS: '0' },
      }).trim(),
    )
  } catch {
    notice('(no Erlang found: not compared with it)')
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
