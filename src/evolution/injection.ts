// Who may come in: genotypes from elsewhere that wait to join a run, whatever its strategy. Checked
// genotypes only (genotype.ts); innovation numbers need no translation, they are functions of the
// structure (innovation.ts).
import { IMMIGRANT_GENES_SPARE, IMMIGRANTS_MAX } from '../limits.ts'
import type { NetworkShape } from './first-generation.ts'
import type { GenomePool } from './genome-pool.ts'
import { type Genotype, OUTPUT_LAYER } from './genotype.ts'
import { genotypeId } from './genotype-codec.ts'
import { inMorphology } from './morphology.ts'

/**
 * Why a genotype was not taken in; stable names, for counting. `shape`: other inputs, outputs,
 * output activation, body or substrate. `size`: so much larger than what lives here that its
 * children would slow every generation.
 */
export type InjectionFault = 'shape' | 'size' | 'duplicate' | 'queue-full'

/** What a door has to know of a run. */
export interface Door {
  readonly shape: NetworkShape
  /** Genotypes that live here. */
  readonly genomes: GenomePool
  /** Those that wait already. */
  readonly immigrants: readonly Genotype[]
  /** Genotypes not to be taken in again. */
  readonly known: readonly Genotype[]
  /** Places for immigrants. */
  readonly places: number
}

/** The genotype as it comes in, with the names of the body that lives here, or why it may not. */
export function admitted(
  { shape, genomes, immigrants, known, places }: Door,
  stranger: Genotype,
): Genotype | InjectionFault {
  const genotype = inMorphology(stranger, genomes)
  if (genotype === undefined || !hasShape(genotype, shape)) return 'shape'
  const genes = genotype.neurons.length + genotype.links.length
  if (genes > largestImmigrant(genomes)) return 'size'
  const id = genotypeId(genotype)
  if ([...immigrants, ...known].some((other) => genotypeId(other) === id)) {
    return 'duplicate'
  }
  return immigrants.length >= Math.min(IMMIGRANTS_MAX, places) ? 'queue-full' : genotype
}

function hasShape(genotype: Genotype, shape: NetworkShape): boolean {
  return (
    genotype.inputs === shape.inputs &&
    genotype.outputs === shape.outputs &&
    JSON.stringify(genotype.substrate) === JSON.stringify(shape.substrate) &&
    genotype.neurons.every(
      ({ layer, activation }) => layer < OUTPUT_LAYER || activation === shape.outputActivation,
    )
  )
}

/** How many genes an immigrant may have. */
function largestImmigrant({ size, neuronStart, linkStart }: GenomePool): number {
  let largest = 0
  for (let i = 0; i < size; i++) {
    const neurons = neuronStart[i + 1]! - neuronStart[i]!
    largest = Math.max(largest, neurons + linkStart[i + 1]! - linkStart[i]!)
  }
  return IMMIGRANT_GENES_SPARE + 4 * largest
}
