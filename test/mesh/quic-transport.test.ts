import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { QuicTransport } from '../../src/mesh/quic-transport.ts'
import { transportContract } from './transport-contract.ts'

const keys = [1, 2, 3].map((seed) => keyPairFromSeed(new Uint8Array(32).fill(seed)))
const [keysA, keysB] = [keys[0]!, keys[1]!]

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60))

transportContract('quic', async () => {
  const a = new QuicTransport({ keys: keysA })
  const b = new QuicTransport({ keys: keysB })
  return {
    a,
    b,
    isLossy: false,
    until: (promise) => promise,
    settle: quiet,
    dispose: async () => {
      await Promise.all([a.close(), b.close()])
    },
  }
})
