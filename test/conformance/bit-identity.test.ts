// One genotype, one meaning: its neuron processes and its compiled network answer with the same
// bits, tick by tick, whatever the structure.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Exoself, startExoself } from '../../src/actors/neuron/exoself.ts'
import { Evaluator, evaluate } from '../../src/actors/population/evaluator.ts'
import { start, stop } from '../../src/behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../../src/evolution/environment/environment.ts'
import { type Episode, type Outcome, runEpisode } from '../../src/evolution/environment/episode.ts'
import { problemNamed, taskNames } from '../../src/evolution/environment/problem.ts'
import { xor } from '../../src/evolution/environment/xor.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { KernelNetwork } from '../../src/evolution/kernel/kernel-network.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { InterpreterLanes } from '../../src/evolution/network/lane-network.ts'
import { compile, type Plan } from '../../src/evolution/network/plan.ts'
import { type Random, seededRandom } from '../../src/runtime/random.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../src/supervisors/dynamic-supervisor.ts'
import { grownGenotype, richGenotype } from '../evolution/generated-genotype.ts'
import { features, randomNetwork, randomNetworkWith } from './random-network.ts'

const SEED = 20_260_101
const TICKS = 60
/** Of every answer of the kernel below: the same on every machine and release. */
const KERNEL_GOLDEN = { plain: 2707818157, traits: 287710162 }

let supervisor: DynamicSupervisorPid
beforeAll(() => {
  supervisor = start(new DynamicSupervisor())
})
afterAll(() => stop(supervisor))

/** Drives a network with noise, forgets now and then, and writes down every answer. */
class Noise implements Episode {
  readonly answers: number[] = []
  readonly #genotype: Genotype
  readonly #random: Random
  #ticks = 0
  #sum = 0

  constructor(genotype: Genotype, label: number) {
    this.#genotype = genotype
    this.#random = seededRandom(SEED).fork('noise').fork(label)
  }

