// Innovation numbers: which gene of one genotype corresponds to which gene of another (Stanley &
// Miikkulainen 2002, section 3.2).
//
// The paper counts innovations up in a registry that every parent and child must share. Here a
// number is a function of the structure it names, so that there is nothing to share: two lineages,
// two workers or two computers that never met give the same number to the same structure, and a
// genotype from anywhere can be crossed with any other as it is. A link is named by its ends, a
// neuron by the link it split, hence by its whole history down to the inputs and outputs.
//
// Numbers are 53-bit fingerprints. Two structures of a run share one with probability below 10^-4
// after a million structures, and then mate as if they were one gene: no harm. Whoever forges a
// collision on purpose gains as much. What order of age the paper's numbers had is lost: "excess"
// genes are those beyond the other's largest number, as everywhere, but no longer the younger ones.

/** The innovation number of the link between two neurons, by their ids: an integer below 2^53. */
export function linkInnovation(from: number, to: number): number {
  return fingerprint(1, from, to, 0)
}

/**
 * The id of the neuron that splits the link between two neurons: an integer in [2^32, 2^53), beyond
 * every input and output. `occurrence` counts from 0 the splits of that link within one genotype.
 */
export function splitNeuronId(from: number, to: number, occurrence: number): number {
  return fingerprint(2, from, to, occurrence)
}

/**
 * The innovation number of a modulatory link between two neurons, which may stand beside an
 * ordinary one: an integer below 2^53.
 */
export function modulatoryInnovation(from: number, to: number): number {
  return fingerprint(3, from, to, 0)
}

const TWO_32 = 0x1_0000_0000

/**
 * Two lanes of MurmurHash3 x86_32 over the halves of the numbers; 21 bits of one, 32 of the other.
 */
function fingerprint(kind: number, from: number, to: number, occurrence: number): number {
  let h1 = 0x9747b28c ^ kind
  let h2 = 0x1b873593 ^ occurrence
  const absorb = (word: number): void => {
    const k1 = Math.imul(word, 0xcc9e2d51)
    h1 ^= Math.imul((k1 << 15) | (k1 >>> 17), 0x1b873593)
    h1 = (Math.imul((h1 << 13) | (h1 >>> 19), 5) + 0xe6546b64) | 0
    const k2 = Math.imul(word, 0x239b961b)
    h2 ^= Math.imul((k2 << 16) | (k2 >>> 16), 0xab0e9789)
    h2 = (Math.imul((h2 << 19) | (h2 >>> 13), 5) + 0x561ccd1b) | 0
  }
  absorb(from | 0)
  absorb((from / TWO_32) | 0)
  absorb(to | 0)
  absorb((to / TWO_32) | 0)
  absorb(occurrence)
  const high = avalanche(h1 ^ (h2 >>> 3)) >>> 11
  // A zero above would name an input or an output.
  return (high === 0 ? 1 : high) * TWO_32 + (avalanche(h2 + h1) >>> 0)
}

function avalanche(x: number): number {
  let h = x ^ (x >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
