// The moment a name has a process: after a start that somebody else makes, or after a restart by a
// supervisor. It is told by the registry, nobody polls; and the name may be one of another thread,
// or `via` a Registry.
//
//   const till: Name<TillPid> = 'till'
//   const pid = await whenRegistered(till, { timeoutMs: 1000 })
//   exit(pid, 'kill')
//   await whenRegistered(till, { except: pid })     // the one its supervisor has started since
//
// A name is registered before `init` has run: a call then waits for that. When not to use it: to
// order the start of processes. That is what the order of children, and applications, are for.
import { CALL_TIMEOUT_MS } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import type { CallOptions } from './call.ts'
import { DEAD, type Name, type Pid, type Process } from './pid.ts'
import { checkDelay } from './receive.ts'
import { onNameTaken, resolveName, type SharedNames, sharedNames } from './registry.ts'
import { checkCaller } from './scheduler.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

export interface RegisteredOptions extends CallOptions {
  /** Not this process: the one before the restart, which may not have ended yet. */
  readonly except?: Pid | undefined
}

class NameWait extends WheelTimer {
  readonly #name: string
  readonly #options: RegisteredOptions
  readonly #resolve: (pid: Pid) => void
  readonly #reject: (error: ArborError) => void
  readonly #abort = (): void => this.#fail('aborted', 'the signal given was aborted')

  constructor(
    name: string,
    options: RegisteredOptions,
    resolve: (pid: Pid) => void,
    reject: (error: ArborError) => void,
  ) {
    super()
    this.#name = name
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    const { timeoutMs = CALL_TIMEOUT_MS, signal } = this.#options
    if (signal?.aborted === true) {
      this.#abort()
      return
    }
    signal?.addEventListener('abort', this.#abort)
    const known = waits.get(this.#name)
    if (known === undefined) waits.set(this.#name, new Set([this]))
    else known.add(this)
    if (timeoutMs !== 'infinity' && timeoutMs !== Number.POSITIVE_INFINITY) arm(this, timeoutMs)
  }

  /** Looks whether the name has its process by now. */
  look(): void {
    const process = holderOf(this.#name, this.#options.except)
    if (process === undefined) return
    this.#end()
    this.#resolve(process)
  }

  expire(): void {
    this.#fail('timeout', 'let a supervisor start it, or raise timeoutMs')
  }

  #fail(code: 'timeout' | 'aborted', advice: string): void {
    this.#end()
    const { except } = this.#options
    const request = except === undefined ? {} : { request: { except } }
    const attempt = { operation: 'whenRegistered', target: this.#name, ...request }
    const holder = except === undefined ? 'nobody' : `nobody but ${except}`
    const message = `${holder} was named "${this.#name}" in time (${code})`
    this.#reject(new ArborError(code, message, advice, attempt))
  }

  #end(): void {
    disarm(this)
    this.#options.signal?.removeEventListener('abort', this.#abort)
    const known = waits.get(this.#name)
    known?.delete(this)
    if (known?.size === 0) waits.delete(this.#name)
    if (waits.size === 0) onNameTaken(null)
  }
}

const waits = new Map<string, Set<NameWait>>()

/**
 * Resolves with the process of a name, at once or as soon as one is registered. Rejects with an
 * `ArborError` of code `timeout` after `timeoutMs` (default `CALL_TIMEOUT_MS`), or `aborted`.
 */
export function whenRegistered<P extends Pid>(
  name: Name<P>,
  options?: RegisteredOptions,
): Promise<P>
export function whenRegistered(name: string, options: RegisteredOptions = {}): Promise<Pid> {
  checkCaller()
  const { timeoutMs, except } = options
  if (typeof timeoutMs === 'number') checkDelay('whenRegistered', timeoutMs)
  const process = holderOf(name, except)
  if (process !== undefined) return Promise.resolve(process)
  return new Promise((resolve, reject) => {
    new NameWait(name, options, resolve, reject).begin()
    if (waits.size === 0) return
    onNameTaken(look)
    follow(sharedNames())
  })
}

/** Who has a name, unless it is the one not meant. */
function holderOf(name: string, except: Pid | undefined): Process | undefined {
  const process = resolveName(name)
  return process === except || process?.status === DEAD ? undefined : process
}

/** A name has been taken; null stands for whatever name. */
function look(name: string | null): void {
  for (const wait of [...(name === null ? allWaits() : (waits.get(name) ?? []))]) wait.look()
  if (name === null) follow(sharedNames())
}

function allWaits(): NameWait[] {
  return [...waits.values()].flatMap((known) => [...known])
}

let followed: SharedNames | null = null

/** While somebody waits, hears of the names that other threads register. */
function follow(names: SharedNames | null): void {
  if (names === null || names === followed || waits.size === 0) return
  followed = names
  const next = (): void => {
    const seen = names.claims()
    for (const wait of allWaits()) wait.look()
    if (waits.size > 0 && names === sharedNames()) names.whenClaimed(seen, next)
    else if (followed === names) followed = null
  }
  next()
}
