import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AgentParameters, defaultAgent, heredityTypes } from '../../src/evolution/agent.ts'
import { cartPole } from '../../src/evolution/environment/cart-pole.ts'
import type { Evaluation, Problem } from '../../src/evolution/environment/environment.ts'
import { xor } from '../../src/evolution/environment/xor.ts'
import {
  evaluateLives,
  evaluationsSpent,
  heirsOf,
  Life,
  type Lives,
  LivesBatch,
  runLives,
} from '../../src/evolution/evaluate-tuned.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { substratePlasticities } from '../../src/evolution/substrate.ts'
import { performerOf, startTuning, withTunedWeights } from '../../src/evolution/tuning.ts'
import { grownGenotype, richGenotype } from './generated-genotype.ts'
import { grownCppn, line } from './substrate/generated-substrate.ts'

const agent: AgentParameters = {
  ...defaultAgent,
  tuningSelection: 'all_random',
  tuningDuration: { name: 'const', parameter: 3 },
}
const lives: Lives = { agent, seed: 5, generation: 2 }

/** Genotypes of every feature; half of them bring an agent of their own. */
function population(seed: number, size: number): Genotype[] {
  return Array.from({ length: size }, (_, i) => {
    const { agent: own, ...genotype } = richGenotype(2, 1, `${seed}/${i}`, 6)
    if (own === undefined || i % 2 === 0) return genotype
    const heredity = heredityTypes[i % 3]!
    return { ...genotype, agent: { ...own, heredity, tuningDuration: agent.tuningDuration } }
  })
}

function byJobs(problem: Problem, genotypes: readonly Genotype[], chunk: number): Evaluation[] {
  const batch = new LivesBatch(problem, genotypes, lives)
  for (const job of batch.jobs(chunk).reverse()) batch.failed(runLives(job))
  return batch.evaluations()
}

describe('a life', () => {
  it('runs the plan of every trial, whatever the genotype is made of', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const genotype = { ...richGenotype(2, 1, seed, 8), agent }
        const { trial } = startTuning(genotype)
        const life = new Life(genotype, lives, 0)
        expect(life.plan().bytes).toEqual(compile(genotype).bytes)
        life.tell({ fitness: 1, steps: 1, solved: false })
        const second = life.plan()
        life.tell({ fitness: 2, steps: 1, solved: false })
        for (let i = 0; i < 3; i++) life.tell({ fitness: 0, steps: 1, solved: false })
        expect(life.isOver).toBe(true)
        const { tuned } = life.evaluation()
        expect(compile(withTunedWeights(genotype, tuned!)).bytes).toEqual(second.bytes)
        expect(tuned!.weight.length).toBe(trial.weight.length)
      }),
      { numRuns: 50 },
    )
  })

  it('counts failures in a row: an improvement begins anew', () => {
    const life = new Life(grownGenotype(2, 1, 1, 5), lives, 0)
    const fitnesses = [1, 0, 0, 2, 0, 0, 3, 0, 0]
    for (const fitness of fitnesses) life.tell({ fitness, steps: 1, solved: false })
    expect(life.isOver).toBe(false)
    life.tell({ fitness: 3, steps: 1, solved: false })
    expect(life.isOver).toBe(true)
    expect(life.evaluation()).toMatchObject({ fitness: 3, tuned: { evaluations: 10 } })
  })

  it('ends with a score that its weights have', () => {
    const genotypes = population(1, 12)
    const evaluations = evaluateLives(xor, genotypes, lives)
    expect(evaluationsSpent(evaluations)).toBeGreaterThan(4 * 12 - 1)
    for (const [i, { fitness, tuned: _, ...rest }] of evaluations.entries()) {
      if (Number.isNaN(fitness)) continue
      const performer = performerOf(genotypes[i]!, evaluations[i]!)
      expect(xor.evaluate(new Network(compile(performer)))).toEqual({ fitness, ...rest })
      const asItIs = xor.evaluate(new Network(compile(genotypes[i]!)))
      if (!Number.isNaN(asItIs.fitness)) expect(fitness).toBeGreaterThanOrEqual(asItIs.fitness)
    }
  })

  it('leaves its weights to its offspring, unless it is baldwinian', () => {
    const [genotype] = [grownGenotype(2, 1, 3, 6)]
    const heirBy = (heredity: AgentParameters['heredity']): Genotype => {
      const one = { ...genotype, agent: { ...agent, heredity } }
      const evaluations = evaluateLives(xor, [one], lives)
      const [heir] = heirsOf([one], evaluations)
      expect(performerOf(one, evaluations[0]!)).not.toEqual(one)
      return { ...heir!, agent }
    }
    expect(heirBy('baldwinian')).toEqual({ ...genotype, agent })
    // Nothing learns but by tuning.
    expect(heirBy('lamarckian')).toEqual(heirBy('darwinian'))
    expect(heirBy('lamarckian')).not.toEqual({ ...genotype, agent })
  })

  it('leaves to the offspring of a lamarckian what its plastic neurons have learnt', () => {
    const plasticity = { rule: 'hebbian', parameters: [0.1] } as const
    const grown = grownGenotype(4, 1, 4, 6)
    const neurons = grown.neurons.map((neuron) => ({ ...neuron, plasticity }))
    const links = grown.links.map((link) => ({ ...link, weight: link.weight / 4 }))
    const outcomeBy = (heredity: AgentParameters['heredity']): [Evaluation, Genotype] => {
      const one = { ...grown, neurons, links, agent: { ...agent, heredity } }
      const evaluations = evaluateLives(cartPole, [one], lives)
      return [evaluations[0]!, heirsOf([one], evaluations)[0]!]
    }
    const [darwinian, lamarckian] = [outcomeBy('darwinian'), outcomeBy('lamarckian')]
    expect(darwinian[0].tuned!.inherited).toEqual(darwinian[0].tuned!.weight)
    expect(lamarckian[0].tuned!.inherited).not.toEqual(lamarckian[0].tuned!.weight)
    expect(lamarckian[1].links).not.toEqual(darwinian[1].links)
  })
})

