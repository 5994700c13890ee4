import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import type { BrainEvent } from '../../../src/actors/brain/brain-event.ts'
import { doneEvent } from '../../../src/cli/brain/outcome.ts'
import { advance, newProgress, type Progress } from '../../../src/cli/brain/progress.ts'
import { type BrainView, brainView } from '../../../src/cli/brain/view.ts'
import type { Terminal } from '../../../src/cli/screen.ts'
import { minimalGenotype } from '../../../src/evolution/genotype.ts'
import { keyPairFromSeed } from '../../../src/identity/key-pair.ts'
import { setLogger } from '../../../src/runtime/logger.ts'

const { nodeId } = keyPairFromSeed(new Uint8Array(32))
const generation = (best: number): BrainEvent => ({
  event: 'generation',
  generation: 1,
  evaluations: 10,
  bestFitness: best,
  meanFitness: 0,
  worstFitness: 0,
  species: 1,
  evaluationsPerSecond: 1,
  sent: 0,
  received: 0,
  imports: 0,
  refused: {},
})
const solved = (fitness: number): BrainEvent => ({
  event: 'solved',
  id: 'a',
  fitness,
  detail: `with ${fitness}`,
  evaluations: 10,
  generation: 1,
  genotype: minimalGenotype({ inputs: 1, outputs: 1, activation: 'tanh', weight: () => 1 }),
})

/** A view of one node on a stream, and what it shows. */
function shown(isTTY: boolean): {
  readonly view: BrainView
  readonly tell: (event: BrainEvent) => void
  readonly lines: () => readonly string[]
  readonly progress: () => Progress
} {
  const pipe = new PassThrough()
  const stream: Terminal = Object.assign(pipe, { isTTY, columns: 80, rows: 24 })
  const view = brainView({ task: 'xor', seed: 7, nodes: 1, json: false }, stream)
  let progress = newProgress(['node-1'])
  return {
    view,
    tell: (report) => {
      progress = advance(progress, { node: 'node-1', report })
      view.report({ node: 'node-1', report }, progress)
    },
    lines: () => String(pipe.read() ?? '').split('\n'),
    progress: () => progress,
  }
}

afterEach(() => setLogger(null))

describe('a view that is no terminal', () => {
  it('tells a best when it shows, and a better solution only', () => {
    const { tell, lines } = shown(false)
    for (const best of [1, 1.000001, 2, 1.5]) tell(generation(best))
    for (const fitness of [2, 2, 1, 3]) tell(solved(fitness))
    expect(lines()).toEqual([
      'one node evolves xor (seed 7)',
      'node-1   generation 1, best 1.0000',
      'node-1   generation 1, best 2.0000',
      'node-1   solved: with 2',
      'node-1   solved: with 3',
      '',
    ])
  })

  it('tells a reason of refusal once', () => {
    const { tell, lines } = shown(false)
    for (let i = 0; i < 100; i++) tell({ event: 'refused', from: nodeId, reason: 'stale' })
    tell({ event: 'refused', from: nodeId, reason: 'malformed' })
    expect(lines().filter((line) => line.includes('refuses'))).toEqual([
      'node-1   refuses genotypes: stale',
      'node-1   refuses genotypes: malformed',
    ])
  })

  it('says in words that two nodes have one key', () => {
    const { tell, lines } = shown(false)
    tell({ event: 'disconnected', reason: 'goodbye: replaced_by_newer_handshake' })
    expect(lines().at(-2)).toContain('--key')
  })
})

describe('a view on a terminal', () => {
  it('leaves the table and, below it, how the run ended', () => {
    const { view, tell, lines, progress } = shown(true)
    tell(generation(1))
    view.stopping()
    tell({ event: 'stopped', reason: 'stop' })
    view.finished(doneEvent(progress(), 1), ['champion.json'])
    expect(lines().slice(-6)).toEqual([
      '',
      'restarts 0',
      expect.stringMatching(/^xor .*not solved.*: best fitness 1\.0000$/),
      '10 evaluations in 1.0 s; 0 genotypes let in, 0 refused, 0 restarts',
      'wrote champion.json',
      '',
    ])
  })
})
