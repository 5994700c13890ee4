import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../src/actors/population/checkpoint.ts'
import { CheckpointFile } from '../../../src/actors/population/checkpoint-file.ts'
import type { CheckpointOptions } from '../../../src/actors/population/checkpointer.ts'
import { noImmigrants } from '../../../src/actors/population/immigrants.ts'
import {
  type DoneReport,
  type PopulationReport,
  saveCheckpoint,
} from '../../../src/actors/population/population-server.ts'
import {
  type PopulationTreeOptions,
  startPopulation,
} from '../../../src/actors/population/population-supervisor.ts'
import { stop } from '../../../src/behaviours/gen-server.ts'
import { cartPole } from '../../../src/evolution/environment/cart-pole.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { startEvolution } from '../../../src/evolution/evolution.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { type Report, setLogger } from '../../../src/runtime/logger.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { exit, waitForExit } from '../../../src/runtime/signal.ts'
import type { SupervisorPid } from '../../../src/supervisors/supervisor.ts'

const settings = settingsFor('xor', 40)
const GENERATIONS = 14

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-checkpoint-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'run', 'checkpoint.arb')
}

const sample: Checkpoint = {
  problem: 'xor',
  population: startEvolution(xor, settings, 7),
  immigrants: noImmigrants(),
  best: undefined,
  verified: undefined,
}

let trees: SupervisorPid[] = []
afterEach(async () => {
  for (const tree of trees) await stop(tree, 'shutdown')
  trees = []
})

interface Run {
  readonly supervisor: SupervisorPid
  readonly population: Pid
  readonly reports: PopulationReport[]
  readonly done: Promise<DoneReport>
  /** Resolves with the first report of that generation or a later one. */
  reached(generation: number): Promise<void>
}

async function run(
  checkpoint: CheckpointOptions | undefined,
  options: Partial<PopulationTreeOptions> = {},
): Promise<Run> {
  const reports: PopulationReport[] = []
  const over = Promise.withResolvers<DoneReport>()
  const waiting: { generation: number; resolve: () => void }[] = []
  const reporter = spawn((report: PopulationReport) => {
    reports.push(report)
    if (report.type === 'done') over.resolve(report)
    for (const one of waiting) if (report.generation >= one.generation) one.resolve()
  })
  const { supervisor, population } = await startPopulation({
    problem: xor,
    seed: 11,
    settings,
    evaluator: { kind: 'inline' },
    generationsMax: GENERATIONS,
    stopWhenSolved: false,
    reporters: [reporter],
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...options,
  })
  trees.push(supervisor)
  const reached = (generation: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push({ generation, resolve })
    return promise
  }
  return { supervisor, population, reports, done: over.promise, reached }
}

/** What does not depend on time and place, by generation: a repeated one must say the same. */
function facts(reports: readonly PopulationReport[]): Map<number, unknown> {
  const byGeneration = new Map<number, unknown>()
  for (const report of reports) {
    if (report.type !== 'generation') continue
    const { population: _, seconds: _s, evaluationsPerSecond: _e, ...fact } = report
    const before = byGeneration.get(fact.generation)
    if (before !== undefined) expect(fact).toEqual(before)
    byGeneration.set(fact.generation, fact)
  }
  return byGeneration
}

