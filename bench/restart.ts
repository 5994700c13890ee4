// What does it cost when one of a thousand supervised servers crashes and comes back? Once with an
// Error, whose stack is most of the price, and once with a plain exit reason.
import { GenServer, start, startLink } from '../src/behaviours/gen-server.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { send } from '../src/runtime/process.ts'
import { runUntilIdle } from '../src/runtime/scheduler.ts'
import { exit } from '../src/runtime/signal.ts'
import { Supervisor } from '../src/supervisors/supervisor.ts'
import { compare } from './peers/rounds.ts'
import { report } from './report.ts'

const CHILDREN = 1_000
const CRASHES = 100_000

class Fragile extends GenServer<null> {
  init() {
    return { state: null }
  }
  override handleInfo(message: unknown): { state: null } {
    if (message === 'throw') throw new Error('broken')
    return exit('broken')
  }
}

const pids: Pid<unknown>[] = []
await start(
  new Supervisor({
    intensity: 1_000_000,
    periodMs: 1,
    children: Array.from({ length: CHILDREN }, (_, i) => ({
      id: `child-${i}`,
      start: () => {
        const pid = startLink(new Fragile())
        pids[i] = pid
        return pid
      },
    })),
  }),
)

function crash(how: 'throw' | 'exit'): void {
  for (let i = 0; i < CRASHES; i++) {
    const pid = pids[i % CHILDREN]
    if (pid !== undefined) send(pid, how)
    runUntilIdle()
  }
}

const [thrown = 0, exited = 0] = await compare(
  { name: 'throw', units: CRASHES, round: () => crash('throw') },
  { name: 'exit', units: CRASHES, round: () => crash('exit') },
)
report({ name: 'restart after an Error', value: thrown / 1000, unit: 'µs' })
report({ name: 'restart after an exit', value: exited / 1000, unit: 'µs' })
