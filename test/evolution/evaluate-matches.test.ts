import { describe, expect, it } from 'vitest'
import { xor } from '../../src/evolution/environment/xor.ts'
import { EvaluationError } from '../../src/evolution/evaluate.ts'
import { MatchBatch, playJob } from '../../src/evolution/evaluate-matches.ts'
import { evaluateAsked } from '../../src/evolution/match.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import type { Match } from '../../src/evolution/strategy/strategy.ts'
import { grownGenotype } from './generated-genotype.ts'
import { nim } from './strategy/nim.ts'

const genotypes = Array.from({ length: 6 }, (_, seed) => grownGenotype(5, 3, seed, 10))
const plans = genotypes.map(compile)
const matches: Match[] = genotypes.flatMap((_, first) =>
  genotypes.flatMap((__, second) => (first === second ? [] : [[first, second] as const])),
)

describe('MatchBatch', () => {
  it('has the same scores whatever the number and the order of its jobs', () => {
    const expected = evaluateAsked(nim, genotypes, matches)
    for (const chunk of [1, 7, 100]) {
      const batch = new MatchBatch(nim, plans, matches)
      const jobs = batch.jobs(chunk)
      expect(jobs).toHaveLength(Math.ceil(30 / chunk))
      for (const job of jobs.reverse()) playJob(structuredClone(job), nim)
      expect(batch.evaluations()).toEqual(expected)
    }
    expect(new Set(expected.map(({ fitness }) => fitness)).size).toBeGreaterThan(1)
  })

  it('says which match has no score yet', () => {
    const batch = new MatchBatch(nim, plans, matches)
    const [first] = batch.jobs(4)
    playJob(first!, nim)
    expect(() => batch.evaluations()).toThrow(EvaluationError)
    expect(() => batch.evaluations()).toThrow('match 4 ')
  })

  it('needs a game', () => {
    const plain = [compile(grownGenotype(2, 1, 1, 1))]
    expect(() => new MatchBatch(xor, plain, [])).toThrow('no game')
    expect(() => playJob(new MatchBatch(nim, plans, matches).jobs(9)[0]!, xor)).toThrow('no game')
  })
})
