import { describe, expect, it } from 'vitest'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import { KernelError, KernelNetwork } from '../../../src/evolution/kernel/kernel-network.ts'
import { KernelSamples } from '../../../src/evolution/kernel/kernel-samples.ts'
import { SinglePrecisionLanes } from '../../../src/evolution/kernel/single-precision.ts'
import { InterpreterLanes } from '../../../src/evolution/network/lane-network.ts'
import { compile, type Plan } from '../../../src/evolution/network/plan.ts'
import { type Random, seededRandom } from '../../../src/runtime/random.ts'
import { features, randomNetwork, randomNetworkWith } from '../../conformance/random-network.ts'

const SEED = 77
const cases = [
  ['f64', 2],
  ['f64', 4],
  ['f64', 8],
  ['f64', 16],
  ['f32', 4],
  ['f32', 8],
  ['f32', 16],
  ['f32', 32],
] as const
type Numbers = Float64Array | Float32Array

/** The same genotype with other weights and biases. */
function reweighted(genotype: Genotype, random: Random): Genotype {
  return {
    ...genotype,
    neurons: genotype.neurons.map((neuron) => ({ ...neuron, bias: random.gaussian() })),
    links: genotype.links.map((link) => ({ ...link, weight: random.gaussian() })),
  }
}

function reference(plans: readonly Plan[], precision: string, lanes: number) {
  return precision === 'f64'
    ? new InterpreterLanes(plans, lanes)
    : new SinglePrecisionLanes(plans, lanes)
}

function differences(actual: Numbers, expected: Numbers): number {
  let count = actual.length === expected.length ? 0 : 1
  for (let i = 0; i < actual.length; i++) if (!Object.is(actual[i], expected[i])) count++
  return count
}

describe.each(cases)('a network of %s in %i lanes', (precision, lanes) => {
  const network = new KernelNetwork({ lanes, precision })
  const Numbers = precision === 'f64' ? Float64Array : Float32Array

  /** Ticks of noise, with a lane reset now and then; how many values differ from the reference's. */
  function run(plans: readonly Plan[], random: Random): number {
    const [plan] = plans as [Plan]
    const expected = reference(plans, precision, lanes)
    const inputs = new Numbers(plan.inputs * lanes)
    const outputs = new Numbers(plan.outputs * lanes)
    const answers = new Numbers(plan.outputs * lanes)
    let different = 0
    for (let t = 0; t < 12; t++) {
      for (let i = 0; i < inputs.length; i++) inputs[i] = 3 * random.gaussian()
      if (random.next() < 0.3) {
        const lane = random.next() < 0.3 ? undefined : random.integer(lanes)
        network.reset(lane)
        expected.reset(lane)
      }
      network.step(inputs, answers)
      expected.step(inputs, outputs)
      different += differences(answers, outputs)
    }
    return different
  }

  it('answers the bits of the reference, one genotype in all lanes', () => {
    const random = seededRandom(SEED)
    for (let i = 0; i < 60; i++) {
      const plan = compile(randomNetwork(random.fork(i)))
      network.load(plan)
      expect(network.isCompiled).toBe(true)
      expect(run([plan], random.fork('noise').fork(i)), `network ${i} of seed ${SEED}`).toBe(0)
    }
  })

  it('answers the bits of the reference, a genotype in each lane', () => {
    const random = seededRandom(SEED + 1)
    for (let i = 0; i < 40; i++) {
      const genotype = randomNetwork(random.fork(i))
      const count = 1 + random.integer(lanes)
      const plans = Array.from({ length: count }, (_, lane) => {
        return compile(reweighted(genotype, random.fork(i).fork(lane)))
      })
      network.loadEach(plans)
      expect(run(plans, random.fork('noise').fork(i)), `network ${i} of seed ${SEED + 1}`).toBe(0)
    }
  })

  it.each([false, true])('answers samples as it does tick by tick (each: %s)', (each) => {
    const random = seededRandom(SEED + 2)
    for (let i = 0; i < 20; i++) {
      const plan = compile(randomNetwork(random.fork(i)))
      const values = Float64Array.from({ length: 37 * plan.inputs }, () => random.gaussian())
      const samples = new KernelSamples(values, plan.inputs)
      const plain = new KernelNetwork({ lanes, precision, kernel: false })
      expect(plain.load(plan).isCompiled).toBe(false)
      const plans = [plan, plan]
      const expected = (each ? plain.loadEach(plans) : plain.load(plan)).answer(samples)
      const actual = (each ? network.loadEach(plans) : network.load(plan)).answer(samples)
      expect(actual.length).toBeGreaterThanOrEqual(37 * plan.outputs)
      expect(differences(actual, expected), `network ${i} of seed ${SEED + 2}`).toBe(0)
      samples[Symbol.dispose]()
    }
  })
})

describe('KernelNetwork', () => {
  const plan = compile(randomNetwork(seededRandom(SEED)))

  it('lets inputs and outputs be used in place', () => {
    const network = new KernelNetwork().load(plan)
    const copied = new KernelNetwork().load(plan)
    const inputs = Float64Array.from({ length: network.inputs.length }, (_, i) => i / 9)
    network.inputs.set(inputs)
    network.tick()
    const outputs = new Float64Array(network.outputs.length)
    copied.step(inputs, outputs)
    expect(Float64Array.from(network.outputs)).toEqual(outputs)
  })

  it('keeps its answers while other networks make the memory grow', () => {
    const network = new KernelNetwork().load(plan)
    network.inputs.fill(0.5)
    network.tick()
    const before = Float64Array.from(network.outputs)
    const others = Array.from({ length: 400 }, () => new KernelNetwork().load(plan))
    expect(Float64Array.from(network.outputs)).toEqual(before)
    for (const other of others) other[Symbol.dispose]()
    network.inputs.fill(0.25)
    network.reset()
    network.inputs.fill(0.5)
    network.tick()
    expect(Float64Array.from(network.outputs)).toEqual(before)
  })

  it('runs plans with and without traits in turns', () => {
    const rich = compile(randomNetworkWith(features, seededRandom(SEED + 9)))
    expect(rich.traits).not.toBeNull()
    const network = new KernelNetwork({ lanes: 4 })
    for (const one of [rich, plan, rich]) {
      const fresh = new KernelNetwork({ lanes: 4 }).load(one)
      const { inputs, outputs } = network.load(one)
      expect(network.isCompiled).toBe(true)
      for (let i = 0; i < inputs.length; i++) inputs[i] = i / 7
      network.tick()
      const expected = new Float64Array(outputs.length)
      fresh.step(Float64Array.from(inputs), expected)
      expect(differences(outputs, expected)).toBe(0)
    }
  })

  it('refuses what it cannot run', () => {
    const other = compile(randomNetwork(seededRandom(SEED + 5)))
    const code = (run: () => unknown): string => {
      try {
        run()
      } catch (error) {
        if (error instanceof KernelError) return error.code
      }
      return 'nothing'
    }
    expect(code(() => new KernelNetwork({ lanes: 3 }))).toBe('unknown_lanes')
    expect(code(() => new KernelNetwork({ lanes: 2, precision: 'f32' }))).toBe('unknown_lanes')
    expect(code(() => new KernelNetwork().loadEach([]))).toBe('no_plan')
    expect(code(() => new KernelNetwork().loadEach([plan, other]))).toBe('different_topology')
    expect(code(() => new KernelNetwork().inputs)).toBe('no_plan')
    const samples = new KernelSamples(new Float64Array(100), plan.inputs + 1)
    expect(code(() => new KernelNetwork().load(plan).answer(samples))).toBe('wrong_width')
  })
})
