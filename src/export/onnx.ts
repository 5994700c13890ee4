// A genotype as an ONNX model: whatever runs ONNX runs the network, in float32, in batches.
//
//   writeFileSync('champion.onnx', toOnnx(genotype))
//
// Inputs `input` [batch, inputs] and, for a network that remembers, `state_in` [batch, n], zeros
// before the first tick; outputs `output` and `state_out`, which is the next tick's `state_in`. One
// run is one tick. `onnxState` names what the numbers of the state are.
//
// Any topology, every activation and aggregation, LTC, CfC and leaky neurons, delays and the
// processing of actuators, as standard operators (operator set 17). Not networks that learn while
// they run: those throw an OnnxError. Each neuron has nodes of its own: for large dense networks a
// framework's matrices are faster. Of a genotype with a substrate it is the network that it paints.
import type { Genotype, LinkGene, NeuronGene } from '../evolution/genotype.ts'
import { INPUT_LAYER } from '../evolution/genotype.ts'
import { phenotypeOf } from '../evolution/network/plan.ts'
import { activation } from './onnx-activation.ts'
import { aggregation } from './onnx-aggregation.ts'
import { OnnxGraph, type Tensor } from './onnx-graph.ts'
import { liquid } from './onnx-liquid.ts'

/** A network that ONNX cannot tell. */
export class OnnxError extends Error {
  readonly code: 'plastic'

  constructor(code: OnnxError['code'], message: string) {
    super(message)
    this.name = 'OnnxError'
    this.code = code
  }
}

/** A part of the state: what it is of, and how many numbers. */
export interface OnnxStatePart {
  /**
   * `value`: a node's answer of the tick before; `delay`: what a delay will answer; `inputs`: what
   * came in to a neuron of `diff_product`.
   */
  readonly kind: 'value' | 'delay' | 'inputs'
  /** Of the neuron or input. */
  readonly id: number
  readonly width: number
}

interface Wired {
  readonly gene: NeuronGene
  readonly links: readonly { readonly link: LinkGene; readonly source: number }[]
}

/** The genotype with its links in the order of the engine (evolution/genotype.ts). */
function wiringOf({ inputs, neurons, links }: Genotype): Wired[] {
  const places = new Map(neurons.map(({ id }, index) => [id, inputs + index]))
  const placeOf = (id: number): number => (id < inputs ? id : (places.get(id) ?? 0))
  return neurons.map((gene) => {
    const own = links
      .filter((link) => link.to === gene.id && link.enabled && link.modulatory !== true)
      .map((link) => ({ link, source: placeOf(link.from) }))
    return { gene, links: own.sort((a, b) => a.source - b.source) }
  })
}

/** What the state of a genotype's model consists of, in order; empty for one without memory. */
export function onnxState(given: Genotype): OnnxStatePart[] {
  const genotype = phenotypeOf(given)
  const { inputs, neurons } = genotype
  const wired = wiringOf(genotype)
  const layerOf = (place: number): number => neurons[place - inputs]?.layer ?? INPUT_LAYER
  const remembered = new Set<number>()
  wired.forEach(({ gene, links }, index) => {
    const { neuronType } = gene
    if (neuronType !== undefined && neuronType !== 'delay') remembered.add(inputs + index)
    if (neuronType === 'delay') return
    for (const { source } of links) if (gene.layer <= layerOf(source)) remembered.add(source)
  })
  const values = [...remembered].sort((a, b) => a - b)
  return [
    ...values.map((place) => part('value', neurons[place - inputs]?.id ?? place, 1)),
    ...neurons.flatMap(({ id, neuronType }) =>
      neuronType === 'delay' ? [part('delay', id, 1)] : [],
    ),
    ...wired.flatMap(({ gene, links }) =>
      gene.aggregation === 'diff_product' && links.length > 0
        ? [part('inputs', gene.id, links.length)]
        : [],
    ),
  ]
}

function part(kind: OnnxStatePart['kind'], id: number, width: number): OnnxStatePart {
  return { kind, id, width }
}

/** The bytes of the model. Throws an OnnxError `plastic`. */
export function toOnnx(given: Genotype): Uint8Array {
  const genotype = phenotypeOf(given)
  if (genotype.painter !== undefined) {
    throw new OnnxError('plastic', 'its CPPN changes the weights while it runs (iterative)')
  }
  const learning = genotype.neurons.find(({ plasticity }) => plasticity !== undefined)
  if (learning !== undefined) {
    const rule = learning.plasticity?.rule
    throw new OnnxError('plastic', `neuron ${learning.id} learns while it runs (${rule})`)
  }
  return new OnnxNetwork(genotype).model()
}

class OnnxNetwork {
  readonly #genotype: Genotype
  readonly #graph = new OnnxGraph()
  readonly #state: readonly OnnxStatePart[]
  /** Of the last tick, by kind and id. */
  readonly #before: Map<string, Tensor> = new Map()
  readonly #after: Map<string, Tensor> = new Map()
  /** Answers of this tick by place. */
  readonly #now: Tensor[] = []
  readonly #zero: Tensor

