// One server becomes a bottleneck when every request awaits something in it. This supervisor starts
// the same child n times, its partitions, and says which of them is responsible for a key (Elixir's
// PartitionSupervisor). The same key always leads to the same partition.
//
//   const caches: PartitionSupervisorPid<CachePid> = await start(
//     new PartitionSupervisor({
//       partitions: 8,
//       child: { start: (_, partition) => startLink(new Cache(partition)) },
//     }),
//   )
//   await call(PartitionSupervisor.resolve(caches, 'alice'), { type: 'get', key: 'alice' })
//
// When not to use it: for what needs all keys at once, and for pure computing, which one thread
// does no faster in eight pieces.
import { availableParallelism } from 'node:os'
import { Server } from '../behaviours/server-loop.ts'
import { PARTITIONS_MAX } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { isPid, type Name, type Pid } from '../runtime/pid.ts'
import { resolve } from '../runtime/registry.ts'
import type { AnySpec, ChildSpec } from './child-spec.ts'
import { Supervisor, type SupervisorPid } from './supervisor.ts'
import type { RestartOptions, Strategy } from './supervisor-options.ts'

/** What leads to a partition: an integer by its remainder, a text by its hash, a pid by its id. */
export type PartitionKey = number | string | Pid

declare const partition: unique symbol

/** The pid of a partition supervisor, with the type of its partitions. */
export type PartitionSupervisorPid<P extends Pid = Pid> = SupervisorPid & {
  readonly [partition]?: P
}

export type PartitionSupervisorRef<P extends Pid = Pid> =
  | PartitionSupervisorPid<P>
  | Name<PartitionSupervisorPid<P>>

export interface PartitionSupervisorOptions<P extends Pid = Pid> extends RestartOptions {
  /** How many; default one for each core. */
  readonly partitions?: number
  /** Each partition; its start is given the number of the partition, from 0. */
  readonly child: Omit<ChildSpec<P, [partition: number]>, 'id'>
  /** Default `one_for_one`. */
  readonly strategy?: Strategy
}

/**
 * Its children are named '0', '1', …; `Supervisor.whichChildren`, `countChildren` and the others
 * work for it.
 */
export class PartitionSupervisor<P extends Pid = Pid> extends Supervisor {
  readonly partitions: number

  constructor(options: PartitionSupervisorOptions<P>) {
    const { partitions = availableParallelism(), child, ...rest } = options
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX) {
      const attempt = { operation: 'partitions', request: partitions }
      const advice = `give an integer from 1 to ${PARTITIONS_MAX}`
      throw new ArborError('bad_partitions', `${partitions} partitions`, advice, attempt)
    }
    const template: Omit<AnySpec, 'id'> = child
    const children = Array.from({ length: partitions }, (_, index) => ({
      ...template,
      id: String(index),
      start: (supervisor: Pid) => template.start(supervisor, index),
    }))
    super({ ...rest, children })
    this.partitions = partitions
  }

  /**
   * The partition of a key, now and without a message; ask again for each call, as a partition that
   * was restarted has another pid. Throws code `noproc` while it does not run, and `not_partitions`
   * when `supervisor` is none, or lives in another thread.
   */
  static resolve<P extends Pid>(supervisor: PartitionSupervisorRef<P>, key: PartitionKey): P {
    const instance = instanceOf(supervisor)
    const id = String(partitionOf(key, instance.partitions))
    const pid = instance.pidOf(id)
    if (pid !== undefined) return pid as P
    const attempt = { operation: 'resolve', target: supervisor, request: key }
    const advice = 'try again later: its supervisor restarts it'
    throw new ArborError('noproc', `partition ${id} is not running`, advice, attempt)
  }

  /** How many partitions there are. */
  static partitions(supervisor: PartitionSupervisorRef): number {
    return instanceOf(supervisor).partitions
  }
}

function instanceOf(supervisor: PartitionSupervisorRef): PartitionSupervisor {
  const state = resolve(supervisor)?.state
  if (state instanceof Server && state.callbacks instanceof PartitionSupervisor) {
    return state.callbacks
  }
  const attempt = { operation: 'resolve', target: supervisor }
  const advice = 'give a PartitionSupervisor that runs in this thread'
  throw new ArborError('not_partitions', `${supervisor} has no partitions`, advice, attempt)
}

/** The number of the partition of a key: the same in every thread and run. */
export function partitionOf(key: PartitionKey, partitions: number): number {
  if (isPid(key)) return key.id % partitions
  if (typeof key === 'string') return hash(key) % partitions
  if (Number.isInteger(key)) return ((key % partitions) + partitions) % partitions
  const attempt = { operation: 'resolve', request: key }
  const advice = 'give an integer, a text or a pid'
  throw new ArborError('bad_key', `no partition for ${String(key)}`, advice, attempt)
}

/** FNV-1a over the UTF-16 units, mixed so that its low bits are as good as the others. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0
}
