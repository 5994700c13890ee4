// What the types of processes and servers promise. tsc checks these; at run time only that nothing
// breaks.
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type CallHandlers, dispatchCall } from '../../src/behaviours/call-handlers.ts'
import {
  type AnyCall,
  type Call,
  call,
  cast,
  type From,
  GenServer,
  type Monitored,
  type ReplyOf,
  type ServerPid,
  start,
  startLink,
  startMonitor,
} from '../../src/behaviours/gen-server.ts'
import { abcast, multiCall } from '../../src/behaviours/multi-call.ts'
import {
  type RequestId,
  type Response,
  receiveResponse,
  sendRequest,
} from '../../src/behaviours/request.ts'
import type { Name, Pid, Refused, Untyped } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import * as groups from '../../src/runtime/process-group.ts'
import { sendAfter } from '../../src/runtime/timer.ts'
import type { StartResult } from '../../src/supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../src/supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../src/supervisors/supervisor.ts'

type CounterCall =
  | Call<'add', { by: number }, number>
  | Call<'name', object, string>
  | Call<'reset', object, undefined>

class Counter extends GenServer<number, CounterCall, 'clear'> {
  init() {
    return { state: 0 }
  }
  override handleCall(request: CounterCall, _from: unknown, state: number) {
    return request.type === 'name' ? { reply: 'counter', state } : { reply: state, state }
  }
  override handleCast(_: 'clear') {
    return { state: 0 }
  }
}

class SlowCounter extends GenServer<number, CounterCall> {
  async init() {
    return { state: 0 }
  }
}

declare const counter: ServerPid<CounterCall, 'clear'>

/** Compiled, never run. */
function compiled(_: () => unknown): void {}

describe('Pid', () => {
  it('carries what may be sent', () => {
    compiled(() => {
      const pid = spawn((_: string | number) => {})
      expectTypeOf(pid).toEqualTypeOf<Pid<string | number>>()
      send(pid, 'text')
      // @ts-expect-error a boolean is not taken
      send(pid, true)
      // @ts-expect-error nor later
      sendAfter(pid, true, 10)
    })
  })

  it('is contravariant: who takes more can stand for who takes less', () => {
    expectTypeOf<Pid<string | number>>().toExtend<Pid<string>>()
    expectTypeOf<Pid<string>>().not.toExtend<Pid<string | number>>()
    expectTypeOf<ServerPid<CounterCall, 'clear'>>().toExtend<Pid>()
  })

  it('without a type can be sent nothing, and is not made by hand', () => {
    compiled(() => {
      const any: Pid = counter
      // @ts-expect-error nothing is known of it
      send(any, 'text')
      // @ts-expect-error a pid is opaque
      const forged: Pid = { id: 1 }
      return forged
    })
  })
})

describe('start', () => {
  it('types the pid by the class, at once or as a promise as init is', () => {
    compiled(() => {
      expectTypeOf(start(new Counter())).toEqualTypeOf<ServerPid<CounterCall, 'clear'>>()
      expectTypeOf(startLink(new Counter())).toEqualTypeOf<ServerPid<CounterCall, 'clear'>>()
      expectTypeOf(start(new SlowCounter())).toEqualTypeOf<Promise<ServerPid<CounterCall, never>>>()
      expectTypeOf(start(new Supervisor({}))).toEqualTypeOf<
        SupervisorPid | Promise<SupervisorPid>
      >()
    })
  })

  it('checks the type of the name', () => {
    compiled(() => {
      const name: Name<ServerPid<CounterCall, 'clear'>> = 'counter'
      start(new Counter(), { name })
      start(new Counter(), { name: 'plain' })
    })
  })
})

describe('call', () => {
  it('types the reply by the request', () => {
    compiled(() => {
      expectTypeOf(call(counter, { type: 'add', by: 1 })).toEqualTypeOf<Promise<number>>()
      expectTypeOf(call(counter, { type: 'name' })).toEqualTypeOf<Promise<string>>()
      expectTypeOf(call(counter, { type: 'reset' })).toEqualTypeOf<Promise<undefined>>()
    })
  })

  it('works by a typed name', () => {
    compiled(() => {
      const name: Name<ServerPid<CounterCall, 'clear'>> = 'counter'
      expectTypeOf(call(name, { type: 'add', by: 1 })).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error wrong field
      return call(name, { type: 'add', to: 1 })
    })
  })

  it('refuses wrong requests', () => {
    compiled(() => {
      return [
        // @ts-expect-error no such request
        call(counter, { type: 'subtract' }),
        // @ts-expect-error a field is missing
        call(counter, { type: 'add' }),
        // @ts-expect-error a field has the wrong type
        call(counter, { type: 'add', by: '1' }),
        // @ts-expect-error a field too many
        call(counter, { type: 'add', by: 1, twice: true }),
        // @ts-expect-error a name that does not say whose it is
        call('counter', { type: 'add', by: 1 }),
      ]
    })
  })

  it('accepts a pid that answers more than is asked for', () => {
    compiled(() => {
      const narrow: ServerPid<Call<'name', object, string>> = counter
      return call(narrow, { type: 'name' })
    })
  })
})

