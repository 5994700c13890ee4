// One level of the meta-controller: a network of liquid neurons in full layers, its hidden layers
// included, built as a genotype and run by the interpreter like every other network.
//
//   const shape = { inputs: 8, hidden: [8, 4], outputs: 4, timeConstant: 100, neuronType: 'ltc' }
//   let level = firstLevel(shape, random)
//   level = levelStep(shape, level, metrics)
//   level.outputs                               // 4 numbers from 0 to 1
//
// A neuron of time constant tau rests where nothing pulls at it: its bias makes an ltc neuron's f
// equal to 1 / tau, so that it rests at half its bound and moves by 2 / tau of the way a step; a cfc
// neuron rests at 0. Inputs rest at 0.5, and so do outputs: the last layer begins without weights,
// so a level that has learnt nothing says "as it is" to everything.
import type { Random } from '../../runtime/random.ts'
import { type Genotype, genotypeFrom, type LinkSketch, type NeuronGene } from '../genotype.ts'
import { splitNeuronId } from '../innovation.ts'
import { log } from '../network/elementary.ts'
import { Network } from '../network/interpreter.ts'
import { compile } from '../network/plan.ts'

export interface LevelShape {
  readonly inputs: number
  readonly hidden: readonly number[]
  readonly outputs: number
  /** Steps; above 1. */
  readonly timeConstant: number
  readonly neuronType: 'ltc' | 'cfc'
}

/** A level as plain data. */
export interface Level {
  /** Layer by layer and neuron by neuron: its bias, then the weights of what came before. */
  readonly parameters: Float64Array
  /** The values of the network's slots after the last step. */
  readonly values: Float64Array
  /** Of the last step, each from 0 to 1. */
  readonly outputs: Float64Array
}

/** Weights are this over the root of a neuron's inputs: then signals reach the end of the chain. */
const FIRST_GAIN = 4
/** What is learnt stays within ± this: wider than any first weights and biases. */
const PARAMETER_MAX = 40

/** How many parameters a level has. */
export function parameterCount(shape: LevelShape): number {
  return layersOf(shape).reduce((sum, { size, before }) => sum + size * (before + 1), 0)
}

/** A level that rests, with random weights in all layers but the last. */
export function firstLevel(shape: LevelShape, random: Random): Level {
  const parameters = new Float64Array(parameterCount(shape))
  const layers = layersOf(shape)
  let at = 0
  for (const [layer, { size, before }] of layers.entries()) {
    const isLast = layer === layers.length - 1
    const gain = isLast ? 0 : FIRST_GAIN / Math.sqrt(before)
    for (let neuron = 0; neuron < size; neuron++) {
      const bias = at++
      let pull = 0
      for (let source = 0; source < before; source++) {
        const weight = gain === 0 ? 0 : gain * random.gaussian()
        parameters[at++] = weight
        pull += weight * (layer === 0 ? INPUT_REST : neuronRest(shape))
      }
      parameters[bias] = restingSum(shape) - pull
    }
  }
  const neurons = layers.reduce((sum, { size }) => sum + size, 0)
  const values = new Float64Array(shape.inputs + neurons).fill(neuronRest(shape))
  values.fill(INPUT_REST, 0, shape.inputs)
  return { parameters, values, outputs: new Float64Array(shape.outputs).fill(0.5) }
}

/**
 * One step of so many inputs, taken into 0 to 1, with `noise` (as many as parameters) added to the
 * parameters for this step only.
 */
export function levelStep(
  shape: LevelShape,
  { parameters, values }: Level,
  inputs: ArrayLike<number>,
  noise?: Float64Array,
): Level {
  const tried = noise === undefined ? parameters : changed(parameters, noise, 1)
  const network = new Network(compile(levelGenotype(shape, tried)))
  network.resumeFrom(values)
  const outputs = new Float64Array(shape.outputs)
  network.step(Float64Array.from(inputs, bounded), outputs)
  const scaled = shape.neuronType === 'ltc' ? outputs : outputs.map((value) => 0.5 + 0.5 * value)
  return { parameters, values: network.values.slice(), outputs: scaled }
}

/** Parameters moved by so much of a direction, within their bounds. */
export function changed(
  parameters: Float64Array,
  direction: Float64Array,
  factor: number,
): Float64Array {
  return parameters.map((value, i) =>
    Math.max(-PARAMETER_MAX, Math.min(PARAMETER_MAX, value + factor * direction[i]!)),
  )
}

/** The level's network, as plain data like any other. */
export function levelGenotype(shape: LevelShape, parameters: Float64Array): Genotype {
  const { inputs, outputs, timeConstant, neuronType } = shape
  const layers = layersOf(shape)
  const neurons: NeuronGene[] = []
  const links: LinkSketch[] = []
  let sources = Array.from({ length: inputs }, (_, id) => id)
  let at = 0
  for (const [place, { size }] of layers.entries()) {
    const isLast = place === layers.length - 1
    const layer = isLast ? 1 : (2 * (place + 1)) / layers.length - 1
    const ids = Array.from({ length: size }, (_, neuron) =>
      isLast ? inputs + neuron : splitNeuronId(0, inputs, 64 * place + neuron),
    )
    for (const id of ids) {
      const bias = parameters[at++]!
      neurons.push({ id, layer, activation: 'tanh', bias, neuronType, timeConstant })
      for (const from of sources) links.push({ from, to: id, weight: parameters[at++]! })
    }
    sources = ids
  }
  return genotypeFrom({ inputs, outputs, activation: 'tanh', neurons, links })
}

const INPUT_REST = 0.5

function bounded(input: number): number {
  return Number.isNaN(input) ? INPUT_REST : Math.max(0, Math.min(1, input))
}

function neuronRest({ neuronType }: LevelShape): number {
  return neuronType === 'ltc' ? 0.5 : 0
}

/** The sum of its inputs at which a neuron stays where it rests. */
function restingSum({ neuronType, timeConstant }: LevelShape): number {
  return neuronType === 'ltc' ? -log(timeConstant - 1) : 0
}

function layersOf({ inputs, hidden, outputs }: LevelShape): { size: number; before: number }[] {
  return [...hidden, outputs].map((size, place) => ({
    size,
    before: place === 0 ? inputs : hidden[place - 1]!,
  }))
}
