// One CPPN, one painted network: every way of running it answers the same bits.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Exoself, startExoself } from '../../../src/actors/neuron/exoself.ts'
import {
  Evaluator,
  type EvaluatorRef,
  evaluate,
  type RunnerOptions,
} from '../../../src/actors/population/evaluator.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { decodeGenotype, encodeGenotype } from '../../../src/evolution/genotype-codec.ts'
import { KernelNetwork } from '../../../src/evolution/kernel/kernel-network.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { InterpreterLanes } from '../../../src/evolution/network/lane-network.ts'
import { compile, phenotypeOf } from '../../../src/evolution/network/plan.ts'
import { planFromBytes } from '../../../src/evolution/network/plan-image.ts'
import { startTuning, stepTuning, withTunedWeights } from '../../../src/evolution/tuning.ts'
import { toModule } from '../../../src/export/standalone-module.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../../src/supervisors/dynamic-supervisor.ts'
import { anySubstrate, grownCppn, line, linearCppn } from './generated-substrate.ts'

/** Of every kind; xor's shape, so that there is a problem to run them on. */
const cppns = Array.from({ length: 40 }, (_, seed) => {
  const { inputPlaces: _i, outputPlaces: _o, ...gene } = anySubstrate(seed)
  const dimensions = gene.input.length
  const ones = Array<number>(dimensions - 1).fill(1)
  return grownCppn({ ...gene, input: [...ones, 2], output: [...ones, 1] }, seed, 12)
})

/** Learns in the order of its cases, which are not forgotten between: plasticity shows. */
const remembered: Problem = {
  ...xor,
  episode: () => {
    const episode = xor.episode()
    return {
      sense: (inputs) => episode.sense(inputs),
      act: (outputs) => (episode.act(outputs) === 'ended' ? 'ended' : 'running'),
      evaluation: () => episode.evaluation(),
    }
  },
}

function answers(network: Pick<Network, 'reset' | 'step'>, seed: number): number[] {
  const random = seededRandom(seed)
  const [inputs, outputs] = [new Float64Array(2), new Float64Array(1)]
  return Array.from({ length: 30 }, (_, tick) => {
    if (tick === 20) network.reset()
    for (let i = 0; i < 2; i++) inputs[i] = 2 * random.gaussian()
    network.step(inputs, outputs)
    return outputs[0]!
  })
}

let supervisor: DynamicSupervisorPid
beforeAll(() => {
  supervisor = start(new DynamicSupervisor())
})
afterAll(() => stop(supervisor))

