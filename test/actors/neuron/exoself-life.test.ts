// What an exoself does beside running episodes: tuning, looking inside, and going on after a crash.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Exoself, type ExoselfPid, startExoself } from '../../../src/actors/neuron/exoself.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import { defaultAgent } from '../../../src/evolution/agent.ts'
import { cartPole } from '../../../src/evolution/environment/cart-pole.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import {
  startTuning,
  stepTuning,
  tunedEvaluation,
  withTunedWeights,
} from '../../../src/evolution/tuning.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { exit, processCount } from '../../../src/runtime/signal.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../../src/supervisors/dynamic-supervisor.ts'
import { grownGenotype, richGenotype } from '../../evolution/generated-genotype.ts'

let supervisor: DynamicSupervisorPid
let before: number
beforeEach(() => {
  before = processCount()
  supervisor = start(new DynamicSupervisor())
})
afterEach(async () => {
  await stop(supervisor)
  expect(processCount()).toBe(before)
})

const few = { name: 'const', parameter: 5 } as const

/** The same tuning on the compiled network. */
function tunedCompiled(problem: Problem, genotype: Genotype, seed: number) {
  const random = seededRandom(seed)
  let tuning = startTuning(genotype)
  while (!tuning.isOver) {
    const network = new Network(compile(withTunedWeights(genotype, tuning.trial)))
    const evaluation = problem.evaluate(network)
    tuning = stepTuning(tuning, evaluation, random, network.captureWeights())
  }
  const { kept, evaluations } = tuning
  const evaluation = tunedEvaluation(tuning)
  return { genotype: withTunedWeights(genotype, kept), evaluation, evaluations }
}

describe('Exoself.tune', () => {
  it('finds the weights that tuning the compiled network finds, bit for bit', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const rich = richGenotype(2, 1, seed, 8)
      const heredity = seed % 2 === 0 ? 'lamarckian' : 'darwinian'
      const agent = { ...rich.agent!, heredity, tuningDuration: few } as const
      const genotype = { ...rich, agent }
      const exoself = await startExoself(supervisor, { problem: xor, genotype })
      const tuned = await Exoself.tune(exoself, { seed })
      expect(tuned).toEqual(tunedCompiled(xor, genotype, seed))
      // The network goes on with what was found.
      const network = new Network(compile(tuned.genotype))
      expect(await Exoself.evaluate(exoself)).toEqual(xor.evaluate(network))
      await DynamicSupervisor.terminateChild(supervisor, exoself)
    }
  })

  it('is refused while the network is being run', async () => {
    const genotype = { ...grownGenotype(4, 1, 1, 5), agent: defaultAgent }
    const exoself = await startExoself(supervisor, { problem: cartPole, genotype })
    const running = Exoself.evaluate(exoself)
    await expect(Exoself.tune(exoself, { seed: 1 })).rejects.toMatchObject({ code: 'busy' })
    await running
  })
})

describe('looking inside', () => {
  const genotype = richGenotype(4, 1, 7, 12)

  it('steps a paused network cycle by cycle, with the compiled network’s values', async () => {
    const exoself = await startExoself(supervisor, { problem: cartPole, genotype })
    await Exoself.pause(exoself)
    const evaluation = Exoself.evaluate(exoself)
    const network = new Network(compile(genotype))
    const episode = cartPole.episode()
    const inputs = new Float64Array(4)
    const outputs = new Float64Array(1)
    network.reset()
    for (let cycle = 0; cycle < 8; cycle++) {
      episode.sense(inputs)
      network.step(inputs, outputs)
      if (episode.act(outputs) === 'reset') network.reset()
      await Exoself.step(exoself)
      const seen = await Exoself.inspect(exoself)
      const expected = [...network.values.subarray(4, 4 + genotype.neurons.length)]
      expect(seen.map(({ output }) => output)).toEqual(expected)
      expect(seen.map(({ id }) => id)).toEqual(genotype.neurons.map(({ id }) => id))
    }
    await Exoself.resume(exoself)
    expect(await evaluation).toEqual(cartPole.evaluate(new Network(compile(genotype))))
  })

  it('begins an episode by a step when none is under way, and lets it be awaited', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype: small })
    await Exoself.pause(exoself)
    await Exoself.step(exoself)
    const evaluation = Exoself.evaluate(exoself)
    await Exoself.resume(exoself)
    expect(await evaluation).toEqual(xor.evaluate(new Network(compile(small))))
  })

  it('changes weights and bias of a living neuron', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype: small })
    const [neuron] = await Exoself.inspect(exoself)
    const weights = neuron!.weights.map((weight) => weight + 1)
    await Exoself.change(exoself, { id: neuron!.id, weights, bias: -2 })
    const [changed] = await Exoself.inspect(exoself)
    expect(changed).toMatchObject({ weights, bias: -2 })
    const bias = Float64Array.from(small.neurons, (one, i) => (i === 0 ? -2 : one.bias))
    const { weight } = startTuning(small).kept
    weight.set(weights)
    const expected = xor.evaluate(new Network(compile(withTunedWeights(small, { weight, bias }))))
    expect(await Exoself.evaluate(exoself)).toEqual(expected)
    const unknown = Exoself.change(exoself, { id: 99, bias: 1 })
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_neuron' })
    const long = Exoself.change(exoself, { id: neuron!.id, weights: [1, 2, 3, 4, 5, 6, 7, 8, 9] })
    await expect(long).rejects.toMatchObject({ code: 'wrong_length' })
  })
})

const small = grownGenotype(2, 1, 5, 6)

describe('restarts', () => {
  async function neuronOf(exoself: ExoselfPid): Promise<Pid> {
    const processes = await Exoself.processes(exoself)
    return processes.find(({ role }) => role === 'neuron')!.pid
  }

  it('run the episode again after a crash, with the same score', async () => {
    const genotype = grownGenotype(4, 1, 3, 8)
    const options = { problem: cartPole, genotype, restarts: 2 }
    const exoself = await startExoself(supervisor, options)
    const evaluation = Exoself.evaluate(exoself)
    for (const reason of ['struck_by_lightning', 'kill']) {
      exit(await neuronOf(exoself), reason)
      await Exoself.processes(exoself)
    }
    expect(await evaluation).toEqual(cartPole.evaluate(new Network(compile(genotype))))
  })

  it('are counted: one crash more fails the genotype with its reason', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype: small, restarts: 1 })
    await Exoself.pause(exoself)
    const evaluation = Exoself.evaluate(exoself)
    exit(await neuronOf(exoself), 'first')
    await Exoself.pause(exoself)
    exit(await neuronOf(exoself), 'second')
    await expect(evaluation).rejects.toMatchObject({ code: 'exit', reason: 'second' })
  })

  it('go on with a tuning where it was', async () => {
    const agent = { ...defaultAgent, tuningDuration: few }
    const genotype = { ...small, agent }
    const exoself = await startExoself(supervisor, { problem: xor, genotype, restarts: 1 })
    const tuned = Exoself.tune(exoself, { seed: 4 })
    exit(await neuronOf(exoself), 'struck_by_lightning')
    expect(await tuned).toEqual(tunedCompiled(xor, genotype, 4))
  })
})
