// The other process of bench/fan-out.ts: a station that tells its parent where it listens and,
// asked, the CPU milliseconds it has used. Rates are lifted: the question is what it can do, not
// what it allows.
import { startStation } from '../../src/actors/station/station.ts'
import { stop } from '../../src/behaviours/gen-server.ts'
import { generateKeyPair } from '../../src/identity/puzzle.ts'
import { QuicTransport } from '../../src/mesh/quic-transport.ts'
import { secureRandomBytes } from '../../src/runtime/random.ts'

const unlimited = { perSecond: 1e9, burst: 1e9 }
const keys = generateKeyPair(secureRandomBytes)
const transport = new QuicTransport({ keys, bounds: { sessionsPerAddressMax: 1_000 } })
const station = await startStation({
  keys,
  transport,
  addr: { host: '127.0.0.1', port: 0 },
  rates: { events: unlimited, control: unlimited },
})
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.((user + system) / 1_000)
})
process.on('disconnect', () => {
  void stop(station.pid, 'shutdown').then(() => transport.close())
})
process.send?.(station.address.port)