describe('LivesBatch', () => {
  it('scores as evaluateLives does, whatever the jobs', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, chunk) => {
        const genotypes = population(seed, 8)
        expect(byJobs(xor, genotypes, chunk)).toEqual(evaluateLives(xor, genotypes, lives))
      }),
      { numRuns: 20 },
    )
  })

  it('tunes CPPNs by the networks that they paint', () => {
    for (let seed = 0; seed < 4; seed++) {
      const plasticity = substratePlasticities[seed % substratePlasticities.length]!
      const genotypes = [grownCppn({ ...line, plasticity }, seed, 4)]
      const [evaluation] = evaluateLives(xor, genotypes, lives)
      expect(byJobs(xor, genotypes, 1)).toEqual([evaluation])
      const performer = performerOf(genotypes[0]!, evaluation!)
      const { tuned: _, ...score } = evaluation!
      expect(xor.evaluate(new Network(compile(performer)))).toEqual(score)
    }
  })

  it('depends on seed, generation and place, and on nothing else', () => {
    const genotypes = population(2, 6)
    const all = evaluateLives(xor, genotypes, lives)
    const [first] = evaluateLives(xor, genotypes.slice(0, 1), lives)
    expect(first).toEqual(all[0])
    const plain = grownGenotype(2, 1, 3, 6)
    const [here, there] = evaluateLives(xor, [plain, plain], lives)
    expect(here).not.toEqual(there)
    const [later] = evaluateLives(xor, [plain], { ...lives, generation: 3 })
    expect(later).not.toEqual(here)
  })

  it('tells the behaviour, and refuses to answer before its jobs have run', () => {
    const walker: Problem = {
      ...xor,
      behaviourSize: 2,
      evaluate: (network) => ({ ...xor.evaluate(network), behaviour: [network.plan.bias[0]!, 2] }),
    }
    const genotypes = [grownGenotype(2, 1, 3, 6)]
    const batch = new LivesBatch(walker, genotypes, lives)
    expect(() => batch.evaluations()).toThrow(expect.objectContaining({ code: 'incomplete' }))
    // A worker finds the problem by its reference, which is that of XOR: none has a behaviour.
    const [evaluation] = evaluateLives(walker, genotypes, lives)
    expect(evaluation!.behaviour).toEqual([evaluation!.tuned!.bias[0], 2])
  })

  it('counts a trial that throws as failed, and tells why none had a score', () => {
    let runs = 0
    const brittle: Problem = {
      ...xor,
      evaluate: (network) => {
        if (runs++ % 2 === 1) throw new RangeError('too brittle')
        return xor.evaluate(network)
      },
    }
    // What has samples is not run by `evaluate`.
    const { samples: _, ...unsampled } = brittle
    const genotypes = [grownGenotype(2, 1, 3, 6)]
    const [now] = evaluateLives(unsampled, genotypes, lives)
    expect(now!.failure).toBeUndefined()
    const never: Problem = { ...unsampled, evaluate: () => ({ ...scoreless }) }
    const [none] = evaluateLives(never, genotypes, lives)
    expect(none).toMatchObject({ failure: expect.stringContaining('NaN'), solved: false })
    expect(none!.tuned!.evaluations).toBe(4)
  })
})

const scoreless: Evaluation = { fitness: Number.NaN, steps: 3, solved: false }
