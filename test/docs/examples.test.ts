// Every fenced TypeScript block of README.md and docs is run as a program of its own: it has to end
// with exit code 0 and, where a block is followed by a fenced `text` block, print exactly that.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

interface Example {
  readonly line: number
  readonly code: string
  readonly output: string | undefined
}

function examplesOf(markdown: string): Example[] {
  const block = /^```ts\n([\s\S]*?)^```\n(?:\n*```text\n([\s\S]*?)^```)?/gm
  return [...markdown.matchAll(block)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
    output: match[2],
  }))
}

// Inside the package, so that `import 'arbor'` finds it by its own name.
const folder = mkdtempSync(join(import.meta.dirname, '.examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(file: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=arbor-source', file], { cwd: folder })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

const files: string[] = ['README.md']
for await (const file of glob('docs/**/*.md')) files.push(file)

for (const path of files.sort()) {
  const examples = examplesOf(readFileSync(path, 'utf8'))
  describe.skipIf(examples.length === 0)(path, () => {
    it.each(examples)('the example at line $line runs', async ({ line, code, output }) => {
      const file = join(folder, `${path.replaceAll(/\W/g, '-')}-${line}.ts`)
      writeFileSync(file, code)
      const result = await run(file)
      expect(result.stderr).toBe('')
      expect(result.code).toBe(0)
      if (output !== undefined) expect(result.stdout).toBe(output)
    })
  })
}
