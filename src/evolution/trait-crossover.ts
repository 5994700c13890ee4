// Crossover of what plain genes do not have: traits of neurons, parameters of links, parameters of
// the agent. Each neuron that both parents have is like one of them, each with equal chance; the
// rule of plasticity stays the better parent's, because its links carry that rule's parameters.
import type { Random } from '../runtime/random.ts'
import { LINK_TRAITS, NEURON_TRAITS, PLAIN, PLASTICITY } from './gene-traits.ts'
import type { GenomePool } from './genome-pool.ts'
import type { GenomeWriter } from './genome-writer.ts'

/** Mixes traits into the open genotype, a copy of the better parent; draws nothing without any. */
export function crossTraits(
  writer: GenomeWriter,
  pool: GenomePool,
  other: number,
  random: Random,
): void {
  if (pool.traits.length > 0) {
    const rules = crossNeurons(writer, pool, other, random)
    if (pool.linkTraits.length > 0) crossParameters(writer, pool, other, rules, random)
  }
  const agent = pool.agents[other]
  if (agent !== undefined && random.next() < 0.5) writer.agent = agent
}

/** Answers the ids of the neurons whose rule both parents share. */
function crossNeurons(
  writer: GenomeWriter,
  pool: GenomePool,
  other: number,
  random: Random,
): ReadonlySet<number> {
  const places = new Map<number, number>()
  for (let n = pool.neuronStart[other]!; n < pool.neuronStart[other + 1]!; n++) {
    places.set(pool.neuronId[n]!, n)
  }
  const sharing = new Set<number>()
  for (let n = writer.neuronBegin; n < writer.neuronEnd; n++) {
    const id = writer.neuronId[n]!
    const place = places.get(id)
    if (place === undefined) continue
    const mine = writer.traitsAt[n]!
    const theirs = pool.traitsAt[place]!
    const rule = mine === PLAIN ? 0 : writer.traits[mine + PLASTICITY]!
    if (rule !== (theirs === PLAIN ? 0 : pool.traits[theirs + PLASTICITY]!)) continue
    if (rule !== 0) sharing.add(id)
    if (mine === PLAIN && theirs === PLAIN) continue
    if (random.next() < 0.5) continue
    if (theirs === PLAIN) writer.traitsAt[n] = PLAIN
    else {
      const own = writer.ownTraits(n)
      for (let i = 0; i < NEURON_TRAITS; i++) writer.traits[own + i] = pool.traits[theirs + i]!
    }
  }
  return sharing
}

function crossParameters(
  writer: GenomeWriter,
  pool: GenomePool,
  other: number,
  sharing: ReadonlySet<number>,
  random: Random,
): void {
  for (let l = pool.linkStart[other]!; l < pool.linkStart[other + 1]!; l++) {
    const theirs = pool.linkTraitsAt[l]!
    if (theirs === PLAIN || !sharing.has(pool.to[l]!)) continue
    const link = writer.linkAt(pool.innovation[l]!)
    if (link < 0 || writer.linkTraitsAt[link] === PLAIN || random.next() < 0.5) continue
    const own = writer.linkTraitsAt[link]!
    for (let i = 0; i < LINK_TRAITS; i++) writer.linkTraits[own + i] = pool.linkTraits[theirs + i]!
  }
}
