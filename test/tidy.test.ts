// Style that is executed: lengths, banned words, names of files, clock and chance outside their
// files.
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { basename } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** Lines a source file may have: beyond it a reader scrolls to understand. */
const FILE_LINES_MAX = 400
/** Lines a test file may have; tables of cases are read, not understood. */
const TEST_FILE_LINES_MAX = 800
/** Lines a function may have: one screen. */
const FUNCTION_LINES_MAX = 70
/** Columns of a line. */
const LINE_COLUMNS_MAX = 100

const junkDrawers = /^(utils?|helpers?|common|misc|shared|lib|core|types)(\.ts)?$/
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/

/** What only the named files may touch, so that a simulator can replace it. */
const worldOfTheirOwn: { what: RegExp; where: RegExp; why: string }[] = [
  {
    what: /\b(Date\.now|performance\.now|new Date\(\)|process\.hrtime)\b/,
    where: /^src\/(runtime\/clock\.ts|cli\/)/,
    why: 'the time is read in runtime/clock.ts only',
  },
  {
    what: /\b(Math\.random|randomBytes|randomUUID|getRandomValues|randomFillSync|randomInt)\b/,
    where: /^src\/runtime\/random\.ts$/,
    why: 'chance comes from runtime/random.ts only',
  },
  {
    what: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
    where: /^src\/(runtime\/(clock|timer|scheduler)\.ts|cli\/)/,
    why: 'timers are made in runtime/clock.ts, timer.ts and scheduler.ts only',
  },
  {
    what: /\bconsole\.|process\.std(out|err)\b/,
    where: /^src\/(cli\/|runtime\/logger\.ts$)/,
    why: 'only the command line and the default logger print',
  },
  {
    what: /\bMath\.(sin|cos|tan|tanh|exp|expm1|log|log1p|log2|log10|pow|sinh|cosh|atan|atan2|asin|acos|hypot|cbrt)\b|\*\*/,
    where: /^src\/(?!evolution\/)/,
    why: 'evolution owns its elementary functions: those of the platform may differ in the last bit',
  },
]

const bannedEverywhere: { what: RegExp; why: string }[] = [
  { what: /\b(TODO|FIXME|XXX|HACK)\b/, why: 'finish it or write it into an issue' },
  {
    what: /(:|<|\bas) any\b|\bas unknown as\b|@ts-(ignore|expect-error|nocheck)/,
    why: 'a hole in the types',
  },
  { what: /\beval\(|new Function\b/, why: 'no generated code' },
]

interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
}

async function read(pattern: string): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for await (const path of glob(pattern)) {
    const text = readFileSync(path, 'utf8')
    files.push({ path, text, lines: text.split('\n') })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Functions longer than allowed, as `path:line name (n lines)`. */
function longFunctions({ path, text }: SourceFile): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line
      const count = source.getLineAndCharacterOfPosition(node.end).line - first + 1
      if (count > FUNCTION_LINES_MAX) {
        found.push(`${path}:${first + 1} ${node.name?.getText() ?? 'function'} (${count} lines)`)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The code of a file without comments and string contents, for word searches. */
function codeOf(file: SourceFile): string[] {
  return file.text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .split('\n')
    .map((line) => line.replace(/\/\/.*$/, ''))
}

const sources = await read('src/**/*.ts')
const tests = await read('test/**/*.ts')
const benches = await read('bench/**/*.ts')

describe('src', () => {
  it('opens every file with what it is', () => {
    const silent = sources.filter(({ text }) => !/^(#!.*\n)?(\/\/ |\/\*\*)/.test(text))
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('keeps files short', () => {
    // Tables: they are looked up, not read.
    const tables = ['src/limits.ts', 'src/index.ts', 'src/evolution/kernel/kernel-bytes.ts']
    const texts = sources.filter(({ path }) => !tables.includes(path))
    const long = texts.filter(({ lines }) => lines.length > FILE_LINES_MAX)
    expect(long.map(({ path, lines }) => `${path} (${lines.length} lines)`)).toEqual([])
  })

  it('keeps functions short', () => {
    expect([...sources, ...benches].flatMap(longFunctions)).toEqual([])
  })

  for (const { what, where, why } of worldOfTheirOwn) {
    it(why, () => {
      const hits = sources
        .filter(({ path }) => !where.test(path))
        .flatMap((file) =>
          codeOf(file).flatMap((line, index) =>
            what.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [],
          ),
        )
      expect(hits).toEqual([])
    })
  }

  for (const { what, why } of bannedEverywhere) {
    it(`has no ${what.source.slice(0, 40)}: ${why}`, () => {
      const hits = sources.flatMap((file) =>
        file.lines.flatMap((line, index) =>
          what.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [],
        ),
      )
      expect(hits).toEqual([])
    })
  }
})

describe('src, test and bench', () => {
  const all = [...sources, ...tests, ...benches]

  it('keep lines within the columns', () => {
    const wide = all.flatMap(({ path, lines }) =>
      lines.flatMap((line, index) =>
        line.length > LINE_COLUMNS_MAX && !/https?:|['"`]|\/.+\//.test(line)
          ? [`${path}:${index + 1}`]
          : [],
      ),
    )
    expect(wide).toEqual([])
  })

  it('name files after concepts, in kebab-case, with no junk drawer', () => {
    const misnamed = all.filter(
      ({ path }) =>
        !kebabCase.test(basename(path)) || path.split('/').some((part) => junkDrawers.test(part)),
    )
    expect(misnamed.map(({ path }) => path)).toEqual([])
  })

  it('keep test files readable', () => {
    const long = tests.filter(({ lines }) => lines.length > TEST_FILE_LINES_MAX)
    expect(long.map(({ path, lines }) => `${path} (${lines.length} lines)`)).toEqual([])
  })
})
