// A genotype in the form of another program.

import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import type { ExportFormat } from '../options.ts'

/** The content of a file of that format. */
export function exportGenotype(genotype: Genotype, _format: ExportFormat): string | Uint8Array {
  const schema = { schema: 'arbor-genotype', version: 1, id: genotypeId(genotype) }
  return `${JSON.stringify({ ...schema, ...genotype }, null, 2)}\n`
}
