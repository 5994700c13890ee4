// Substrates and CPPNs for property tests.
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import {
  cppnShape,
  type EvolvableGene,
  linkForms,
  type SubstrateGene,
  substratePlasticities,
} from '../../../src/evolution/substrate.ts'
import { type Random, seededRandom } from '../../../src/runtime/random.ts'
import { grownGenotype } from '../generated-genotype.ts'

/** Two inputs, three hidden nodes, one output, each a line. */
export const line: SubstrateGene = {
  input: [2],
  hidden: [[3]],
  output: [1],
  linkForm: 'l2l_feedforward',
  plasticity: 'none',
  threshold: 0.2,
  weightRange: 3,
}

/** A grown CPPN that paints a substrate. */
export function grownCppn(gene: SubstrateGene, seed: number | string, steps: number): Genotype {
  const { inputs, outputs } = cppnShape(gene)
  return { ...grownGenotype(inputs, outputs, seed, steps), substrate: gene }
}

/** A CPPN without hidden neurons whose first answer is a weighted sum of what it is shown. */
export function linearCppn(gene: SubstrateGene, weights: readonly number[]): Genotype {
  const { inputs, outputs } = cppnShape(gene)
  return genotypeFrom({
    inputs,
    outputs,
    activation: 'identity',
    links: weights.map((weight, from) => ({ from, to: inputs, weight })),
    substrate: gene,
  })
}

/** A substrate of any kind, small. */
export function anySubstrate(seed: number | string): SubstrateGene {
  const random = seededRandom(seed).fork('substrate')
  const dimensions = 1 + random.integer(2)
  const grid = (): number[] => Array.from({ length: dimensions }, () => 1 + random.integer(3))
  const [input, output] = [grid(), grid()]
  const isEvolvable = random.next() < 0.3
  const flag = <Name extends string>(name: Name): object =>
    random.next() < 0.4 ? { [name]: true } : {}
  return {
    input,
    hidden: isEvolvable ? [] : Array.from({ length: random.integer(3) }, grid),
    output,
    linkForm: linkForms[isEvolvable ? 1 + 2 * random.integer(2) : random.integer(4)]!,
    plasticity: substratePlasticities[random.integer(3)]!,
    threshold: 0.2 * random.next(),
    weightRange: 1 + 2 * random.next(),
    ...flag('expression'),
    ...flag('biases'),
    ...flag('length'),
    ...(random.next() < 0.5 ? { hiddenActivation: 'steep_sigmoid' } : {}),
    ...(random.next() < 0.5 ? { outputActivation: 'gaussian' } : {}),
    ...(isEvolvable ? { evolvable: anyEvolvable(random) } : {}),
    ...(random.next() < 0.3 ? { inputPlaces: scattered(input, random) } : {}),
    ...(random.next() < 0.3 ? { outputPlaces: scattered(output, random) } : {}),
  }
}

function anyEvolvable(random: Random): EvolvableGene {
  return {
    initialDepth: random.integer(3),
    maxDepth: 2 + random.integer(2),
    divisionThreshold: 0.03,
    varianceThreshold: 0.03 * random.next(),
    bandThreshold: 0.1 * random.next(),
    iterationLevel: random.integer(3),
  }
}

function scattered(grid: readonly number[], random: Random): number[][] {
  const count = grid.reduce((product, extent) => product * extent, 1)
  return Array.from({ length: count }, () => grid.map(() => 2 * random.next() - 1))
}
