// What becomes of a brain when parts of it, or of its node, end.
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { exit, waitForExit } from '../../../src/runtime/signal.ts'
import { alone, descendant, joined, never, solver, world } from './world.ts'

const populationPath = [/^brains$/, /^brain-/, /-population$/, /^population-server$/]
const serverPath = [/^brains$/, /^brain-/, /^brain$/]

async function kill(pid: Pid): Promise<void> {
  exit(pid, 'kill')
  await waitForExit(pid)
}

describe('a brain whose population crashes', () => {
  it('goes on with the next, gives it the best, and counts on', async () => {
    const { node, brain, events } = await alone({ seed: 1 })
    const planted = solver(3)
    await brain.publish(planted.genotype)
    await events.next('solved')
    const before = await events.following('generation')
    await kill(await descendant(node.supervisor, ...populationPath))
    const after = await events.following('generation')
    expect(after.evaluations).toBeGreaterThan(before.evaluations)
    expect(after.bestFitness).toBeGreaterThanOrEqual(before.bestFitness)
    // The new population has it: it solves the task with it.
    await events.following('solved')
  })

  it('ends with `stopped` when that happens again and again', async () => {
    const { node, events } = await alone({ seed: 1 })
    const tree = await descendant(node.supervisor, /^brains$/, /^brain-/)
    const ended = waitForExit(tree)
    let isOver = false
    void ended.then(() => {
      isOver = true
    })
    while (!isOver) {
      const pid = await descendant(node.supervisor, ...populationPath).catch(() => undefined)
      if (pid === undefined) await Promise.race([ended, events.following('generation')])
      else await kill(pid)
    }
    expect(await events.next('stopped')).toMatchObject({ reason: 'stop' })
  })
})

describe('a brain whose server crashes', () => {
  it('keeps its population and its subscribers', async () => {
    const { node, events } = await alone({ seed: 1 })
    const population = await descendant(node.supervisor, ...populationPath)
    const { generation } = await events.next('generation')
    await kill(await descendant(node.supervisor, ...serverPath))
    const started = events.all('started').length
    while (events.all('started').length === started) await events.following('started')
    expect((await events.following('generation')).generation).toBeGreaterThan(generation)
    expect(await descendant(node.supervisor, ...populationPath)).toBe(population)
  })

  it('tells once more how evolution has ended', async () => {
    const { node, events } = await alone({ seed: 1, generationsMax: 1 })
    const stopped = await events.next('stopped')
    await kill(await descendant(node.supervisor, ...serverPath))
    expect(await events.following('stopped')).toEqual(stopped)
  })
})

describe('a brain whose mesh crashes', () => {
  it.each([/^pubsub$/, /^peers$/])('evolves on and shares again (%s)', async (part) => {
    const here = await world()
    const a = await joined(here, { seed: 1, publishThreshold: never })
    const b = await joined(here, { seed: 2, publishThreshold: never })
    const population = await descendant(a.node.supervisor, ...populationPath)
    const reconnected = a.events.following('connected')
    await kill(await descendant(a.node.supervisor, /^mesh$/, part))
    await reconnected
    expect(a.events.all('disconnected').length).toBeGreaterThan(0)
    expect(await descendant(a.node.supervisor, ...populationPath)).toBe(population)
    const id = await b.brain.publish(solver(3).genotype)
    expect(await a.events.next('imported')).toMatchObject({ id })
  })
})

describe('a brain that is over before anybody listens', () => {
  it('tells subscribers how it ended', async () => {
    const { brain, events } = await alone({ seed: 1, generationsMax: 1 })
    expect(await events.next('stopped')).toMatchObject({ reason: 'generations' })
    const late = Promise.withResolvers<string>()
    brain.subscribe((event) => {
      if (event.event === 'stopped') late.resolve(event.reason)
    })
    expect(await late.promise).toBe('generations')
  })
})

describe('stop', () => {
  it('tells the best that was known, and nothing after it; twice is once', async () => {
    const { brain, events } = await alone({ seed: 1 })
    const { bestFitness } = await events.next('generation')
    await Promise.all([brain.stop(), brain.stop()])
    await brain.stop()
    const stopped = await events.next('stopped')
    expect(stopped).toMatchObject({ reason: 'stop', best: { fitness: expect.any(Number) } })
    expect(stopped.best?.fitness).toBeGreaterThanOrEqual(bestFitness)
  })

  it('of the node tells it, too', async () => {
    const { node, events } = await alone({ seed: 1 })
    await events.next('generation')
    await node.stop()
    await node.stop()
    expect(await events.next('stopped')).toMatchObject({ reason: 'stop' })
  })
})

describe('unsubscribe', () => {
  it('ends a subscription, also one that has ended', async () => {
    const { brain, events } = await alone({ seed: 1 })
    let calls = 0
    const subscription = brain.subscribe(() => calls++)
    await events.following('generation')
    await brain.unsubscribe(subscription)
    const heard = calls
    expect(heard).toBeGreaterThan(0)
    await brain.unsubscribe(subscription)
    await events.following('generation')
    expect(calls).toBe(heard)
  })
})

describe('publish', () => {
  /** Of 4.1 MB: hidden neurons between both inputs and the output. */
  const huge = (): Genotype => {
    const ids = Array.from({ length: 57_000 }, (_, index) => 1_000 + index)
    return genotypeFrom({
      inputs: 2,
      outputs: 1,
      activation: 'tanh',
      neurons: ids.map((id) => ({ id, layer: 0, activation: 'tanh', bias: 0 })),
      links: ids.flatMap((id) => [
        { from: 0, to: id, weight: 1 },
        { from: 1, to: id, weight: 1 },
        { from: id, to: 2, weight: 1 },
      ]),
    })
  }

  it('refuses what does not fit into an event, and lives on', async () => {
    const { brain, events } = await alone({ seed: 1 })
    const genotype = huge()
    expect(checkGenotype(genotype)).toMatchObject({ ok: true })
    await expect(brain.publish(genotype)).rejects.toMatchObject({
      code: 'not_published',
      message: expect.stringContaining('too large'),
    })
    await events.following('generation')
  })
})

describe('whoever joins', () => {
  it('is given the best, also right after another was', async () => {
    const here = await world()
    const { fitness, genotype } = solver(3)
    const a = await joined(here, { seed: 1, publishThreshold: fitness - 0.01 })
    await a.brain.publish(genotype)
    const b = await joined(here, { seed: 2, publishThreshold: never })
    expect(await b.events.next('imported')).toMatchObject({ fitness })
    const c = await joined(here, { seed: 3, publishThreshold: never })
    expect(await c.events.next('imported')).toMatchObject({ fitness })
  })
})
