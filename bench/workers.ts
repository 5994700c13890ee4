// How much faster do two pool workers evaluate a generation than one?
//
// 1,000 networks of about 50 neurons on the irises (113 rows an evaluation), in jobs of about 1.5
// ms. Wall time of a whole generation from plans to scores, packing included, the two pools taking
// turns; the medians of 9 rounds. Both pools must give the same scores, bit for bit. Wall time is
// only true on a machine that does nothing else, so the load at the start is told, and with it the
// CPU time that was to be had.
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import {
  chunkSize,
  compile,
  dataSetFromCsv,
  dataSetProblem,
  EvaluationBatch,
  evaluateJob,
  evaluationWorker,
  type Plan,
  type Problem,
} from '../src/evolution/index.ts'
import { DirtyPool } from '../src/runtime/dirty-pool.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { median, notice, report } from './report.ts'
import { randomGenotype } from './workloads/random-genotype.ts'

const GENOTYPES = 1_000
const ROUNDS = 9
const SEED = 11

const csv = readFileSync(new URL('../examples/iris.csv', import.meta.url))
const problem = dataSetProblem(dataSetFromCsv(csv, { target: 'species' }))
const random = seededRandom(SEED)
const plans = Array.from({ length: GENOTYPES }, (_, i) => {
  const shape = { inputs: problem.inputs, outputs: problem.outputs, neurons: 50 }
  return compile(randomGenotype({ ...shape, forward: 290, recurrent: 0 }, random.fork(i)))
})

/** Milliseconds of one evaluation, as a worker does it. */
function evaluationMs(problem: Problem, plans: readonly Plan[]): number {
  const count = 200
  const [job] = new EvaluationBatch(problem, plans.slice(0, count)).jobs(count)
  if (job === undefined) return 0
  for (let warm = 0; warm < 3; warm++) evaluateJob(job)
  const before = process.threadCpuUsage()
  for (let run = 0; run < 5; run++) evaluateJob(job)
  return process.threadCpuUsage(before).user / 1_000 / (5 * count)
}

const each = evaluationMs(problem, plans)
const chunk = chunkSize(GENOTYPES, 2, each)
notice(`seed ${SEED}; ${each.toFixed(3)} ms an evaluation, ${chunk} a job`)
notice(`load average of the last minute: ${loadavg()[0]?.toFixed(2)} (0 is a quiet machine)`)

interface Round {
  readonly wallMs: number
  /** CPU time of the whole process, threads included. */
  readonly cpuMs: number
  readonly fitness: string
}

async function generation(pool: DirtyPool): Promise<Round> {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const batch = new EvaluationBatch(problem, plans)
  await Promise.all(batch.jobs(chunk).map((job) => pool.run(job)))
  const scores = batch.evaluations()
  const wallMs = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  const fitness = scores.map((score) => score.fitness).join()
  return { wallMs, cpuMs: (user + system) / 1_000, fitness }
}

const one = new DirtyPool({ filename: evaluationWorker, threads: 1 })
const two = new DirtyPool({ filename: evaluationWorker, threads: 2 })
for (let warm = 0; warm < 3; warm++) {
  await generation(one)
  await generation(two)
}
const ones: Round[] = []
const twos: Round[] = []
for (let round = 0; round < ROUNDS; round++) {
  ones.push(await generation(one))
  twos.push(await generation(two))
}
await one.close()
await two.close()
if (new Set([...ones, ...twos].map(({ fitness }) => fitness)).size !== 1) {
  throw new Error('the scores depend on the number of threads')
}

const value = median(twos.map(({ wallMs }) => wallMs))
const peerValue = median(ones.map(({ wallMs }) => wallMs))
const ratio = peerValue / value
report({
  name: 'generation, two workers',
  value,
  unit: 'ms',
  peer: 'one worker',
  peerValue,
  ratio,
})
const parallel = median(twos.map(({ wallMs, cpuMs }) => cpuMs / wallMs))
notice(
  `CPU time to wall time with two workers: ${parallel.toFixed(2)} (2 cores were free if about 2)`,
)

const packing = process.threadCpuUsage()
for (let i = 0; i < 50; i++) new EvaluationBatch(problem, plans)
const packed = process.threadCpuUsage(packing)
const perPlan = (packed.user + packed.system) / (50 * GENOTYPES)
report({ name: 'packing a plan for a worker', value: perPlan, unit: 'us' })
