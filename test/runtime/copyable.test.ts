// What the types say about messages to another thread. The compiler checks this file; the lines it
// has to refuse are marked, and fail the check when it does not.
import { expectTypeOf, it } from 'vitest'
import { type Call, call, GenServer, type ServerPid } from '../../src/behaviours/gen-server.ts'
import type { Copyable, RemotePid } from '../../src/runtime/copyable.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import type { ArgumentsOf, PidOf } from '../../src/runtime/remote-spec.ts'

interface Order {
  readonly type: 'order'
  readonly items: readonly { readonly name: string; readonly price: bigint }[]
  readonly customer: Pid<string>
  readonly placed: Date
  readonly notes: ReadonlyMap<string, Set<number>>
}

interface Callback {
  readonly type: 'callback'
  readonly done: () => void
}

type GetCall = Call<'get', object, number>

declare class Stock extends GenServer<number, GetCall> {
  constructor(first: number, owner: Pid<string>)
  init(): { state: number }
}

declare function till(message: Order, total: bigint, self: Pid<Order>): bigint

it('data is copyable as it is; a function in it makes a place that nothing fits', () => {
  expectTypeOf<Order>().toExtend<Copyable<Order>>()
  expectTypeOf<Copyable<Callback>['done']>().toEqualTypeOf<never>()
  expectTypeOf<Copyable<unknown>>().toEqualTypeOf<unknown>()
  expectTypeOf<Copyable<symbol>>().toEqualTypeOf<never>()
})

it('a remote pid does not take what cannot be copied', () => {
  const use = (orders: RemotePid<Order>, callbacks: RemotePid<Callback>, order: Order): void => {
    send(orders, order)
    // @ts-expect-error a function does not cross
    send(callbacks, { type: 'callback', done: () => {} })
  }
  expectTypeOf(use).toBeFunction()
})

it('arguments and pid follow from what the module exports', () => {
  expectTypeOf<PidOf<typeof Stock>>().toEqualTypeOf<ServerPid<GetCall>>()
  expectTypeOf<ArgumentsOf<typeof Stock>>().toExtend<readonly [number, Pid<string>]>()
  expectTypeOf<ArgumentsOf<typeof till>>().toEqualTypeOf<readonly [state: bigint]>()
  const use = async (module: URL, owner: Pid<string>): Promise<void> => {
    const stock = await spawn<typeof Stock>({ module, export: 'Stock', args: [5, owner] })
    expectTypeOf(call(stock, { type: 'get' })).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error the first argument is a number
    await spawn<typeof Stock>({ module, export: 'Stock', args: ['5', owner] })
    const pid = await spawn<typeof till>({ module, export: 'till', args: [0n] })
    // @ts-expect-error not an order
    send(pid, 5)
  }
  expectTypeOf(use).toBeFunction()
})
