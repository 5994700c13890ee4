// Evaluations to solution against the published records: the double pole with and without
// velocities by the best of our optimisers of weights, one fixed setting a task, and NEAT on both
// and on XOR.
//
//   npm run bench -- records [--seeds 100] [--first 1] [--task dpv|dpnv|xor] [--threads 2]
//                            [--optimiser neat|cma_es|sep_cma_es|xnes|snes|cosyne|es|one_fifth]
//                            [--settings '{"sigma0":0.5}'] [--hidden 6] [--json]
//
// Whole generations are counted; the tests of champions are not, as in the literature. Criteria are
// the literature's: 100,000 steps; without velocities damping fitness and then, too, 1,000 steps
// from 200 of 625 other starts; XOR with all four outputs on the right side of one half. `--settings`
// replaces some of an optimiser's settings and `--hidden` the layers, for tuning: tune on other seeds
// than those you report. Optimisers other than the task's own get its step size and no more.
// A seed's run does not depend on the threads.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { optimiserNames } from '../src/evolution/optimiser/optimisation.ts'
import type { WeightSettings } from '../src/evolution/optimiser/optimise.ts'
import {
  isOptimiserName,
  weightSettingsFor,
  weightTaskFor,
} from '../src/evolution/optimiser/settings.ts'
import { isQuick, median, notice, progress, report } from './report.ts'

/** What a thread is to solve. Plain data. */
export interface Challenge {
  readonly task: string
  /** Null: by NEAT. */
  readonly weights: WeightSettings | null
  /** Neurons of the hidden layers, where an optimiser of weights gets them. */
  readonly hidden: readonly number[]
  /** Evaluations after which a run counts as failed. */
  readonly limit: number
}

/** What one seed took. Plain data. */
export interface Attempt {
  readonly seed: number
  readonly solved: boolean
  readonly evaluations: number
  /** How often the full criterion was tried. */
  readonly tests: number
  /** Starts of 625 that the solution balances from. */
  readonly generalisation: number
  readonly seconds: number
}

const LIMIT = 100_000

/** Published means: Gomez et al. 2008, Stanley & Miikkulainen 2002, genoxide's examples. */
const published: Readonly<Record<string, readonly (readonly [who: string, mean: number])[]>> = {
  'dpv neat': [['NEAT 2002', 3_600]],
  'dpnv neat': [['NEAT (2008)', 6_929]],
  'xor neat': [['NEAT 2002', 4_755]],
  dpv: [
    ['CMA-ES (Igel 2003)', 895],
    ['CoSyNE (2008)', 954],
    ['genoxide CMA-ES', 683],
  ],
  dpnv: [
    ['CoSyNE (2008)', 3_416],
    ['CMA-ES (Igel 2003)', 6_061],
    ['genoxide CMA-ES', 3_043],
  ],
}

async function attemptAll(
  name: string,
  challenge: Challenge,
  seeds: readonly number[],
  threads: number,
): Promise<Attempt[]> {
  const waiting = [...seeds]
  const done: Attempt[] = []
  const work = async (): Promise<void> => {
    const url = new URL('./workloads/records-worker.ts', import.meta.url)
    const worker = new Worker(url, { workerData: challenge })
    try {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        done.push(await attemptOne(worker, seed))
        const solved = done.filter((attempt) => attempt.solved).length
        const mean = done.reduce((sum, { evaluations }) => sum + evaluations, 0) / done.length
        const count = `${done.length} of ${seeds.length} seeds, ${solved} solved`
        progress(`${name}: ${count}, mean ${Math.round(mean)} evaluations`)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  progress('')
  return done.sort((a, b) => a.seed - b.seed)
}

function attemptOne(worker: Worker, seed: number): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (attempt: Attempt) => {
      worker.off('error', reject)
      resolve(attempt)
    })
    worker.postMessage(seed)
  })
}

function tell(name: string, attempts: readonly Attempt[]): void {
  const all = attempts.map(({ evaluations }) => evaluations)
  const solved = attempts.filter((attempt) => attempt.solved)
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const value = mean(all)
  const peers = published[name] ?? published[name.split(' ')[0] ?? ''] ?? []
  const line = { name: `${name}, mean`, value, unit: 'evaluations' }
  if (peers.length === 0) report(line)
  for (const [peer, peerValue] of peers) {
    report({ ...line, peer, peerValue, ratio: peerValue / value })
  }
  report({ name: `${name}, median`, value: median(all), unit: 'evaluations' })
  report({ name: `${name}, worst`, value: Math.max(...all), unit: 'evaluations' })
  report({ name: `${name}, solved`, value: solved.length, unit: `of ${attempts.length} seeds` })
  report({
    name: `${name}, tests`,
    value: mean(attempts.map(({ tests }) => tests)),
    unit: 'a seed',
  })
  if (name.startsWith('dp') && solved.length > 0) {
    const starts = mean(solved.map(({ generalisation }) => generalisation))
    report({ name: `${name}, generalisation`, value: starts, unit: 'of 625 starts' })
  }
  report({
    name: `${name}, cpu`,
    value: mean(attempts.map(({ seconds }) => seconds)),
    unit: 's/seed',
  })
}

const options = {
  json: { type: 'boolean' },
  quick: { type: 'boolean' },
  peers: { type: 'string' },
  seeds: { type: 'string', default: isQuick ? '1' : '100' },
  first: { type: 'string', default: '1' },
  task: { type: 'string' },
  threads: { type: 'string', default: String(availableParallelism()) },
  optimiser: { type: 'string' },
  settings: { type: 'string', default: '{}' },
  hidden: { type: 'string' },
} as const

function wholeNumber(name: 'seeds' | 'first' | 'threads', text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new RangeError(`--${name} takes a whole number from 1`)
}

/** The records to run, by name. */
function challenges(
  task: string | undefined,
  optimiser: string | undefined,
): [string, Challenge][] {
  if (optimiser !== undefined && optimiser !== 'neat' && !isOptimiserName(optimiser)) {
    throw new RangeError(`--optimiser takes neat, ${optimiserNames.join(', ')}`)
  }
  const change = JSON.parse(values.settings)
  const rows: [string, Challenge][] = []
  for (const name of task === undefined ? ['dpv', 'dpnv', 'xor'] : [task]) {
    const { settings, topology } = weightTaskFor(name)
    const hidden = values.hidden?.split(',').map(Number) ?? topology.hidden
    const method = optimiser ?? settings.optimiser
    const isOfWeights = method !== 'neat' && (name !== 'xor' || optimiser !== undefined)
    if (isOfWeights) {
      const weights = { ...weightSettingsFor(name, method), ...change }
      rows.push([`${name} ${method}`, { task: name, weights, hidden, limit: LIMIT }])
    }
    if (optimiser === undefined || method === 'neat') {
      rows.push([`${name} neat`, { task: name, weights: null, hidden, limit: LIMIT }])
    }
  }
  return rows
}

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== 'records'),
  options,
})
const count = wholeNumber('seeds', values.seeds)
const first = wholeNumber('first', values.first)
const seeds = Array.from({ length: count }, (_, i) => first + i)
const threads = Math.min(count, wholeNumber('threads', values.threads))
notice(`seeds ${first} to ${first + count - 1}; an unsolved run counts with its evaluations`)
for (const [name, challenge] of challenges(values.task, values.optimiser)) {
  tell(name, await attemptAll(name, challenge, seeds, threads))
}
