// Genotypes for property tests: grown by the engine's own mutations from a minimal one, so that
// they are as strange as evolution makes them: recurrent, split again and again, partly disabled.
import fc from 'fast-check'
import { GenomeWriter, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import { type Genotype, minimalGenotype } from '../../src/evolution/genotype.ts'
import { type MutationSettings, mutate } from '../../src/evolution/mutation/mutation.ts'
import { defaultSettings } from '../../src/evolution/strategy/settings.ts'
import { seededRandom } from '../../src/runtime/random.ts'

/** Mutations that change structure half of the time, recurrent links and biases included. */
export const wildMutation: MutationSettings = {
  ...defaultSettings.reproduction.mutation,
  addNeuron: 0.3,
  addLink: 0.3,
  toggleLink: 0.2,
  recurrent: 0.4,
  biases: 'evolved',
  hiddenActivations: ['tanh', 'sigmoid', 'relu', 'gaussian'],
}

/** The genotype that `steps` wild mutations of that seed lead to. */
export function grownGenotype(
  inputs: number,
  outputs: number,
  seed: number | string,
  steps: number,
): Genotype {
  const random = seededRandom(seed)
  const writer = new GenomeWriter(inputs, outputs)
  const weight = (): number => random.gaussian()
  writer.append(minimalGenotype({ inputs, outputs, activation: 'tanh', weight }))
  for (let step = 0; step < steps; step++) mutate(writer, wildMutation, random)
  return unpackGenotype(writer.finish(), 0)
}

/** Genotypes of a shape, of 0 to 60 mutations. */
export function generatedGenotype(inputs: number, outputs: number): fc.Arbitrary<Genotype> {
  return fc
    .tuple(fc.integer(), fc.nat(60))
    .map(([seed, steps]) => grownGenotype(inputs, outputs, seed, steps))
}
