import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from '../../src/mesh/admission.ts'

const bounds = {
  halfOpenRetry: 3,
  halfOpenMax: 5,
  halfOpenPerAddressMax: 2,
  sessionsMax: 8,
  sessionsPerAddressMax: 4,
}

describe('Admission', () => {
  it('takes strangers until it is under load, then asks for proof, then takes no more', () => {
    const admission = new Admission(bounds)
    for (const block of ['a', 'b', 'c']) {
      expect(admission.decide(block, false)).toBe('accept')
      admission.halfOpened(block)
    }
    expect(admission.decide('d', false)).toBe('retry')
    for (const block of ['d', 'e']) {
      expect(admission.decide(block, true)).toBe('accept')
      admission.halfOpened(block)
    }
    expect(admission.decide('f', true)).toBe('drop')
    admission.ended('a', false)
    expect(admission.decide('f', true)).toBe('accept')
  })

  it('holds few half-open sessions and few sessions of one address', () => {
    const admission = new Admission({ ...bounds, halfOpenRetry: 100 })
    admission.halfOpened('a')
    admission.halfOpened('a')
    expect(admission.decide('a', true)).toBe('drop')
    expect(admission.decide('b', true)).toBe('accept')
    admission.opened('a')
    admission.opened('a')
    expect(admission.decide('a', true)).toBe('accept')
    admission.halfOpened('a')
    admission.halfOpened('a')
    expect(admission.decide('a', true)).toBe('drop')
  })

  it('counts down to nothing whatever happens, and never beyond its bounds', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(2)), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (path) => {
        const admission = new Admission(bounds)
        const held: { block: string; isOpen: boolean }[] = []
        for (const [block, step] of path) {
          if (step === 0 && admission.decide(block, true) === 'accept') {
            admission.halfOpened(block)
            held.push({ block, isOpen: false })
          }
          const half = held.find(({ isOpen }) => !isOpen)
          if (step === 1 && half !== undefined) {
            admission.opened(half.block)
            half.isOpen = true
          }
          const gone = step === 2 ? held.shift() : undefined
          if (gone !== undefined) admission.ended(gone.block, gone.isOpen)
          expect(admission.halfOpenCount).toBe(held.filter(({ isOpen }) => !isOpen).length)
          expect(admission.halfOpenCount).toBeLessThanOrEqual(bounds.halfOpenMax)
          expect(held.length).toBeLessThanOrEqual(bounds.sessionsMax)
        }
        for (const { block, isOpen } of held) admission.ended(block, isOpen)
        expect([admission.halfOpenCount, admission.openCount]).toEqual([0, 0])
      }),
    )
  })
})
