// A genotype in the form of another program.

import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { OnnxError, toModule, toOnnx } from '../../export/index.ts'
import { BadInput } from '../failure.ts'
import type { ExportFormat } from '../options.ts'

/** The content of a file of that format. Refuses what the format cannot tell. */
export function exportGenotype(genotype: Genotype, format: ExportFormat): string | Uint8Array {
  if (format === 'js') return toModule(genotype)
  if (format === 'onnx') return onnxOf(genotype)
  const schema = { schema: 'arbor-genotype', version: 1, id: genotypeId(genotype) }
  return `${JSON.stringify({ ...schema, ...genotype }, null, 2)}\n`
}

function onnxOf(genotype: Genotype): Uint8Array {
  try {
    return toOnnx(genotype)
  } catch (failure) {
    if (!(failure instanceof OnnxError)) throw failure
    throw new BadInput(`ONNX cannot tell this network (${failure.message}): take --format js.`)
  }
}
