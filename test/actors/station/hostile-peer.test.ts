// Whatever a peer sends, the station lives, serves the others, and is left with nothing once the
// peer is gone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publish } from '../../../src/actors/pubsub/pubsub-server.ts'
import { stationInfo } from '../../../src/actors/station/station.ts'
import { signFrame, withPublisherSignature } from '../../../src/mesh/frame-signature.ts'
import { fieldsOf } from '../../../src/mesh/frames/frame-type.ts'
import { processCount } from '../../../src/runtime/signal.ts'
import { frame as anyFrame } from '../../mesh/frames/arbitrary-frame.ts'
import {
  connectWire,
  keysOf,
  type RawPeer,
  realm,
  SimulatedMesh,
  topic,
} from '../../mesh/simulated-mesh.ts'

/** One thing an intruder does: bytes to write, or a stream to open. */
type Misdeed = (peer: RawPeer) => void

const intruder = keysOf('intruder')
const signers = [intruder, keysOf('another')]

const wires = fc
  .record({ frame: anyFrame, signer: fc.constantFrom(...signers), isPublisher: fc.boolean() })
  .map(({ frame, signer, isPublisher }) => {
    const fields = fieldsOf(frame)
    return signFrame(isPublisher ? withPublisherSignature(fields, signer) : fields, signer)
  })

/** Frames of every type, in any order, signed by the peer or not. */
const said: fc.Arbitrary<Uint8Array> = fc.oneof(
  wires,
  fc.constant(connectWire(intruder)),
  fc.constant(connectWire(keysOf('another'))),
)

/** The same, damaged. */
const damaged: fc.Arbitrary<Uint8Array> = fc
  .record({ wire: said, at: fc.nat(), by: fc.integer({ min: 1, max: 255 }), end: fc.nat() })
  .map(({ wire, at, by, end }) => {
    const bytes = wire.slice(0, end % 3 === 0 ? end % (wire.length + 1) : wire.length)
    const index = at % (bytes.length + 1)
    if (index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ by
    return bytes
  })

/** A length, and less than it promises. */
const promised: fc.Arbitrary<Uint8Array> = fc.nat(0xffff_ffff).map((length) => {
  const bytes = new Uint8Array(20)
  new DataView(bytes.buffer).setUint32(0, length)
  return bytes
})

const nested: Uint8Array = Uint8Array.of(0, 0, 4, 0, ...new Uint8Array(1024).fill(0x81))

const misdeeds: fc.Arbitrary<Misdeed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.oneof(said, damaged, promised, fc.uint8Array({ minLength: 1 })).map(
      (bytes): Misdeed =>
        ({ control }) => {
          if (bytes.length > 0) control.write(bytes)
        },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Misdeed>(({ control }) => control.write(nested)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Misdeed>(
      ({ session }) =>
        void session.open('bidi').then(
          (stream) => stream.write(nested),
          () => {},
        ),
      ({ session }) =>
        void session.open('uni').then(
          (stream) => stream.write(nested, true),
          () => {},
        ),
      ({ session }) => void session.datagram(nested),
      ({ control }) => control.stop(7),
      ({ session }) => session.close(9, 'x'.repeat(100)),
    ),
  },
)

const conduct = fc.record({
  isConnected: fc.boolean(),
  deeds: fc.array(fc.record({ deed: misdeeds, waitMs: fc.nat(30) }), {
    minLength: 1,
    maxLength: 12,
  }),
})

describe('a station', () => {
  it('outlives any peer, and serves the others meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(conduct, async ({ isConnected, deeds }) => {
        const mesh = new SimulatedMesh({ latencyMs: 1 })
        try {
          const station = await mesh.station({ handshakeTimeoutMs: 3_000 })
          const { server } = station
          const [a, b] = [await mesh.node('a'), await mesh.node('b')]
          const { messages } = await b.subscriber()
          await mesh.advance(50)
          const processes = processCount()
          const peer = await mesh.rawPeer('intruder', { isConnected })
          for (const { deed, waitMs } of deeds) {
            deed(peer)
            await mesh.advance(waitMs)
          }
          await publish(a.pubsub, realm, topic, 'still here')
          await mesh.advance(100)
          expect(messages.map(({ payload }) => payload)).toEqual(['still here'])
          peer.session.close(0)
          await mesh.advance(5_000)
          expect(station.server).toBe(server)
          const left = { connections: 2, handshakes: 0, subscriptions: 1 }
          expect(await stationInfo(server)).toMatchObject(left)
          expect(processCount()).toBe(processes)
        } finally {
          await mesh.close()
        }
      }),
      { numRuns: 100 },
    )
  })
})
