// Whose function runs, also after an await: so that a function whose actor has ended meanwhile can
// go no further than its next dispatch, spawn or query. Keeping track costs a quarter of a
// microsecond a message, so only functions that await are tracked.
import { AsyncLocalStorage } from 'node:async_hooks'
import { ArborError } from '../runtime/arbor-error.ts'
import { DEAD } from '../runtime/pid.ts'
import type { Actor, Place } from './actor.ts'

let running: AsyncLocalStorage<Actor> | undefined

/** Calls a function in the name of an actor. */
export function runAs<T>(actor: Actor, call: () => T): T {
  running ??= new AsyncLocalStorage()
  return running.run(actor, call)
}

/** Throws when the caller is what is left of an actor's function, after the actor's end. */
export function checkAlive(operation: string): void {
  const actor = running?.getStore()
  if (actor === undefined || actor.pid.status !== DEAD) return
  const attempt = { operation, target: actor.path.toString() }
  const message = `${actor.path} has ended while its function waited`
  throw new ArborError('noproc', message, 'nothing is left to do: let it end', attempt)
}

/** Whether the caller runs within a place or below it, and must not wait for its end. */
export function isWithin(place: Place): boolean {
  for (let at: Place | undefined = running?.getStore(); at !== undefined; at = parentOf(at)) {
    if (at === place) return true
  }
  return false
}

function parentOf(place: Place): Place | undefined {
  return 'parent' in place ? (place as Actor).parent : undefined
}
