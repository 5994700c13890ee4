// Where an actor stands: the names from its system down to it, as in `system://contacts/alice`.
import { ArborError } from '../runtime/arbor-error.ts'

/** Letters, digits and what RFC 1738 calls safe and extra. */
const name = /^[a-z0-9-$_.+!*'(),]+$/i

export class ActorPath {
  readonly parts: readonly string[]
  /** Name of the system. */
  readonly system: string

  constructor(parts: readonly string[], system: string) {
    this.parts = parts
    this.system = system
  }

  createChildPath(child: string): ActorPath {
    return new ActorPath([...this.parts, child], this.system)
  }

  static isValidName(child: string): boolean {
    return typeof child === 'string' && name.test(child)
  }

  toString(): string {
    return `${this.system}://${this.parts.join('/')}`
  }
}

/** Throws when a name cannot be part of a path. */
export function checkName(child: string): void {
  if (ActorPath.isValidName(child)) return
  const advice = "use letters, digits and - $ _ . + ! * ' ( ) ,"
  const message = `Invalid argument: "${child}" cannot be part of a path`
  throw new ArborError('bad_name', message, advice, { operation: 'spawn', target: child })
}
