// A process of the test's own that keeps what it is sent, until the test asks for it.
import type { Pid } from '../../src/runtime/pid.ts'
import { spawn } from '../../src/runtime/process.ts'
import { exit, link, monitor, trapExit, unlink } from '../../src/runtime/signal.ts'

export class Probe {
  readonly pid: Pid<unknown>
  readonly #seen: unknown[] = []
  readonly #waiting: ((message: unknown) => void)[] = []

  constructor() {
    this.pid = spawn((message: unknown) => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#seen.push(message)
      else next(message)
    })
    trapExit(true, this.pid)
  }

  /** The next message, now or later. */
  next(): Promise<unknown> {
    if (this.#seen.length > 0) return Promise.resolve(this.#seen.shift())
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async take(count: number): Promise<unknown[]> {
    const taken: unknown[] = []
    while (taken.length < count) taken.push(await this.next())
    return taken
  }

  /** How many wait. */
  get length(): number {
    return this.#seen.length
  }

  link(pid: Pid): void {
    link(pid, this.pid)
  }

  unlink(pid: Pid): void {
    unlink(pid, this.pid)
  }

  monitor(pid: Pid): ReturnType<typeof monitor> {
    return monitor(pid, this.pid)
  }

  end(): void {
    exit(this.pid, 'kill')
  }
}
