// What an actor's function is told beside the message: who it is, who its relatives are, who sent
// the message, and where to log.
import { type Level, log } from '../runtime/logger.ts'
import type { Actor } from './actor.ts'
import type { ActorPath } from './path.ts'
import type { Ref } from './ref.ts'

export interface ActorContext<Msg, Parent extends Ref<never>> {
  readonly self: Ref<Msg>
  readonly parent: Parent
  readonly path: ActorPath
  readonly name: string
  /** The children by name, as they are now. */
  readonly children: Map<string, Ref<unknown>>
  /** Who sent the message: given to `dispatch`, made by `query`; otherwise `Nobody`. */
  readonly sender: Ref<unknown>
  readonly log: ActorLogger
}

/** Logs in the name of an actor, through the runtime's one logger (`setLogger`). */
export interface ActorLogger {
  trace(message: string): void
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
  critical(message: string): void
  event(name: string, properties: unknown): void
  exception(exception: Error): void
  metric(name: string, values: unknown): void
}

export class Context implements ActorContext<unknown, Ref<never>> {
  readonly #actor: Actor
  readonly self: Ref<unknown>
  readonly parent: Ref<never>
  readonly path: ActorPath
  readonly name: string
  readonly sender: Ref<unknown>

  constructor(actor: Actor, sender: Ref<unknown>) {
    this.#actor = actor
    this.self = actor.ref
    this.parent = actor.parent.ref
    this.path = actor.path
    this.name = actor.name
    this.sender = sender
  }

  get children(): Map<string, Ref<unknown>> {
    return this.#actor.childRefs()
  }

  get log(): ActorLogger {
    return new PathLogger(this.path)
  }
}

class PathLogger implements ActorLogger {
  readonly #path: ActorPath

  constructor(path: ActorPath) {
    this.#path = path
  }

  trace(message: string): void {
    this.#tell('debug', { message })
  }

  debug(message: string): void {
    this.#tell('debug', { message })
  }

  info(message: string): void {
    this.#tell('info', { message })
  }

  warn(message: string): void {
    this.#tell('warning', { message })
  }

  error(message: string): void {
    this.#tell('error', { message })
  }

  critical(message: string): void {
    this.#tell('error', { message })
  }

  event(name: string, properties: unknown): void {
    this.#tell('info', { name, properties })
  }

  exception(error: Error): void {
    this.#tell('error', { error })
  }

  metric(name: string, values: unknown): void {
    this.#tell('info', { metric: name, values })
  }

  #tell(level: Level, facts: object): void {
    log(() => ({ level, event: 'actor_log', actor: this.#path.toString(), ...facts }))
  }
}
