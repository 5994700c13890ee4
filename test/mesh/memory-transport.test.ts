import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { MemoryNetwork } from '../../src/mesh/memory-network.ts'
import { VirtualClock } from '../../src/runtime/clock.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { transportContract } from './transport-contract.ts'

const [idA, idB] = [1, 2].map((seed) => keyPairFromSeed(new Uint8Array(32).fill(seed)).nodeId)

for (const [name, link] of [
  ['memory, perfect', {}],
  ['memory, slow and lossy', { latencyMs: 20, jitterMs: 5, loss: 0.05 }],
] as const) {
  transportContract(name, async () => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork({ clock, random: seededRandom(name), ...link })
    const until = async <T>(promise: Promise<T>): Promise<T> => {
      let isSettled = false
      const settled = promise.finally(() => {
        isSettled = true
      })
      settled.catch(() => {})
      for (let ms = 0; ms < 60_000 && !isSettled; ms++) await clock.advanceAsync(1)
      return settled
    }
    return {
      a: network.transport(idA!),
      b: network.transport(idB!),
      isLossy: 'loss' in link,
      until,
      tick: () => clock.advanceAsync(1),
      settle: () => clock.advanceAsync(2_000),
      dispose: async () => {},
    }
  })
}
