// What the types of event managers promise. tsc checks these; at run time only that nothing breaks.
import { describe, expectTypeOf, it } from 'vitest'
import {
  EventHandler,
  GenEvent,
  type GenEventPid,
  type HandlerName,
} from '../../src/behaviours/gen-event.ts'
import { type Call, start } from '../../src/behaviours/gen-server.ts'

type Alarm = { readonly type: 'raised'; readonly id: string } | { readonly type: 'cleared' }
type AuditCall = Call<'list', object, string[]> | Call<'count', { of: string }, number>

class Audit extends EventHandler<Alarm, string[], AuditCall> {
  init() {
    return { state: [] }
  }
  handleEvent(_: Alarm, state: string[]) {
    return { state }
  }
}

class OnlyRaised extends EventHandler<Extract<Alarm, { type: 'raised' }>, number> {
  init() {
    return { state: 0 }
  }
  handleEvent(_: { id: string }, state: number) {
    return { state }
  }
}

declare const alarms: GenEventPid<Alarm>

/** Compiled, never run. */
function compiled(_: () => unknown): void {}

describe('GenEvent', () => {
  it('is started as a manager of its events', () => {
    compiled(() => expectTypeOf(start(new GenEvent<Alarm>())).toEqualTypeOf<GenEventPid<Alarm>>())
  })

  it('checks events', () => {
    compiled(() => {
      GenEvent.notify(alarms, { type: 'raised', id: 'disk' })
      // @ts-expect-error no such event
      GenEvent.notify(alarms, { type: 'lowered' })
      // @ts-expect-error a field is missing
      return GenEvent.syncNotify(alarms, { type: 'raised' })
    })
  })

  it('takes only handlers that handle every event', () => {
    compiled(() => [
      GenEvent.addHandler(alarms, Audit, new Audit()),
      GenEvent.addHandler(alarms, 'audit', new Audit()),
      GenEvent.addHandler(alarms, { module: Audit, id: 2 }, new Audit()),
      // @ts-expect-error it would not know what to do with the others
      GenEvent.addHandler(alarms, OnlyRaised, new OnlyRaised()),
      // @ts-expect-error an instance of another class
      GenEvent.addHandler(alarms, OnlyRaised, new Audit()),
    ])
  })

  it('types a call by the class of the handler, or by its typed name', () => {
    compiled(() => {
      const name: HandlerName<Audit> = 'audit'
      const listed = GenEvent.callHandler(alarms, Audit, { type: 'list' })
      expectTypeOf(listed).toEqualTypeOf<Promise<string[]>>()
      const counted = GenEvent.callHandler(alarms, name, { type: 'count', of: 'disk' })
      expectTypeOf(counted).toEqualTypeOf<Promise<number>>()
      return [
        // @ts-expect-error no such call
        GenEvent.callHandler(alarms, Audit, { type: 'sum' }),
        // @ts-expect-error a field is missing
        GenEvent.callHandler(alarms, Audit, { type: 'count' }),
      ]
    })
  })
})
