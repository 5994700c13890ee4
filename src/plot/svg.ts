// SVG as text: elements with escaped attributes and numbers of two decimals, so that equal data
// give equal files. No browser, no library.
//
//   svgDocument(100, 50, 'a line', [element('path', { d: 'M0 0L100 50', stroke: ink })])

export type Attributes = Readonly<Record<string, string | number>>

/** Text and axes. */
export const ink = '#1f2933'
/** Text that explains. */
export const faintInk = '#667482'
/** Grid lines. */
export const gridLine = '#e4e9ee'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Text made harmless in SVG; what XML cannot hold at all becomes U+FFFD. */
export function escapeText(text: string): string {
  let safe = ''
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) ?? 0
    const isAllowed = code >= 0x20 && code !== 0xfffe && code !== 0xffff
    safe += escapes[character] ?? (isAllowed ? character : '\ufffd')
  }
  return safe
}

/** A coordinate: two decimals at most, never in exponential notation. */
export function coordinate(value: number): string {
  const rounded = Math.round(value * 100) / 100
  return String(rounded === 0 ? 0 : rounded)
}

/** An element; children are elements, already text. */
export function element(
  name: string,
  attributes: Attributes,
  children: readonly string[] = [],
): string {
  const list = Object.entries(attributes)
    .map(([key, value]) => {
      const text = typeof value === 'number' ? coordinate(value) : escapeText(value)
      return ` ${key}="${text}"`
    })
    .join('')
  return children.length === 0
    ? `<${name}${list}/>`
    : `<${name}${list}>${children.join('')}</${name}>`
}

/** A text element at a point. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, fill: ink, 'font-size': 12, ...attributes }, [escapeText(text)])
}

/** A document on white ground; `title` is what a screen reader says. */
export function svgDocument(
  width: number,
  height: number,
  title: string,
  children: readonly string[],
): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${coordinate(width)} ${coordinate(height)}`,
    width,
    height,
    role: 'img',
    'font-family': 'system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif',
  }
  const ground = element('rect', { width, height, fill: '#ffffff' })
  const parts = [element('title', {}, [escapeText(title)]), ground, ...children]
  return `${element('svg', attributes, ['\n', parts.join('\n'), '\n'])}\n`
}
