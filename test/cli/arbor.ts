// Runs the command line as a user does: a process of its own, from source.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** The command, from source. */
export const binary: string = resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ArborOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts `arbor` with arguments; it is killed when the test ends before it does. */
export function startArbor(
  args: readonly string[],
  { cwd = emptyFolder(), env = {} }: ArborOptions = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    // A temporary folder of its own shows what is left behind.
    env: { ...process.env, ARBOR_HOME: join(cwd, 'home'), TMPDIR: cwd, NO_COLOR: '1', ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** Runs `arbor` to its end. */
export function arbor(args: readonly string[], options?: ArborOptions): Promise<Ended> {
  return ended(startArbor(args, options))
}

/** Collects what a started `arbor` prints until it ends. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export type JsonEvent = { readonly event: string } & Readonly<Record<string, unknown>>

/** The JSON events of a started `arbor --json`, as they come. */
export async function* eventsOf(
  child: ChildProcessWithoutNullStreams,
): AsyncGenerator<JsonEvent, void, undefined> {
  for await (const line of createInterface({ input: child.stdout })) {
    yield JSON.parse(line) as JsonEvent
  }
}
