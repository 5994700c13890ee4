// The first module of a scheduler thread: joins the others, starts the process that they talk to,
// and says that it is ready. Never imported; scheduler-supervisor.ts starts it as a worker.
import { parentPort, workerData } from 'node:worker_threads'
import { start } from '../behaviours/gen-server.ts'
import { addPeer, joinNodes, type SharedMemory } from '../runtime/remote-node.ts'
import { place, schedulerIsUp, serviceName } from '../runtime/remote-spawn.ts'
import { usePlacer } from '../runtime/remote-spec.ts'
import { onExit } from '../runtime/signal.ts'
import { ThreadConnection, type ThreadEnd } from '../runtime/thread-connection.ts'
import { SchedulerService } from './scheduler-service.ts'

/** An end of a connection, and who is at the other. */
export interface PeerEnd {
  readonly node: number
  readonly end: ThreadEnd
}

/** What a scheduler thread is given. */
export interface ThreadData {
  readonly node: number
  readonly scheduler: number
  readonly memory: SharedMemory
  readonly peers: readonly PeerEnd[]
  /** Modules to load first. */
  readonly preload: readonly string[]
}

/** What it is told later. */
export type ThreadMessage =
  | ({ readonly type: 'connect' } & PeerEnd)
  /** A scheduler takes processes from now on. */
  | { readonly type: 'up' }

function connect({ node, end }: PeerEnd): void {
  addPeer(node, new ThreadConnection(end))
}

async function run(data: ThreadData): Promise<void> {
  joinNodes(data.node, data.scheduler, data.memory)
  for (const peer of data.peers) connect(peer)
  parentPort?.on('message', (message: ThreadMessage) => {
    if (message.type === 'connect') connect(message)
    else schedulerIsUp()
  })
  usePlacer(place)
  for (const module of data.preload) await import(module)
  const service = start(new SchedulerService(), { name: serviceName(data.scheduler) })
  // Without it the thread is out of reach: better none, which is restarted.
  onExit(service, () => process.exit(1))
  parentPort?.postMessage('ready')
}

await run(workerData as ThreadData)
