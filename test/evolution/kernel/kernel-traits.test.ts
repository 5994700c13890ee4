import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actuatorProcessings, type Genotype } from '../../../src/evolution/genotype.ts'
import { KernelError, KernelNetwork } from '../../../src/evolution/kernel/kernel-network.ts'
import { KernelSamples } from '../../../src/evolution/kernel/kernel-samples.ts'
import { aggregationNames } from '../../../src/evolution/network/aggregation.ts'
import { InterpreterLanes } from '../../../src/evolution/network/lane-network.ts'
import { neuronTypes } from '../../../src/evolution/network/neuron-type.ts'
import { compile, type Plan } from '../../../src/evolution/network/plan.ts'
import { plasticityRules } from '../../../src/evolution/network/plasticity-rule.ts'
import { type Random, seededRandom } from '../../../src/runtime/random.ts'
import { features, randomNetworkWith } from '../../conformance/random-network.ts'
import { richGenotype } from '../generated-genotype.ts'

/** Any network with traits: grown by evolution, or as it would not grow them. */
function wildGenotype(random: Random): Genotype {
  for (;;) {
    const seed = random.integer(2 ** 31)
    const genotype =
      random.next() < 0.5
        ? richGenotype(1 + random.integer(4), 1 + random.integer(4), seed, random.integer(40))
        : randomNetworkWith(features, random.fork(seed))
    if (compile(genotype).traits !== null) return genotype
  }
}

/** The same structure with every number another. */
function renumbered(genotype: Genotype, random: Random): Genotype {
  const others = (numbers: readonly number[]): number[] => numbers.map(() => random.gaussian())
  return {
    ...genotype,
    neurons: genotype.neurons.map((neuron) => {
      const { response, backbone, head, timeConstant, stateBound, plasticity } = neuron
      return {
        ...neuron,
        bias: random.next() < 0.1 ? 0 : random.gaussian(),
        ...(response === undefined ? {} : { response: random.gaussian() }),
        ...(backbone === undefined ? {} : { backbone: others(backbone) }),
        ...(head === undefined ? {} : { head: others(head) }),
        ...(timeConstant === undefined ? {} : { timeConstant: 0.1 + 3 * random.next() }),
        ...(stateBound === undefined ? {} : { stateBound: 0.1 + random.next() }),
        ...(plasticity === undefined
          ? {}
          : { plasticity: { ...plasticity, parameters: others(plasticity.parameters) } }),
      }
    }),
    links: genotype.links.map((link) => ({
      ...link,
      weight: random.gaussian(),
      ...(link.parameters === undefined ? {} : { parameters: others(link.parameters) }),
    })),
  }
}

/** Mostly ordinary numbers; now and then what only a broken environment would give. */
function input(random: Random): number {
  const draw = random.next()
  if (draw < 0.004) return Number.NaN
  if (draw < 0.008) return Number.POSITIVE_INFINITY
  if (draw < 0.02) return -0
  if (draw < 0.03) return 1e200 * random.gaussian()
  return 2 * random.gaussian()
}

interface Compared {
  compared: number
  different: number
  /** Values other than whole numbers and NaN. */
  telling: number
}

/** Lets both run through noise, a lane beginning anew now and then; compares answers and weights. */
function compare(plans: readonly Plan[], network: KernelNetwork, random: Random, timeStep = 1) {
  const { lanes } = network
  const [plan] = plans as readonly [Plan]
  const expected = new InterpreterLanes(plans, lanes, { timeStep })
  const inputs = new Float64Array(plan.inputs * lanes)
  const [ours, theirs] = [0, 1].map(() => new Float64Array(plan.outputs * lanes)) as [
    Float64Array,
    Float64Array,
  ]
  const result: Compared = { compared: 0, different: 0, telling: 0 }
  const count = (actual: Float64Array, wanted: Float64Array): void => {
    if (actual.length !== wanted.length) result.different++
    actual.forEach((value, i) => {
      result.compared++
      if (!Object.is(value, wanted[i])) result.different++
      if (Number.isFinite(value) && !Number.isInteger(value)) result.telling++
    })
  }
  for (let tick = 0; tick < 12; tick++) {
    for (let i = 0; i < inputs.length; i++) inputs[i] = input(random)
    if (random.next() < 0.3) {
      const lane = random.next() < 0.2 ? undefined : random.integer(lanes)
      network.reset(lane)
      expected.reset(lane)
    }
    network.step(inputs, ours)
    expected.step(inputs, theirs)
    count(ours, theirs)
  }
  for (let lane = 0; lane < lanes; lane++) {
    count(network.captureWeights(lane), expected.captureWeights(lane))
  }
  return result
}

const anyLanes = fc.constantFrom(2, 4, 8, 16)
const networks = new Map([2, 4, 8, 16].map((lanes) => [lanes, new KernelNetwork({ lanes })]))

