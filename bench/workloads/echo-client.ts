// The client of the TCP echo in fairness.ts, in a process of its own: one byte at a time there and
// back, and at the end all times in milliseconds.
import { once } from 'node:events'
import { connect } from 'node:net'

const [port, rounds] = process.argv.slice(2).map(Number)
const socket = connect(port ?? 0, '127.0.0.1')
socket.setNoDelay(true)
await once(socket, 'connect')
const times: number[] = []
for (let i = 0; i < (rounds ?? 0); i++) {
  const before = performance.now()
  socket.write('x')
  await once(socket, 'data')
  times.push(performance.now() - before)
}
socket.destroy()
process.send?.(times)
process.disconnect?.()
