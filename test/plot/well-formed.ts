// A check that SVG text is well-formed: every element closed in order, attributes quoted, no stray
// markup.

/** The names of the elements in document order; throws where the text is not well-formed. */
export function elementsOf(svg: string): string[] {
  const names: string[] = []
  const open: string[] = []
  const token = /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
  let match: RegExpExecArray | null
  let end = 0
  // biome-ignore lint/suspicious/noAssignInExpressions: the way to walk a sticky expression
  while ((match = token.exec(svg)) !== null) {
    end = token.lastIndex
    const [, closing, name = '', , selfClosing, text] = match
    if (text !== undefined) {
      if (/&(?!(amp|lt|gt|quot);)|>/.test(text)) throw new Error(`stray markup in ${text}`)
    } else if (closing === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`)
    } else {
      names.push(name)
      if (selfClosing !== '/') open.push(name)
    }
  }
  if (end !== svg.length) throw new Error(`not markup: ${svg.slice(end, end + 60)}`)
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`)
  return names
}

/** Every number in every attribute is a number. */
export function hasOnlyNumbers(svg: string): boolean {
  return !/NaN|Infinity|undefined/.test(svg)
}
