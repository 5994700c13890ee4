// A server's calls as a table, one handler for each request: the compiler then knows which reply
// belongs to which request, and that none is missing. In a single `handleCall` it can only check
// that a reply fits one of them.
//
//   const calls: CallHandlers<number, CounterCall> = {
//     add: ({ by }, _from, count) => ({ reply: count + by, state: count + by }),
//     name: (_request, _from, count) => ({ reply: 'counter', state: count }),
//   }
//
//   override handleCall(request: CounterCall, from: From<ReplyOf<CounterCall>>, count: number) {
//     return dispatchCall(calls, request, from, count)
//   }
import { ArborError } from '../runtime/arbor-error.ts'
import type { From } from '../runtime/call.ts'
import type { AnyCall, CallResult, MaybePromise, ReplyOf } from './gen-server.ts'

/** The handler of one request: what `handleCall` is, with the types of that request. */
export type CallHandler<State, C extends AnyCall> = (
  request: C,
  from: From<ReplyOf<C>>,
  state: State,
) => MaybePromise<CallResult<State, ReplyOf<C>>>

/** A handler for each request, by its type. */
export type CallHandlers<State, C extends AnyCall> = {
  readonly [Type in C['type']]: CallHandler<State, Extract<C, { readonly type: Type }>>
}

/** Has a request handled by the handler of its type. */
export function dispatchCall<State, C extends AnyCall>(
  handlers: CallHandlers<State, C>,
  request: C,
  from: From<ReplyOf<C>>,
  state: State,
): MaybePromise<CallResult<State, ReplyOf<C>>>
export function dispatchCall(
  handlers: Readonly<Record<string, CallHandler<unknown, never>>>,
  request: AnyCall,
  from: From<never>,
  state: unknown,
): MaybePromise<CallResult<unknown, unknown>> {
  const handler = handlers[request.type]
  if (handler === undefined) throw unknownRequest(request)
  return handler(request as never, from, state)
}

/** The types let none through; an untyped sender may. */
function unknownRequest(request: AnyCall): ArborError {
  const attempt = { operation: 'handleCall', request }
  const advice = 'add a handler of that type, or mend the caller'
  return new ArborError('unknown_request', `no handler for "${request.type}"`, advice, attempt)
}
