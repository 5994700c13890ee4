// The threads behind the schedulers, seen from the first one: each is owned by a server, a child of
// the supervisor of schedulers, and connected with every other thread when it starts.
import { type TransferListItem, Worker } from 'node:worker_threads'
import { call, GenServer, type InitResult, type Result } from '../behaviours/gen-server.ts'
import { SCHEDULER_START_MS, SCHEDULER_STOP_MS } from '../limits.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Name } from '../runtime/pid.ts'
import { send } from '../runtime/process.ts'
import { FIRST_NODE } from '../runtime/remote-export.ts'
import { DRAINING, LoadTable, UP } from '../runtime/remote-load.ts'
import { NameTable } from '../runtime/remote-names.ts'
import {
  addPeer,
  joinNodes,
  leaveNodes,
  removePeer,
  type SharedMemory,
} from '../runtime/remote-node.ts'
import { place, schedulerIsUp, serviceName } from '../runtime/remote-spawn.ts'
import { usePlacer } from '../runtime/remote-spec.ts'
import { trapExit } from '../runtime/signal.ts'
import { connectThreads, ThreadConnection } from '../runtime/thread-connection.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import type { ServicePid } from './scheduler-service.ts'
import type { PeerEnd, ThreadData, ThreadMessage } from './scheduler-thread.ts'

export interface ThreadOptions {
  /** Modules that each thread loads first: of codecs, a logger, an application. */
  readonly preload?: readonly (URL | string)[]
  /** Bounds of each thread's memory, as of Node's `Worker`: a thread beyond them is ended. */
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number
    /** 16 by default; more helps bursts, less shortens pauses. */
    readonly maxYoungGenerationSizeMb?: number
    readonly stackSizeMb?: number
  }
}

/** What the first thread keeps of all of them; null while it is alone. */
let shared: { readonly memory: SharedMemory; readonly load: LoadTable } | null = null
/** Threads that run, by node. */
const threads = new Map<number, Worker>()
let nextNode = FIRST_NODE + 1

/** Makes this thread the first of several. */
export function enterThreads(): void {
  const memory = { names: NameTable.allocate(), load: LoadTable.allocate() }
  joinNodes(FIRST_NODE, 0, memory)
  const load = new LoadTable(memory.load)
  load.setState(0, UP)
  shared = { memory, load }
  usePlacer(place)
}

/** This thread is alone again. */
export function leaveThreads(): void {
  usePlacer(null)
  leaveNodes()
  shared = null
}

function tell(worker: Worker, message: ThreadMessage, transfer: TransferListItem[] = []): void {
  worker.postMessage(message, transfer)
}

/** A thread ended by itself: by an error nobody caught, process.exit, or too much memory. */
interface ThreadExit {
  readonly type: 'thread_exit'
  readonly code: number
}

/** Owns one thread: starts it, ends when it does, and ends it. */
export class SchedulerThread extends GenServer<undefined> {
  readonly #scheduler: number
  readonly #options: ThreadOptions
  readonly #node: number = nextNode++
  #worker: Worker | null = null
  /** What ended the thread. */
  #error: unknown

  constructor(scheduler: number, options: ThreadOptions) {
    super()
    this.#scheduler = scheduler
    this.#options = options
  }

  async init(): Promise<InitResult<undefined>> {
    trapExit()
    const worker = this.#start()
    this.#worker = worker
    threads.set(this.#node, worker)
    worker.on('error', (error) => {
      this.#error = error
    })
    worker.on('exit', (code) => {
      this.#lost()
      send(this.self, { type: 'thread_exit', code })
    })
    const failure = await whenReady(worker)
    if (failure !== undefined) {
      await worker.terminate()
      return { stop: { schedulerFailed: this.#scheduler, reason: this.#error ?? failure } }
    }
    const { load } = required()
    load.setNode(this.#scheduler, this.#node)
    load.setState(this.#scheduler, UP)
    for (const other of threads.values()) tell(other, { type: 'up' })
    schedulerIsUp()
    return { state: undefined }
  }

  override handleInfo(message: unknown): Result<undefined> {
    if (!isThreadExit(message)) return { state: undefined }
    const reason = { schedulerEnded: this.#scheduler, code: message.code, error: this.#error }
    return { stop: reason, state: undefined }
  }

  override async terminate(_reason: ExitReason): Promise<void> {
    const worker = this.#worker
    if (worker === null || !threads.has(this.#node)) return
    shared?.load.setState(this.#scheduler, DRAINING)
    const service: Name<ServicePid> = serviceName(this.#scheduler)
    try {
      await call(service, { type: 'stopAll' }, { timeoutMs: SCHEDULER_STOP_MS })
    } catch {
      // It is stuck, or gone: the thread is ended all the same.
    }
    await worker.terminate()
  }

  /** Starts the thread, connected with all that run; they are told first. */
  #start(): Worker {
    const { memory } = required()
    const peers: PeerEnd[] = []
    const [mine, first] = connectThreads()
    peers.push({ node: FIRST_NODE, end: first })
    for (const [node, worker] of threads) {
      const [theirs, its] = connectThreads()
      peers.push({ node, end: its })
      tell(worker, { type: 'connect', node: this.#node, end: theirs }, [theirs.port])
    }
    const data: ThreadData = {
      node: this.#node,
      scheduler: this.#scheduler,
      memory,
      peers,
      preload: (this.#options.preload ?? []).map(String),
    }
    const worker = new Worker(threadUrl, {
      name: serviceName(this.#scheduler),
      workerData: data,
      transferList: peers.map(({ end }) => end.port),
      ...(this.#options.resourceLimits === undefined
        ? {}
        : { resourceLimits: this.#options.resourceLimits }),
    })
    addPeer(this.#node, new ThreadConnection(mine))
    return worker
  }

  /** The thread has ended, and nobody is to be sent there. */
  #lost(): void {
    threads.delete(this.#node)
    shared?.load.retire(this.#node)
    removePeer(this.#node)
  }
}

const threadUrl = new URL(
  import.meta.url.endsWith('.ts') ? './scheduler-thread.ts' : './scheduler-thread.js',
  import.meta.url,
)

function required(): { readonly memory: SharedMemory; readonly load: LoadTable } {
  if (shared === null) throw new TypeError('a scheduler thread is started by startSchedulers')
  return shared
}

function isThreadExit(message: unknown): message is ThreadExit {
  return (
    typeof message === 'object' &&
    message !== null &&
    Reflect.get(message, 'type') === 'thread_exit'
  )
}

class StartDeadline extends WheelTimer {
  readonly #late: () => void

  constructor(late: () => void) {
    super()
    this.#late = late
  }

  expire(): void {
    this.#late()
  }
}

/** Resolves when a thread is ready, or with why it is not. */
function whenReady(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const deadline = new StartDeadline(() => resolve('it did not get ready in time'))
    const settle = (failure?: string): void => {
      disarm(deadline)
      resolve(failure)
    }
    worker.once('message', () => settle())
    worker.once('exit', (code) => settle(`it exited with code ${code}`))
    arm(deadline, SCHEDULER_START_MS)
  })
}
