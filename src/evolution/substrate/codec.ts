// The bytes of a substrate in a genotype (genotype-codec.ts has the rest):
//
//   substrate  u8 dimensions, u8 hidden layers, u32 each extent (input, hidden, output),
//              link form u8, plasticity u8, threshold f64, weight range f64
//
// and, where anything else is said of it, behind that:
//
//   options    u16 bits of what follows: 1 expression, 2 biases, 4 length (the bits alone say it),
//              8 hidden activation u8, 16 output activation u8, 32 evolvable: initial depth u8, max
//              depth u8, iteration level u8, division, variance and band threshold f64, 64 places
//              of the inputs, 128 places of the outputs: f64 each coordinate
import { type ByteReader, Truncated } from '../byte-reader.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { activationCode, activationNames } from '../network/activation.ts'
import { linkForms, nodesOf, type SubstrateGene, substratePlasticities } from '../substrate.ts'

const options = [
  ...(['expression', 'biases', 'length', 'hiddenActivation', 'outputActivation'] as const),
  ...(['evolvable', 'inputPlaces', 'outputPlaces'] as const),
] as const satisfies readonly (keyof SubstrateGene)[]

function optionBits(substrate: SubstrateGene): number {
  return options.reduce((bits, name, i) => bits | (substrate[name] === undefined ? 0 : 1 << i), 0)
}

/** Whether there is anything for `writeOptions`. */
export function hasOptions(substrate: SubstrateGene): boolean {
  return optionBits(substrate) !== 0
}

export function writeSubstrate(writer: ByteWriter, substrate: SubstrateGene): void {
  const { input, hidden, output, linkForm, plasticity, threshold, weightRange } = substrate
  writer.uint8(input.length)
  writer.uint8(hidden.length)
  for (const extent of [input, ...hidden, output].flat()) writer.uint32(extent)
  writer.uint8(linkForms.indexOf(linkForm))
  writer.uint8(substratePlasticities.indexOf(plasticity))
  writer.float64(threshold)
  writer.float64(weightRange)
}

/** As data for `substrateOf`. */
export function readSubstrate(reader: ByteReader): object {
  const dimensions = reader.uint8()
  const layers = reader.uint8()
  const grid = (): number[] => Array.from({ length: dimensions }, () => reader.uint32())
  const input = grid()
  const hidden = Array.from({ length: layers }, grid)
  const output = grid()
  const [linkForm, plasticity] = [linkForms[reader.uint8()], substratePlasticities[reader.uint8()]]
  const [threshold, weightRange] = [reader.float64(), reader.float64()]
  return { input, hidden, output, linkForm, plasticity, threshold, weightRange }
}

export function writeOptions(writer: ByteWriter, substrate: SubstrateGene): void {
  const { hiddenActivation, outputActivation, evolvable, inputPlaces, outputPlaces } = substrate
  writer.uint16(optionBits(substrate))
  if (hiddenActivation !== undefined) writer.uint8(activationCode(hiddenActivation))
  if (outputActivation !== undefined) writer.uint8(activationCode(outputActivation))
  if (evolvable !== undefined) {
    const { initialDepth, maxDepth, iterationLevel } = evolvable
    for (const count of [initialDepth, maxDepth, iterationLevel]) writer.uint8(count)
    writer.float64(evolvable.divisionThreshold)
    writer.float64(evolvable.varianceThreshold)
    writer.float64(evolvable.bandThreshold)
  }
  for (const x of [inputPlaces ?? [], outputPlaces ?? []].flat(2)) writer.float64(x)
}

/** As further data for `substrateOf`; `grids` is what `readSubstrate` has answered. */
export function readOptions(reader: ByteReader, grids: object): object {
  const bits = reader.uint16()
  const has = (name: (typeof options)[number]): boolean =>
    (bits & (1 << options.indexOf(name))) !== 0
  const places = (grid: readonly number[]): number[][] => {
    const count = nodesOf(grid)
    // Before anything is made of it: what is announced must be there.
    if (8 * count * grid.length > reader.left) throw new Truncated(`${count} places are missing`)
    return Array.from({ length: count }, () => grid.map(() => reader.float64()))
  }
  const { input = [], output = [] } = grids as Partial<SubstrateGene>
  return {
    ...(has('expression') ? { expression: true } : {}),
    ...(has('biases') ? { biases: true } : {}),
    ...(has('length') ? { length: true } : {}),
    ...(has('hiddenActivation') ? { hiddenActivation: activationNames[reader.uint8()] ?? '' } : {}),
    ...(has('outputActivation') ? { outputActivation: activationNames[reader.uint8()] ?? '' } : {}),
    ...(has('evolvable') ? { evolvable: readEvolvable(reader) } : {}),
    ...(has('inputPlaces') ? { inputPlaces: places(input) } : {}),
    ...(has('outputPlaces') ? { outputPlaces: places(output) } : {}),
  }
}

function readEvolvable(reader: ByteReader): object {
  const [initialDepth, maxDepth, iterationLevel] = [reader.uint8(), reader.uint8(), reader.uint8()]
  const [divisionThreshold, varianceThreshold] = [reader.float64(), reader.float64()]
  const bandThreshold = reader.float64()
  return {
    ...{ initialDepth, maxDepth, iterationLevel },
    ...{ divisionThreshold, varianceThreshold, bandThreshold },
  }
}
