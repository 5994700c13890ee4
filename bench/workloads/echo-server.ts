// The serving process of bench/quic.ts: `fork(echo-server.ts, [name])` sends its port, then, for
// every message it gets, the CPU milliseconds it has used so far.
import { echoTransports } from './echo-transports.ts'

const transport = echoTransports().find(({ name }) => name === process.argv[2])
if (transport === undefined) throw new Error(`there is no contestant "${process.argv[2]}"`)
process.send?.(await transport.serve())
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.((user + system) / 1_000)
})
process.on('disconnect', () => process.exit(0))
