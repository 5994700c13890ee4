import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/identity/key-pair.ts'
import { nodeIdFromText, nodeIdToDnsLabel, nodeIdToText } from '../../src/identity/node-id.ts'

const nodeIds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(nodeIdOf)

describe('nodeIdToText and nodeIdFromText', () => {
  it('undo each other', () => {
    fc.assert(
      fc.property(nodeIds, (id) => {
        expect(nodeIdToText(id)).toHaveLength(52)
        expect(nodeIdFromText(nodeIdToText(id))).toBe(id)
      }),
    )
  })

  it('take hex, too', () => {
    const id = nodeIdOf(new Uint8Array(32).fill(5))
    expect(nodeIdFromText(id)).toBe(id)
    expect(() => nodeIdFromText(id.slice(1))).toThrow('hex')
  })

  it('refuse text of another length, in upper case', () => {
    const id = nodeIdOf(new Uint8Array(32).fill(5))
    const text = nodeIdToText(id)
    for (const wrong of ['', text.slice(1), `${text}y`, text.toUpperCase()]) {
      expect(() => nodeIdFromText(wrong)).toThrow(
        expect.objectContaining({ code: 'invalid_node_id' }),
      )
    }
  })
})

describe('nodeIdToDnsLabel', () => {
  it('fits a DNS label', () => {
    fc.assert(fc.property(nodeIds, (id) => /^[a-z2-7]{52}$/.test(nodeIdToDnsLabel(id))))
  })
})