  constructor(genotype: Genotype) {
    this.#genotype = genotype
    this.#state = onnxState(genotype)
    const graph = this.#graph
    const { inputs } = genotype
    const input = graph.input('input', inputs)
    this.#now.push(...graph.split(input, Array<number>(inputs).fill(1)))
    this.#zero = graph.op('Mul', [this.#now[0] ?? input, graph.scalar(0)])
    if (this.#state.length === 0) return
    const width = this.#state.reduce((sum, one) => sum + one.width, 0)
    const pieces = graph.split(
      graph.input('state_in', width),
      this.#state.map((one) => one.width),
    )
    for (const [i, { kind, id }] of this.#state.entries()) {
      this.#before.set(`${kind} ${id}`, pieces[i] ?? this.#zero)
    }
  }

  model(): Uint8Array {
    const { inputs, outputs, neurons } = this.#genotype
    const wired = wiringOf(this.#genotype)
    for (const one of wired) this.#now.push(this.#answer(one))
    for (const one of wired) {
      if (one.gene.neuronType !== 'delay') continue
      const values = one.links.map(({ source }) => this.#now[source] ?? this.#zero)
      this.#after.set(`delay ${one.gene.id}`, this.#sum(one, values))
    }
    const answers = neurons.slice(-outputs).map((_, i) => {
      return this.#now[inputs + neurons.length - outputs + i] ?? this.#zero
    })
    this.#graph.output('output', this.#processed(answers), outputs)
    this.#writeState()
    const state = JSON.stringify(this.#state)
    return this.#graph.model('arbor', { state })
  }

  #answer(wired: Wired): Tensor {
    const { gene, links } = wired
    if (gene.neuronType === 'delay') return this.#before.get(`delay ${gene.id}`) ?? this.#zero
    const sum = this.#sum(
      wired,
      links.map(({ source }) => this.#seen(source, gene.layer)),
    )
    if (gene.neuronType === undefined) return activation(this.#graph, gene.activation, sum)
    const state = this.#before.get(`value ${gene.id}`) ?? this.#zero
    return liquid(this.#graph, gene, sum, state)
  }

  /** What a link brings to a neuron of a layer: of this tick, or of the one before. */
  #seen(source: number, layer: number): Tensor {
    const { inputs, neurons } = this.#genotype
    const from = neurons[source - inputs]
    const isRecurrent = layer <= (from?.layer ?? INPUT_LAYER)
    const now = this.#now[source] ?? this.#zero
    return isRecurrent ? (this.#before.get(`value ${from?.id ?? source}`) ?? this.#zero) : now
  }

  #sum({ gene, links }: Wired, values: readonly Tensor[]): Tensor {
    const graph = this.#graph
    const weights = links.map(({ link }) => link.weight)
    if (gene.aggregation !== 'diff_product' || values.length === 0) {
      return aggregation(graph, gene, values, weights, this.#zero)
    }
    const key = `inputs ${gene.id}`
    const inputs = graph.concat(values)
    this.#after.set(key, inputs)
    const changes = graph.op('Sub', [inputs, this.#before.get(key) ?? this.#zero])
    const pieces = graph.split(changes, Array<number>(values.length).fill(1))
    return aggregation(graph, gene, pieces, weights, this.#zero)
  }

  #processed(answers: readonly Tensor[]): Tensor {
    const graph = this.#graph
    let from = 0
    const { actuators = [{ name: '', length: answers.length }] } = this.#genotype
    return graph.concat(
      actuators.map(({ length, processing = 'identity' }) => {
        const own = graph.concat(answers.slice(from, from + length))
        from += length
        if (processing === 'softmax') return graph.op('Softmax', [own], { axis: 1 })
        const [one, zero] = [graph.scalar(1), graph.scalar(0)]
        if (processing === 'threshold') {
          return graph.op('Where', [graph.op('Greater', [own, zero]), one, zero])
        }
        if (processing === 'identity') return own
        const largest = graph.op('ArgMax', [own], { axis: 1, keepdims: 1 })
        const places = graph.integers([...Array(length).keys()])
        return graph.op('Where', [graph.op('Equal', [largest, places]), one, zero])
      }),
    )
  }

  #writeState(): void {
    if (this.#state.length === 0) return
    const { inputs, neurons } = this.#genotype
    const places = new Map(neurons.map(({ id }, index) => [id, inputs + index]))
    const pieces = this.#state.map(({ kind, id }) => {
      if (kind === 'value') return this.#now[places.get(id) ?? id] ?? this.#zero
      return this.#after.get(`${kind} ${id}`) ?? this.#zero
    })
    const width = this.#state.reduce((sum, one) => sum + one.width, 0)
    this.#graph.output('state_out', this.#graph.concat(pieces), width)
  }
}
