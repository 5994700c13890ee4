// One UDP socket whose errors never leave it: what cannot be sent is counted, as if the network had
// lost it. Addresses come from peers, and the operating system refuses some of them after any check
// of ours.
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { UDP_BUFFER_BYTES } from '../limits.ts'
import type { HostPort } from './quic-binding.ts'
import type { Addr } from './transport.ts'

export class UdpSocket {
  /** Where it is bound. */
  readonly local: Addr
  readonly family: 4 | 6
  /** Packets the operating system did not take. */
  sendErrorCount = 0
  readonly #socket: Socket
  #unsentCount = 0
  #onIdle: (() => void) | undefined

  private constructor(socket: Socket, family: 4 | 6) {
    this.#socket = socket
    this.family = family
    const { address, port } = socket.address()
    this.local = { host: address, port }
    socket.on('error', () => {
      this.sendErrorCount++
    })
  }

  /**
   * Binds an IP address; rejects with the system's error when it cannot be had. `::` takes IPv4
   * too.
   */
  static bind(addr: Addr, onPacket: (packet: Buffer, from: HostPort) => void): Promise<UdpSocket> {
    const family = isIPv6(addr.host) ? 6 : 4
    // Hosts are literals: looking them up, even to find that out, costs a turn of the event loop a
    // packet.
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (host, _options, callback) => callback(null, host, family),
    })
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address: addr.host, port: addr.port, exclusive: true }, () => {
        socket.off('error', reject)
        enlargeBuffers(socket)
        socket.on('message', (packet, { address, port }) => {
          onPacket(packet, { host: address, port })
        })
        resolve(new UdpSocket(socket, family))
      })
    })
  }

  /** Sends a packet or counts that it could not; `packet` must not change until it has left. */
  send(packet: Uint8Array, to: HostPort): void {
    this.#unsentCount++
    try {
      this.#socket.send(packet, to.port, to.host, this.#sent)
    } catch {
      this.#unsentCount--
      this.sendErrorCount++
    }
  }

  /** Frees the socket once everything has left. */
  async close(): Promise<void> {
    if (this.#unsentCount > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.sendErrorCount++
    this.#unsentCount--
    if (this.#unsentCount === 0) this.#onIdle?.()
  }
}

/** Bursts of a congestion window must fit; a system that allows less gives what it allows. */
function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(UDP_BUFFER_BYTES)
    socket.setSendBufferSize(UDP_BUFFER_BYTES)
  } catch {
    // The system's own size has to do.
  }
}
