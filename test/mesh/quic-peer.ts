// A node in a process of its own, for tests that kill it: `node quic-peer.ts <seed byte> <port>`
// listens, echoes streams and prints its port; with a third argument it dials that port instead,
// says hello, and ends.
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { QuicTransport } from '../../src/mesh/quic-transport.ts'

const [seed = '1', port = '0', station] = process.argv.slice(2)
const keys = keyPairFromSeed(new Uint8Array(32).fill(Number(seed)))
const transport = new QuicTransport({ keys })

if (station === undefined) {
  transport.onSession((session) => {
    session.onStream = (stream) => {
      stream.onData = (bytes) => stream.write(bytes, true)
    }
  })
  const addr = await transport.listen({ host: '127.0.0.1', port: Number(port) })
  process.send?.(addr.port)
} else {
  const addr = { host: '127.0.0.1', port: Number(station) }
  const session = await transport.dial(addr, { expect: 'anyone' })
  const stream = await session.open('bidi')
  stream.write(Buffer.from('hello'), true)
  await new Promise<void>((resolve) => {
    stream.onEnd = resolve
    stream.onData = () => {}
  })
  await transport.close(0, 'shutdown')
}
