import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  call,
  GenServer,
  type ServerPid,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { isAlive } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import {
  PartitionSupervisor,
  type PartitionSupervisorPid,
  partitionOf,
} from '../../src/supervisors/partition-supervisor.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

type ShardCall = Call<'which', object, number>
type ShardPid = ServerPid<ShardCall>

class Shard extends GenServer<number, ShardCall> {
  readonly #partition: number

  constructor(partition: number) {
    super()
    this.#partition = partition
  }
  init() {
    return { state: this.#partition }
  }
  override handleCall(_request: ShardCall, _from: unknown, state: number) {
    return { reply: state, state }
  }
}

let shards: PartitionSupervisorPid<ShardPid>
beforeEach(async () => {
  const child = { start: (_: unknown, partition: number) => startLink(new Shard(partition)) }
  shards = await start(new PartitionSupervisor({ partitions: 4, child }), { name: 'shards' })
})
afterEach(async () => {
  if (isAlive(shards)) await stop(shards)
})

const which = (key: number | string) =>
  call(PartitionSupervisor.resolve(shards, key), { type: 'which' })

describe('resolve', () => {
  it('leads an integer by its remainder and a text by its hash, always to the same', async () => {
    expect([await which(0), await which(5), await which(-1)]).toEqual([0, 1, 3])
    expect(await which('alice')).toBe(await which('alice'))
    expect(PartitionSupervisor.resolve('shards', 2)).toBe(PartitionSupervisor.resolve(shards, 6))
    expect(PartitionSupervisor.partitions(shards)).toBe(4)
  })

  it('leads to the new process when a partition was restarted', async () => {
    const before = PartitionSupervisor.resolve(shards, 2)
    exit(before, 'kill')
    runUntilIdle()
    expect(PartitionSupervisor.resolve(shards, 2)).not.toBe(before)
    expect(await which(2)).toBe(2)
  })

  it('refuses a partition that does not run, a strange key, and who has no partitions', async () => {
    await Supervisor.terminateChild(shards, '1')
    const code = (word: string) => expect.objectContaining({ code: word })
    expect(() => PartitionSupervisor.resolve(shards, 1)).toThrow(code('noproc'))
    expect(() => PartitionSupervisor.resolve(shards, 1.5)).toThrow(code('bad_key'))
    expect(() => PartitionSupervisor.resolve('nobody', 1)).toThrow(code('not_partitions'))
  })
})

describe('partitionOf', () => {
  it('spreads texts evenly', () => {
    const counts = new Array<number>(16).fill(0)
    for (let i = 0; i < 16_000; i++) {
      const partition = partitionOf(`user-${i}`, 16)
      counts[partition] = (counts[partition] ?? 0) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(800)
    expect(Math.max(...counts)).toBeLessThan(1200)
  })
})

describe('partitions', () => {
  it('are children named by their numbers', async () => {
    const children = await Supervisor.whichChildren(shards)
    expect(children.map(({ id }) => id)).toEqual(['0', '1', '2', '3'])
    expect(await Supervisor.countChildren(shards)).toMatchObject({ specs: 4, active: 4 })
  })

  it('are at least one', () => {
    const child = { start: () => startLink(new Shard(0)) }
    const refused = expect.objectContaining({ code: 'bad_partitions' })
    for (const partitions of [0, 1.5, 100_000]) {
      expect(() => new PartitionSupervisor({ partitions, child })).toThrow(refused)
    }
  })
})
