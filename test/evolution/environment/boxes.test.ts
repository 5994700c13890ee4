import { describe, expect, it } from 'vitest'
import { boxes } from '../../../src/evolution/environment/boxes.ts'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { evaluateSamples } from '../../../src/evolution/evaluate-samples.ts'
import { ask, startEvolution, tell } from '../../../src/evolution/evolution.ts'
import { type Genotype, genotypeFrom, type LinkSketch } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'

const SIDE = 11

/** Every output adds up what is within so many pixels of it; below 0: nothing. */
function summing(reach: number): Genotype {
  const links: LinkSketch[] = []
  for (let to = 0; to < SIDE * SIDE; to++) {
    const [x, y] = [to % SIDE, Math.floor(to / SIDE)]
    for (let row = Math.max(0, y - reach); row <= Math.min(SIDE - 1, y + reach); row++) {
      for (let column = Math.max(0, x - reach); column <= Math.min(SIDE - 1, x + reach); column++) {
        links.push({ from: row * SIDE + column, to: SIDE * SIDE + to, weight: 1 })
      }
    }
  }
  return genotypeFrom({ inputs: 121, outputs: 121, activation: 'identity', links })
}

describe('boxes', () => {
  it('is solved by who looks for nine pixels that lie together', () => {
    const network = new Network(compile(summing(1)))
    expect(boxes.evaluate(network)).toEqual({ fitness: 200, steps: 75, solved: true })
    expect(boxes.verify(network)).toMatchObject({ solved: true })
  })

  it('is not solved by who looks at single pixels, or at none', () => {
    const single = boxes.evaluate(new Network(compile(summing(0))))
    const none = boxes.evaluate(new Network(compile(summing(-1))))
    expect(single.solved).toBe(false)
    expect(none.solved).toBe(false)
    expect(single.fitness).toBeGreaterThan(none.fitness)
    expect(none.fitness).toBeGreaterThan(0)
  })

  it('scores its samples to the bits of its episode', () => {
    for (const reach of [0, 1, 2]) {
      const plan = compile(summing(reach))
      const expected = boxes.evaluate(new Network(plan))
      expect(evaluateSamples(boxes.samples!, plan)).toEqual(expected)
      expect(runEpisode(boxes.episode(), new Network(plan))).toEqual(expected)
    }
  })

  it('is learnt by a substrate, whose CPPN sees distances', () => {
    const substrate = { hidden: [], length: true as const }
    let state = startEvolution(boxes, { ...settingsFor('boxes', 40), substrate }, 3)
    const best: number[] = []
    for (let generation = 0; generation < 5; generation++) {
      const scores = ask(state).map((cppn) => evaluateSamples(boxes.samples!, compile(cppn)))
      best.push(Math.max(...scores.map(({ fitness }) => fitness)))
      state = tell(state, scores)
    }
    expect(best.at(-1)).toBeGreaterThan(best[0]!)
  })
})
