// A puppet: a generator process that executes operations handed to it out of band, and otherwise
// logs its messages, or keeps them until told (`hold`). While it is in an operation it takes
// nothing from its mailbox but what the operation itself receives.
import { ResponseMessage } from '../../../src/behaviours/request.ts'
import { spawnGenerator } from '../../../src/runtime/generator-process.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { send } from '../../../src/runtime/process.ts'
import { receive, TIMEOUT } from '../../../src/runtime/receive.ts'
import { type Actor, perform, type Waits } from './operation.ts'
import type { Operation, Term } from './scenario.ts'
import { tagOf } from './term.ts'
import type { World } from './world.ts'

/** Operations to be executed in one go. */
class Command {
  readonly operations: readonly Operation[]

  constructor(operations: readonly Operation[]) {
    this.operations = operations
  }
}

const isCommand = (message: unknown): message is Command => message instanceof Command

/** What a puppet may show: responses are fetched by their request. */
const isMail = (message: unknown): boolean =>
  !(message instanceof Command || message instanceof ResponseMessage)

/** What a puppet does while it is at work: it waits for messages, and for what operations do. */
type Work = Generator<unknown, void, unknown>

export class Puppet implements Actor {
  readonly world: World
  readonly label: string
  readonly pid: Pid<unknown>
  #isHolding: boolean

  constructor(world: World, label: string, isHolding: boolean) {
    this.world = world
    this.label = label
    this.#isHolding = isHolding
    this.pid = spawnGenerator(() => this.#live())
    world.label(this.pid, label)
  }

  /** Hands operations to the puppet. */
  command(operations: readonly Operation[]): void {
    send(this.pid, new Command(operations))
  }

  note(...entry: Term[]): void {
    this.world.log(this.label, entry)
  }

  *#live(): Work {
    for (let isLiving = true; isLiving; ) {
      const command = yield* receive(isCommand, { timeoutMs: 0 })
      const next = command !== TIMEOUT ? command : yield* this.#wait()
      if (next instanceof Command) isLiving = yield* this.#execute(next)
      else if (isMail(next)) this.note('got', this.world.termOf(next))
    }
  }

  #wait() {
    return this.#isHolding ? receive(isCommand) : receive()
  }

  /** Executes a command; false when the puppet has finished. */
  *#execute({ operations }: Command): Generator<unknown, boolean, unknown> {
    for (const operation of operations) {
      const { op } = operation
      if (op === 'finish') return false
      if (op === 'hold' || op === 'auto') this.#isHolding = op === 'hold'
      else yield* this.#do(operation)
    }
    return true
  }

  #do(operation: Operation): Work | Waits {
    switch (operation.op) {
      case 'drain':
        return this.#drain()
      case 'recv':
        return this.#receive(operation)
      default:
        return perform(this, operation)
    }
  }

  *#drain(): Work {
    for (;;) {
      const message = yield* receive(isMail, { timeoutMs: 0 })
      if (message === TIMEOUT) break
      this.note('recv', this.world.termOf(message))
    }
    this.note('recv_timeout')
  }

  *#receive({ tags = ['_'], timeout = 'infinity' }: Operation): Work {
    const isWanted = (message: unknown): boolean => {
      if (!isMail(message)) return false
      return tags.includes('_') || tags.includes(tagOf(this.world.termOf(message)))
    }
    const message = yield* receive(isWanted, { timeoutMs: timeout })
    if (message === TIMEOUT) this.note('recv_timeout')
    else this.note('recv', this.world.termOf(message))
  }
}
