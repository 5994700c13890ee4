// A UDP proxy in the middle: loses, records or blocks packets, and can move to another port as a
// NAT does.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Addr } from '../../src/mesh/transport.ts'
import type { Random } from '../../src/runtime/random.ts'

export interface UdpProxyOptions {
  readonly target: Addr
  readonly random: Random
  /** Probability that a packet is lost, each way. */
  readonly loss?: number
}

export class UdpProxy {
  /** Every packet that came from the dialler, when recording. */
  readonly recorded: Buffer[] = []
  isRecording = false
  isBlocked = false
  readonly #options: UdpProxyOptions
  readonly #front: Socket
  #back: Socket
  #dialler: Addr | undefined

  private constructor(options: UdpProxyOptions, front: Socket, back: Socket) {
    this.#options = options
    this.#front = front
    this.#back = back
    front.on('message', (packet, from) => {
      this.#dialler = { host: from.address, port: from.port }
      if (this.isRecording) this.recorded.push(packet)
      if (this.#passes()) this.#back.send(packet, options.target.port, options.target.host)
    })
    this.#listenBack(back)
  }

  static async start(options: UdpProxyOptions): Promise<UdpProxy> {
    return new UdpProxy(options, await boundSocket(), await boundSocket())
  }

  /** What to dial instead of the target. */
  get addr(): Addr {
    return { host: '127.0.0.1', port: this.#front.address().port }
  }

  /** From now on the target sees the dialler at another port. */
  async rebind(): Promise<void> {
    const old = this.#back
    this.#back = await boundSocket()
    this.#listenBack(this.#back)
    old.close()
  }

  close(): void {
    this.#front.close()
    this.#back.close()
  }

  #listenBack(back: Socket): void {
    back.on('message', (packet) => {
      const to = this.#dialler
      if (to !== undefined && this.#passes()) this.#front.send(packet, to.port, to.host)
    })
  }

  #passes(): boolean {
    const { random, loss = 0 } = this.#options
    return !this.isBlocked && random.next() >= loss
  }
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
