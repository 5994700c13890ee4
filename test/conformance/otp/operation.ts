// What the operations of the scenarios do, on the public interface. Each is a generator that yields
// the promises it has to wait for: a puppet goes on by a message, a server by an async callback.
import type { Call, From, ServerPid } from '../../../src/behaviours/gen-server.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { type Operation, partsOf, type Term } from './scenario.ts'
import { applicationOperations } from './scripted-application.ts'
import { eventOperations } from './scripted-event.ts'
import { groupOperations } from './scripted-pg.ts'
import { signalOperations, timeOperations } from './scripted-signal.ts'
import { superviseOperation } from './scripted-supervisor.ts'
import { frameOperations, serverOperations } from './server-operations.ts'
import { raised, withSelf } from './term.ts'
import { Unknown, type World } from './world.ts'

/** An operation at work. */
export type Waits<T = void> = Generator<Promise<unknown>, T, unknown>

export type ScriptCall = Call<'script', { request: Term }, Term>
export type ScriptPid = ServerPid<ScriptCall, Term>

/** What a callback may use beside what every process may. */
export interface Frame {
  state: Term
  readonly from: From<Term> | null
}

/** Who executes operations. */
export interface Actor {
  readonly world: World
  readonly label: string
  readonly pid: Pid
  /** Only within a callback. */
  readonly frame?: Frame
  /** What a callback throws for a term that counts as its return value. */
  readonly thrown?: (value: Term) => unknown
  note(...entry: Term[]): void
}

/** Operations whose exception is their purpose. */
const raises = new Set(['exit', 'error', 'throw'])

/** Executes an operation and logs its result, or what it raised. */
export function* perform(actor: Actor, operation: Operation): Waits {
  try {
    const result = yield* execute(actor, bound(operation, actor))
    if (result !== undefined) actor.note('ret', result)
  } catch (error) {
    if (error instanceof Unknown) {
      actor.note('unknown', error.label)
      return
    }
    const isMeant = raises.has(operation.op ?? '') || operation.uncaught === true
    if (isMeant || !isAlive(actor.pid)) throw error
    actor.note(...raised(error))
  }
}

/** Terms of an operation in which `$self` is the process that executes it. */
const terms = ['msg', 'req', 'value', 'reason'] as const

function bound(operation: Operation, { world, pid }: Actor): Operation {
  if (!terms.some((field) => field in operation)) return operation
  const label = world.labelOf(pid)
  const fields = terms.filter((field) => operation[field] !== undefined)
  const named = fields.map((field) => [field, withSelf(operation[field] ?? null, label)] as const)
  return { ...operation, ...Object.fromEntries(named) }
}

function* execute(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const op = operation.op ?? ''
  const run = signalOperations[op] ?? timeOperations[op] ?? frameOperations[op]
  if (run !== undefined) return run(actor, operation) as Term | undefined
  const wait =
    serverOperations[op] ?? eventOperations[op] ?? groupOperations[op] ?? applicationOperations[op]
  if (wait !== undefined) return yield* wait(actor, operation)
  return yield* superviseOperation(actor, operation)
}

export type Run = (actor: Actor, operation: Operation) => unknown
export type RunWaiting = (actor: Actor, operation: Operation) => Waits<Term | undefined>

/** Whether a scenario uses an operation. */
export function uses(steps: unknown, ...operations: readonly string[]): boolean {
  for (const part of partsOf(steps)) if (operations.includes(String(part.op))) return true
  return false
}
