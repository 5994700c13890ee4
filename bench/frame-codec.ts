// How many PUBLISH frames with a payload of 4 KiB can a node make, and how many can it check, per
// second of CPU time? The floor is what node:crypto takes to sign or verify the same bytes, nothing
// else.
import { sign, verify } from 'node:crypto'
import { keyPairFromSeed, publicKeyOf, verifyingKey } from '../src/identity/key-pair.ts'
import { realmTag } from '../src/identity/realm.ts'
import { type Encodable, Float } from '../src/identity/value.ts'
import { decodeFrame, encodeFrame, type UnsentFields } from '../src/mesh/frame.ts'
import {
  frameSigningInput,
  publisherSigningInput,
  signFrame,
  verifyFrame,
  verifyPublisher,
  withEncodedPayload,
  withPublisherSignature,
} from '../src/mesh/frame-signature.ts'
import { stampAt } from '../src/mesh/frames/fields.ts'
import { fieldsOf, parseFrame } from '../src/mesh/frames/frame-type.ts'
import { median, report } from './report.ts'

const ROUNDS = 9
const FRAMES_PER_ROUND = 2_000

const keys = keyPairFromSeed(new Uint8Array(32).fill(1))
const fillBytes = (size: number): Uint8Array => new Uint8Array(size).fill(7)

function publish(payload: Encodable): UnsentFields {
  return fieldsOf({
    type: 'publish',
    ...stampAt(1_790_000_000_000, fillBytes),
    topic: 'org.example/brain/app/genotypes/best_found_v1',
    realm: realmTag('org.example'),
    publisher: keys.nodeId,
    seq: 1_790_000_000_000_000,
    payload,
    publishedAtMs: 1_790_000_000_000,
    ttlMs: null,
  })
}

/** Microseconds of CPU one call takes. */
function once(task: () => unknown): number {
  const before = process.threadCpuUsage()
  for (let count = 0; count < FRAMES_PER_ROUND; count++) task()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / FRAMES_PER_ROUND
}

/** Ours and the floor in turns, so that both see the same machine. */
function compare(name: string, ours: () => unknown, floor?: () => unknown): void {
  const figures: number[] = []
  const floors: number[] = []
  once(ours)
  if (floor !== undefined) once(floor)
  for (let round = 0; round < ROUNDS; round++) {
    figures.push(1e6 / once(ours))
    if (floor !== undefined) floors.push(1e6 / once(floor))
  }
  const value = median(figures)
  const peer = floor === undefined ? {} : { peer: 'node:crypto alone', peerValue: median(floors) }
  const ratio = peer.peerValue === undefined ? {} : { ratio: value / peer.peerValue }
  report({ name, value, unit: 'frames/s', ...peer, ...ratio })
}

function measure(kind: string, payload: Encodable): void {
  const fields = publish(payload)
  const signed = withPublisherSignature(fields, keys)
  const wire = signFrame(signed, keys)
  const key = verifyingKey(publicKeyOf(keys.nodeId))
  const message = frameSigningInput(fields)
  const published = publisherSigningInput(fields)
  const signature = sign(null, message, keys.privateKey)
  const publisherSignature = sign(null, published, keys.privateKey)

  compare(`${kind}: encode`, () => encodeFrame(publish(payload)))
  compare(
    `${kind}: encode and sign`,
    () => signFrame(publish(payload), keys),
    () => sign(null, message, keys.privateKey),
  )
  compare(
    `${kind}: encode and sign twice`,
    () => signFrame(withPublisherSignature(publish(payload), keys), keys),
    () => {
      sign(null, published, keys.privateKey)
      sign(null, message, keys.privateKey)
    },
  )
  compare(`${kind}: decode`, () => decodeFrame(wire))
  compare(
    `${kind}: decode and verify twice`,
    () => {
      const frame = decodeFrame(wire)
      if (frame.result !== 'ok') throw new Error('the frame does not decode')
      const parsed = parseFrame(frame.fields)
      if (parsed.type !== 'publish') throw new Error('the frame is no PUBLISH')
      const fields = withEncodedPayload(frame.fields)
      if (verifyFrame(fields, keys.nodeId) !== 'ok') throw new Error('it does not verify')
      if (verifyPublisher(fields, parsed.publisher) !== 'ok') throw new Error('forged')
    },
    () => {
      verify(null, message, key, signature)
      verify(null, published, key, publisherSignature)
    },
  )
}

measure('4 KiB of bytes', new Uint8Array(4096))
measure('a map of 4 KiB', {
  fitness: new Float(0.5),
  neurons: Array.from({ length: 40 }, (_, id) => ({
    id,
    layer: new Float(0.5),
    bias: new Float(id),
  })),
  links: Array.from({ length: 100 }, (_, link) => [link, link % 40, new Float(link / 3), 'true']),
})
