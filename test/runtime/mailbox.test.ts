import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Mailbox,
  mailboxLength,
  NONE,
  put,
  putFront,
  remove,
  take,
} from '../../src/runtime/mailbox.ts'

const empty = (): Mailbox => ({ first: NONE, queue: null })

describe('put and take', () => {
  it('keep the order of arrival, as an array would', () => {
    type Step = { readonly step: 'put' | 'front' | 'take' }
    const step = fc.record<Step>({ step: fc.constantFrom('put', 'put', 'take', 'front') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const mailbox = empty()
        const model: number[] = []
        for (const [n, { step }] of steps.entries()) {
          if (step === 'put') {
            put(mailbox, n)
            model.push(n)
          } else if (step === 'front') {
            putFront(mailbox, n)
            model.unshift(n)
          } else {
            expect(take(mailbox)).toBe(model.length === 0 ? NONE : model.shift())
          }
          expect(mailboxLength(mailbox)).toBe(model.length)
        }
      }),
    )
  })

  it('make no ring for the first message', () => {
    const mailbox = empty()
    put(mailbox, 'only')
    expect(mailbox.queue).toBeNull()
    expect(take(mailbox)).toBe('only')
  })

  it('take undefined and null for messages', () => {
    const mailbox = empty()
    put(mailbox, undefined)
    put(mailbox, null)
    expect([take(mailbox), take(mailbox), take(mailbox)]).toEqual([undefined, null, NONE])
  })

  it('keep the order through growth and after the ring was dropped', () => {
    const mailbox = empty()
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 5000; n++) put(mailbox, n)
      for (let n = 0; n < 5000; n++) expect(take(mailbox)).toBe(n)
    }
    expect(take(mailbox)).toBe(NONE)
  })
})

describe('remove', () => {
  it('takes out what matches and keeps the order of the rest', () => {
    const mailbox = empty()
    for (let n = 0; n < 20; n++) put(mailbox, n)
    remove(mailbox, (message) => typeof message === 'number' && message % 3 === 0)
    const rest: unknown[] = []
    for (let m = take(mailbox); m !== NONE; m = take(mailbox)) rest.push(m)
    expect(rest).toEqual([1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19])
  })
})
