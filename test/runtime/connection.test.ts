// Two connections held against the contract: one in memory, which shows how little one needs to be,
// and the one between threads, here with both ends in this thread.
import type { Connection, ConnectionEvents } from '../../src/runtime/connection.ts'
import { connectThreads, ThreadConnection } from '../../src/runtime/thread-connection.ts'
import { connectionSuite, type Pair } from './connection-suite.ts'

/** Bytes that count as having left. */
const MEMORY_BYTES = 1024

/** Frames that its peer has sent wait in it until it polls. */
class MemoryConnection implements Connection {
  peer: MemoryConnection | null = null
  #arrived: Uint8Array[] = []
  #events: ConnectionEvents | null = null
  #isPeerGone = false
  #hasEnded = false

  get backlog(): number {
    return this.peer === null ? 0 : Math.max(0, this.peer.#waiting() - MEMORY_BYTES)
  }

  open(events: ConnectionEvents): void {
    this.#events = events
  }

  send(frame: Uint8Array): void {
    if (!this.#hasEnded && this.peer !== null) this.peer.#arrived.push(frame.slice())
  }

  poll(): boolean {
    if (this.#events === null || this.#hasEnded) return false
    const arrived = this.#arrived.splice(0)
    for (const frame of arrived) this.#events.onFrame(frame)
    if (this.#isPeerGone) {
      this.#hasEnded = true
      this.peer = null
      this.#events.onEnd()
    }
    return false
  }

  close(): void {
    this.#isPeerGone = true
    if (this.peer !== null) this.peer.#isPeerGone = true
  }

  #waiting(): number {
    return this.#arrived.reduce((sum, { length }) => sum + length, 0)
  }
}

connectionSuite('a connection in memory', (): Pair => {
  const a = new MemoryConnection()
  const b = new MemoryConnection()
  a.peer = b
  b.peer = a
  return { a, b, kill: () => b.close() }
})

connectionSuite('a connection between threads', (): Pair => {
  const [first, second] = connectThreads(1024)
  const a = new ThreadConnection(first)
  const b = new ThreadConnection(second)
  return { a, b, kill: () => second.port.close() }
})
