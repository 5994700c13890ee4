// How fast do the neuron processes of one network cycle, and how much slower is that than the
// interpreter? Same genotypes, same episode, same scores (checked): the price of being able to look
// into every neuron.
//
// A cycle is one tick: every sensor asks the scape, every link carries a message, the scape acts
// and the cortex begins the next. CPU time of the thread, medians of 9 rounds; a start is a
// network's processes made, joined and stopped.
import { Exoself, startExoself } from '../src/actors/neuron/exoself.ts'
import { start, stop } from '../src/behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../src/evolution/environment/environment.ts'
import { type Episode, type Outcome, runEpisode } from '../src/evolution/environment/episode.ts'
import { compile, type Genotype, Network, xor } from '../src/evolution/index.ts'
import { layeredGenotype } from '../src/evolution/optimiser/layered-genotype.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { DynamicSupervisor } from '../src/supervisors/dynamic-supervisor.ts'
import { median, notice, report } from './report.ts'
import { type NetworkSize, randomGenotype } from './workloads/random-genotype.ts'

const ROUNDS = 9
const ROUND_MS = 60
const SEED = 7

const sizes: readonly (NetworkSize & { name: string })[] = [
  { name: 'A', inputs: 5, outputs: 1, neurons: 10, forward: 41, recurrent: 0 },
  { name: 'Ar', inputs: 5, outputs: 1, neurons: 10, forward: 41, recurrent: 20 },
  { name: 'B', inputs: 8, outputs: 4, neurons: 50, forward: 318, recurrent: 0 },
  { name: 'Br', inputs: 8, outputs: 4, neurons: 50, forward: 318, recurrent: 251 },
]

/** Shows 64 samples in turn for a number of cycles, and adds up the answers. */
class Samples implements Episode {
  static readonly noise: Float64Array = Float64Array.from({ length: 64 + 32 }, (_, i) =>
    seededRandom(SEED).fork(i).gaussian(),
  )
  #cycle = 0
  #sum = 0
  readonly #cycles: number
  readonly #inputs: number

  constructor(cycles: number, inputs: number) {
    this.#cycles = cycles
    this.#inputs = inputs
  }

  sense(inputs: Float64Array): void {
    const first = this.#cycle & 63
    for (let i = 0; i < this.#inputs; i++) inputs[i] = Samples.noise[first + i]!
  }

  act(outputs: Float64Array): Outcome {
    this.#sum += outputs[0]!
    this.#cycle++
    return this.#cycle === this.#cycles ? 'ended' : 'running'
  }

  evaluation(): Evaluation {
    return { fitness: this.#sum, steps: this.#cycle, solved: false }
  }
}

function problemOf({ inputs, outputs }: Genotype, cycles: () => number): Problem {
  const episode = (): Samples => new Samples(cycles(), inputs)
  const evaluate = (network: Network): Evaluation => runEpisode(episode(), network)
  return { ...xor, name: 'samples', inputs, outputs, episode, evaluate }
}

/** CPU nanoseconds of this thread that `run` takes per unit of `count`. */
async function timed(run: () => unknown, count: number): Promise<number> {
  const before = process.threadCpuUsage()
  await run()
  const { user, system } = process.threadCpuUsage(before)
  return ((user + system) * 1000) / count
}

/** How often to do what takes so many nanoseconds, to fill a round. */
const roundOf = (ns: number): number => Math.max(1, Math.ceil((ROUND_MS * 1e6) / ns))

const supervisor = start(new DynamicSupervisor())

async function measure(name: string, genotype: Genotype): Promise<void> {
  let cycles = 2_000
  const problem = problemOf(genotype, () => cycles)
  const network = new Network(compile(genotype))
  const exoself = await startExoself(supervisor, { problem, genotype })
  const asProcesses = (): Promise<Evaluation> => Exoself.evaluate(exoself)
  const interpreted = (): Evaluation => problem.evaluate(network)
  if (!Object.is((await asProcesses()).fitness, interpreted().fitness)) {
    throw new Error(`workload ${name}: the scores differ`)
  }
  const processCycles = roundOf(await timed(asProcesses, cycles))
  const interpretedCycles = 20 * processCycles
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    cycles = processCycles
    ours.push(await timed(asProcesses, cycles))
    cycles = interpretedCycles
    theirs.push(await timed(interpreted, cycles))
  }
  const value = 1e9 / median(ours)
  const peerValue = 1e9 / median(theirs)
  const links = genotype.links.filter(({ enabled }) => enabled).length
  const processes = (await Exoself.processes(exoself)).length
  const factor = (peerValue / value).toFixed(0)
  notice(`${name}: ${processes} processes, ${links} links; ${factor} times the interpreter's time`)
  report({
    name: `process cycles ${name}`,
    value,
    unit: 'cycles/s',
    peer: 'interpreter',
    peerValue,
    ratio: value / peerValue,
  })
  await DynamicSupervisor.terminateChild(supervisor, exoself)
}

/** Starting and stopping a network, which an evaluation as processes costs beside its cycles. */
async function measureStart(name: string, genotype: Genotype): Promise<void> {
  const problem = problemOf(genotype, () => 1)
  const run = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const exoself = await startExoself(supervisor, { problem, genotype })
      await DynamicSupervisor.terminateChild(supervisor, exoself)
    }
  }
  await run(200)
  const count = roundOf(await timed(() => run(200), 200))
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await timed(() => run(count), count))
  report({ name: `network start ${name}`, value: median(rounds) / 1000, unit: 'us' })
}

notice(`seed ${SEED}; sizes as in forward-pass, r: with recurrent links; ratio below 1: slower`)
for (const { name, ...size } of sizes) {
  const genotype = randomGenotype(size, seededRandom(SEED).fork(name))
  await measure(name, genotype)
  if (size.recurrent === 0) await measureStart(name, genotype)
}
// The Erlang peer's own figure for this size is 331 cycles a CPU second.
const shape = { ...xor, inputs: 32, outputs: 16 }
const dense = layeredGenotype({ shape, hidden: [128] })
const random = seededRandom(SEED).fork('dense')
const links = dense.links.map((link) => ({ ...link, weight: random.gaussian() / 6 }))
await measure('32-128-16', { ...dense, links })
await stop(supervisor)
