import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  Evaluator,
  type EvaluatorRef,
  evaluate,
  resources,
  verify,
} from '../../../src/actors/population/evaluator.ts'
import { best, step } from '../../../src/actors/population/population-protocol.ts'
import { startPopulation } from '../../../src/actors/population/population-supervisor.ts'
import {
  processReadings,
  ResourceGuard,
  type ResourceOptions,
} from '../../../src/actors/population/resource-guard.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import type { ResourceReading } from '../../../src/evolution/meta-control/resource-silo.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { systemClock, VirtualClock } from '../../../src/runtime/clock.ts'
import { useClock } from '../../../src/runtime/timer.ts'
import { grownGenotype } from '../../evolution/generated-genotype.ts'

const genotypes = Array.from({ length: 100 }, (_, seed) => grownGenotype(2, 1, seed, seed % 20))
const expected = genotypes.map((genotype) => xor.evaluate(new Network(compile(genotype))))
const calm = { memory: 0.1, cpu: 0.1 }
const critical = { memory: 0.95, cpu: 0.1 }

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

/** Those readings, and the last of them for ever. */
function readings(...all: readonly ResourceReading[]): () => ResourceReading {
  let at = 0
  return () => all[Math.min(at++, all.length - 1)]!
}

/** An evaluator in this thread, and how many networks it has begun. */
function guarded(options: ResourceOptions): { evaluator: EvaluatorRef; begun: () => number } {
  let begun = 0
  const problem: Problem = {
    ...xor,
    episode: () => {
      begun++
      return xor.episode()
    },
  }
  const evaluator = start(
    new Evaluator({ problem, runner: { kind: 'inline' }, resources: options }),
  )
  return { evaluator, begun: () => begun }
}

describe('an evaluator that looks at its resources', () => {
  it('begins nothing for five seconds while memory is critical', async () => {
    const { evaluator, begun } = guarded({ readings: readings(critical, calm) })
    const scores = evaluate(evaluator, genotypes)
    expect(await resources(evaluator)).toMatchObject({ action: 'pause', pauses: 1, ...critical })
    clock.advance(4_999)
    expect(await resources(evaluator)).toMatchObject({ action: 'pause' })
    expect(begun()).toBe(0)
    clock.advance(1)
    expect(await scores).toEqual(expected)
    expect(await resources(evaluator)).toMatchObject({ action: 'continue', ...calm })
    await stop(evaluator, 'shutdown')
  })

  it('goes on job by job however long memory stays critical', async () => {
    const { evaluator } = guarded({ readings: readings(critical), pauseMs: 20 })
    let isDone = false
    const scores = evaluate(evaluator, genotypes).finally(() => {
      isDone = true
    })
    let pauses = 0
    for (; !isDone && pauses < 1_000; pauses++) {
      await resources(evaluator)
      clock.advance(20)
    }
    expect(await scores).toEqual(expected)
    expect(pauses).toBeGreaterThan(5)
    await stop(evaluator, 'shutdown')
  })

  it('scores the same under pressure, and answers nothing where it does not look', async () => {
    const high = { memory: 0.89, cpu: 1 }
    const { evaluator } = guarded({ readings: readings(high), sampleMs: 0 })
    expect(await evaluate(evaluator, genotypes)).toEqual(expected)
    expect(await verify(evaluator, genotypes[0]!)).toMatchObject({ solved: false })
    expect(await resources(evaluator)).toMatchObject({ action: 'throttle', concurrency: 1 })
    await stop(evaluator, 'shutdown')
    const plain = start(new Evaluator({ problem: xor, runner: { kind: 'inline' } }))
    expect(await resources(plain)).toBeUndefined()
    await stop(plain, 'shutdown')
  })
})

describe('a guard', () => {
  it('reads again only when it is time', () => {
    let count = 0
    const look = (): ResourceReading => {
      count++
      return calm
    }
    const guard = new ResourceGuard({ readings: look, sampleMs: 100 }, 16, clock)
    guard.look()
    clock.advance(99)
    guard.look()
    expect(count).toBe(1)
    clock.advance(1)
    expect(guard.look()).toMatchObject({ action: 'continue', concurrency: 16 })
    expect(count).toBe(2)
  })

  it('reads parts of what this process may have', () => {
    const read = processReadings(clock)
    clock.advance(1_000)
    const { memory, cpu } = read()
    expect(memory).toBeGreaterThan(0)
    expect(memory).toBeLessThan(1)
    expect(cpu).toBeGreaterThanOrEqual(0)
    expect(read().cpu).toBe(0)
  })
})

describe('a population under pressure', () => {
  it('comes to the same champion as one that has all it wants', async () => {
    const championOf = async (options: {
      readonly resources?: ResourceOptions
    }): Promise<unknown> => {
      const { supervisor, population } = await startPopulation({
        problem: xor,
        seed: 7,
        settings: settingsFor('xor', 40),
        evaluator: { kind: 'inline' },
        paused: true,
        ...options,
      })
      for (let i = 0; i < 3; i++) await step(population)
      const champion = await best(population)
      await stop(supervisor, 'shutdown')
      return champion
    }
    const pressed = { resources: { readings: readings({ memory: 0.85, cpu: 1 }), sampleMs: 0 } }
    expect(await championOf(pressed)).toEqual(await championOf({}))
  })
})