describe('checkpoints of a population', () => {
  it('continue bit for bit after a kill at any moment', async () => {
    const whole = await run(undefined)
    await whole.done
    const expected = facts(whole.reports)
    expect(expected.size).toBe(GENERATIONS)
    for (const killedAt of [1, 5, 9]) {
      const store = new CheckpointFile(temporaryPath())
      const first = await run({ store, intervalMs: 0 })
      await first.reached(killedAt)
      exit(first.supervisor, 'kill')
      await waitForExit(first.supervisor)
      trees = trees.filter((tree) => tree !== first.supervisor)
      const second = await run({ store, intervalMs: 0, resume: true })
      const { best } = await second.done
      expect((await whole.done).best).toEqual(best)
      expect(facts([...first.reports, ...second.reports])).toEqual(expected)
    }
  })

  it('go on for more generations than the run was given first', async () => {
    const whole = await run(undefined)
    await whole.done
    const store = new CheckpointFile(temporaryPath())
    const first = await run({ store }, { generationsMax: 6 })
    await first.done
    const second = await run({ store, resume: true })
    await second.done
    expect(facts([...first.reports, ...second.reports])).toEqual(facts(whole.reports))
  })

  it('let a crashed server go on where it was', async () => {
    const file = new CheckpointFile(temporaryPath())
    const saved = Promise.withResolvers<void>()
    let saves = 0
    const save = async (bytes: Uint8Array): Promise<void> => {
      await file.save(bytes)
      if (++saves === 2) saved.resolve()
    }
    const store = { save, load: () => file.load() }
    const { population, reports, done } = await run({ store, intervalMs: 0 })
    await saved.promise
    exit(population, 'kill')
    await done
    const generations = reports.flatMap((r) => (r.type === 'generation' ? [r.generation] : []))
    expect(generations.filter((generation) => generation === 0)).toHaveLength(1)
    facts(reports)
  })

  it('are on disk before anybody hears that evolution is over', async () => {
    const path = temporaryPath()
    const { done } = await run({ store: new CheckpointFile(path), intervalMs: 3_600_000 })
    const { generation } = await done
    const decoded = decodeCheckpoint(readFileSync(path))
    expect(decoded.ok && decoded.checkpoint.population.generation).toBe(generation)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('belong to one problem', async () => {
    const store = new CheckpointFile(temporaryPath())
    await store.save(encodeCheckpoint(sample))
    const resumed = run({ store, resume: true }, { problem: cartPole })
    const failure: unknown = await resumed.catch((error: unknown) => error)
    expect(inspect(failure, { depth: 9 })).toContain('other_problem')
  })

  it('do not stop evolution when the disk fails', async () => {
    const store = {
      save: () => Promise.reject(new Error('disk full')),
      load: () => Promise.resolve(undefined),
    }
    const { done } = await run({ store, intervalMs: 0 })
    expect(await done).toMatchObject({ reason: 'generations' })
  })
})

it('is verified again when it was saved, and killed, while its champion was being verified', async () => {
  const saved = new Map<string, Uint8Array>()
  const store: CheckpointOptions['store'] = {
    save: async (bytes, { reason }) => void saved.set(reason, bytes),
    load: async () => undefined,
  }
  let saving: Promise<void> | undefined
  let population: Parameters<typeof saveCheckpoint>[0]
  const problem: Problem = {
    ...xor,
    verify(network) {
      saving ??= saveCheckpoint(population)
      return xor.verify(network)
    },
  }
  const solving = { stopWhenSolved: true, generationsMax: 100 }
  const begun = await run({ store, intervalMs: 1e9 }, { ...solving, problem })
  population = begun.population as typeof population
  const { reason, generation } = await begun.done
  await saving
  expect(reason).toBe('solved')
  const decoded = decodeCheckpoint(saved.get('manual') ?? new Uint8Array(0))
  if (!decoded.ok) throw new Error(decoded.detail)
  const { checkpoint } = decoded
  const found = { ...store, load: async () => checkpoint }
  const resumed = await run({ store: found, resume: true }, { ...solving, name: 'resumed' })
  expect(await resumed.done).toMatchObject({ reason: 'solved', generation })
})

describe('CheckpointFile', () => {
  it('answers the last save, none when there is none, and the one before when that is damaged', async () => {
    const store = new CheckpointFile(temporaryPath())
    expect(await store.load()).toBeUndefined()
    await store.save(encodeCheckpoint({ ...sample, verified: 'first' }))
    await store.save(encodeCheckpoint({ ...sample, verified: 'second' }))
    expect((await store.load())?.verified).toBe('second')
    const bytes = readFileSync(store.path)
    writeFileSync(store.path, bytes.subarray(0, bytes.length - 9))
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    onTestFinished(() => setLogger(null))
    expect((await store.load())?.verified).toBe('first')
    expect(reports).toMatchObject([{ event: 'checkpoint_unreadable', takes: store.previousPath }])
    writeFileSync(store.previousPath, 'nothing')
    await expect(store.load()).rejects.toMatchObject({ code: 'corrupt_checkpoint' })
  })
})

describe('decodeCheckpoint', () => {
  const bytes = encodeCheckpoint(sample)

  it('gives back what was saved', () => {
    expect(decodeCheckpoint(bytes)).toEqual({ ok: true, checkpoint: sample })
  })

  it('names what is wrong with damaged bytes, and never throws', () => {
    const other = Uint8Array.from(bytes)
    other[5] = 9
    expect(decodeCheckpoint(other)).toMatchObject({ reason: 'unknown-version' })
    expect(decodeCheckpoint(bytes.subarray(1))).toMatchObject({ reason: 'not-a-checkpoint' })
    expect(decodeCheckpoint(bytes.subarray(0, 20))).toMatchObject({ reason: 'truncated' })
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const copy = Uint8Array.from(bytes)
        copy[at] = bytes[at]! ^ flip
        expect(decodeCheckpoint(copy).ok).toBe(false)
      }),
    )
  })
})
