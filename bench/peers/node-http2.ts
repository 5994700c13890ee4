// HTTP/2 over TLS 1.3 over TCP, as Node has it, as a contestant of echo.ts: what a stream a request
// costs where the kernel does the work. It has no UDP, hence no hole punching, and one lost packet
// holds back all streams.
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createSecureServer } from 'node:http2'
import { selfSignedCertificate } from '../../src/identity/certificate.ts'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { answerTo, type EchoClient, type EchoTransport } from '../workloads/echo.ts'

const CHUNK = new Uint8Array(65_536)
const WINDOW_BYTES = 1_048_576

export class Http2Echo implements EchoTransport {
  readonly name = 'node:http2 over TLS'

  async serve(): Promise<number> {
    const settings = { initialWindowSize: WINDOW_BYTES }
    const server = createSecureServer({
      ...credentials(1),
      settings,
      requestCert: true,
      rejectUnauthorized: false,
    })
    server.on('session', (session) => session.setLocalWindowSize(8 * WINDOW_BYTES))
    server.on('stream', (stream) => {
      const chunks: Uint8Array[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        stream.respond({ ':status': 200 })
        stream.end(answerTo(chunks))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no TCP port')
    return address.port
  }

  async connect(port: number): Promise<EchoClient> {
    const options = { ...credentials(2), rejectUnauthorized: false }
    const session = connect(`https://127.0.0.1:${port}`, options)
    await once(session, 'connect')
    return {
      request: (bytes) => ask(session, [bytes]),
      upload: (sizeBytes) => ask(session, chunksOf(sizeBytes)),
      close: async () => {
        session.close()
        await once(session, 'close')
      },
    }
  }

  async end(): Promise<void> {}
}

async function ask(session: ClientHttp2Session, chunks: Iterable<Uint8Array>): Promise<void> {
  const stream = session.request({ ':method': 'POST', ':path': '/' })
  stream.resume()
  const ended = once(stream, 'end')
  for (const chunk of chunks) {
    if (!stream.write(chunk)) await once(stream, 'drain')
  }
  stream.end()
  await ended
}

function* chunksOf(sizeBytes: number): Iterable<Uint8Array> {
  for (let sentBytes = 0; sentBytes < sizeBytes; sentBytes += CHUNK.length) yield CHUNK
}

function credentials(seed: number): { key: string; cert: string } {
  const keys = keyPairFromSeed(new Uint8Array(32).fill(seed))
  const { pem, privateKeyPem } = selfSignedCertificate(keys, Date.now())
  return { key: privateKeyPem, cert: pem }
}
