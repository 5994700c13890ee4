// The meaning of a genotype, written as slowly and plainly as possible: values by id of this tick
// and the last, neurons by (layer, id), bias first, links by ascending source position. Of the
// engine it uses what one neuron does with numbers, and nothing that puts neurons together.
import type { Genotype, LinkGene, NeuronGene } from '../../../src/evolution/genotype.ts'
import { activate, activationCode } from '../../../src/evolution/network/activation.ts'
import { aggregate, aggregationCode } from '../../../src/evolution/network/aggregation.ts'
import { cfcStep, leakyStep, ltcStep } from '../../../src/evolution/network/liquid.ts'
import { processOutputs } from '../../../src/evolution/network/output-processing.ts'
import { Learner } from '../../../src/evolution/network/plasticity.ts'
import { plasticityCode } from '../../../src/evolution/network/plasticity-rule.ts'

class ReferenceNeuron {
  readonly gene: NeuronGene
  readonly plain: readonly LinkGene[]
  readonly modulatory: readonly LinkGene[]
  readonly #values: Float64Array
  readonly #learner: Learner
  #before: readonly number[]
  state = 0

  constructor(gene: NeuronGene, incoming: readonly LinkGene[]) {
    this.gene = gene
    this.plain = incoming.filter(({ modulatory }) => modulatory !== true)
    this.modulatory = incoming.filter(({ modulatory }) => modulatory === true)
    this.#values = new Float64Array(this.plain.length)
    this.#before = this.plain.map(() => 0)
    const { rule, parameters } = gene.plasticity ?? { rule: 'none', parameters: [] }
    this.#learner = new Learner(
      plasticityCode(rule),
      Float64Array.from(parameters),
      Float64Array.from(this.plain.flatMap((link) => link.parameters ?? [])),
      {
        values: this.#values,
        col: Int32Array.from(this.plain, (_, i) => i),
        weights: Float64Array.from(this.plain, ({ weight }) => weight),
        begin: 0,
        end: this.plain.length,
      },
    )
  }

  get weights(): Float64Array {
    return this.#learner.row.weights
  }

  /** What the values on its links make of it. */
  respond(values: readonly number[], modulators: readonly number[], dt: number): number {
    const { bias, activation, neuronType = 'standard' } = this.gene
    this.#values.set(values)
    const u = this.#sum(values, bias)
    const liquid = {
      timeConstant: this.gene.timeConstant ?? 1,
      stateBound: this.gene.stateBound ?? 1,
      backbone: Float64Array.from(this.gene.backbone ?? []),
      head: Float64Array.from(this.gene.head ?? []),
    }
    const answers = {
      standard: () => activate(activationCode(activation), u),
      ltc: () => ltcStep(u, this.state, liquid, dt),
      cfc: () => cfcStep(u, this.state, liquid, dt),
      leaky: () => leakyStep(u, this.state, liquid.timeConstant, dt),
      delay: () => u,
    }
    this.state = answers[neuronType]()
    let drive = 0
    this.modulatory.forEach(({ weight }, i) => {
      drive += modulators[i]! * weight
    })
    const modulator = this.modulatory.length === 0 ? 1 : activate(activationCode('tanh'), drive)
    this.#learner.learn(this.state, modulator, dt)
    return this.state
  }

  #sum(values: readonly number[], bias: number): number {
    const { response = 1, aggregation = 'dot_product' } = this.gene
    const { weights } = this
    if (aggregation === 'dot_product' || aggregation === 'diff_product') {
      const before = this.#before
      this.#before = values
      return values.reduce((sum, value, i) => {
        const input = aggregation === 'diff_product' ? value - before[i]! : value
        return sum + input * (weights[i]! * response)
      }, bias)
    }
    const terms = Float64Array.from(values, (value, i) => value * weights[i]!)
    const one = response * aggregate(aggregationCode(aggregation), terms, terms.length)
    if (aggregation === 'mult_product') return bias === 0 ? one : one * bias
    return bias + one
  }
}

export class ReferenceNetwork {
  readonly #genotype: Genotype
  readonly #layers = new Map<number, number>()
  readonly #timeStep: number
  #neurons: readonly ReferenceNeuron[] = []
  #last = new Map<number, number>()

  constructor(genotype: Genotype, timeStep = 1) {
    this.#genotype = genotype
    this.#timeStep = timeStep
    for (let id = 0; id < genotype.inputs; id++) this.#layers.set(id, -1)
    for (const { id, layer } of genotype.neurons) this.#layers.set(id, layer)
    this.reset()
  }

  reset(): void {
    const positions = new Map([...this.#layers.keys()].map((id, position) => [id, position]))
    this.#last = new Map()
    this.#neurons = this.#genotype.neurons.map((gene) => {
      const incoming = this.#genotype.links.filter(({ to, enabled }) => enabled && to === gene.id)
      incoming.sort((a, b) => positions.get(a.from)! - positions.get(b.from)!)
      return new ReferenceNeuron(gene, incoming)
    })
  }

  /** The weights as they are now, by neuron. */
  get weights(): number[] {
    return this.#neurons.flatMap(({ weights, modulatory }) => [
      ...weights,
      ...modulatory.map(({ weight }) => weight),
    ])
  }

  step(inputs: ArrayLike<number>): number[] {
    const now = new Map(Array.from(inputs, (value, id) => [id, value]))
    const take = (neuron: ReferenceNeuron): number => {
      const value = ({ from }: LinkGene): number => {
        const isDelay = neuron.gene.neuronType === 'delay'
        const isRecurrent = neuron.gene.layer <= this.#layers.get(from)! && !isDelay
        return isRecurrent ? (this.#last.get(from) ?? 0) : now.get(from)!
      }
      return neuron.respond(neuron.plain.map(value), neuron.modulatory.map(value), this.#timeStep)
    }
    for (const neuron of this.#neurons) {
      const { id, neuronType } = neuron.gene
      now.set(id, neuronType === 'delay' ? neuron.state : take(neuron))
    }
    for (const neuron of this.#neurons) if (neuron.gene.neuronType === 'delay') take(neuron)
    this.#last = now
    return this.#processed(
      this.#neurons.slice(-this.#genotype.outputs).map(({ gene }) => now.get(gene.id)!),
    )
  }

  #processed(outputs: number[]): number[] {
    let begin = 0
    return (
      this.#genotype.actuators ?? [{ length: outputs.length, processing: 'identity' }]
    ).flatMap(({ length, processing = 'identity' }) => {
      const own = Float64Array.from(outputs.slice(begin, begin + length))
      begin += length
      processOutputs(processing, own)
      return [...own]
    })
  }
}
