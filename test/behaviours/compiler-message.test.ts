// A wrong call is answered by the compiler, in words a person can read: short, and naming what is
// wrong.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const file = `${root}test/behaviours/snippet.ts`
const prelude = `
import { type Call, call, type ServerPid } from '../../src/behaviours/gen-server.ts'
import type { CallHandlers } from '../../src/behaviours/call-handlers.ts'
type CounterCall = Call<'add', { by: number }, number> | Call<'get', object, number>
declare const counter: ServerPid<CounterCall>
`

const mistakes: { readonly code: string; readonly says: RegExp }[] = [
  {
    code: "call(counter, { type: 'subtract', by: 1 })",
    says: /^Type '"subtract"' is not assignable to type '"(add|get)" \| "(add|get)"'/,
  },
  {
    code: "call(counter, { type: 'add' })",
    says: /Property 'by' is missing in type '{ type: "add"; }'/,
  },
  {
    code: "call(counter, { type: 'add', by: 'two' })",
    says: /^Type 'string' is not assignable to type 'number'/,
  },
  {
    code: "call(counter, { type: 'add', by: 1, twice: true })",
    says: /'twice' does not exist in type/,
  },
  {
    code: "const a: CallHandlers<number, CounterCall>['get'] = (_, __, s) => ({ reply: 'x', state: s })",
    says: /string' is not assignable to type 'number/,
  },
]

/** The compiler's messages for the mistakes, by line. */
function messages(): Map<number, string> {
  const source = `${prelude}${mistakes.map(({ code }) => code).join('\n')}\n`
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true)
      : getSourceFile(name, ...rest)
  const program = ts.createProgram([file], options, host)
  const snippet = program.getSourceFile(file)
  const first = prelude.split('\n').length - 1
  return new Map(
    program.getSemanticDiagnostics(snippet).map((diagnostic) => {
      const { line } = ts.getLineAndCharacterOfPosition(
        snippet ?? raise(),
        diagnostic.start ?? raise(),
      )
      return [line - first, ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')]
    }),
  )
}

function raise(): never {
  throw new Error('the compiler did not say where')
}

describe('the compiler, about a wrong call', () => {
  const found = messages()

  it('speaks once about each mistake and about nothing else', () => {
    expect([...found.keys()]).toEqual(mistakes.map((_, line) => line))
  })

  for (const [line, { code, says }] of mistakes.entries()) {
    it(`says what is wrong with ${code}, within a few lines`, () => {
      const message = found.get(line) ?? ''
      expect(message).toMatch(says)
      expect(message.length).toBeLessThan(400)
    })
  }
})
