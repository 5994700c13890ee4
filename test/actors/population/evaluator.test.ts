import { afterEach, describe, expect, it } from 'vitest'
import {
  Evaluator,
  type EvaluatorRef,
  evaluate,
  measure,
  type RunnerOptions,
  verify,
} from '../../../src/actors/population/evaluator.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { problemNamed } from '../../../src/evolution/environment/problem.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { MEASUREMENTS_MAX } from '../../../src/limits.ts'
import { exit, processCount, waitForExit } from '../../../src/runtime/signal.ts'
import { DynamicSupervisor } from '../../../src/supervisors/dynamic-supervisor.ts'
import { grownGenotype } from '../../evolution/generated-genotype.ts'
import { threadCount } from './worker-threads.ts'

const genotypes = Array.from({ length: 100 }, (_, seed) => grownGenotype(2, 1, seed, seed % 20))
const expected = genotypes.map((genotype) => xor.evaluate(new Network(compile(genotype))))

const dpnv = problemNamed('dpnv')!
const balancing = Array.from({ length: 30 }, (_, seed) => grownGenotype(3, 1, seed, 10))

let running: EvaluatorRef[] = []
afterEach(async () => {
  for (const evaluator of running) await stop(evaluator, 'shutdown')
  running = []
  expect(threadCount()).toBe(0)
})

function startEvaluator(runner: RunnerOptions, problem: Problem = xor): EvaluatorRef {
  const evaluator = start(new Evaluator({ problem, runner }))
  running.push(evaluator)
  return evaluator
}

const supervisor = start(new DynamicSupervisor())
const runners: [string, RunnerOptions][] = [
  ['one worker thread', { kind: 'pool', workers: 1 }],
  ['three worker threads', { kind: 'pool', workers: 3 }],
  ['this thread', { kind: 'inline' }],
  ['neuron processes', { kind: 'process', supervisor }],
]

describe('evaluate', () => {
  it.each(runners)('gives the same scores in %s', async (_, runner) => {
    const evaluator = startEvaluator(runner)
    expect(await evaluate(evaluator, genotypes)).toEqual(expected)
    expect(await evaluate(evaluator, [])).toEqual([])
    const foreign = genotypes.slice(5, 8)
    expect(await measure(evaluator, foreign)).toEqual(expected.slice(5, 8))
  })

  it('gives the same scores when a thread dies of a job', async () => {
    const worker = new URL('dying-worker.ts', import.meta.url)
    const evaluator = startEvaluator({ kind: 'pool', workers: 2, worker })
    expect(await evaluate(evaluator, genotypes)).toEqual(expected)
  })

  it('fails when threads die of it twice', async () => {
    const worker = new URL('dead-worker.ts', import.meta.url)
    const evaluator = startEvaluator({ kind: 'pool', workers: 1, worker })
    await expect(evaluate(evaluator, genotypes)).rejects.toMatchObject({ code: 'thread_ended' })
  })

  it('refuses what does not fit the problem, and goes on', async () => {
    const evaluator = startEvaluator({ kind: 'inline' }, dpnv)
    await expect(evaluate(evaluator, genotypes)).rejects.toMatchObject({
      code: 'wrong_shape',
    })
    expect(await evaluate(evaluator, balancing)).toHaveLength(balancing.length)
  })
})

describe('measure', () => {
  it.each(runners)('does not wait for a generation in %s', async (_, runner) => {
    const evaluator = startEvaluator(runner, dpnv)
    const many = Array.from({ length: 20 }, () => balancing).flat()
    let isGenerationOver = false
    const generation = evaluate(evaluator, many).then(() => {
      isGenerationOver = true
    })
    const [foreign] = await measure(evaluator, [balancing[3]!])
    expect(isGenerationOver).toBe(false)
    expect(foreign).toEqual(dpnv.evaluate(new Network(compile(balancing[3]!))))
    await generation
  })

  it('refuses more than it can take at a time, and takes them later', async () => {
    const evaluator = startEvaluator({ kind: 'inline' })
    const full = measure(evaluator, genotypes.slice(0, MEASUREMENTS_MAX))
    await expect(measure(evaluator, genotypes.slice(0, 1))).rejects.toMatchObject({
      code: 'measurements_full',
    })
    await full
    expect(await measure(evaluator, genotypes.slice(0, 1))).toEqual(expected.slice(0, 1))
  })
})

describe('verify', () => {
  const solution: Genotype = genotypeFrom({
    inputs: 2,
    outputs: 1,
    activation: 'steep_sigmoid',
    neurons: [
      { id: 2, layer: 1, activation: 'steep_sigmoid', bias: -1 },
      { id: 9, layer: 0, activation: 'steep_sigmoid', bias: -3 },
    ],
    links: [
      { from: 0, to: 2, weight: 2 },
      { from: 1, to: 2, weight: 2 },
      { from: 0, to: 9, weight: 2 },
      { from: 1, to: 9, weight: 2 },
      { from: 9, to: 2, weight: -4 },
    ],
  })

  it.each(runners)('holds a genotype to the full criterion in %s', async (_, runner) => {
    const evaluator = startEvaluator(runner)
    const verification = await verify(evaluator, solution)
    expect(verification).toEqual(xor.verify(new Network(compile(solution))))
    expect(verification.solved).toBe(true)
  })
})

describe('the end of an evaluator', () => {
  it.each(['shutdown', 'kill'])(
    'by %s ends its threads in the middle of a generation',
    async (reason) => {
      const processes = processCount()
      const evaluator = start(
        new Evaluator({ problem: dpnv, runner: { kind: 'pool', workers: 2 } }),
      )
      const many = Array.from({ length: 50 }, () => balancing).flat()
      const failed = expect(evaluate(evaluator, many)).rejects.toMatchObject({ code: 'exit' })
      expect(threadCount()).toBe(2)
      exit(evaluator, reason)
      await failed
      await waitForExit(evaluator)
      expect(processCount()).toBe(processes)
      await expect.poll(threadCount).toBe(0)
    },
  )
})