describe('cast', () => {
  it('checks the message', () => {
    compiled(() => {
      cast(counter, 'clear')
      // @ts-expect-error no such cast
      cast(counter, 'clean')
    })
  })
})

describe('what refuses', () => {
  // An error of the compiler shows the type of the parameter: this is what it reads.
  type Message<F extends (destination: never, message: never) => unknown> = Parameters<F>[1]

  it('says why nothing can be sent where no type is known', () => {
    expectTypeOf<Message<typeof send<never>>>().toEqualTypeOf<Refused<Untyped>>()
    expectTypeOf<Message<typeof cast<never>>>().toExtend<Refused<string>>()
    expectTypeOf<Message<typeof call<never, never>>>().toExtend<Refused<string>>()
    expectTypeOf<Message<typeof call<AnyCall, 'add'>>>().toExtend<Refused<string>>()
  })

  it('is not there where a type is known', () => {
    expectTypeOf<Message<typeof send<string>>>().toEqualTypeOf<string>()
    expectTypeOf<Message<typeof cast<'clear'>>>().toEqualTypeOf<'clear'>()
    expectTypeOf<Message<typeof call<CounterCall, 'name'>>>().not.toExtend<Refused<string>>()
  })

  it('lets generic code send what it has a type parameter for', () => {
    compiled(() => {
      const toAll = <M>(pids: readonly Pid<M>[], message: M) => {
        for (const pid of pids) send(pid, message)
      }
      const castTo = <K>(server: ServerPid<never, K>, message: K) => cast(server, message)
      return [toAll, castTo]
    })
  })

  it('refuses to send to a group without a type', () => {
    compiled(() => {
      const room: groups.Group<Pid<string>> = 'room'
      groups.join('chat', 'room', counter)
      for (const member of groups.members('chat', room)) send(member, 'hello')
      for (const member of groups.members('chat', 'room')) {
        // @ts-expect-error the group says nothing about its members
        send(member, 'hello')
      }
    })
  })
})

describe('ReplyOf', () => {
  it('is the union of the replies', () => {
    expectTypeOf<ReplyOf<CounterCall>>().toEqualTypeOf<number | string | undefined>()
  })
})

describe('a callback', () => {
  it('must return a state of the right type, and a reply that fits', () => {
    compiled(() => {
      class Wrong extends GenServer<number, CounterCall> {
        // @ts-expect-error the state is a number
        init() {
          return { state: 'zero' }
        }
        // @ts-expect-error no request is answered by a boolean
        override handleCall(_request: CounterCall, _from: unknown, state: number) {
          return { reply: true, state }
        }
      }
      return Wrong
    })
  })
})

describe('CallHandlers', () => {
  it('know the reply of each request', () => {
    compiled(() => {
      const fine: CallHandlers<number, CounterCall> = {
        add: ({ by }, _from, count) => ({ reply: count + by, state: count + by }),
        name: (_request, from, count) => {
          expectTypeOf(from).toEqualTypeOf<From<string>>()
          return { reply: 'counter', state: count }
        },
        reset: async () => ({ reply: undefined, state: 0 }),
      }
      const wrong: CallHandlers<number, CounterCall> = {
        // @ts-expect-error a number is the reply to `add`
        add: (_request, _from, count) => ({ reply: 'counter', state: count }),
        // @ts-expect-error the state is a number
        name: () => ({ reply: 'counter', state: 'zero' }),
        reset: () => ({ stop: 'normal', state: 0 }),
      }
      // @ts-expect-error `reset` is missing
      const missing: CallHandlers<number, CounterCall> = { add: fine.add, name: fine.name }
      return [wrong, missing]
    })
  })

  it('answer by the type of the request', async () => {
    const calls: CallHandlers<number, CounterCall> = {
      add: ({ by }, _from, count) => ({ reply: count + by, state: count + by }),
      name: (_request, _from, count) => ({ reply: 'counter', state: count }),
      reset: () => ({ reply: undefined, state: 0 }),
    }
    class Dispatching extends GenServer<number, CounterCall> {
      init() {
        return { state: 0 }
      }
      override handleCall(request: CounterCall, from: From<unknown>, count: number) {
        return dispatchCall(calls, request, from, count)
      }
    }
    const pid = start(new Dispatching())
    expect(await call(pid, { type: 'add', by: 2 })).toBe(2)
    expect(await call(pid, { type: 'name' })).toBe('counter')
    const wrong = call(pid, { type: 'unheard of' } as never)
    await expect(wrong).rejects.toMatchObject({ reason: { error: { code: 'unknown_request' } } })
  })
})

