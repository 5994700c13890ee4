// Brains that meet over a simulated network: real nodes, real station, real signatures.
import { describe, expect, it } from 'vitest'
import { signRecord } from '../../../src/actors/brain/genotype-record.ts'
import { meetingOf } from '../../../src/actors/brain/meeting.ts'
import { publish } from '../../../src/actors/pubsub/pubsub-server.ts'
import { minimalGenotype } from '../../../src/evolution/genotype.ts'
import { genotypeId } from '../../../src/evolution/genotype-codec.ts'
import { generateKeyPair } from '../../../src/identity/puzzle.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { secureRandomBytes } from '../../../src/runtime/random.ts'
import { idle, joined, never, realm, solver, strangerIn, world } from './world.ts'

describe('a brain', () => {
  it('lets in what another node published, with the same id and fitness', async () => {
    const here = await world()
    const a = await joined(here, { seed: 1, publishThreshold: never })
    const b = await joined(here, { seed: 2, publishThreshold: never })
    const planted = solver(3)
    const id = await a.brain.publish(planted.genotype)
    expect(id).toBe(genotypeId(planted.genotype))
    const imported = await b.events.next('imported')
    expect(imported).toEqual({
      event: 'imported',
      id,
      from: a.node.keys.nodeId,
      fitness: planted.fitness,
    })
    const solved = await b.events.next('solved')
    expect(solved).toMatchObject({
      id,
      origin: { signer: a.node.keys.nodeId, fitness: planted.fitness },
    })
  })

  it('refuses to publish what is no genotype of its task, and lives on', async () => {
    const { brain } = await joined(await world(), { seed: 1, publishThreshold: never })
    const { genotype } = solver(3)
    const code = 'not_published'
    await expect(brain.publish({ ...genotype, inputs: 3 })).rejects.toMatchObject({ code })
    await expect(brain.publish({ ...genotype, links: [] })).resolves.toMatch(/^[0-9a-f]{64}$/)
    const wide = minimalGenotype({ inputs: 3, outputs: 1, activation: 'tanh', weight: () => 1 })
    await expect(brain.publish(wide)).rejects.toMatchObject({ code })
  })

  it('publishes its own bests, each once and above the threshold only', async () => {
    const here = await world()
    const a = await joined(here, { seed: 5, publishThreshold: 4, stopWhenSolved: false })
    // One that evolved, too, might be ahead, and take nothing in.
    const b = await joined(here, { seed: 6, publishThreshold: never, settings: idle })
    const { fitness } = await a.events.next('published')
    expect(fitness).toBeGreaterThan(4)
    expect(await b.events.next('imported')).toMatchObject({ from: a.node.keys.nodeId })
    expect(b.events.all('published')).toEqual([])
  })

  it('gives a node that joins later the best that is known', async () => {
    const here = await world()
    const planted = solver(3)
    const a = await joined(here, { seed: 1, publishThreshold: planted.fitness - 0.01 })
    await a.brain.publish(planted.genotype)
    const late = await joined(here, { seed: 9, publishThreshold: never })
    const { fitness } = await late.events.next('imported')
    // The planted one, or what has come of it meanwhile.
    expect(fitness).toBeGreaterThanOrEqual(planted.fitness)
  })

  it('refuses and counts what is forged, inflated or for another task', async () => {
    const here = await world()
    const b = await joined(here, { seed: 2, publishThreshold: never })
    const liar = await strangerIn(here)
    const planted = solver(3)
    const meeting = meetingOf(realm, 'xor')
    const record = {
      task: 'xor',
      genotype: planted.genotype,
      fitness: planted.fitness,
      generation: 1,
      evaluations: 1,
      createdMs: systemClock.wallNow(),
      breeder: liar.keys.nodeId,
    }
    const say = (changes: Partial<typeof record>, keys = liar.keys): Promise<unknown> =>
      publish(
        liar.pubsub,
        meeting.realm,
        meeting.genotypeTopic,
        signRecord(keys, { ...record, ...changes }),
      )
    await say({ fitness: planted.fitness + 1 })
    await say({ task: 'dpnv' })
    await say({}, generateKeyPair(secureRandomBytes))
    await publish(liar.pubsub, meeting.realm, meeting.genotypeTopic, { schema: 'nonsense' })
    while (b.events.all('refused').length < 4) await b.events.following('refused')
    const reasons = b.events.all('refused').map(({ reason }) => reason)
    expect(reasons.sort()).toEqual([
      'fitness_mismatch',
      'malformed',
      'wrong_publisher',
      'wrong_task',
    ])
    expect(b.events.all('imported')).toEqual([])
  })

  it('ends a subscription whose listener throws, and nothing else', async () => {
    const here = await world()
    const { brain, events } = await joined(here, { seed: 2, publishThreshold: never })
    let calls = 0
    brain.subscribe(() => {
      calls += 1
      throw new Error('a listener of the program')
    })
    const before = events.all('generation').length
    while (events.all('generation').length < before + 3) await events.following('generation')
    expect(calls).toBe(1)
  })
})
