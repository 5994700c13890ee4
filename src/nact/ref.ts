// How actors are addressed: a reference is a path, so it outlives the process behind it, and
// whoever is started under the same path later is reached by the same reference.
import type { Actor, ActorSystem } from './actor.ts'
import type { ActorPath } from './path.ts'

/** An actor, by reference. `Msg` is what may be dispatched to it; a `Ref<never>` is any actor. */
export abstract class Ref<in Msg> {
  /** Only a type: it carries `Msg`. */
  declare readonly '~message': (message: Msg) => void
  abstract readonly type: 'actor' | 'system' | 'temp' | 'nobody'
}

/** The system: where the top-level actors are spawned. */
export type ActorSystemRef = Ref<never>

export class ActorRef<Msg = never> extends Ref<Msg> {
  readonly type = 'actor'
  readonly #actor: Actor

  constructor(actor: Actor) {
    super()
    this.#actor = actor
  }

  get name(): string {
    return this.#actor.name
  }

  get path(): ActorPath {
    return this.#actor.path
  }

  get parent(): Ref<never> {
    return this.#actor.parent.ref
  }

  get system(): { readonly name: string } {
    return this.#actor.system.ref.system
  }

  /** Whom it names now; the actor it was made for, or its successor under the same path. */
  static actorOf(ref: ActorRef): Actor | undefined {
    const actor = ref.#actor
    return actor.isStopped ? actor.system.find(ref.path.parts) : actor
  }
}

export class SystemRef extends Ref<never> {
  readonly type = 'system'
  readonly name: string
  readonly path: ActorPath
  readonly system: { readonly name: string }
  readonly #system: ActorSystem

  constructor(system: ActorSystem) {
    super()
    this.#system = system
    this.name = system.name
    this.path = system.path
    this.system = { name: system.name }
  }

  static systemOf(ref: SystemRef): ActorSystem {
    return ref.#system
  }
}

/** Nobody: what is dispatched to it is dropped. The sender of a message that has none. */
export class Nobody extends Ref<unknown> {
  readonly type = 'nobody'
}

export const nobody: Nobody = new Nobody()
