// Some of our own modules as the text of one: what an exported network needs to run is the engine's
// own code, so that it answers the engine's own bits.
//
//   const bundle = bundleOf(new URL('../evolution/network/interpreter.ts', import.meta.url))
//   `${bundle.text} const { Network } = ${bundle.entry}`
//
// Each module becomes a function that is called once and answers its exports. Good for modules as
// they are written here (named imports and exports, one statement each), not for any.
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

export interface ModuleBundle {
  readonly text: string
  /** The variable that holds the exports of the first module. */
  readonly entry: string
}

export function bundleOf(entry: URL): ModuleBundle {
  const names = new Map<string, string>()
  const texts: string[] = []
  const add = (url: URL): string => {
    const known = names.get(url.href)
    if (known !== undefined) return known
    const name = `module${names.size}`
    names.set(url.href, name)
    const text = withoutComments(codeOf(url)).replace(
      IMPORT,
      (_, imported: string, path: string) =>
        `const {${imported.replaceAll(' as ', ': ')}} = ${add(new URL(path, url))}`,
    )
    const exported = [...text.matchAll(EXPORT)].map(([, declared]) => declared)
    const body = text
      .replace(EXPORT_WORD, '')
      .replace(/\n{2,}/g, '\n')
      .trim()
    texts.push(`const ${name} = (() => {\n${body}\nreturn { ${exported.join(', ')} }\n})()`)
    return name
  }
  const name = add(entry)
  return { text: texts.join('\n'), entry: name }
}

/** Source has single quotes, what the compiler writes has double ones. */
const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*['"]([^'"]+)['"];?$/gm
const EXPORT = /^export (?:const|function|class) ([A-Za-z0-9_]+)/gm
const EXPORT_WORD = /^export (?=const|function|class)/gm

/** The module's JavaScript: types are taken out of source; the built package has none. */
function codeOf(url: URL): string {
  const text = readFileSync(url, 'utf8')
  return url.pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text
}

/** Whole lines of comment; none of our modules has the marks elsewhere at the start of a line. */
function withoutComments(text: string): string {
  return text
    .replace(/^[ \t]*\/\*[\s\S]*?\*\/[ \t]*\n/gm, '')
    .replace(/^[ \t]*\/\/.*\n/gm, '')
    .replace(/[ \t]+$/gm, '')
}
