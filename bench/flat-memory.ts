// Does a population stay as large in memory as it was, over a million evaluations? XOR without an
// end, with checkpoints, this thread alone; the heap after a full collection, ten times on the way.
//
//   npm run bench -- flat-memory
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xor } from '../src/evolution/environment/xor.ts'
import { startNode } from '../src/node.ts'
import { isQuick, notice, report } from './report.ts'

const EVALUATIONS = isQuick ? 20_000 : 1_000_000
const LOOKS = 10

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const folder = mkdtempSync(join(tmpdir(), 'arbor-flat-memory-'))
const node = await startNode({})
const heaps: number[] = []
let spent = 0
while (heaps.length < LOOKS) {
  const population = await node.spawnPopulation({
    problem: xor,
    seed: 1,
    evaluator: { kind: 'inline' },
    evaluationsMax: ((heaps.length + 1) * EVALUATIONS) / LOOKS,
    stopWhenSolved: false,
    checkpoint: { path: join(folder, 'checkpoint.arb'), resume: true },
  })
  spent = (await population.done).evaluations
  heaps.push(heapBytes())
  notice(`${spent} evaluations: ${(heaps.at(-1)! / 1e6).toFixed(1)} MB`)
  await population.stop()
}
await node.stop()
rmSync(folder, { recursive: true })

const [first = Number.NaN] = heaps
const last = heaps.at(-1) ?? Number.NaN
report({ name: 'flat-memory heap after a tenth', value: first / 1e6, unit: 'MB' })
report({ name: 'flat-memory heap after all', value: last / 1e6, unit: 'MB' })
report({
  name: 'flat-memory peak of resident memory',
  value: process.resourceUsage().maxRSS / 1e3,
  unit: 'MB',
})