describe('a network with traits in the kernel', () => {
  it('answers and learns to the bits of the interpreter, one genotype in all lanes', () => {
    fc.assert(
      fc.property(fc.integer(), anyLanes, (seed, lanes) => {
        const random = seededRandom(seed)
        const plan = compile(wildGenotype(random))
        const network = networks.get(lanes)!.load(plan)
        expect(network.isCompiled).toBe(true)
        expect(compare([plan], network, random).different).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  it('answers and learns to the bits of the interpreter, a genotype in each lane', () => {
    fc.assert(
      fc.property(fc.integer(), anyLanes, (seed, lanes) => {
        const random = seededRandom(seed)
        const genotype = wildGenotype(random)
        const count = 1 + random.integer(lanes)
        const plans = Array.from({ length: count }, (_, lane) => {
          return compile(lane === 0 ? genotype : renumbered(genotype, random.fork(lane)))
        })
        const network = networks.get(lanes)!.loadEach(plans)
        expect(network.isCompiled).toBe(true)
        expect(compare(plans, network, random).different).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  it('lets as much time pass as it is told', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0.1, 0.5, 3), (seed, timeStep) => {
        const random = seededRandom(seed)
        const plan = compile(wildGenotype(random))
        const network = new KernelNetwork({ lanes: 4, timeStep }).load(plan)
        expect(network.isCompiled).toBe(true)
        expect(compare([plan], network, random, timeStep).different).toBe(0)
        network[Symbol.dispose]()
        const plain = new KernelNetwork({ lanes: 4, timeStep, kernel: false }).load(plan)
        expect(compare([plan], plain, random, timeStep).different).toBe(0)
      }),
      { numRuns: 40 },
    )
  })

  it('answers samples, forgetting each, as it does tick by tick', () => {
    fc.assert(
      fc.property(fc.integer(), anyLanes, fc.boolean(), (seed, lanes, each) => {
        const random = seededRandom(seed)
        const plan = compile(wildGenotype(random))
        const network = networks.get(lanes)!
        const plain = new KernelNetwork({ lanes, kernel: false })
        const values = Float64Array.from({ length: 21 * plan.inputs }, () => random.gaussian())
        const samples = new KernelSamples(values, plan.inputs)
        const answers = [network, plain].map((one) => {
          return Float64Array.from((each ? one.loadEach([plan]) : one.load(plan)).answer(samples))
        })
        expect(network.isCompiled).toBe(true)
        expect(answers[0]).toEqual(answers[1])
        samples[Symbol.dispose]()
      }),
      { numRuns: 60 },
    )
  })

  const seed = 4_711
  it(`knows every kind, aggregation, rule and processing, seed ${seed}`, () => {
    const random = seededRandom(seed)
    const met = { kinds: new Set(), aggregations: new Set(), rules: new Set(), ends: new Set() }
    const modulated = new Set()
    const sum: Compared = { compared: 0, different: 0, telling: 0 }
    for (let i = 0; i < 250; i++) {
      const plan = compile(wildGenotype(random.fork(i)))
      const { kind, aggregation, rule, processing, modulatory } = plan.traits!
      const result = compare([plan], networks.get(16)!.load(plan), random.fork('noise').fork(i))
      sum.compared += result.compared
      sum.different += result.different
      sum.telling += result.telling
      for (const code of kind) met.kinds.add(code)
      for (const code of aggregation) met.aggregations.add(code)
      for (const code of processing) met.ends.add(code)
      rule.forEach((code, n) => {
        met.rules.add(code)
        if (modulatory[n]! < plan.rowPtr[n + 1]!) modulated.add(code)
      })
    }
    expect(sum.different).toBe(0)
    expect(sum.compared).toBeGreaterThan(100_000)
    expect(sum.telling).toBeGreaterThan(sum.compared / 4)
    const sizes = [met.kinds, met.aggregations, met.rules, modulated, met.ends].map((s) => s.size)
    const rules = plasticityRules.length
    expect(sizes).toEqual([
      ...[neuronTypes.length, aggregationNames.length, rules, rules],
      actuatorProcessings.length,
    ])
  })

  it('learns in each lane for itself, and forgets in one alone', () => {
    const random = seededRandom(5)
    const plan = compile(learningGenotype())
    const network = new KernelNetwork({ lanes: 4 }).load(plan)
    for (let tick = 0; tick < 5; tick++) {
      network.inputs.forEach((_, i) => {
        network.inputs[i] = random.gaussian()
      })
      network.tick()
    }
    const learnt = [0, 1, 2, 3].map((lane) => network.captureWeights(lane))
    const texts = new Set(learnt.map((weights) => weights.join()))
    expect(texts.size).toBe(4)
    expect(texts.has(plan.weight.join())).toBe(false)
    network.reset(2)
    const after = [0, 1, 2, 3].map((lane) => network.captureWeights(lane))
    expect(after).toEqual([learnt[0], learnt[1], plan.weight, learnt[3]])
    network.reset()
    expect(network.captureWeights(3)).toEqual(plan.weight)
  })

  it('is refused in f32, and leaves what was loaded before', () => {
    const plan = compile(learningGenotype())
    const network = new KernelNetwork({ precision: 'f32', lanes: 4 })
    expect(() => network.load(plan)).toThrow(KernelError)
    expect(() => network.captureWeights(0)).toThrow(KernelError)
  })

  it('runs in the interpreter where the memory is too small for it', () => {
    const plan = compile(learningGenotype())
    const huge: Plan = { ...plan, links: 2 ** 26 }
    const network = new KernelNetwork({ lanes: 4 }).load(huge)
    expect(network.isCompiled).toBe(false)
    expect(compare([plan], network, seededRandom(1)).different).toBe(0)
    expect(network.load(plan).isCompiled).toBe(true)
  })
})

/** Two inputs, one neuron that learns by Hebb's rule. */
function learningGenotype(): Genotype {
  const learning = { rule: 'hebbian', parameters: [0.1] } as const
  const neuron = { id: 2, layer: 1, activation: 'tanh', bias: 0.1, plasticity: learning } as const
  return {
    inputs: 2,
    outputs: 1,
    neurons: [neuron],
    links: [0, 1].map((from) => {
      return { innovation: from, from, to: 2, weight: 0.5 + from, enabled: true }
    }),
  }
}
