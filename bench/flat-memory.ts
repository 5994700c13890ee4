// Does a population stay as large in memory as it was, over a million evaluations? XOR without an
// end, with checkpoints, this thread alone; the heap after a full collection, ten times on the way.
// Once for networks that may grow, and once for one topology, where nothing has a reason to grow.
//
//   npm run bench -- flat-memory
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xor } from '../src/evolution/environment/xor.ts'
import type { EvolutionSettings } from '../src/evolution/evolution-settings.ts'
import { settingsFor } from '../src/evolution/strategy/settings.ts'
import { startNode } from '../src/node.ts'
import { isQuick, notice, report } from './report.ts'

const EVALUATIONS = isQuick ? 20_000 : 1_000_000
const LOOKS = 10

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Heaps after each part of the evaluations, in bytes. */
async function heapsOf(settings: EvolutionSettings): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-flat-memory-'))
  const node = await startNode({})
  const heaps: number[] = []
  while (heaps.length < LOOKS) {
    const population = await node.spawnPopulation({
      problem: xor,
      seed: 1,
      settings,
      evaluator: { kind: 'inline' },
      evaluationsMax: ((heaps.length + 1) * EVALUATIONS) / LOOKS,
      stopWhenSolved: false,
      checkpoint: { path: join(folder, 'checkpoint.arb'), resume: true },
    })
    const { evaluations } = await population.done
    heaps.push(heapBytes())
    notice(`${evaluations} evaluations: ${(heaps.at(-1)! / 1e6).toFixed(1)} MB`)
    await population.stop()
  }
  await node.stop()
  rmSync(folder, { recursive: true })
  return heaps
}

const fixed = { ...settingsFor('xor', 20), strategy: { name: 'sep_cma_es' } }
for (const [name, settings] of [
  ['growing', settingsFor('xor')],
  ['one topology', fixed],
] as const) {
  const heaps = await heapsOf(settings)
  const [first = Number.NaN, , , , half = Number.NaN] = heaps
  const last = heaps.at(-1) ?? Number.NaN
  report({ name: `${name}: heap after a tenth`, value: first / 1e6, unit: 'MB' })
  report({ name: `${name}: heap after half`, value: half / 1e6, unit: 'MB' })
  report({ name: `${name}: heap after all`, value: last / 1e6, unit: 'MB' })
}
report({ name: 'peak of resident memory', value: process.resourceUsage().maxRSS / 1e3, unit: 'MB' })
