// An alias: an address of a process that can be taken back. Whoever asks somebody gives an alias
// instead of the own pid, and takes it back when no answer is wanted any more: a late one is then
// dropped instead of arriving in the midst of something else (erlang:alias/1). A call does that by
// itself.
//
//   const replyTo = alias({ once: true })
//   send(oracle, { type: 'ask', replyTo })
//   unalias(replyTo)
import { deadLetter } from './dead-letter.ts'
import { deliver } from './delivery.ts'
import { DEAD, type Pid, type Process, processOf } from './pid.ts'
import { checkCaller, currentProcess } from './scheduler.ts'
import { caller } from './self.ts'

/** An address of a process, valid until it is taken back; `M` is what may be sent to it. */
export interface Alias<in M = unknown> {
  /** Only a type: it carries `M`. */
  readonly '~alias': (message: M) => void
}

export interface AliasOptions {
  /** The first message takes it back (OTP's `reply`). */
  readonly once?: boolean
}

/** What a message does to the alias it came by. */
export const INACTIVE = 0
export const LASTING = 1
export const ONCE = 2

/** The record behind an alias; a monitor can be one, too. */
export class AliasRecord implements Alias<unknown> {
  declare readonly '~alias': (message: unknown) => void
  readonly owner: Process
  mode: number

  constructor(owner: Process, mode: number) {
    this.owner = owner
    this.mode = mode
  }

  /** Hands a message to the owner, or drops it. */
  deliver(message: unknown): void {
    const { owner } = this
    if (this.mode === INACTIVE || owner.status === DEAD) {
      deadLetter('inactive_alias', owner, message)
      return
    }
    if (this.mode === ONCE) this.mode = INACTIVE
    deliver(owner, message)
  }
}

/** Makes an alias of the calling process (or `owner`). */
export function alias<M = unknown>(options: AliasOptions = {}, owner?: Pid): Alias<M> {
  checkCaller()
  const process = owner === undefined ? caller('alias') : processOf(owner)
  return new AliasRecord(process, options.once === true ? ONCE : LASTING)
}

/**
 * Takes an alias back: messages to it are dropped from now on. Whether it was still valid; false,
 * and nothing happens, when another process than its owner asks.
 */
export function unalias<M>(alias: Alias<M>): boolean {
  checkCaller()
  if (!(alias instanceof AliasRecord) || isStranger(alias.owner)) return false
  const wasActive = alias.mode !== INACTIVE && alias.owner.status !== DEAD
  alias.mode = INACTIVE
  return wasActive
}

/** Whether a process runs and it is another than this one. */
export function isStranger(owner: Process): boolean {
  const process = currentProcess()
  return process !== null && process !== owner
}
