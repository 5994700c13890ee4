// Runs a program as its own Node process, in a folder of its own: modules that are loaded again
// have to come from files, and through Node's own loader.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const source = pathToFileURL(join(import.meta.dirname, '..', 'src')).href

/** Milliseconds a program may take. */
const PROGRAM_MS_MAX = 20_000

/**
 * Writes the files, runs `main.ts`, and returns what its last line of output says as JSON. `$src` in
 * a file stands for the URL of Arbor's sources.
 */
export async function runProgram(files: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-program-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text.replaceAll('$src', source))
    }
    const output = await execute(join(folder, 'main.ts'))
    return JSON.parse(output.trim().split('\n').at(-1) ?? 'null')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function execute(file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [file], { timeout: PROGRAM_MS_MAX }, (error, stdout, stderr) => {
      if (error === null && stderr === '') resolve(stdout)
      else reject(new Error(`${error?.message ?? ''}\n${stdout}\n${stderr}`))
    })
  })
}