describe('a painted network', () => {
  it('has the same bits from its plan, from the bytes of it, in lanes and in the kernel', () => {
    let telling = 0
    for (const [seed, cppn] of cppns.entries()) {
      const plan = compile(cppn)
      const expected = answers(new Network(plan), seed)
      telling += new Set(expected).size
      const crossed = planFromBytes(plan.bytes)
      expect(answers(new Network(crossed), seed)).toEqual(expected)
      expect(answers(new InterpreterLanes(plan, 1), seed)).toEqual(expected)
      const kernel = new KernelNetwork({ lanes: 2 }).load(plan)
      expect(kernel.isCompiled).toBe(plan.painter === null)
      const lane = { reset: () => kernel.reset(), step: inLane(kernel) }
      expect(answers(lane, seed)).toEqual(expected)
    }
    expect(telling).toBeGreaterThan(500)
  })

  it('has the same bits as a module of its own', async () => {
    for (const [seed, cppn] of cppns.slice(0, 12).entries()) {
      const text = Buffer.from(toModule(cppn)).toString('base64')
      const module: { createNetwork(): { step(v: readonly number[]): number[]; reset(): void } } =
        await import(/* @vite-ignore */ `data:text/javascript;base64,${text}`)
      const network = module.createNetwork()
      const step = (inputs: Float64Array, outputs: Float64Array): void =>
        outputs.set(network.step([...inputs]))
      expect(answers({ reset: () => network.reset(), step }, seed)).toEqual(
        answers(new Network(compile(cppn)), seed),
      )
    }
  })

  it('has the same bits as processes', async () => {
    for (const cppn of cppns) {
      for (const problem of [xor, remembered]) {
        const network = new Network(compile(cppn))
        const expected = problem === xor ? xor.evaluate(network) : runRemembered(problem, network)
        const exoself = await startExoself(supervisor, { problem, genotype: cppn })
        expect(await Exoself.evaluate(exoself)).toEqual(expected)
        expect(await Exoself.evaluate(exoself)).toEqual(expected)
        const neurons = await Exoself.inspect(exoself)
        expect(neurons.map(({ id }) => id).sort()).toEqual(
          phenotypeOf(cppn)
            .neurons.map(({ id }) => id)
            .sort(),
        )
        if (problem === remembered) {
          const learnt = new Map(neurons.map(({ id, weights }) => [id, [...weights]]))
          const { rowPtr, id } = network.plan
          const weights = network.captureWeights()
          for (const [i, neuron] of id.entries()) {
            expect(learnt.get(neuron)).toEqual([...weights.subarray(rowPtr[i], rowPtr[i + 1])])
          }
        }
        await DynamicSupervisor.terminateChild(supervisor, exoself)
      }
    }
  })

  it.each<[string, () => RunnerOptions]>([
    ['two worker threads', () => ({ kind: 'pool', workers: 2 })],
    ['this thread', () => ({ kind: 'inline' })],
    ['neuron processes', () => ({ kind: 'process', supervisor })],
  ])('has the same scores in %s', async (_, runner) => {
    const expected = cppns.map((cppn) => xor.evaluate(new Network(compile(cppn))))
    const evaluator: EvaluatorRef = start(new Evaluator({ problem: xor, runner: runner() }))
    expect(await evaluate(evaluator, cppns)).toEqual(expected)
    const wrong = grownCppn({ ...line, input: [3] }, 1, 1)
    await expect(evaluate(evaluator, [wrong])).rejects.toMatchObject({ code: 'wrong_shape' })
    await stop(evaluator, 'shutdown')
  })

  it('keeps every bit of its genotype in bytes', () => {
    for (let seed = 0; seed < 100; seed++) {
      const cppn = grownCppn(anySubstrate(seed), seed, 5)
      const bytes = encodeGenotype(cppn)
      expect(decodeGenotype(bytes)).toEqual({ ok: true, genotype: cppn })
      const cut = decodeGenotype(bytes.subarray(0, bytes.length - 1))
      expect(cut.ok).toBe(false)
    }
  })

  it('is tuned by the weights of its CPPN, as processes and compiled alike', async () => {
    for (const cppn of cppns.slice(0, 8)) {
      const exoself = await startExoself(supervisor, { problem: xor, genotype: cppn })
      const tuned = await Exoself.tune(exoself, { seed: 5 })
      expect(tuned.genotype).toEqual(tunedCompiled(cppn))
      expect(await Exoself.evaluate(exoself)).toEqual(
        xor.evaluate(new Network(compile(tuned.genotype))),
      )
      await DynamicSupervisor.terminateChild(supervisor, exoself)
    }
  })

  it('can be changed while it lives: the painted neuron, not the CPPN', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype: cppns[0]! })
    const [neuron] = await Exoself.inspect(exoself)
    await Exoself.change(exoself, { id: neuron!.id, bias: 0.125 })
    const after = await Exoself.inspect(exoself)
    expect(after.find(({ id }) => id === neuron!.id)?.bias).toBe(0.125)
    await DynamicSupervisor.terminateChild(supervisor, exoself)
  })
})

function inLane(kernel: KernelNetwork): (inputs: Float64Array, outputs: Float64Array) => void {
  return (inputs, outputs) => {
    for (let i = 0; i < 2; i++) kernel.inputs.fill(inputs[i]!, 2 * i, 2 * i + 2)
    kernel.tick()
    outputs[0] = kernel.outputs[0]!
  }
}

function runRemembered(problem: Problem, network: Network): object {
  const episode = problem.episode()
  const [inputs, outputs] = [new Float64Array(2), new Float64Array(1)]
  network.reset()
  do {
    episode.sense(inputs)
    network.step(inputs, outputs)
  } while (episode.act(outputs) !== 'ended')
  return episode.evaluation()
}

