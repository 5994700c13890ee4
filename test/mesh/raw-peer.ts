// A peer that is not ours: quiche and a socket, with any certificate, and free to do what our own
// sessions never do.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Certificate } from '../../src/identity/certificate.ts'
import { type QuicheConnection, quicBinding } from '../../src/mesh/quic-binding.ts'
import { quicConfig } from '../../src/mesh/quic-config.ts'
import type { Addr } from '../../src/mesh/transport.ts'

export class RawPeer {
  readonly quiche: QuicheConnection
  readonly #socket: Socket
  readonly #target: Addr

  private constructor(socket: Socket, target: Addr, certificate: Certificate) {
    this.#socket = socket
    this.#target = target
    const here = { host: '127.0.0.1', port: socket.address().port }
    const config = quicConfig(quicBinding(), { certificate, idleTimeoutMs: 5_000 })
    const id = Uint8Array.from({ length: 20 }, (_, index) => index)
    this.quiche = quicBinding().Connection.connect('macula', id, here, target, config)
    socket.on('message', (packet) => {
      this.quiche.recv(packet, { from: target, to: here })
      this.flush()
    })
    this.flush()
  }

  static async dial(target: Addr, certificate: Certificate): Promise<RawPeer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new RawPeer(socket, target, certificate)
  }

  /** Sends what quiche has to say. */
  flush(): void {
    for (;;) {
      const packet = Buffer.alloc(1_350)
      const sent = this.quiche.send(packet)
      if (sent === null) return
      this.#socket.send(packet.subarray(0, sent[0]), this.#target.port, this.#target.host)
    }
  }

  close(): void {
    this.#socket.close()
  }
}
