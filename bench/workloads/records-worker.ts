// A thread that solves a task once a seed it is sent, and answers with what it took.
import { parentPort, workerData } from 'node:worker_threads'
import { problemOf } from '../../src/evolution/environment/problem.ts'
import { layeredGenotype } from '../../src/evolution/optimiser/layered-genotype.ts'
import { optimise } from '../../src/evolution/optimiser/optimise.ts'
import { weightTaskFor } from '../../src/evolution/optimiser/settings.ts'
import { settingsFor } from '../../src/evolution/strategy/settings.ts'
import type { Attempt, Challenge } from '../records.ts'
import { solve } from './solving.ts'

const { task, weights, hidden, limit }: Challenge = workerData

/** Solves the task by NEAT, or by the optimiser of weights that the challenge names. */
function attempt(seed: number): Attempt {
  const problem = problemOf({ task })
  const before = process.threadCpuUsage().user
  const spent = (): number => (process.threadCpuUsage().user - before) / 1e6
  if (weights === null) {
    const run = solve(problem, settingsFor(task), seed, limit)
    return { ...run, seed, seconds: spent() }
  }
  const settings = { ...weights, maxfevals: limit }
  const sketch = { ...weightTaskFor(task).topology, hidden, shape: problem }
  const genotype = layeredGenotype(sketch)
  const { verification, evaluations, tests } = optimise(problem, genotype, settings, seed)
  const { solved = false, generalisation = 0 } = verification ?? {}
  return { seed, solved, evaluations, tests, generalisation, seconds: spent() }
}

parentPort?.on('message', (seed: number) => parentPort?.postMessage(attempt(seed)))
