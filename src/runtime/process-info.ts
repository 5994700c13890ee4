// What is known of a process, for a person who looks: `processInfo`, and how behaviours say what
// their processes are.
import { NONE } from './mailbox.ts'
import { monitoredBy, monitorsOf } from './monitor.ts'
import {
  DEAD,
  IDLE,
  type Pid,
  type Priority,
  type Process,
  processOf,
  REMOTE,
  type Receive,
  RUNNABLE,
  RUNNING,
} from './pid.ts'
import { priorityOf } from './process-flag.ts'
import { messagesWaiting, Selective } from './receive.ts'
import { nameOf } from './registry.ts'
import { currentProcess } from './scheduler.ts'
import { linksOf } from './signal.ts'

export type ProcessStatus = 'idle' | 'runnable' | 'running' | 'suspended' | 'dead' | 'remote'

export interface ProcessInfo {
  readonly id: number
  readonly name: string | undefined
  readonly status: ProcessStatus
  /** The class of a server, `generator`, `async`, or `callback`. */
  readonly behaviour: string
  /** With what the process began, e.g. `Counter.init` or the name of its function. */
  readonly initialCall: string
  /** Messages that wait. */
  readonly mailboxLength: number
  /** Messages handled and sent, and what was charged beside, since it began. */
  readonly reductions: number
  readonly links: readonly Pid[]
  /** Whom it monitors. */
  readonly monitors: readonly Pid[]
  readonly monitoredBy: readonly Pid[]
  readonly trapExit: boolean
  readonly priority: Priority
  readonly groupLeader: Pid | undefined
  readonly dictionary: ReadonlyMap<unknown, unknown>
  /** Messages it did not expect. */
  readonly unhandled: number
  /** Messages for which its bounded mailbox had no room. */
  readonly lost: number
  /** Bytes of the kernel's part, estimated: not what its state and its messages refer to. */
  readonly memoryBytes: number
}

/** What a process is, by its state. */
export interface Description {
  readonly behaviour: string
  readonly initialCall: string
}

const descriptions = new Map<Receive, (state: unknown) => Description>()

/** How processes with this `receive` are described; behaviours only. */
export function describeProcessesOf(
  receive: Receive,
  describe: (state: unknown) => Description,
): void {
  descriptions.set(receive, describe)
}

/** What is known of a process, for a person who looks. */
export function processInfo(pid: Pid): ProcessInfo {
  const process = processOf(pid)
  const { extension } = process
  const { behaviour, initialCall } = describeProcess(process)
  return {
    id: process.id,
    name: nameOf(process),
    status: statusOf(process),
    behaviour,
    initialCall,
    mailboxLength: messagesWaiting(process),
    reductions: process.reductions + (extension?.earlierReductions ?? 0),
    links: linksOf(process),
    monitors: monitorsOf(process),
    monitoredBy: monitoredBy(process),
    trapExit: process.trapExit,
    priority: priorityOf(process),
    groupLeader: extension?.groupLeader ?? undefined,
    dictionary: new Map(extension?.dictionary),
    unhandled: extension?.unhandled ?? 0,
    lost: extension?.bound?.lost ?? 0,
    memoryBytes: memoryOf(process),
  }
}

/** What a process is; a dead one is not told from another. */
export function describeProcess({ receive, state, status }: Process): Description {
  const describeState = descriptions.get(receive)
  if (describeState !== undefined && status !== DEAD) return describeState(state)
  return { behaviour: 'callback', initialCall: receive.name || 'callback' }
}

function statusOf(process: Process): ProcessStatus {
  if (process === currentProcess()) return 'running'
  if (process.status === IDLE) return 'idle'
  if (process.status === RUNNABLE) return 'runnable'
  if (process.status === RUNNING) return 'running'
  if (process.status === REMOTE) return 'remote'
  return process.status === DEAD ? 'dead' : 'suspended'
}

// Bytes as measured on 64-bit Node 24.
const RECORD_BYTES = 120
const SLOT_BYTES = 8
const RING_BYTES = 64
const EXTENSION_BYTES = 96
const SET_ENTRY_BYTES = 24
const EDGE_BYTES = 96
const SELECTIVE_BYTES = 160

function memoryOf(process: Process): number {
  const { queue, links, extension, state } = process
  let bytes = RECORD_BYTES
  if (queue !== null) bytes += RING_BYTES + queue.capacity * SLOT_BYTES
  if (links instanceof Set) bytes += links.size * SET_ENTRY_BYTES
  if (extension !== null) {
    bytes += EXTENSION_BYTES + (extension.dictionary?.size ?? 0) * 2 * SET_ENTRY_BYTES
    bytes += monitorsOf(process).length * EDGE_BYTES
  }
  if (state instanceof Selective) {
    bytes += SELECTIVE_BYTES + (state.passedOver?.count ?? 0) * SLOT_BYTES
  }
  return process.first === NONE ? bytes : bytes + SLOT_BYTES
}