function tunedCompiled(genotype: Genotype): Genotype {
  const random = seededRandom(5)
  let tuning = startTuning(genotype)
  while (!tuning.isOver) {
    const network = new Network(compile(withTunedWeights(genotype, tuning.trial)))
    tuning = stepTuning(tuning, xor.evaluate(network), random)
  }
  return withTunedWeights(genotype, tuning.kept)
}

describe('an image of a painted network that learns', () => {
  const iterative = linearCppn({ ...line, plasticity: 'iterative' }, [0.1, 0, 0.4, 0, 0.3, 0.2])
  const { bytes } = compile(iterative)

  it('is refused when anything of it is not as it was made', () => {
    const header = new Int32Array(bytes.slice(0, 64).buffer)
    for (let field = 0; field < 7; field++) {
      const broken = bytes.slice()
      new Int32Array(broken.buffer, 0, 16)[field] = header[field]! + 1
      expect(() => planFromBytes(broken)).toThrow('not a plan')
    }
    const numbers = (bytes.length - 64 - header[3]! - header[4]!) / 8
    for (let number = 0; number < numbers; number++) {
      const broken = bytes.slice()
      new DataView(broken.buffer).setFloat64(bytes.length - 8 * (number + 1), Number.NaN, true)
      expect(() => planFromBytes(broken)).toThrow('not a plan')
    }
    for (const length of [0, 63, 64, 80, bytes.length - 8]) {
      expect(() => planFromBytes(bytes.slice(0, length))).toThrow('not a plan')
    }
    expect(planFromBytes(bytes).bytes).toEqual(bytes)
  })
})

describe('iterative', () => {
  it('adds to each weight what the CPPN answers to both ends and the weight, each tick', () => {
    const gene = { ...line, hidden: [], plasticity: 'iterative' as const, threshold: 0 }
    // The change is 0.1 times what came in, and 0.5 times what went out.
    const cppn = linearCppn({ ...gene, outputActivation: 'identity' }, [0, 0, 0, 0, 0.1, 0.5, 0])
    const network = new Network(compile(cppn))
    const outputs = new Float64Array(1)
    expect([...network.captureWeights()]).toEqual([0, 0])
    network.step(Float64Array.from([1, 2]), outputs)
    expect(outputs[0]).toBe(0)
    expect([...network.captureWeights()]).toEqual([0.1, 0.2])
    network.step(Float64Array.from([1, 2]), outputs)
    expect(outputs[0]).toBeCloseTo(0.5, 14)
    const [first, second] = network.captureWeights()
    expect(first).toBeCloseTo(0.1 + 0.1 + 0.25, 14)
    expect(second).toBeCloseTo(0.2 + 0.2 + 0.25, 14)
    for (let tick = 0; tick < 50; tick++) network.step(Float64Array.from([1, 2]), outputs)
    expect([...network.captureWeights()]).toEqual([3, 3])
    network.reset()
    expect([...network.captureWeights()]).toEqual([0, 0])
  })
})

describe('abcn', () => {
  it('changes each weight by the rate times A x y + B x + C y, after DXNN', () => {
    const gene = {
      ...line,
      hidden: [],
      plasticity: 'abcn' as const,
      outputActivation: 'identity' as const,
    }
    const cppn = genotypeFrom({
      inputs: 4,
      outputs: 5,
      activation: 'identity',
      neurons: [
        { id: 4, layer: 1, activation: 'identity', bias: 1 },
        { id: 5, layer: 1, activation: 'identity', bias: 0.5 },
        { id: 6, layer: 1, activation: 'identity', bias: 0.25 },
        { id: 7, layer: 1, activation: 'identity', bias: -0.5 },
        { id: 8, layer: 1, activation: 'identity', bias: 0.1 },
      ],
      links: [],
      substrate: gene,
    })
    const network = new Network(compile(cppn))
    const outputs = new Float64Array(1)
    network.step(Float64Array.from([0.5, -1]), outputs)
    expect(outputs[0]).toBe(-1.5)
    const [first, second] = network.captureWeights()
    expect(first).toBeCloseTo(3 + 0.1 * (0.5 * 0.5 * -1.5 + 0.25 * 0.5 - 0.5 * -1.5), 14)
    expect(second).toBeCloseTo(3 + 0.1 * (0.5 * -1 * -1.5 + 0.25 * -1 - 0.5 * -1.5), 14)
  })
})
