// Our QUIC transport as a contestant of echo.ts.
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { QuicTransport } from '../../src/mesh/quic-transport.ts'
import type { Session, Stream } from '../../src/mesh/transport.ts'
import { answerTo, type EchoClient, type EchoTransport } from './echo.ts'

const CHUNK = new Uint8Array(65_536)
const serverKeys = keyPairFromSeed(new Uint8Array(32).fill(1))
const clientKeys = keyPairFromSeed(new Uint8Array(32).fill(2))

export class ArborEcho implements EchoTransport {
  readonly name = 'arbor QUIC'
  readonly #client = new QuicTransport({ keys: clientKeys })

  async serve(): Promise<number> {
    const server = new QuicTransport({ keys: serverKeys })
    server.onSession((session) => {
      session.onStream = (stream) => {
        const chunks: Uint8Array[] = []
        stream.onEnd = () => stream.write(answerTo(chunks), true)
        stream.onData = (bytes) => chunks.push(bytes)
      }
    })
    return (await server.listen({ host: '127.0.0.1', port: 0 })).port
  }

  async connect(port: number): Promise<EchoClient> {
    const addr = { host: '127.0.0.1', port }
    const session = await this.#client.dial(addr, { expect: serverKeys.nodeId })
    return {
      request: (bytes) => request(session, bytes),
      upload: (sizeBytes) => upload(session, sizeBytes),
      close: async () => {
        session.close(0)
        await session.closed
      },
    }
  }

  async end(): Promise<void> {
    await this.#client.close()
  }
}

async function request(session: Session, bytes: Uint8Array): Promise<void> {
  const stream = await session.open('bidi')
  const ended = endOf(stream)
  stream.write(bytes, true)
  await ended
}

async function upload(session: Session, sizeBytes: number): Promise<void> {
  const stream = await session.open('bidi')
  const ended = endOf(stream)
  let sentBytes = 0
  const pump = (): void => {
    let isFree = true
    while (isFree && sentBytes < sizeBytes) {
      sentBytes += CHUNK.length
      isFree = stream.write(CHUNK, sentBytes >= sizeBytes)
    }
  }
  stream.onDrain = pump
  pump()
  await ended
}

function endOf(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    stream.onEnd = resolve
    stream.onData = () => {}
  })
}
