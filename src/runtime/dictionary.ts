// The process dictionary: values under keys that belong to one process and vanish with it. It is
// for what goes through many functions and concerns none of them (a request id for the log); state
// belongs into the state (erlang:put/2, get/1).
//
//   dictionary.put('request', 17)
//   dictionary.get('request')
import { DEAD, extensionOf, type Pid, type Process, processOf } from './pid.ts'
import { checkCaller } from './scheduler.ts'
import { caller } from './self.ts'

/** Sets a value of the calling process (or of `pid`); returns what was there, or undefined. */
export function put(key: unknown, value: unknown, pid?: Pid): unknown {
  const process = owner('dictionary.put', pid)
  if (process.status === DEAD) return undefined
  const extension = extensionOf(process)
  extension.dictionary ??= new Map()
  const before = extension.dictionary.get(key)
  extension.dictionary.set(key, value)
  return before
}

/** The value under a key, or undefined. */
export function get(key: unknown, pid?: Pid): unknown {
  return owner('dictionary.get', pid).extension?.dictionary?.get(key)
}

/** Takes a value out and returns it. */
export function erase(key: unknown, pid?: Pid): unknown {
  const dictionary = owner('dictionary.erase', pid).extension?.dictionary
  const before = dictionary?.get(key)
  dictionary?.delete(key)
  return before
}

/** All keys and values, as a copy. */
export function entries(pid?: Pid): Map<unknown, unknown> {
  return new Map(owner('dictionary.entries', pid).extension?.dictionary)
}

function owner(operation: string, pid: Pid | undefined): Process {
  checkCaller()
  return pid === undefined ? caller(operation) : processOf(pid)
}
