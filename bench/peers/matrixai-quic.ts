// The documented API of @matrixai/quic as a contestant of echo.ts.
import { createHmac } from 'node:crypto'
import Logger, { LogLevel } from '@matrixai/logger'
import { events, QUICClient, QUICServer, type QUICStream } from '@matrixai/quic'
import { selfSignedCertificate } from '../../src/identity/certificate.ts'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { secureRandomBytes } from '../../src/runtime/random.ts'
import { answerTo, type EchoClient, type EchoTransport } from '../workloads/echo.ts'

// Its default writes a line for each stream, which would be measured too.
const SILENT = new Logger('silent', LogLevel.SILENT)
const CHUNK = new Uint8Array(65_536)

export class MatrixaiEcho implements EchoTransport {
  readonly name = '@matrixai/quic'

  async serve(): Promise<number> {
    const ops = { sign: macOf, verify: isMacOf }
    const config = { ...credentials(1), verifyPeer: true, verifyCallback: async () => undefined }
    const crypto = { key: new ArrayBuffer(32), ops }
    const server = new QUICServer({ crypto, config, logger: SILENT })
    server.addEventListener(events.EventQUICServerConnection.name, (arrival: Event) => {
      if (!(arrival instanceof events.EventQUICServerConnection)) return
      arrival.detail.addEventListener(events.EventQUICConnectionStream.name, (opening: Event) => {
        if (opening instanceof events.EventQUICConnectionStream) void answer(opening.detail)
      })
    })
    await server.start({ host: '127.0.0.1', port: 0 })
    return server.port
  }

  async connect(port: number): Promise<EchoClient> {
    const randomBytes = async (data: ArrayBuffer): Promise<void> => {
      new Uint8Array(data).set(secureRandomBytes(data.byteLength))
    }
    const client = await QUICClient.createQUICClient(
      {
        host: '127.0.0.1',
        port,
        localHost: '127.0.0.1',
        crypto: { ops: { randomBytes } },
        logger: SILENT,
        config: { ...credentials(2), verifyCallback: async () => undefined },
      },
      { timer: 5_000 },
    )
    const ask = async (chunks: Iterable<Uint8Array>): Promise<void> => {
      const { readable, writable } = client.connection.newStream('bidi')
      const answered = drain(readable)
      await send(writable, chunks)
      await answered
    }
    return {
      request: (bytes) => ask([bytes]),
      upload: (sizeBytes) => ask(chunksOf(sizeBytes)),
      close: async () => {
        await client.destroy()
      },
    }
  }

  async end(): Promise<void> {}
}

async function answer({ readable, writable }: QUICStream): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readable) chunks.push(chunk)
  await send(writable, [answerTo(chunks)])
}

async function send(
  writable: WritableStream<Uint8Array>,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const writer = writable.getWriter()
  for (const chunk of chunks) await writer.write(chunk)
  await writer.close()
}

async function drain(readable: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _chunk of readable) {
    // Only the end counts.
  }
}

function* chunksOf(sizeBytes: number): Iterable<Uint8Array> {
  for (let sentBytes = 0; sentBytes < sizeBytes; sentBytes += CHUNK.length) yield CHUNK
}

function credentials(seed: number): { key: string; cert: string } {
  const keys = keyPairFromSeed(new Uint8Array(32).fill(seed))
  const { pem, privateKeyPem } = selfSignedCertificate(keys, Date.now())
  return { key: privateKeyPem, cert: pem }
}

async function macOf(key: ArrayBuffer, data: ArrayBuffer): Promise<ArrayBuffer> {
  const mac = createHmac('sha256', Buffer.from(key)).update(Buffer.from(data)).digest()
  // The package takes a whole buffer, not a slice of Node's pool.
  return new Uint8Array(mac).buffer
}

async function isMacOf(key: ArrayBuffer, data: ArrayBuffer, mac: ArrayBuffer): Promise<boolean> {
  return Buffer.from(await macOf(key, data)).equals(Buffer.from(mac))
}
