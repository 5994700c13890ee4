import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeCheckpoint } from '../../../src/actors/population/checkpoint.ts'
import { noImmigrants } from '../../../src/actors/population/immigrants.ts'
import type { GenerationReport } from '../../../src/actors/population/population-report.ts'
import { RunFolder } from '../../../src/cli/evolution/run-folder.ts'
import { RunRecord } from '../../../src/cli/evolution/run-record.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { startEvolution } from '../../../src/evolution/evolution.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { startNode } from '../../../src/index.ts'
import { emptyFolder } from '../arbor.ts'

const settings = { ...settingsFor('xor', 12), lineage: true }
const bytes = encodeCheckpoint({
  problem: 'xor',
  population: startEvolution(xor, settings, 1),
  immigrants: noImmigrants(),
  best: undefined,
  verified: undefined,
})

/** The reports of a population's first generations. */
async function reportsOf(generations: number): Promise<GenerationReport[]> {
  const node = await startNode({})
  const options = { seed: 1, settings, evaluator: { kind: 'inline' }, paused: true } as const
  const population = await node.spawnPopulation({ problem: xor, ...options })
  const reports: GenerationReport[] = []
  for (let i = 0; i < generations; i++) reports.push((await population.step())!)
  await node.stop()
  return reports
}

const about = (generation: number) => ({ generation, reason: 'manual' }) as const

describe('the record of a run', () => {
  it('lets no checkpoint be saved before the lines of all generations before it', async () => {
    const folder = new RunFolder(emptyFolder())
    const record = new RunRecord(folder, 0, { hasLineage: true })
    await record.checkpoints.save(bytes, about(0))
    const [first, second] = await reportsOf(2)
    const saved = record.checkpoints.save(bytes, about(2)).then(() => 'saved')
    record.add(first!)
    const isSaved = Promise.race([saved, Promise.resolve('waits')])
    expect(await isSaved).toBe('waits')
    record.add(second!)
    expect(await saved).toBe('saved')
    record.close()
    expect(readFileSync(folder.historyPath, 'utf8').trim().split('\n')).toHaveLength(2)
    const rows = [...first!.lineage!, ...second!.lineage!]
    const lines = readFileSync(folder.lineagePath, 'utf8').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows)
    expect(rows).toHaveLength(24)
  })

  it('lets nothing be saved when lines can no longer be written', async () => {
    const folder = new RunFolder(emptyFolder())
    const record = new RunRecord(folder, 0, { hasLineage: false })
    const saved = record.checkpoints.save(bytes, about(1))
    record.fail(new Error('no place'))
    await expect(saved).rejects.toThrow('no place')
    await expect(record.checkpoints.save(bytes, about(1))).rejects.toThrow('no place')
    record.close()
    expect(existsSync(folder.checkpoints.path)).toBe(false)
    expect(existsSync(folder.lineagePath)).toBe(false)
  })
})
