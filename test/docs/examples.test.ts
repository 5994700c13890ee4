// Every fenced TypeScript block of README.md and docs is a program of its own: it has to fit the
// types, to end with exit code 0 without a word on stderr and, where a fenced `text` block follows
// it, to print exactly that. A block that begins with ```ts NAME is a module, saved under that name
// for the blocks of the same document.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'

/** Milliseconds an example may take: a reader waits for it, too. */
const EXAMPLE_MS_MAX = 20_000
const CONDITION = 'arbor-source'

interface Example {
  readonly line: number
  readonly output: string | undefined
  readonly file: string
}

// Inside the package, so that `import 'arbor'` finds it by its own name.
const folder = mkdtempSync(join(process.cwd(), '.examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function examplesOf(path: string): Example[] {
  const markdown = readFileSync(path, 'utf8')
  const block = /^```ts(?: (\S+))?\n([\s\S]*?)^```\n(?:\n*```text\n([\s\S]*?)^```)?/gm
  const own = join(folder, path.replaceAll(/\W+/g, '-'))
  mkdirSync(own)
  return [...markdown.matchAll(block)].map((match) => {
    const line = markdown.slice(0, match.index).split('\n').length + 1
    const [, name = `line-${line}.ts`, code = '', output] = match
    const file = join(own, name)
    writeFileSync(file, code)
    return { line, output, file }
  })
}

/** What the compiler has to say about the files, by file. */
function typeErrorsOf(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())
  const program = ts.createProgram(files, { ...options, customConditions: [CONDITION] })
  const errorsOf = (file: string): string[] => {
    const source = program.getSourceFile(file)
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ messageText, start = 0 }) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0
      return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  }
  return new Map(files.map((file) => [file, errorsOf(file)]))
}

function run(file: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`--conditions=${CONDITION}`, file], {
      timeout: EXAMPLE_MS_MAX,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

const paths: string[] = ['README.md']
for await (const path of glob('docs/**/*.md')) paths.push(path)
const documents = paths.sort().map((path) => ({ path, examples: examplesOf(path) }))
const typeErrors = typeErrorsOf(
  documents.flatMap(({ examples }) => examples.map(({ file }) => file)),
)

it('there are examples', () => {
  expect(documents.flatMap(({ examples }) => examples).length).toBeGreaterThan(0)
})

for (const { path, examples } of documents) {
  describe.skipIf(examples.length === 0)(path, () => {
    it.each(examples)('the example at line $line fits the types', ({ file }) => {
      expect(typeErrors.get(file)).toEqual([])
    })

    it.each(examples)('the example at line $line runs', async ({ file, output }) => {
      const result = await run(file)
      expect(result.stderr).toBe('')
      expect(result.code).toBe(0)
      if (output !== undefined) expect(result.stdout).toBe(output)
    })
  })
}
