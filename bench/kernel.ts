// What do lanes bring: the WebAssembly kernel against neataptic's fastest ordinary call, against our
// own interpreter, and against what the machine could do at most?
//
// Workloads A, B and C of forward-pass.ts: every tick another sample, 1,024 of them laid out for
// the kernel once. Then a dense network of 32, 128 and 16 neurons in f32, and weights of their own
// in each lane; and B with every neuron of another kind, or learning, tick after tick in 16
// episodes. CPU time of this thread, the median of 7 rounds, all sides taking turns.

import {
  compile,
  type Genotype,
  genotypeFrom,
  KernelNetwork,
  KernelSamples,
  Network,
  type NeuronGene,
} from '../src/evolution/index.ts'
import { threadKernel } from '../src/evolution/kernel/kernel-memory.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { neatapticOf } from './peers/networks.ts'
import { notice, report } from './report.ts'
import { measure, type Side } from './turns.ts'
import { type NetworkSize, randomGenotype } from './workloads/random-genotype.ts'

const SEED = 7
const SAMPLES = 1_024
/** Operations counted: two a link; 12 multiplications, 12 additions, a division a tanh. */
const TANH_FLOPS = 25

const sizes: readonly (NetworkSize & { name: string })[] = [
  { name: 'A', inputs: 5, outputs: 1, neurons: 10, forward: 41, recurrent: 0 },
  { name: 'B', inputs: 8, outputs: 4, neurons: 50, forward: 318, recurrent: 0 },
  { name: 'C', inputs: 32, outputs: 16, neurons: 300, forward: 2692, recurrent: 0 },
]

/** Ten turns of ten multiplications and ten additions of vectors each. */
function peakSides(): Side[] {
  const kernel = threadKernel()
  if (kernel === undefined) throw new Error('this machine has no SIMD in WebAssembly')
  return [
    { name: 'peak f64', units: 40e4, run: () => kernel.function('peak_f64')(1e4, 1.0000001, 1e-9) },
    { name: 'peak f32', units: 80e4, run: () => kernel.function('peak_f32')(1e4, 1.0001, 1e-4) },
  ]
}

function measureBatch(size: NetworkSize & { name: string }): void {
  const random = seededRandom(SEED).fork(size.name)
  const genotype = randomGenotype(size, random)
  const plan = compile(genotype)
  const values = Float64Array.from({ length: SAMPLES * size.inputs }, () => random.gaussian())
  const samples = new KernelSamples(values, size.inputs)
  const rows = Array.from({ length: SAMPLES }, (_, s) => {
    return values.subarray(s * size.inputs, (s + 1) * size.inputs)
  })
  const plainRows = rows.map((row) => Array.from(row))
  const activate = neatapticOf(genotype)
  const network = new Network(plan)
  const outputs = new Float64Array(size.outputs)
  const f64 = new KernelNetwork().load(plan)
  const f32 = new KernelNetwork({ precision: 'f32', lanes: 32 }).load(plan)
  const each = new KernelNetwork().loadEach(Array.from({ length: 16 }, () => plan))
  const figures = measure([
    {
      name: 'neataptic',
      units: SAMPLES,
      run: () => {
        for (const row of plainRows) activate(row)
      },
    },
    {
      name: 'interpreter',
      units: SAMPLES,
      run: () => {
        for (const row of rows) network.step(row, outputs)
      },
    },
    { name: 'f64', units: SAMPLES, run: () => f64.answer(samples) },
    { name: 'f32', units: SAMPLES, run: () => f32.answer(samples) },
    { name: 'each', units: 16 * SAMPLES, run: () => each.answer(samples) },
    { name: 'load', units: 1, run: () => f64.load(plan) },
    ...peakSides(),
  ])
  const at = (name: string): number => figures.get(name)!
  const flops = 2 * plan.links + TANH_FLOPS * plan.neurons
  const against = (name: string, value: number, peer: string): void => {
    const peerValue = at(peer)
    report({ name, value, unit: 'ns', peer, peerValue, ratio: peerValue / value })
  }
  for (const precision of ['f64', 'f32'] as const) {
    const value = at(precision)
    against(`${precision} lanes ${size.name}`, value, 'neataptic')
    against(`${precision} lanes ${size.name}`, value, 'interpreter')
    const share = (100 * (flops / value)) / (1 / at(`peak ${precision}`))
    report({ name: `${precision} share of peak ${size.name}`, value: share, unit: '%' })
  }
  against(`f64 lanes of own weights ${size.name}`, at('each'), 'neataptic')
  report({ name: `loading a plan ${size.name}`, value: at('load'), unit: 'ns' })
  report({ name: 'peak f64', value: 1 / at('peak f64'), unit: 'GFLOP/s' })
  report({ name: 'peak f32', value: 1 / at('peak f32'), unit: 'GFLOP/s' })
}

