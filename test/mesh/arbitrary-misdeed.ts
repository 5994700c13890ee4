// What a hostile peer may do on a session: say anything, in any order, whole or damaged, or misuse
// the transport.
import fc from 'fast-check'
import type { KeyPair } from '../../src/identity/key-pair.ts'
import { signFrame, withPublisherSignature } from '../../src/mesh/frame-signature.ts'
import { fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { type Stream, TransportError } from '../../src/mesh/transport.ts'
import { frame as anyFrame } from './frames/arbitrary-frame.ts'
import { connectWire, keysOf, type RawPeer } from './simulated-mesh.ts'

/** One thing: bytes to write, or a stream to open. */
export type Misdeed = (peer: RawPeer) => unknown

/** Frames of every type, signed by the peer or somebody else. */
function said(keys: KeyPair): fc.Arbitrary<Uint8Array> {
  const another = keysOf('another')
  const signer = fc.constantFrom(keys, keys, another)
  const wires = fc
    .record({ frame: anyFrame, signer, isPublisher: fc.boolean() })
    .map(({ frame, signer: by, isPublisher }) => {
      const fields = fieldsOf(frame)
      return signFrame(isPublisher ? withPublisherSignature(fields, by) : fields, by)
    })
  return fc.oneof(
    { weight: 8, arbitrary: wires },
    { weight: 1, arbitrary: fc.constantFrom(connectWire(keys), connectWire(another)) },
  )
}

/** The same, with a bit or the end missing. */
function damaged(keys: KeyPair): fc.Arbitrary<Uint8Array> {
  return fc
    .record({ wire: said(keys), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }), end: fc.nat() })
    .map(({ wire, at, by, end }) => {
      const bytes = wire.slice(0, end % 3 === 0 ? end % (wire.length + 1) : wire.length)
      const index = at % (bytes.length + 1)
      if (index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ by
      return bytes
    })
}

/** A length, and less than it promises. */
const promised: fc.Arbitrary<Uint8Array> = fc.nat(0xffff_ffff).map((length) => {
  const bytes = new Uint8Array(20)
  new DataView(bytes.buffer).setUint32(0, length)
  return bytes
})

const nested: Uint8Array = Uint8Array.of(0, 0, 4, 0, ...new Uint8Array(1024).fill(0x81))

const misuses: fc.Arbitrary<Misdeed> = fc.constantFrom<Misdeed>(
  ({ control }) => say(control, nested),
  ({ session }) => openAndWrite(session.open('bidi')),
  ({ session }) => openAndWrite(session.open('uni')),
  ({ session }) => session.datagram(nested),
  ({ control }) => control.stop(7),
  ({ control }) => control.reset(7),
  ({ session }) => session.close(9, 'x'.repeat(100)),
)

function openAndWrite(opening: Promise<Stream>): void {
  opening.then(
    (stream) => stream.write(nested, true),
    () => {}, // the session has ended meanwhile
  )
}

/** After its own reset a peer can say no more. */
function say(control: Stream, wire: Uint8Array): void {
  try {
    if (wire.length > 0) control.write(wire)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
  }
}

/** What a peer with these keys may do. */
export function misdeed(keys: KeyPair): fc.Arbitrary<Misdeed> {
  const bytes = fc.oneof(said(keys), damaged(keys), promised, fc.uint8Array({ minLength: 1 }))
  const utterances = bytes.map(
    (wire): Misdeed =>
      ({ control }) =>
        say(control, wire),
  )
  return fc.oneof({ weight: 6, arbitrary: utterances }, { weight: 1, arbitrary: misuses })
}
