// A connection between two threads: a ring of shared memory for each direction, and a MessagePort
// whose only message means "look at your rings": that a frame has come for one who slept, or that
// there is room for one who waited. Under load nobody sleeps and no message is needed.
//
// The port also tells when the other thread is gone: it closes with it, however it ended. What that
// thread had written before lies in the ring and is read first.
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { BUSY_BACKLOG_BYTES, BUSY_WAIT_MS, READ_BYTES_MAX } from '../limits.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { Ring } from './mailbox.ts'
import { runQueueLength } from './run-queue.ts'
import { wake } from './scheduler.ts'
import { SharedRing } from './shared-ring.ts'

/** One end of a connection, to be handed to its thread; `port` has to be transferred. */
export interface ThreadEnd {
  readonly port: MessagePort
  readonly inbound: SharedArrayBuffer
  readonly outbound: SharedArrayBuffer
}

/** The two ends of a new connection. */
export function connectThreads(ringBytes?: number): readonly [ThreadEnd, ThreadEnd] {
  const { port1, port2 } = new MessageChannel()
  const there = SharedRing.allocate(ringBytes)
  const back = SharedRing.allocate(ringBytes)
  return [
    { port: port1, inbound: back, outbound: there },
    { port: port2, inbound: there, outbound: back },
  ]
}

interface Waiting {
  readonly frame: Uint8Array
  /** How much of it has left. */
  sent: number
}

export class ThreadConnection implements Connection {
  readonly #port: MessagePort
  readonly #inbound: SharedRing
  readonly #outbound: SharedRing
  #events: ConnectionEvents | null = null
  /** What could not leave yet: the frame that leaves next, and those behind it. */
  #leaving: Waiting | null = null
  #behind: Ring = new Ring()
  #backlog = 0
  /** Whether frames may lie in the ring although no message will say so. */
  #isAwake = true
  #hasEnded = false

  constructor({ port, inbound, outbound }: ThreadEnd) {
    this.#port = port
    this.#inbound = new SharedRing(inbound)
    this.#outbound = new SharedRing(outbound)
  }

  get backlog(): number {
    return this.#backlog
  }

  open(events: ConnectionEvents): void {
    this.#events = events
    this.#port.on('message', () => this.#look())
    this.#port.on('close', () => this.#end())
    // What keeps a thread alive is its own business.
    this.#port.unref()
    this.#isAwake = true
    wake()
  }

  send(frame: Uint8Array): void {
    if (this.#hasEnded) return
    if (this.#leaving !== null) {
      if (this.#backlog > BUSY_BACKLOG_BYTES) this.#outbound.blockForRoom(BUSY_WAIT_MS)
      this.#sendWaiting()
    }
    const sent = this.#leaving === null ? this.#outbound.write(frame, 0) : 0
    if (sent < frame.length) {
      const rest: Waiting = { frame: frame.slice(sent), sent: 0 }
      if (this.#leaving === null) this.#leaving = rest
      else this.#behind.push(rest)
      this.#backlog += frame.length - sent
      this.#outbound.awaitRoom()
    }
    this.#wakePeer()
  }

  poll(): boolean {
    if (this.#hasEnded) return false
    if (this.#leaving !== null) this.#sendWaiting()
    if (this.#events === null) return false
    if (this.#isAwake) this.#read()
    return this.#isAwake
  }

  close(): void {
    this.#port.close()
  }

  #look(): void {
    this.#isAwake = true
    if (this.poll()) wake()
  }

  #wakePeer(): void {
    if (this.#outbound.takeSleep()) this.#port.postMessage(null)
  }

  #sendWaiting(): void {
    for (let next = this.#leaving; next !== null; next = this.#leaving) {
      const sent = this.#outbound.write(next.frame, next.sent)
      this.#backlog -= sent - next.sent
      next.sent = sent
      if (sent < next.frame.length) {
        this.#outbound.awaitRoom()
        break
      }
      this.#leaving = this.#behind.length === 0 ? null : (this.#behind.shift() as Waiting)
    }
    this.#wakePeer()
  }

  /**
   * Reads what has arrived: no more than processes can take up while there are some that have not
   * had their turn, so that a slow receiver is felt by its senders.
   */
  #read(): void {
    const bytesMax = runQueueLength() === 0 ? READ_BYTES_MAX : 1
    let bytes = 0
    while (bytes < bytesMax) {
      const frame = this.#inbound.read()
      if (frame === undefined) {
        if (this.#inbound.sleep()) {
          this.#isAwake = false
          break
        }
        continue
      }
      bytes += frame.length
      this.#events?.onFrame(frame)
    }
    if (this.#inbound.takeWaiting()) this.#port.postMessage(null)
  }

  #end(): void {
    if (this.#hasEnded) return
    for (let frame = this.#inbound.read(); frame !== undefined; frame = this.#inbound.read()) {
      this.#events?.onFrame(frame)
    }
    this.#hasEnded = true
    this.#leaving = null
    this.#behind = new Ring()
    this.#backlog = 0
    this.#events?.onEnd()
  }
}
