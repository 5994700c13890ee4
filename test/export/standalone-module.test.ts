import { describe, expect, it } from 'vitest'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { genotypeId } from '../../src/evolution/genotype-codec.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { toModule } from '../../src/export/standalone-module.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { grownGenotype, richGenotype } from '../evolution/generated-genotype.ts'

interface Exported {
  readonly id: string
  readonly inputs: number
  readonly outputs: number
  createNetwork(): { step(values: readonly number[]): number[]; reset(): void }
}

function imported(genotype: Genotype): Promise<Exported> {
  const text = Buffer.from(toModule(genotype)).toString('base64')
  return import(/* @vite-ignore */ `data:text/javascript;base64,${text}`)
}

describe('toModule', () => {
  it('gives a module that answers the same bits, with every trait', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const shape = [1 + (seed % 4), 1 + (seed % 3), seed, seed] as const
      const genotype = seed % 2 === 0 ? richGenotype(...shape) : grownGenotype(...shape)
      const module = await imported(genotype)
      expect(module).toMatchObject({
        id: genotypeId(genotype),
        inputs: shape[0],
        outputs: shape[1],
      })
      const theirs = module.createNetwork()
      const ours = new Network(compile(genotype))
      const random = seededRandom(seed)
      const expected = new Float64Array(genotype.outputs)
      for (let tick = 0; tick < 20; tick++) {
        if (tick === 12) {
          theirs.reset()
          ours.reset()
        }
        const inputs = Array.from({ length: genotype.inputs }, () => 3 * random.gaussian())
        ours.step(Float64Array.from(inputs), expected)
        expect(theirs.step(inputs)).toEqual([...expected])
      }
    }
  })

  it('depends on nothing, and holds no comment but its own', () => {
    const text = toModule(grownGenotype(2, 1, 1, 5))
    expect(text).not.toMatch(/^import /m)
    expect(text.length).toBeLessThan(100_000)
    expect(text.split('\n').filter((line) => /^\s*\/\//.test(line))).toHaveLength(1)
  })
})
