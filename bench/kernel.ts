// What do lanes bring: the WebAssembly kernel against neataptic's fastest ordinary call, against our
// own interpreter, and against what the machine could do at most?
//
// Workloads A, B and C of forward-pass.ts: every tick another sample, 1,024 of them laid out for
// the kernel once. Then a dense network of 32, 128 and 16 neurons in f32; weights of their own in
// each lane; CartPole with a network of 50 neurons, 16 episodes at once. CPU time of this thread,
// the median of 7 rounds, all sides taking turns.

import { hasFallen, stepCartPole } from '../src/evolution/environment/cart-pole.ts'
import {
  compile,
  type Genotype,
  genotypeFrom,
  KernelNetwork,
  KernelSamples,
  Network,
} from '../src/evolution/index.ts'
import { threadKernel } from '../src/evolution/kernel/kernel-memory.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { neatapticOf } from './peers/networks.ts'
import { isQuick, median, notice, report } from './report.ts'
import { type NetworkSize, randomGenotype } from './workloads/random-genotype.ts'

const ROUNDS = isQuick ? 1 : 7
const ROUND_NANOSECONDS = isQuick ? 2e6 : 1e8
const SEED = 7
const SAMPLES = 1_024
/** Operations counted: two a link; 12 multiplications, 12 additions, a division a tanh. */
const TANH_FLOPS = 25

const sizes: readonly (NetworkSize & { name: string })[] = [
  { name: 'A', inputs: 5, outputs: 1, neurons: 10, forward: 41, recurrent: 0 },
  { name: 'B', inputs: 8, outputs: 4, neurons: 50, forward: 318, recurrent: 0 },
  { name: 'C', inputs: 32, outputs: 16, neurons: 300, forward: 2692, recurrent: 0 },
]

interface Side {
  readonly name: string
  /** Units of work of one run. */
  readonly units: number
  readonly run: () => void
}

function cpuNanoseconds(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) * 1_000
}

/** CPU nanoseconds a unit of each side, by name. */
function measure(sides: readonly Side[]): Map<string, number> {
  const turns = sides.map(({ run }) => {
    let count = 1
    for (;;) {
      const took = cpuNanoseconds(() => {
        for (let i = 0; i < count; i++) run()
      })
      if (took > ROUND_NANOSECONDS / 5) return Math.ceil((count * ROUND_NANOSECONDS) / took)
      count *= 2
    }
  })
  const times = sides.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    sides.forEach(({ run, units }, s) => {
      const count = turns[s]!
      const took = cpuNanoseconds(() => {
        for (let i = 0; i < count; i++) run()
      })
      times[s]!.push(took / (count * units))
    })
  }
  return new Map(sides.map(({ name }, s) => [name, median(times[s]!)]))
}

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

const EPISODES = 16
const STEPS = 1_000

/** Steps of 16 episodes, each from its own start; a fallen pole stands up at its start again. */
function measureCartPole(): void {
  const size = { inputs: 4, outputs: 1, neurons: 50, forward: 278, recurrent: 0 }
  const random = seededRandom(SEED).fork('cartpole')
  const genotype = randomGenotype(size, random)
  const plan = compile(genotype)
  const starts = Array.from({ length: EPISODES }, () => {
    return Float64Array.from({ length: 4 }, () => 0.1 * (random.next() - 0.5))
  })
  const states = starts.map((start) => start.slice())
  const move = (e: number, right: boolean): void => {
    const state = states[e]!
    stepCartPole(state, right)
    if (hasFallen(state)) state.set(starts[e]!)
  }
  const kernel = new KernelNetwork().load(plan)
  const { inputs, outputs } = kernel
  const network = new Network(plan)
  const sensed = new Float64Array(4)
  const answer = new Float64Array(1)
  const activate = neatapticOf(genotype)
  const units = EPISODES * STEPS
  const oneByOne = (act: (state: Float64Array) => number) => (): void => {
    for (let e = 0; e < EPISODES; e++) {
      for (let t = 0; t < STEPS; t++) move(e, act(states[e]!) > 0)
    }
  }
  const inLanes = (): void => {
    for (let t = 0; t < STEPS; t++) {
      for (let e = 0; e < EPISODES; e++) {
        const state = states[e]!
        for (let i = 0; i < 4; i++) inputs[i * 16 + e] = state[i]!
      }
      kernel.tick()
      for (let e = 0; e < EPISODES; e++) move(e, outputs[e]! > 0)
    }
  }
  const interpreted = (state: Float64Array): number => {
    sensed.set(state)
    network.step(sensed, answer)
    return answer[0]!
  }
  const figures = measure([
    { name: 'neataptic', units, run: oneByOne((state) => activate(Array.from(state))[0]!) },
    { name: 'interpreter', units, run: oneByOne(interpreted) },
    { name: 'lanes', units, run: inLanes },
  ])
  const peerValue = figures.get('neataptic')!
  for (const [name, side] of [
    ['CartPole step, 16 episodes in lanes', 'lanes'],
    ['CartPole step, one episode', 'interpreter'],
  ] as const) {
    const value = figures.get(side)!
    report({ name, value, unit: 'ns', peer: 'neataptic', peerValue, ratio: peerValue / value })
  }
}

notice(`seed ${SEED}; a tick counts 2 flops a link and ${TANH_FLOPS} a tanh`)
for (const size of sizes) measureBatch(size)
measureDense()
measureCartPole()
