// Changes of a network that lives: what a request to its exoself makes of its phenotype. Pure.
import type { Phenotype } from '../../evolution/substrate/painting.ts'
import { startTuning, withTunedWeights } from '../../evolution/tuning.ts'
import { ArborError } from '../../runtime/arbor-error.ts'

/** What of a neuron can be changed while it lives. */
export interface NeuronChange {
  readonly id: number
  /** By slot, as `inspect` tells them; as many. */
  readonly weights?: ArrayLike<number>
  readonly bias?: number
}

export interface ChangedPhenotype {
  readonly phenotype: Phenotype
  /** Which neuron it is, and what it has now. */
  readonly index: number
  readonly weights: Float64Array
  readonly bias: number
}

/** The phenotype with that change, or an error `unknown_neuron` or `wrong_length`. */
export function changedPhenotype(
  phenotype: Phenotype,
  { id, weights, bias }: NeuronChange,
): ChangedPhenotype | ArborError {
  const { kept, rowPtr } = startTuning(phenotype)
  const index = phenotype.neurons.findIndex((neuron) => neuron.id === id)
  const attempt = { operation: 'change', request: { id } }
  if (index < 0) {
    const advice = `take one of ${phenotype.neurons.map((neuron) => neuron.id).join(', ')}`
    return new ArborError('unknown_neuron', `no neuron ${id}`, advice, attempt)
  }
  const [begin = 0, end = 0] = [rowPtr[index], rowPtr[index + 1]]
  if (weights !== undefined && weights.length !== end - begin) {
    const message = `${weights.length} weights for ${end - begin} links`
    const advice = 'give one weight a link, in the order in which inspect tells them'
    return new ArborError('wrong_length', message, advice, attempt)
  }
  const changed = { weight: kept.weight.slice(), bias: kept.bias.slice() }
  if (weights !== undefined) changed.weight.set(weights, begin)
  if (bias !== undefined) changed.bias[index] = bias
  return {
    phenotype: withTunedWeights(phenotype, changed),
    index,
    weights: changed.weight.slice(begin, end),
    bias: changed.bias[index] ?? 0,
  }
}
