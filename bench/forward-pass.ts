// How long does one forward pass of a compiled genotype take, against neataptic's fastest ordinary
// call?
//
// Workloads A, B and C: random networks of tanh neurons, each hidden neuron in a layer of its own,
// outputs feeding nothing; Ar, Br and Cr the same with recurrent links added (none to itself: there
// neataptic feeds back the sum, not the activation). Both sides compute the same outputs (checked).
// CPU time of this thread, the median of 7 rounds, the two sides taking turns.
import { compile, type Genotype, Network, type NeuronGene } from '../src/evolution/index.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { type Activate, carrotOf, neatapticOf, neatJavaScriptOf } from './peers/networks.ts'
import { median, notice, report } from './report.ts'
import { type NetworkSize, randomGenotype } from './workloads/random-genotype.ts'

const ROUNDS = 7
/** Long against the 4 ms ticks in which the system counts CPU time. */
const ROUND_MICROSECONDS = 200_000
const SEED = 7

interface Workload extends NetworkSize {
  readonly name: string
}

const workloads: readonly Workload[] = [
  { name: 'A', inputs: 5, outputs: 1, neurons: 10, forward: 41, recurrent: 0 },
  { name: 'B', inputs: 8, outputs: 4, neurons: 50, forward: 318, recurrent: 0 },
  { name: 'C', inputs: 32, outputs: 16, neurons: 300, forward: 2692, recurrent: 0 },
  { name: 'Ar', inputs: 5, outputs: 1, neurons: 10, forward: 41, recurrent: 20 },
  { name: 'Br', inputs: 8, outputs: 4, neurons: 50, forward: 318, recurrent: 251 },
  { name: 'Cr', inputs: 32, outputs: 16, neurons: 300, forward: 2692, recurrent: 2289 },
]

/** CPU nanoseconds a call of `run(count)` takes per unit of count. */
function timed(run: (count: number) => void, count: number): number {
  const before = process.threadCpuUsage()
  run(count)
  const { user, system } = process.threadCpuUsage(before)
  return ((user + system) * 1000) / count
}

/** How often to run so that one round takes about ROUND_MICROSECONDS. */
function calibrate(run: (count: number) => void): number {
  let count = 100
  while (timed(run, count) * count < ROUND_MICROSECONDS * 200) count *= 2
  return count * 5
}

const peerMakers: Readonly<Record<string, (genotype: Genotype) => Activate>> = {
  'neataptic noTraceActivate': neatapticOf,
  'carrot activate, trace off': carrotOf,
  'neat-javascript propagate': neatJavaScriptOf,
}

/**
 * neat-javascript leaves out neurons that no input reaches, and carrot's recurrent links carry other
 * values: of them a difference is told only.
 */
function compareOutputs(peer: string, theirs: readonly number[], ours: Float64Array): void {
  const worst = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0)
  if (worst < 1e-9) return
  if (peer.startsWith('neataptic')) throw new Error(`${peer}: off by ${worst}`)
  notice(`${peer} computes something else here: its outputs differ by ${worst}`)
}

function measure(workload: Workload): void {
  const random = seededRandom(SEED).fork(workload.name)
  const genotype = randomGenotype(workload, random)
  const samples = Array.from({ length: 64 }, () => {
    return Float64Array.from({ length: workload.inputs }, () => random.gaussian())
  })
  const plainSamples = samples.map((sample) => Array.from(sample))
  const network = new Network(compile(genotype))
  const outputs = new Float64Array(workload.outputs)
  const ours = (count: number): void => {
    for (let i = 0; i < count; i++) network.step(samples[i & 63]!, outputs)
  }
  const peers = Object.entries(peerMakers).map(([name, make]) => {
    const activate = make(genotype)
    for (const sample of plainSamples.slice(0, 2)) {
      network.step(Float64Array.from(sample), outputs)
      compareOutputs(`${name}, workload ${workload.name}`, activate(sample), outputs)
    }
    const run = (count: number): void => {
      for (let i = 0; i < count; i++) activate(plainSamples[i & 63]!)
    }
    return { name, run, count: calibrate(run), times: [] as number[] }
  })
  const ourCount = calibrate(ours)
  const our: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    our.push(timed(ours, ourCount))
    for (const { run, count, times } of peers) times.push(timed(run, count))
  }
  const value = median(our)
  const name = `forward pass ${workload.name}`
  for (const { name: peer, times } of peers) {
    const peerValue = median(times)
    report({ name, value, unit: 'ns', peer, peerValue, ratio: peerValue / value })
  }
}

/** Workload B with every neuron of one kind, or every neuron learning, against the plain one. */
const traits: readonly { readonly name: string; readonly traits: Partial<NeuronGene> }[] = [
  { name: 'cfc', traits: { neuronType: 'cfc' } },
  { name: 'ltc', traits: { neuronType: 'ltc' } },
  { name: 'leaky', traits: { neuronType: 'leaky', timeConstant: 2 } },
  { name: 'hebbian', traits: { plasticity: { rule: 'hebbian', parameters: [1e-6] } } },
  { name: 'ojas', traits: { plasticity: { rule: 'ojas', parameters: [1e-6] } } },
  { name: 'abcd', traits: { plasticity: { rule: 'abcd', parameters: [1e-6, 1, 1, 1, 1] } } },
]

function measureTraits(workload: Workload): void {
  const random = seededRandom(SEED).fork(workload.name)
  const plain = randomGenotype(workload, random)
  const samples = Array.from({ length: 64 }, () => {
    return Float64Array.from({ length: workload.inputs }, () => random.gaussian())
  })
  const outputs = new Float64Array(workload.outputs)
  const runs = [{ name: 'plain', traits: {} }, ...traits].map(({ name, traits }) => {
    const neurons = plain.neurons.map((neuron) => ({ ...neuron, ...traits }))
    const network = new Network(compile({ ...plain, neurons }))
    const run = (count: number): void => {
      for (let i = 0; i < count; i++) network.step(samples[i & 63]!, outputs)
    }
    return { name, run, count: calibrate(run), rounds: [] as number[] }
  })
  for (let round = 0; round < ROUNDS; round++) {
    for (const { run, count, rounds } of runs) rounds.push(timed(run, count))
  }
  const [base, ...others] = runs.map(({ name, rounds }) => ({ name, value: median(rounds) }))
  for (const { name, value } of others) {
    report({
      name: `forward pass ${workload.name}, ${name}`,
      value,
      unit: 'ns',
      peer: 'plain neurons',
      peerValue: base!.value,
      ratio: base!.value / value,
    })
  }
}

/** What a fresh genotype costs before its first tick. */
function measureCompile(workload: Workload): void {
  const genotypes = Array.from({ length: 64 }, (_, i) => {
    return randomGenotype(workload, seededRandom(SEED).fork(workload.name).fork(i))
  })
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) compile(genotypes[i & 63]!)
  }
  const count = calibrate(run)
  const rounds = Array.from({ length: ROUNDS }, () => timed(run, count))
  report({ name: `compile ${workload.name}`, value: median(rounds) / 1000, unit: 'us' })
}

notice(`seed ${SEED}; A 41, B 318, C 2,692 links; r: with recurrent links`)
for (const workload of workloads) measure(workload)
measureTraits(workloads[1]!)
for (const workload of workloads.slice(0, 3)) measureCompile(workload)
