// What the documentation points at exists: every relative link leads to a file, every link to a
// heading to that heading, and a link whose text is a name in code, like
// [`post`](../src/runtime/scheduler.ts), to a file in which that name occurs.
import { existsSync, readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Link {
  readonly text: string
  /** Path of the target; that of the document itself for a link within it. */
  readonly target: string
  readonly heading: string | undefined
}

/** Prose without fenced blocks: their brackets are code. */
function proseOf(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')
}

function linksOf(path: string): Link[] {
  const links = proseOf(path).matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)
  return [...links].flatMap(([, text = '', address = '']) => {
    if (/^[a-z]+:/.test(address)) return []
    const [file = '', heading] = address.split('#')
    return [{ text, target: file === '' ? path : join(dirname(path), file), heading }]
  })
}

/** The anchor that a heading gets where Markdown is shown. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
  return words.trim().replaceAll(/\s/g, '-')
}

function anchorsOf(path: string): string[] {
  return [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
}

/** The name that a link in code style promises, or undefined for a path. */
function nameIn(text: string): string | undefined {
  const [, code] = /^`([^`]+)`$/.exec(text) ?? []
  if (code === undefined || /[/ ]|\.(ts|md|json|cjs|csv)$/.test(code)) return undefined
  return /([\w$]+)(\(\))?$/.exec(code)?.[1]
}

function isNamedIn(name: string, path: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(
    readFileSync(path, 'utf8'),
  )
}

const paths: string[] = ['README.md', 'CHANGELOG.md', 'examples/README.md']
for await (const path of glob('docs/**/*.md')) paths.push(path)

describe.each(paths.sort())('%s', (path) => {
  const links = linksOf(path)

  it('links to files that exist', () => {
    const broken = links.filter(({ target }) => !existsSync(target))
    expect(broken.map(({ text, target }) => `${text}: ${target}`)).toEqual([])
  })

  it('links to headings that exist', () => {
    const broken = links.filter(
      ({ target, heading }) =>
        heading !== undefined && existsSync(target) && !anchorsOf(target).includes(heading),
    )
    expect(broken.map(({ target, heading }) => `${target}#${heading}`)).toEqual([])
  })

  it('names what the linked files contain', () => {
    const wrong = links.filter(({ text, target }) => {
      const name = nameIn(text)
      return name !== undefined && target.endsWith('.ts') && existsSync(target)
        ? !isNamedIn(name, target)
        : false
    })
    expect(wrong.map(({ text, target }) => `${text}: ${target}`)).toEqual([])
  })
})