describe('sendRequest and multiCall', () => {
  it('type their replies by the request, and refuse wrong requests', () => {
    compiled(async () => {
      const id = sendRequest(counter, { type: 'add', by: 1 })
      expectTypeOf(id).toEqualTypeOf<RequestId<number>>()
      expectTypeOf(receiveResponse(id)).toEqualTypeOf<Promise<Response<number> | 'timeout'>>()
      // @ts-expect-error a field is missing
      sendRequest(counter, { type: 'add' })
      const name: Name<ServerPid<CounterCall, 'clear'>> = 'counter'
      const { replies } = await multiCall(name, { type: 'name' })
      expectTypeOf(replies[0]?.reply).toEqualTypeOf<string | undefined>()
      abcast(name, 'clear')
      // @ts-expect-error no such cast
      abcast(name, 'clean')
    })
  })
})

describe('startMonitor', () => {
  it('types the pid by the class, at once or as a promise as init is', () => {
    compiled(() => {
      type Pid = ServerPid<CounterCall, 'clear'>
      expectTypeOf(startMonitor(new Counter())).toEqualTypeOf<Monitored<Pid>>()
      expectTypeOf(startMonitor(new SlowCounter())).toEqualTypeOf<
        Promise<Monitored<ServerPid<CounterCall, never>>>
      >()
    })
  })
})

describe('handleInfo', () => {
  it('receives what is unknown', () => {
    type Message = Parameters<Counter['handleInfo']>[0]
    expectTypeOf<Message>().toEqualTypeOf<unknown>()
  })
})

describe('DynamicSupervisor.startChild', () => {
  it('brings the typed pid of the child', () => {
    compiled(() => {
      const supervisor = start(new DynamicSupervisor())
      const child = { id: 'counter', start: () => startLink(new Counter()) }
      expectTypeOf(DynamicSupervisor.startChild(supervisor, child)).toEqualTypeOf<
        Promise<ServerPid<CounterCall, 'clear'>>
      >()
    })
  })
})

describe('DynamicSupervisor.startWith', () => {
  const child = (_: Pid, __: number) => startLink(new Counter())
  type Counting = ServerPid<CounterCall, 'clear'>

  it('brings what the start of the template does', () => {
    compiled(() => {
      const template = { id: 'counter', start: child }
      const supervisor = start(new DynamicSupervisor({ template }))
      const started = DynamicSupervisor.startWith(supervisor, 1)
      expectTypeOf(started).toEqualTypeOf<Promise<Counting>>()
      // @ts-expect-error the start takes a number
      const wrong = DynamicSupervisor.startWith(supervisor, 'one')
      const slow = { id: 'slow', start: async (_: Pid, __: string) => start(new SlowCounter()) }
      const slowly = DynamicSupervisor.startWith(
        start(new DynamicSupervisor({ template: slow })),
        '',
      )
      expectTypeOf(slowly).toEqualTypeOf<Promise<ServerPid<CounterCall, never>>>()
      const told = {
        id: 'told',
        start: (supervisor: Pid) => ({ pid: child(supervisor, 1), info: 'told' }),
      }
      const telling = DynamicSupervisor.startWith(start(new DynamicSupervisor({ template: told })))
      expectTypeOf(telling).toEqualTypeOf<Promise<{ pid: Counting; info: string }>>()
      return wrong
    })
  })

  it('does so by name, and by a function of options; untyped it may be either', () => {
    compiled(() => {
      const name: Name<DynamicSupervisorPid<[number], Counting>> = 'counters'
      const template = { id: 'counter', start: child }
      start(new DynamicSupervisor(() => ({ template })), { name })
      expectTypeOf(DynamicSupervisor.startWith(name, 1)).toEqualTypeOf<Promise<Counting>>()
      const plain: Name<DynamicSupervisorPid<[number]>> = 'counters'
      start(new DynamicSupervisor({ template }), { name: plain })
      expectTypeOf(DynamicSupervisor.startWith(plain, 1)).toEqualTypeOf<Promise<StartResult>>()
      expectTypeOf<DynamicSupervisorPid<[number], Counting>>().toExtend<DynamicSupervisorPid>()
    })
  })
})
