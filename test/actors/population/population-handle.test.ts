import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type {
  RunningPopulation,
  SpawnPopulationOptions,
} from '../../../src/actors/population/population-handle.ts'
import type { PopulationReport } from '../../../src/actors/population/population-report.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { strategyNames } from '../../../src/evolution/evolution.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { type ArborNode, startNode } from '../../../src/node.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit } from '../../../src/runtime/signal.ts'

const few: SpawnPopulationOptions = {
  problem: xor,
  seed: 5,
  settings: settingsFor('xor', 30),
  evaluator: { kind: 'inline' },
  generationsMax: 6,
  stopWhenSolved: false,
}

let node: ArborNode
beforeEach(async () => {
  node = await startNode({})
})
afterEach(() => node.stop())

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-population-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'checkpoint.arb')
}

describe('node.spawnPopulation', () => {
  it('evolves to its end, tells every listener, and answers its best', async () => {
    const population = await node.spawnPopulation({ ...few, paused: true })
    const heard: PopulationReport[] = []
    const over = Promise.withResolvers<void>()
    population.subscribe((report) => {
      heard.push(report)
      if (report.type === 'done') over.resolve()
    })
    population.subscribe(() => {
      throw new Error('a listener of no use')
    })
    await population.resume()
    const done = await population.done
    await over.promise
    expect(done).toMatchObject({ reason: 'generations', generation: 5, evaluations: 180 })
    expect(heard.filter(({ type }) => type === 'generation')).toHaveLength(6)
    expect(await population.best()).toMatchObject({ ...done.best })
    const late = Promise.withResolvers<PopulationReport>()
    population.subscribe(late.resolve)
    expect(await late.promise).toEqual(done)
  })

  it('pauses between generations, steps through them, and goes on to the same end', async () => {
    const whole = await node.spawnPopulation(few)
    const { best } = await whole.done
    const stepped = await node.spawnPopulation({ ...few, paused: true })
    expect(await stepped.best()).toBeUndefined()
    expect(await stepped.step()).toMatchObject({ type: 'generation', generation: 0 })
    expect(await stepped.step()).toMatchObject({ generation: 1 })
    expect(await stepped.best()).toMatchObject({ fitness: expect.any(Number) })
    await stepped.resume()
    expect((await stepped.done).best).toEqual(best)
    expect(await stepped.step()).toBeUndefined()
  })

  it('stops with a report, keeps where it stood, and continues from there bit for bit', async () => {
    const { best } = await (await node.spawnPopulation(few)).done
    const path = temporaryPath()
    const first = await node.spawnPopulation({ ...few, paused: true, checkpoint: { path } })
    await first.step()
    await first.step()
    await first.stop()
    await first.stop()
    expect(await first.done).toMatchObject({ reason: 'stopped', generation: 1, evaluations: 60 })
    expect(isAlive(first.supervisor)).toBe(false)
    const second = await node.spawnPopulation({ ...few, checkpoint: { path, resume: true } })
    expect((await second.done).best).toEqual(best)
  })

  it('outlives a crash of its server, and listeners with it', async () => {
    const { best } = await (await node.spawnPopulation(few)).done
    const population = await node.spawnPopulation({ ...few, paused: true })
    await population.step()
    const server = whereis(population.name)
    if (server !== undefined) exit(server, 'kill')
    await expect.poll(() => whereis(population.name) ?? server).not.toBe(server)
    await population.resume()
    expect((await population.done).best).toEqual(best)
  })

  it('stays paused when its server crashes, or goes on when it had been resumed', async () => {
    const crashed = async (population: RunningPopulation): Promise<void> => {
      const server = whereis(population.name)
      if (server !== undefined) exit(server, 'kill')
      await expect.poll(() => whereis(population.name) ?? server).not.toBe(server)
    }
    const paused = await node.spawnPopulation(few)
    await paused.pause()
    await crashed(paused)
    const resumed = await node.spawnPopulation({ ...few, paused: true })
    await resumed.resume()
    await crashed(resumed)
    expect(await resumed.done).toMatchObject({ reason: 'generations' })
    // There was time enough to evaluate a generation.
    expect(await paused.best()).toBeUndefined()
    await paused.resume()
    expect((await paused.done).best).toEqual((await resumed.done).best)
  })

  it('says so when it ends before anything was evaluated', async () => {
    const population = await node.spawnPopulation({ ...few, paused: true })
    await population.stop()
    await expect(population.done).rejects.toMatchObject({ code: 'population_ended' })
  })

  it('refuses settings out of range, and strategies that there are not', async () => {
    await expect(node.spawnPopulation({ ...few, strategy: 'luck' })).rejects.toThrow()
    await expect(
      node.spawnPopulation({ ...few, settings: { ...settingsFor('xor'), connectivity: 2 } }),
    ).rejects.toThrow()
  })

  it('runs every strategy by its name', async () => {
    // XOR is no game and has no behaviour: those strategies have tests of their own.
    const others = ['coevolution', 'self_play', 'novelty', 'map_elites']
    for (const strategy of strategyNames().filter((name) => !others.includes(name))) {
      const population = await node.spawnPopulation({ ...few, strategy, generationsMax: 2 })
      expect(await population.done, strategy).toMatchObject({ reason: 'generations' })
      await population.stop()
    }
  })
})
