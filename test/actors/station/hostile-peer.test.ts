// Whatever a peer sends, the station lives, serves the others, and is left with nothing once the
// peer is gone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publish } from '../../../src/actors/pubsub/pubsub-server.ts'
import { stationInfo } from '../../../src/actors/station/station.ts'
import { processCount } from '../../../src/runtime/signal.ts'
import { misdeed } from '../../mesh/arbitrary-misdeed.ts'
import { keysOf, realm, SimulatedMesh, topic } from '../../mesh/simulated-mesh.ts'

const misdeeds = misdeed(keysOf('intruder'))

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
