import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NONE } from '../../src/runtime/mailbox.ts'
import { PassedOver } from '../../src/runtime/passed-over.ts'
import { type Clause, ReceiveWait } from '../../src/runtime/receive.ts'

interface Message {
  readonly type: string
  readonly ref: number
}

const message = fc.record({ type: fc.constantFrom('a', 'b'), ref: fc.nat(5) })

/** What to wait for, and the same as a predicate. */
type Wish = readonly [Clause | readonly Clause[] | undefined, (message: Message) => boolean]

const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.constant<Wish>([undefined, () => true]),
  message.map((m): Wish => [{ type: m.type }, (other) => other.type === m.type]),
  message.map((m): Wish => [m, (other) => other.type === m.type && other.ref === m.ref]),
  fc.nat(5).map((ref): Wish => {
    const fits = (other: unknown): boolean => (other as Message).ref === ref
    return [fits, fits]
  }),
  fc
    .nat(5)
    .map(
      (ref): Wish => [
        [{ type: 'a', ref }, { type: 'b' }],
        (other) => other.type === 'b' || other.ref === ref,
      ],
    ),
)

describe('the messages passed over', () => {
  it('are taken oldest first of those that fit, as from a plain list', () => {
    const rounds = fc.array(fc.tuple(fc.array(message, { maxLength: 90 }), fc.array(wish)))
    fc.assert(
      fc.property(rounds, (all) => {
        const passedOver = new PassedOver()
        const list: Message[] = []
        for (const [messages, wishes] of all) {
          for (const one of messages) passedOver.push(one)
          list.push(...messages)
          for (const [wanted, fits] of wishes) {
            const index = list.findIndex(fits)
            const expected = index === -1 ? NONE : list.splice(index, 1)[0]
            expect(passedOver.takeMatch(new ReceiveWait(wanted, -1))).toBe(expected)
            expect(passedOver.count).toBe(list.length)
          }
        }
      }),
    )
  })

  it('are looked at again for the same tag only where they are new, in order and to the end', () => {
    const passedOver = new PassedOver()
    const odd = new ReceiveWait({ type: 'odd' }, -1)
    const any = new ReceiveWait(undefined, -1)
    const all = Array.from({ length: 300 }, (_, i) => ({ type: i % 2 === 1 ? 'odd' : 'even', i }))
    for (const one of all) passedOver.push(one)
    for (let i = 1; i < 300; i += 2) expect(passedOver.takeMatch(odd)).toBe(all[i])
    expect(passedOver.takeMatch(odd)).toBe(NONE)
    for (let i = 0; i < 300; i += 2) expect(passedOver.takeMatch(any)).toBe(all[i])
    expect(passedOver.count).toBe(0)
  })
})