  sense(inputs: Float64Array): void {
    for (let i = 0; i < this.#genotype.inputs; i++) inputs[i] = 3 * this.#random.gaussian()
  }

  act(outputs: Float64Array): Outcome {
    for (let i = 0; i < this.#genotype.outputs; i++) {
      const value = outputs[i]!
      this.answers.push(value)
      this.#sum += Number.isFinite(value) ? Math.abs(value) : 1
    }
    this.#ticks++
    if (this.#ticks === TICKS) return 'ended'
    return this.#random.next() < 0.1 ? 'reset' : 'running'
  }

  evaluation(): Evaluation {
    return { fitness: this.#sum, steps: this.#ticks, solved: false }
  }
}

/** A problem of noise, and the episodes that were run of it. */
function noise(genotype: Genotype, label: number): { problem: Problem; episodes: Noise[] } {
  const episodes: Noise[] = []
  const episode = (): Noise => {
    const made = new Noise(genotype, label)
    episodes.push(made)
    return made
  }
  const { inputs, outputs } = genotype
  const problem: Problem = {
    ...xor,
    name: 'noise',
    inputs,
    outputs,
    evaluate: (network) => runEpisode(episode(), network),
    episode,
  }
  return { problem, episodes }
}

const compiled = (problem: Problem, genotype: Genotype): Evaluation =>
  problem.evaluate(new Network(compile(genotype)))

async function asProcesses(problem: Problem, genotype: Genotype): Promise<Evaluation> {
  const exoself = await startExoself(supervisor, { problem, genotype })
  const evaluation = await Exoself.evaluate(exoself)
  await DynamicSupervisor.terminateChild(supervisor, exoself)
  return evaluation
}

interface Comparison {
  readonly compared: number
  readonly different: number
  /** Values that are numbers other than those of saturation: what could differ at all. */
  readonly telling: number
}

async function compare(genotypes: readonly Genotype[]): Promise<Comparison> {
  let compared = 0
  let different = 0
  let telling = 0
  for (const [label, genotype] of genotypes.entries()) {
    const { problem, episodes } = noise(genotype, label)
    const expected = compiled(problem, genotype)
    const actual = await asProcesses(problem, genotype)
    const [ours, theirs] = episodes.map(({ answers }) => answers)
    ours!.forEach((value, i) => {
      compared++
      if (!Object.is(value, theirs![i])) different++
      if (Number.isFinite(value) && !Number.isInteger(value)) telling++
    })
    if (!Object.is(expected.fitness, actual.fitness) || ours!.length !== theirs!.length) different++
  }
  return { compared, different, telling }
}

describe('processes and compiled network', () => {
  it(`answer the same bits, random networks of seed ${SEED}`, async () => {
    const random = seededRandom(SEED)
    const genotypes = Array.from({ length: 600 }, (_, i) => randomNetwork(random.fork(i)))
    const { compared, different, telling } = await compare(genotypes)
    expect(different).toBe(0)
    expect(compared).toBeGreaterThan(80_000)
    expect(telling).toBeGreaterThan(compared / 2)
  })

  it(`answer the same bits, networks that mutation has grown from seed ${SEED}`, async () => {
    const genotypes = Array.from({ length: 300 }, (_, i) => {
      return grownGenotype(1 + (i % 5), 1 + (i % 3), SEED + i, i % 60)
    })
    const { compared, different, telling } = await compare(genotypes)
    expect(different).toBe(0)
    expect(compared).toBeGreaterThan(30_000)
    expect(telling).toBeGreaterThan(compared / 2)
  })

  it(`answer the same bits, networks with every trait, of seed ${SEED}`, async () => {
    const genotypes = Array.from({ length: 900 }, (_, i) => {
      return richGenotype(1 + (i % 5), 1 + (i % 3), SEED + i, i % 40)
    })
    const { compared, different, telling } = await compare(genotypes)
    expect(different).toBe(0)
    expect(compared).toBeGreaterThan(100_000)
    expect(telling).toBeGreaterThan(compared / 4)
  })

  it('answer the same bits, traits that no evolution would put together', async () => {
    const random = seededRandom(SEED).fork('traits')
    const genotypes = Array.from({ length: 150 }, (_, i) =>
      randomNetworkWith(features, random.fork(i)),
    )
    const { compared, different } = await compare(genotypes)
    expect(different).toBe(0)
    expect(compared).toBeGreaterThan(15_000)
  })

  it.each(taskNames)('score the same on %s', async (task) => {
    const problem = problemNamed(task)!
    const { inputs, outputs } = problem
    // One evaluation of 2,048 cases is many messages.
    const apart = task === 'multiplexer11' ? 10 : 1
    for (let i = 0; i < 40; i += apart) {
      const genotype = grownGenotype(inputs, outputs, SEED + i, i)
      const actual = await asProcesses(problem, genotype)
      const expected = compiled(problem, genotype)
      expect(Object.is(actual.fitness, expected.fitness), `genotype ${i} of seed ${SEED}`).toBe(
        true,
      )
      expect(actual).toEqual(expected)
    }
  })
})

/** Genotypes without traits, and with each of them. */
const kernelGenotypes = {
  plain: (label: number, random: Random): Genotype => {
    return label < 160
      ? randomNetwork(random.fork(label))
      : grownGenotype(1 + (label % 5), 1 + (label % 3), SEED + label, label % 60)
  },
  traits: (label: number, random: Random): Genotype => {
    return label < 120
      ? randomNetworkWith(features, random.fork(label))
      : richGenotype(1 + (label % 5), 1 + (label % 3), SEED + label, label % 40)
  },
} as const

describe('kernel and interpreter', () => {
  it.each(['plain', 'traits'] as const)(
    'answer the same bits in every lane, and those that are written down here (%s)',
    (kind) => {
      const lanes = 16
      const random = seededRandom(SEED).fork('kernel')
      const kernel = new KernelNetwork({ lanes })
      const view = new DataView(new ArrayBuffer(8))
      let compared = 0
      let different = 0
      let hash = 0
      for (let label = 0; label < 240; label++) {
        const plan = compile(kernelGenotypes[kind](label, random))
        const interpreter = new InterpreterLanes(plan, lanes)
        const noise = random.fork('noise').fork(label)
        const expected = new Float64Array(plan.outputs * lanes)
        const { inputs, outputs } = kernel.load(plan)
        expect(kernel.isCompiled).toBe(true)
        for (let tick = 0; tick < 20; tick++) {
          for (let i = 0; i < inputs.length; i++) inputs[i] = 3 * noise.gaussian()
          const lane = noise.integer(lanes)
          kernel.reset(lane)
          interpreter.reset(lane)
          kernel.tick()
          interpreter.step(inputs, expected)
          for (let i = 0; i < outputs.length; i++) {
            compared++
            if (!Object.is(outputs[i], expected[i])) different++
            // One NaN for all: their bits mean nothing.
            view.setFloat64(0, Number.isNaN(outputs[i]!) ? Number.NaN : outputs[i]!)
            hash = (Math.imul(hash ^ view.getInt32(0), 0x01000193) ^ view.getInt32(4)) | 0
          }
        }
      }
      expect(different).toBe(0)
      expect(compared).toBeGreaterThan(100_000)
      expect(hash >>> 0).toBe(KERNEL_GOLDEN[kind])
    },
  )
})

/** As `runEpisode`, in one lane of the kernel, while something else goes on in the others. */
function runInLane(episode: Episode, plan: Plan, kernel: KernelNetwork, lane: number): void {
  const { lanes } = kernel
  kernel.load(plan)
  expect(kernel.isCompiled).toBe(true)
  const sensed = new Float64Array(plan.inputs)
  const acted = new Float64Array(plan.outputs)
  const inputs = new Float64Array(plan.inputs * lanes)
  const outputs = new Float64Array(plan.outputs * lanes)
  let outcome: Outcome = 'running'
  while (outcome !== 'ended') {
    if (outcome === 'reset') kernel.reset(lane)
    episode.sense(sensed)
    for (let i = 0; i < inputs.length; i++) inputs[i] = Math.abs(sensed[i % plan.inputs]!) - i
    for (let i = 0; i < plan.inputs; i++) inputs[i * lanes + lane] = sensed[i]!
    kernel.step(inputs, outputs)
    for (let o = 0; o < plan.outputs; o++) acted[o] = outputs[o * lanes + lane]!
    outcome = episode.act(acted)
  }
}

describe('every machine', () => {
  it.each(['interpreter', 'kernel'])('computes these bits in the %s', (tier) => {
    // Changes only with the meaning of genotypes: say so in the changelog when you change it.
    const hash = createHash('sha256')
    const kernel = new KernelNetwork()
    for (let i = 0; i < 400; i++) {
      const genotype = richGenotype(1 + (i % 5), 1 + (i % 3), SEED + i, i % 40)
      const { problem, episodes } = noise(genotype, i)
      if (tier === 'interpreter') compiled(problem, genotype)
      else runInLane(problem.episode!(), compile(genotype), kernel, i % kernel.lanes)
      // One NaN is like another.
      const answers = episodes[0]!.answers.map((x) => (Number.isNaN(x) ? Number.NaN : x))
      hash.update(new Uint8Array(Float64Array.from(answers).buffer))
    }
    expect(hash.digest('hex')).toBe(
      'e39f5e610d81e1780114f9e669eb535c25682cc204303e9b8ff6fb063a81e3b0',
    )
  })
})

describe('worker threads', () => {
  it.each([1, 2, 3])('%i score as this thread does, and as processes do', async (workers) => {
    const problem = problemNamed('dpnv')!
    const genotypes = Array.from({ length: 300 }, (_, i) => {
      const make = i % 2 === 0 ? grownGenotype : richGenotype
      return make(3, 1, SEED + i, i % 40)
    })
    const evaluator = start(new Evaluator({ problem, runner: { kind: 'pool', workers } }))
    // The second time the parts are of another size: by then it is known how long they take.
    const rounds = [await evaluate(evaluator, genotypes), await evaluate(evaluator, genotypes)]
    await stop(evaluator)
    for (const scores of rounds) {
      scores.forEach((score, i) => {
        const { fitness } = compiled(problem, genotypes[i]!)
        expect(Object.is(score.fitness, fitness), `genotype ${i} of seed ${SEED}`).toBe(true)
      })
    }
    const some = await Promise.all(genotypes.slice(0, 20).map((one) => asProcesses(problem, one)))
    expect(some).toEqual(rounds[0]!.slice(0, 20))
  })
})
