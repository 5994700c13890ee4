import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PopulationEvent } from '../../../src/actors/population/audience.ts'
import { type Checkpoint, decodeCheckpoint } from '../../../src/actors/population/checkpoint.ts'
import type {
  CheckpointStore,
  SavedCheckpoint,
} from '../../../src/actors/population/checkpoint-file.ts'
import type { SpawnPopulationOptions } from '../../../src/actors/population/population-handle.ts'
import type { GenerationReport } from '../../../src/actors/population/population-report.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { ask, lineageOf, startEvolution, tell } from '../../../src/evolution/evolution.ts'
import { genotypeId } from '../../../src/evolution/genotype-codec.ts'
import { evaluateAsked } from '../../../src/evolution/match.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { type ArborNode, startNode } from '../../../src/node.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit } from '../../../src/runtime/signal.ts'

const few: SpawnPopulationOptions = {
  problem: xor,
  seed: 5,
  settings: settingsFor('xor', 20),
  evaluator: { kind: 'inline' },
  generationsMax: 5,
  stopWhenSolved: false,
}

let node: ArborNode
beforeEach(async () => {
  node = await startNode({})
})
afterEach(() => node.stop())

/** Keeps checkpoints in memory. */
class Kept implements CheckpointStore {
  readonly saved: SavedCheckpoint[] = []
  #last: Checkpoint | undefined

  async save(bytes: Uint8Array, about: SavedCheckpoint): Promise<void> {
    const decoded = decodeCheckpoint(bytes)
    if (decoded.ok) this.#last = decoded.checkpoint
    this.saved.push(about)
  }

  async load(): Promise<Checkpoint | undefined> {
    return this.#last
  }
}

type Listened = Omit<PopulationEvent, 'population'>

/** The events of a population to its end. */
async function eventsOf(options: SpawnPopulationOptions): Promise<Listened[]> {
  const population = await node.spawnPopulation({ ...options, paused: true })
  const heard: Listened[] = []
  const last = Promise.withResolvers<void>()
  population.subscribeEvents(({ population: _, ...event }) => {
    heard.push(event)
    if (event.type === 'cohort_evaluated' && event.generation === 4) last.resolve()
  })
  await population.resume()
  await population.done
  await last.promise
  return heard
}

describe('the events of a population', () => {
  it('come as messages, the same again from the same seed', async () => {
    const events = await eventsOf(few)
    const count = (type: string) => events.filter((event) => event.type === type).length
    expect(count('evaluated')).toBe(100)
    expect([count('cohort_evaluated'), count('generation_advanced')]).toEqual([5, 4])
    expect(count('fitness_record')).toBeGreaterThan(0)
    expect(await eventsOf(few)).toEqual(events)
  })

  it('begin with the first genotypes for those who listen from the start', async () => {
    const heard: PopulationEvent[] = []
    const rounds = [0, 1].map(() => Promise.withResolvers<void>())
    const listener = spawn((event: PopulationEvent) => {
      heard.push(event)
      if (event.type === 'generation_advanced') rounds[event.generation - 1]?.resolve()
    })
    const population = await node.spawnPopulation({ ...few, paused: true, listeners: [listener] })
    const late: PopulationEvent[] = []
    const leave = population.subscribeEvents((event) => late.push(event))
    await population.step()
    await rounds[0]!.promise
    expect(heard.slice(0, 20).map(({ type, generation }) => `${type} ${generation}`)).toEqual(
      Array.from({ length: 20 }, () => 'born 0'),
    )
    // Who comes after the start has not heard of the first; who leaves hears no more.
    leave()
    await population.step()
    await rounds[1]!.promise
    expect(late.length).toBeLessThanOrEqual(heard.filter(({ generation }) => generation < 2).length)
    expect(late.every(({ type, generation }) => generation > 0 || type !== 'born')).toBe(true)
    await population.stop()
  })

  it('go on in the next life of a server that was killed', async () => {
    const checkpoint = { store: new Kept(), intervalMs: 0 }
    const population = await node.spawnPopulation({ ...few, checkpoint, paused: true })
    const rounds = [1, 2].map(() => Promise.withResolvers<PopulationEvent>())
    let heard = 0
    population.subscribeEvents((event) => {
      if (event.type === 'cohort_evaluated') rounds[heard++]?.resolve(event)
    })
    await population.step()
    const first = await rounds[0]!.promise
    const server = whereis(population.name)!
    exit(server, 'kill')
    await expect.poll(() => whereis(population.name) ?? server).not.toBe(server)
    await population.resume()
    const second = await rounds[1]!.promise
    expect(second.population).not.toBe(first.population)
    await population.stop()
  })
})

