// Whatever a node's station sends, the node lives, serves its own subscribers, and leaves.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publish } from '../../../src/actors/pubsub/pubsub-server.ts'
import type { FrameFields } from '../../../src/mesh/frame.ts'
import { FrameReader } from '../../../src/mesh/frame-reader.ts'
import { stampAt } from '../../../src/mesh/frames/fields.ts'
import { receiveFrame, startServer } from '../../../src/mesh/handshake.ts'
import type { Session, Stream } from '../../../src/mesh/transport.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { processCount } from '../../../src/runtime/signal.ts'
import { misdeed } from '../../mesh/arbitrary-misdeed.ts'
import {
  drawFrom,
  keysOf,
  type RawPeer,
  realm,
  SimulatedMesh,
  stationAddr,
  topic,
} from '../../mesh/simulated-mesh.ts'

const keys = keysOf('hostile station')

/** Accepts one session, and says HELLO or nothing. */
function hostileStation(mesh: SimulatedMesh, saysHello: boolean): Promise<RawPeer> {
  const transport = mesh.network.transport(keys.nodeId)
  const draw = drawFrom('hostile station')
  let state = startServer({ keys, stamp: () => stampAt(1_700_000_000_000, draw) }).state
  return new Promise((resolve, reject) => {
    const serve = (session: Session, control: Stream): void => {
      const reader = new FrameReader()
      const frames: FrameFields[] = []
      control.onData = (bytes) => {
        const arrived = reader.push(bytes)
        frames.push(...arrived)
        if (!saysHello) return
        for (const fields of arrived) {
          const step = receiveFrame(state, fields)
          state = step.state
          for (const effect of step.effects) if (effect.type === 'send') control.write(effect.wire)
        }
      }
      resolve({ keys, session, control, frames })
    }
    transport.onSession((session) => {
      session.onStream = (control) => serve(session, control)
    })
    transport.listen(stationAddr).catch(reject)
  })
}

const conduct = fc.record({
  saysHello: fc.boolean(),
  deeds: fc.array(fc.record({ deed: misdeed(keys), waitMs: fc.nat(30) }), {
    minLength: 1,
    maxLength: 12,
  }),
})

describe('a node', () => {
  it('outlives any station', async () => {
    await fc.assert(
      fc.asyncProperty(conduct, async ({ saysHello, deeds }) => {
        const mesh = new SimulatedMesh({ latencyMs: 1 })
        try {
          const accepted = hostileStation(mesh, saysHello)
          const node = await mesh.node('node')
          const { messages } = await node.subscriber()
          const processes = processCount()
          const [server, manager] = [whereis(node.pubsub), whereis(node.peers)]
          const peer = await mesh.settled(accepted)
          await mesh.advance(20)
          for (const { deed, waitMs } of deeds) {
            deed(peer)
            await mesh.advance(waitMs)
          }
          await publish(node.pubsub, realm, topic, 'still here')
          await mesh.advance(10)
          const own = messages.filter(({ publisher }) => publisher === node.keys.nodeId)
          expect(own.map(({ payload }) => payload)).toEqual(['still here'])
          mesh.network.crash(keys.nodeId)
          await mesh.advance(40_000)
          expect([whereis(node.pubsub), whereis(node.peers)]).toEqual([server, manager])
          expect(processCount()).toBe(processes)
        } finally {
          await mesh.close()
        }
      }),
      { numRuns: 60 },
    )
  })
})
