// Does a population stay as large in memory as it was, over a million evaluations? XOR without an
// end, with checkpoints, this thread alone; the heap after a full collection, ten times on the way.
// Once for networks that may grow, and once for one topology, where nothing has a reason to grow.
// What a run leaves behind shows when its population is stopped, and how large that was, by the
// size of its checkpoint.
//
//   npm run bench -- flat-memory
import { mkdtempSync, rmSync, statSync } from 'node:fs'
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

/** Bytes after a part of the evaluations. */
interface Look {
  readonly heap: number
  /** The same once the population has been stopped. */
  readonly rest: number
  readonly checkpoint: number
}

async function looksOf(settings: EvolutionSettings): Promise<Look[]> {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-flat-memory-'))
  const node = await startNode({})
  const path = join(folder, 'checkpoint.arb')
  const looks: Look[] = []
  while (looks.length < LOOKS) {
    const population = await node.spawnPopulation({
      problem: xor,
      seed: 1,
      settings,
      evaluator: { kind: 'inline' },
      evaluationsMax: ((looks.length + 1) * EVALUATIONS) / LOOKS,
      stopWhenSolved: false,
      checkpoint: { path, resume: true },
    })
    const { evaluations } = await population.done
    const heap = heapBytes()
    await population.stop()
    const look = { heap, rest: heapBytes(), checkpoint: statSync(path).size }
    looks.push(look)
    const [whole, rest, size] = Object.values(look).map((bytes) => (bytes / 1e6).toFixed(1))
    notice(`${evaluations} evaluations: ${whole} MB, stopped ${rest} MB; checkpoint ${size} MB`)
  }
  await node.stop()
  rmSync(folder, { recursive: true })
  return looks
}

const fixed = { ...settingsFor('xor', 20), strategy: { name: 'sep_cma_es' } }
for (const [name, settings] of [
  ['growing', settingsFor('xor')],
  ['one topology', fixed],
] as const) {
  const looks = await looksOf(settings)
  const parts = { tenth: looks[0], half: looks[LOOKS / 2 - 1], whole: looks.at(-1) }
  for (const [part, look] of Object.entries(parts)) {
    if (look === undefined) continue
    report({ name: `${name}: heap, ${part}`, value: look.heap / 1e6, unit: 'MB' })
    report({ name: `${name}: stopped, ${part}`, value: look.rest / 1e6, unit: 'MB' })
    report({ name: `${name}: checkpoint, ${part}`, value: look.checkpoint / 1e6, unit: 'MB' })
  }
}
report({ name: 'peak of resident memory', value: process.resourceUsage().maxRSS / 1e3, unit: 'MB' })