/** Fully connected layers, tanh. */
function denseGenotype(layers: readonly number[]): Genotype {
  const random = seededRandom(SEED)
  const [inputs = 1] = layers
  const outputs = layers.at(-1)!
  const ids: number[][] = [Array.from({ length: inputs }, (_, i) => i)]
  let next = inputs + outputs
  const neurons = layers.slice(1, -1).flatMap((width, l) => {
    const layer = (2 * (l + 1)) / (layers.length - 1) - 1
    const row = Array.from({ length: width }, () => next++)
    ids.push(row)
    return row.map((id) => ({ id, layer, activation: 'tanh' as const, bias: random.gaussian() }))
  })
  ids.push(Array.from({ length: outputs }, (_, o) => inputs + o))
  const links = ids.slice(1).flatMap((row, l) => {
    return row.flatMap((to) => {
      return ids[l]!.map((from) => ({ from, to, weight: 0.2 * random.gaussian() }))
    })
  })
  return genotypeFrom({ inputs, outputs, activation: 'tanh', neurons, links })
}

function measureDense(): void {
  const plan = compile(denseGenotype([32, 128, 16]))
  const random = seededRandom(SEED).fork('dense')
  const values = Float64Array.from({ length: SAMPLES * 32 }, () => random.gaussian())
  const samples = new KernelSamples(values, 32)
  for (const precision of ['f32', 'f64'] as const) {
    const lanes = precision === 'f32' ? 32 : 16
    const network = new KernelNetwork({ precision, lanes }).load(plan)
    const figures = measure([{ name: 'dense', units: SAMPLES, run: () => network.answer(samples) }])
    const value = 1e9 / figures.get('dense')!
    report({ name: `32-128-16 dense, ${precision}`, value, unit: 'evaluations/CPU s' })
  }
}

/** Workload B with these traits in every neuron. */
const traitWorkloads: readonly { name: string; traits: Partial<NeuronGene> }[] = [
  { name: 'leaky', traits: { neuronType: 'leaky', timeConstant: 4 } },
  { name: 'ltc', traits: { neuronType: 'ltc' } },
  { name: 'cfc', traits: { neuronType: 'cfc' } },
  {
    name: 'cfc with backbone and head',
    traits: { neuronType: 'cfc', backbone: [1, 0.1], head: [1, 0.1] },
  },
  { name: 'delay', traits: { neuronType: 'delay' } },
  { name: 'maxabs', traits: { aggregation: 'maxabs' } },
  { name: 'median', traits: { aggregation: 'median' } },
  { name: 'hebbian', traits: { plasticity: { rule: 'hebbian', parameters: [1e-6] } } },
  { name: 'ojas', traits: { plasticity: { rule: 'ojas', parameters: [1e-6] } } },
  { name: 'abcd', traits: { plasticity: { rule: 'abcd', parameters: [1e-6, 1, 1, 1, 1] } } },
  { name: 'stdp', traits: { plasticity: { rule: 'stdp', parameters: [1e-6, 1e-6, 4, 0.1] } } },
]

/** A tick of one lane of 16, each with inputs of its own, against one of the interpreter. */
function measureTraits(): void {
  const [, size] = sizes as readonly [unknown, NetworkSize]
  const random = seededRandom(SEED).fork('traits')
  const genotype = randomGenotype(size, random)
  const plain = { name: 'plain', traits: {} }
  const sides = [plain, ...traitWorkloads].flatMap(({ name, traits }): Side[] => {
    const neurons = genotype.neurons.map((neuron) => ({ ...neuron, ...traits }))
    const plan = compile({ ...genotype, neurons })
    const kernel = new KernelNetwork().load(plan)
    if (!kernel.isCompiled) throw new Error(`the kernel does not run ${name}`)
    const { inputs } = kernel
    const network = new Network(plan)
    const outputs = new Float64Array(plan.outputs)
    const rows = Array.from({ length: 64 }, () => {
      return Float64Array.from({ length: inputs.length }, () => random.gaussian())
    })
    const inLanes = (): void => {
      for (const row of rows) {
        inputs.set(row)
        kernel.tick()
      }
    }
    const interpreted = (): void => {
      for (const row of rows) network.step(row, outputs)
    }
    return [
      { name: `${name} kernel`, units: 64 * kernel.lanes, run: inLanes },
      { name: `${name} interpreter`, units: 64, run: interpreted },
    ]
  })
  const figures = measure(sides)
  for (const { name } of [plain, ...traitWorkloads]) {
    const value = figures.get(`${name} kernel`)!
    const peerValue = figures.get(`${name} interpreter`)!
    const ratio = peerValue / value
    report({ name: `B, ${name}`, value, unit: 'ns', peer: 'interpreter', peerValue, ratio })
  }
}

notice(`seed ${SEED}; a tick counts 2 flops a link and ${TANH_FLOPS} a tanh`)
for (const size of sizes) measureBatch(size)
measureDense()
measureTraits()
