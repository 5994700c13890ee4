import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coordinate, element, escapeText, label, svgDocument } from '../../src/plot/svg.ts'

describe('escapeText', () => {
  it('leaves nothing that ends a text or an attribute', () => {
    expect(escapeText('a<b & "c">d')).toBe('a&lt;b &amp; &quot;c&quot;&gt;d')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = escapeText(text)
        expect(safe).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/)
        expect(safe.isWellFormed()).toBe(true)
        expect([...safe].every((character) => character >= ' ')).toBe(true)
      }),
    )
  })
})

describe('coordinate', () => {
  it('writes two decimals at most, and no minus zero', () => {
    expect([1.005, -0.001, 12, 1 / 3, -2.5].map(coordinate)).toEqual([
      '1',
      '0',
      '12',
      '0.33',
      '-2.5',
    ])
  })
})

describe('element', () => {
  it('writes attributes and children', () => {
    expect(element('path', { d: 'M0 0', 'stroke-width': 1.234 })).toBe(
      '<path d="M0 0" stroke-width="1.23"/>',
    )
    expect(element('g', { id: '"' }, ['<a/>', '<b/>'])).toBe('<g id="&quot;"><a/><b/></g>')
  })
})

describe('label', () => {
  it('escapes its text', () => {
    expect(label(1, 2, '<x>', { fill: 'red' })).toBe(
      '<text x="1" y="2" fill="red" font-size="12">&lt;x&gt;</text>',
    )
  })
})

describe('svgDocument', () => {
  it('has a size and a title for those who cannot see it', () => {
    const text = svgDocument(10, 20, 'a & b', ['<g/>'])
    expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 10 20"/)
    expect(text).toContain('<title>a &amp; b</title>')
    expect(text.endsWith('</svg>\n')).toBe(true)
  })
})
