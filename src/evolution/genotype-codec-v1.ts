// Version 1 of the encoding of genotypes, for reading what was stored then: networks of standard
// neurons, nothing beside them. Such a genotype is one of version 2 as it is; its bytes, and so its
// id, change when it is written again.
//
// Big-endian, behind magic and version: four counts (u32: inputs, outputs, neurons, links), then
//
//   neuron  id f64, layer f64, bias f64, activation code u8
//   link    from f64, to f64, weight f64, enabled u8
import { GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX } from '../limits.ts'
import type { ByteReader } from './byte-reader.ts'
import { checkGenotype } from './genotype-check.ts'
import type { DecodedGenotype } from './genotype-codec.ts'
import { linkInnovation } from './innovation.ts'
import { activationNames } from './network/activation.ts'

const RECORD_BYTES = 25

/** What stands behind the version field. */
export function decodeVersion1(reader: ByteReader): DecodedGenotype {
  const [inputs, outputs] = [reader.uint32(), reader.uint32()]
  const [neuronCount, linkCount] = [reader.uint32(), reader.uint32()]
  if (neuronCount > GENOTYPE_NEURONS_MAX || linkCount > GENOTYPE_LINKS_MAX) {
    const detail = `${neuronCount} neurons and ${linkCount} links are too many`
    return { ok: false, reason: 'size', detail }
  }
  const length = RECORD_BYTES * (neuronCount + linkCount)
  if (reader.left !== length) {
    const detail = `${length} bytes are announced, ${reader.left} are there`
    return { ok: false, reason: 'truncated', detail }
  }
  const neurons = Array.from({ length: neuronCount }, () => {
    const [id, layer, bias] = [reader.float64(), reader.float64(), reader.float64()]
    return { id, layer, bias, activation: activationNames[reader.uint8()] }
  })
  const links = Array.from({ length: linkCount }, () => {
    const [from, to, weight] = [reader.float64(), reader.float64(), reader.float64()]
    const flag = reader.uint8()
    // Anything but 0 and 1 stays what it is, and is refused: one genotype had one encoding.
    const enabled = flag === 0 ? false : flag === 1 ? true : flag
    return { innovation: linkInnovation(from, to), from, to, weight, enabled }
  })
  return checkGenotype({ inputs, outputs, neurons, links })
}