describe('lineage in reports', () => {
  it('is what the pure engine says, and only where it is wanted', async () => {
    const settings = { ...few.settings!, lineage: true }
    const population = await node.spawnPopulation({ ...few, settings, paused: true })
    let state = startEvolution(xor, settings, 5)
    for (let round = 0; round < 3; round++) {
      const report = (await population.step()) as GenerationReport
      const scores = evaluateAsked(xor, ask(state))
      expect(report.lineage).toEqual(lineageOf(state, scores))
      expect(report.lineage!.map(({ id }) => id)).toContain(genotypeId(report.best.genotype))
      state = tell(state, scores)
    }
    await population.stop()
    const plain = await node.spawnPopulation({ ...few, paused: true })
    expect(await plain.step()).not.toHaveProperty('lineage')
    await plain.stop()
  })
})

describe('a checkpoint', () => {
  it('says why it was saved, and so does the event', async () => {
    const store = new Kept()
    const checkpoint = { store, intervalMs: Infinity, everyGenerations: 2 }
    const events = await eventsOf({ ...few, checkpoint })
    expect(store.saved).toEqual([
      { generation: 0, reason: 'time_interval' },
      { generation: 2, reason: 'generation_interval' },
      { generation: 4, reason: 'generation_interval' },
      { generation: 4, reason: 'complete' },
    ])
    const told = events.filter(({ type }) => type === 'checkpoint_saved')
    // The first was saved before anybody could listen.
    expect(told).toEqual(store.saved.slice(1).map((one) => ({ type: 'checkpoint_saved', ...one })))
  })

  it('is saved after so many evaluations, and at a record', async () => {
    const counted = new Kept()
    const every = { store: counted, intervalMs: Infinity, everyEvaluations: 50 }
    await eventsOf({ ...few, checkpoint: every })
    expect(counted.saved.filter(({ reason }) => reason === 'evaluation_interval')).toEqual([
      { generation: 3, reason: 'evaluation_interval' },
    ])
    const best = new Kept()
    const records = { store: best, intervalMs: Infinity, onFitnessRecord: true }
    const events = await eventsOf({ ...few, checkpoint: records })
    const told = events.filter(({ type }) => type === 'fitness_record')
    const after = told.map(({ generation }) => ({
      generation: generation + 1,
      reason: 'fitness_record',
    }))
    const saved = best.saved.filter(({ reason }) => reason === 'fitness_record')
    expect(saved).toEqual(after.filter(({ generation }) => generation < 5))
  })

  it('is saved when somebody asks for it, or refused with the advice', async () => {
    const store = new Kept()
    const checkpoint = { store, intervalMs: Infinity }
    const population = await node.spawnPopulation({ ...few, checkpoint, paused: true })
    await population.step()
    await population.saveCheckpoint()
    expect(store.saved.at(-1)).toEqual({ generation: 1, reason: 'manual' })
    await population.stop()
    const plain = await node.spawnPopulation({ ...few, paused: true })
    await expect(plain.saveCheckpoint()).rejects.toMatchObject({ code: 'no_checkpoints' })
    await plain.stop()
  })
})
