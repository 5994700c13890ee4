import { describe, expect, it } from 'vitest'
import {
  advance,
  countersOf,
  type NodeReport,
  newProgress,
  type Progress,
  totals,
} from '../../../src/cli/brain/progress.ts'
import { minimalGenotype } from '../../../src/evolution/genotype.ts'

const generation = (node: string, evaluations: number, best: number): NodeReport => ({
  node,
  report: {
    event: 'generation',
    generation: evaluations / 100,
    evaluations,
    bestFitness: best,
    meanFitness: best / 2,
    worstFitness: 0,
    species: 5,
    evaluationsPerSecond: 1000,
    sent: 1,
    received: 4,
    imports: 2,
    refused: { stale: 1, bad_signature: 2 },
  },
})

const told = (...reports: readonly NodeReport[]): Progress =>
  reports.reduce(advance, newProgress(['a', 'b']))

describe('advance', () => {
  it('keeps the last figures of each node', () => {
    const progress = told(generation('a', 100, 1), generation('b', 200, 3), generation('a', 300, 2))
    expect(progress.nodes).toMatchObject([
      { name: 'a', generation: 3, evaluations: 300, bestFitness: 2 },
      { name: 'b', generation: 2, evaluations: 200, bestFitness: 3 },
    ])
  })

  it('says whether a node shares or evolves alone', () => {
    const up: NodeReport = { node: 'a', report: { event: 'connected', station: 's' } }
    const down: NodeReport = { node: 'a', report: { event: 'disconnected', reason: 'timeout' } }
    expect(told(up).nodes[0]?.state).toBe('shared')
    expect(told(up, down).nodes[0]?.state).toBe('alone')
    expect(told(up, down).nodes[1]?.state).toBe('starting')
  })

  it('tells a node that is done from one that died', () => {
    const exited: NodeReport = { node: 'a', report: { event: 'exited' } }
    const done: NodeReport = { node: 'a', report: { event: 'stopped', reason: 'generations' } }
    expect(told(exited).nodes[0]?.state).toBe('down')
    expect(told(done, exited).nodes[0]?.state).toBe('done')
  })

  it('adds the lives of a restarted node up', () => {
    const exited: NodeReport = { node: 'a', report: { event: 'exited' } }
    const restarted: NodeReport = { node: 'a', report: { event: 'restarted' } }
    const progress = told(generation('a', 300, 5), exited, restarted, generation('a', 100, 4))
    const [row] = progress.nodes
    expect(row).toMatchObject({ restarts: 1, evaluations: 400, generation: 1, bestFitness: 5 })
    expect(row && countersOf(row)).toMatchObject({ sent: 2, received: 8, imports: 4, refused: 6 })
    expect(totals(progress)).toMatchObject({ evaluations: 400, restarts: 1, bestFitness: 5 })
  })

  it('takes any other program for the station', () => {
    const restarted: NodeReport = { node: 'station', report: { event: 'restarted' } }
    expect(totals(told(restarted, restarted)).restarts).toBe(2)
  })

  it('keeps the best solution, the first of equals', () => {
    const genotype = minimalGenotype({ inputs: 1, outputs: 1, activation: 'tanh', weight: () => 1 })
    const solved = (node: string): NodeReport => ({
      node,
      report: {
        event: 'solved',
        id: node,
        fitness: 7,
        detail: 'done',
        evaluations: 10,
        generation: 1,
        genotype,
      },
    })
    const progress = told(solved('b'), solved('a'))
    expect(progress.solution).toMatchObject({ node: 'b', id: 'b' })
    expect(progress.nodes.map(({ state }) => state)).toEqual(['solved', 'solved'])
  })
})

describe('totals', () => {
  it('knows nothing before anything was heard', () => {
    expect(totals(newProgress(['a']))).toMatchObject({ evaluations: 0, bestFitness: undefined })
  })
})
