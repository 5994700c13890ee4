// neat-python's compatibility distance, for who has settings tuned to it. It differs from the
// paper's: weight differences are summed and divided by the number of links, not averaged over the
// matching ones, and neurons count as well.
//
//   links   (Σ matching  weight · (|Δw| + penalty if only one is enabled)
//             + disjoint · D + excess · E) / larger number of links
//   neurons (Σ in both   weight · (|Δbias| + |Δresponse| + |Δtime constant|
//             + 1 if activations differ + 1 if aggregations differ)
//             + disjoint · neurons of one only) / larger number of neurons
import type { Alignable, DistanceSettings } from './distance.ts'

/** What of a neuron the distance sees. */
export interface AlignableNeurons {
  readonly neurons: readonly {
    readonly id: number
    readonly bias: number
    readonly response?: number
    readonly timeConstant?: number
    readonly activation: string
    readonly aggregation?: string
  }[]
}

type Neuron = AlignableNeurons['neurons'][number]

/** The distance of two genotypes as neat-python reckons it. */
export function neatPythonDistance(a: Alignable, b: Alignable, settings: DistanceSettings): number {
  const { compatibilityIncludeNodeGenes: withNeurons = true } = settings
  return linkDistance(a, b, settings) + (withNeurons ? neuronDistance(a, b, settings) : 0)
}

function linkDistance(a: Alignable, b: Alignable, settings: DistanceSettings): number {
  const size = Math.max(a.links.length, b.links.length)
  if (size === 0) return 0
  const { compatibilityWeightCoefficient, compatibilityEnablePenalty = 1 } = settings
  const others = new Map(b.links.map((link) => [link.innovation, link]))
  const lastA = a.links.at(-1)?.innovation ?? -1
  const lastB = b.links.at(-1)?.innovation ?? -1
  let [sum, disjoint, excess] = [0, 0, 0]
  for (const link of a.links) {
    const other = others.get(link.innovation)
    if (other === undefined) {
      if (link.innovation > lastB) excess++
      else disjoint++
      continue
    }
    others.delete(link.innovation)
    const penalty = link.enabled === other.enabled ? 0 : compatibilityEnablePenalty
    sum += (Math.abs(link.weight - other.weight) + penalty) * compatibilityWeightCoefficient
  }
  for (const innovation of others.keys()) {
    if (innovation > lastA) excess++
    else disjoint++
  }
  const { compatibilityDisjointCoefficient, compatibilityExcessCoefficient } = settings
  return (
    (sum + compatibilityDisjointCoefficient * disjoint + compatibilityExcessCoefficient * excess) /
    size
  )
}

function neuronDistance(
  { neurons: a }: AlignableNeurons,
  { neurons: b }: AlignableNeurons,
  { compatibilityWeightCoefficient, compatibilityDisjointCoefficient }: DistanceSettings,
): number {
  const size = Math.max(a.length, b.length)
  if (size === 0) return 0
  const others = new Map(b.map((neuron) => [neuron.id, neuron]))
  let [sum, shared] = [0, 0]
  for (const neuron of a) {
    const other = others.get(neuron.id)
    if (other === undefined) continue
    shared++
    sum += attributeDistance(neuron, other) * compatibilityWeightCoefficient
  }
  const alone = a.length + b.length - 2 * shared
  return (sum + compatibilityDisjointCoefficient * alone) / size
}

function attributeDistance(a: Neuron, b: Neuron): number {
  return (
    Math.abs(a.bias - b.bias) +
    Math.abs((a.response ?? 1) - (b.response ?? 1)) +
    Math.abs((a.timeConstant ?? 1) - (b.timeConstant ?? 1)) +
    (a.activation === b.activation ? 0 : 1) +
    (a.aggregation === b.aggregation ? 0 : 1)
  )
}
