// What few servers have, made on demand: an idle timeout, a time after which they hibernate, who
// watches them. The loop pays one comparison for all of it.
import { addWatch, type Process, removeWatch, type Watch } from '../runtime/pid.ts'
import { hibernate } from '../runtime/process-flag.ts'
import { post } from '../runtime/scheduler.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import type { Debug } from './server-debug.ts'
import type { Server } from './server-loop.ts'

/** Ends with its server: no timer is left behind. */
export class ServerExtension implements Watch {
  idle: IdleTimeout | null = null
  hibernation: Hibernation | null = null
  debug: Debug | null = null
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null

  onExit(): void {
    if (this.idle !== null) disarm(this.idle)
    if (this.hibernation !== null) disarm(this.hibernation)
  }
}

export function extend(process: Process, server: Server): ServerExtension {
  if (server.extension !== null) return server.extension
  const extension = new ServerExtension()
  server.extension = extension
  addWatch(process, extension)
  return extension
}

/** Drops an extension that has become empty: its server is as fast as before again. */
export function shrink(server: Server): void {
  const { extension } = server
  if (extension === null) return
  if (extension.idle !== null || extension.hibernation !== null || extension.debug !== null) return
  removeWatch(extension)
  server.extension = null
}

// --- Idle timeout ---

/** Armed by `timeoutMs`; posts itself, and is void when another message was faster. */
export class IdleTimeout extends WheelTimer {
  isVoid = false
  readonly timeoutMs: number
  readonly #process: Process

  constructor(process: Process, timeoutMs: number) {
    super()
    this.#process = process
    this.timeoutMs = timeoutMs
  }

  expire(): void {
    post(this.#process, this)
  }
}

export function armIdle(process: Process, server: Server, timeoutMs: number | 'infinity'): void {
  if (timeoutMs === 'infinity') return
  const idle = new IdleTimeout(process, timeoutMs)
  extend(process, server).idle = idle
  // Behind what waits already: that cancels it, what comes later does not.
  if (timeoutMs === 0) post(process, idle)
  else arm(idle, timeoutMs)
}

/** Takes back the timeout of a wait; returns its length, or undefined when there is none. */
export function stopIdle({ extension }: Server): number | undefined {
  if (extension === null || extension.idle === null) return undefined
  const { idle } = extension
  idle.isVoid = true
  disarm(idle)
  extension.idle = null
  return idle.timeoutMs
}

// --- Hibernation ---

/** Hibernates a server that has had nothing to do for a while. */
export class Hibernation extends WheelTimer {
  readonly #process: Process
  readonly #afterMs: number
  #isArmed = false
  #wasActive = false

  constructor(process: Process, afterMs: number) {
    super()
    this.#process = process
    this.#afterMs = afterMs
  }

  /** The server has something to do. */
  noteActivity(): void {
    this.#wasActive = true
    if (!this.#isArmed) this.#arm()
  }

  expire(): void {
    this.#isArmed = false
    if (this.#wasActive) this.#arm()
    else hibernate(this.#process)
  }

  #arm(): void {
    this.#isArmed = true
    this.#wasActive = false
    arm(this, this.#afterMs)
  }
}
