// A puppet: a plain process that executes operations handed to it out of band, and otherwise logs
// its messages, or keeps them until told (`hold`). While it is in an operation it takes nothing
// else; operations that wait go on by a message to itself, so that they run in its own turn.
import { ResponseMessage } from '../../../src/behaviours/request.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../../src/runtime/process.ts'
import { exit } from '../../../src/runtime/signal.ts'
import { cancelTimer, sendAfter, type TimerRef } from '../../../src/runtime/timer.ts'
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

/** What an operation waited for has come. */
class Resumption {
  readonly step: () => IteratorResult<Promise<unknown>, void>

  constructor(step: () => IteratorResult<Promise<unknown>, void>) {
    this.step = step
  }
}

/** A `recv` has waited long enough. */
class ReceiveTimeout {}

interface Waiting {
  readonly tags: readonly string[]
  readonly timer: TimerRef | null
}

export class Puppet implements Actor {
  readonly world: World
  readonly label: string
  readonly pid: Pid<unknown>
  isHolding: boolean
  /** Messages not taken yet. */
  readonly #mail: Term[] = []
  readonly #commands: Command[] = []
  #running: Waits | null = null
  #receiving: Waiting | null = null
  /** Set by `drain`: no waiting between messages. */
  #rest: Operation[] = []

  constructor(world: World, label: string, isHolding: boolean) {
    this.world = world
    this.label = label
    this.isHolding = isHolding
    this.pid = spawn((message: unknown) => this.#receive(message), undefined)
    world.label(this.pid, label)
  }

  /** Hands operations to the puppet. */
  command(operations: readonly Operation[]): void {
    send(this.pid, new Command(operations))
  }

  note(...entry: Term[]): void {
    this.world.log(this.label, entry)
  }

  #receive(message: unknown): void {
    if (message instanceof Command) this.#commands.push(message)
    else if (message instanceof Resumption) this.#advance(message.step)
    else if (message instanceof ReceiveTimeout) this.#giveUp()
    // Responses are fetched by their request.
    else if (!(message instanceof ResponseMessage)) this.#mail.push(this.world.termOf(message))
    this.#proceed()
  }

  /** Goes on with whatever can go on. */
  #proceed(): void {
    for (;;) {
      if (this.#receiving !== null && !this.#takeMatch(this.#receiving)) return
      if (this.#running !== null) return
      const next = this.#rest.shift()
      if (next !== undefined) this.#begin(next)
      else if (this.#commands.length > 0)
        this.#rest.push(...(this.#commands.shift()?.operations ?? []))
      else break
    }
    if (this.isHolding) return
    for (const message of this.#mail.splice(0)) this.note('got', message)
  }

  #begin(operation: Operation): void {
    switch (operation.op) {
      case 'hold':
      case 'auto':
        this.isHolding = operation.op === 'hold'
        return
      case 'drain':
        for (const message of this.#mail.splice(0)) this.note('recv', message)
        this.note('recv_timeout')
        return
      case 'recv':
        this.#beginReceive(operation)
        return
      case 'finish':
        exit('normal')
        return
      default: {
        const running = perform(this, operation)
        this.#running = running
        this.#advance(() => running.next())
      }
    }
  }

  /** Runs an operation up to its next wait. */
  #advance(step: () => IteratorResult<Promise<unknown>, void>): void {
    const running = this.#running
    if (running === null) return
    const result = step()
    if (result.done === true) {
      this.#running = null
      return
    }
    const resume = (next: () => IteratorResult<Promise<unknown>, void>): void => {
      if (isAlive(this.pid)) send(this.pid, new Resumption(next))
    }
    result.value.then(
      (value) => resume(() => running.next(value)),
      (error) => resume(() => running.throw(error)),
    )
  }

  #beginReceive({ tags = ['_'], timeout = 'infinity' }: Operation): void {
    const timer =
      timeout === 'infinity' || timeout === 0
        ? null
        : sendAfter(this.pid, new ReceiveTimeout(), timeout)
    this.#receiving = { tags, timer }
    if (timeout === 0 && !this.#takeMatch(this.#receiving)) this.#giveUp()
  }

  #takeMatch({ tags, timer }: Waiting): boolean {
    const index = this.#mail.findIndex((mail) => tags.includes('_') || tags.includes(tagOf(mail)))
    const found = this.#mail[index]
    if (found === undefined) return false
    this.#mail.splice(index, 1)
    if (timer !== null) cancelTimer(timer)
    this.#receiving = null
    this.note('recv', found)
    return true
  }

  #giveUp(): void {
    if (this.#receiving === null) return
    this.#receiving = null
    this.note('recv_timeout')
  }
}
