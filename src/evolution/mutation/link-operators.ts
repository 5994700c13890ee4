// Operators that add and remove links (DXNN, Sher 2013, section 8.5). An outlink leads from a
// neuron to a neuron, an inlink from an input or a neuron to a neuron; the first neuron is drawn,
// then its other end among those it has no link with.
import type { Random } from '../../runtime/random.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { INPUT_LAYER, OUTPUT_LAYER } from '../genotype.ts'
import { linkInnovation, modulatoryInnovation } from '../innovation.ts'
import { connect, randomLink, randomNeuron, ruleOf } from './connect.ts'
import type { MutationOperator, RouletteSettings } from './operator.ts'

/** A new link's weight, as DXNN draws it. */
export function freshWeight(random: Random): number {
  return random.next() - 0.5
}

/** Ids of an end: inputs first, then the neurons. */
function nodeId(writer: GenomeWriter, node: number): number {
  return node < writer.inputs ? node : writer.neuronId[writer.neuronBegin + node - writer.inputs]!
}

function nodeLayer(writer: GenomeWriter, node: number): number {
  return node < writer.inputs
    ? INPUT_LAYER
    : writer.layer[writer.neuronBegin + node - writer.inputs]!
}

interface Ends {
  /** Nodes: inputs from 0, then neurons. */
  readonly sources: readonly number[]
  readonly targets: readonly number[]
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

function allNodes(writer: GenomeWriter): number {
  return writer.inputs + writer.neuronEnd - writer.neuronBegin
}

/** Links one free pair of some ends; false when all are taken. */
function linkFreePair(
  writer: GenomeWriter,
  { sources, targets }: Ends,
  settings: RouletteSettings,
  random: Random,
  modulatory = false,
): boolean {
  const pairs: (readonly [number, number])[] = []
  for (const source of sources) {
    for (const target of targets) {
      const from = nodeId(writer, source)
      const to = nodeId(writer, target)
      const isForward = nodeLayer(writer, target) > nodeLayer(writer, source)
      if (!isForward && settings.connectionArchitecture === 'feedforward') continue
      const innovation = modulatory ? modulatoryInnovation(from, to) : linkInnovation(from, to)
      if (writer.linkAt(innovation) < 0) pairs.push([from, to])
    }
  }
  if (pairs.length === 0) return false
  const [from, to] = pairs[random.integer(pairs.length)]!
  return connect(writer, { from, to, weight: freshWeight(random), modulatory }, random)
}

function drawNeuron(writer: GenomeWriter, random: Random): number {
  return writer.inputs + random.integer(writer.neuronEnd - writer.neuronBegin)
}

export const addOutlink: MutationOperator = (writer, settings, random) => {
  const ends = {
    sources: [drawNeuron(writer, random)],
    targets: range(writer.inputs, allNodes(writer)),
  }
  return linkFreePair(writer, ends, settings, random)
}

export const addInlink: MutationOperator = (writer, settings, random) => {
  const ends = { sources: range(0, allNodes(writer)), targets: [drawNeuron(writer, random)] }
  return linkFreePair(writer, ends, settings, random)
}

export const addSensorlink: MutationOperator = (writer, settings, random) => {
  const ends = { sources: range(0, writer.inputs), targets: [drawNeuron(writer, random)] }
  return linkFreePair(writer, ends, settings, random)
}

export const addActuatorlink: MutationOperator = (writer, settings, random) => {
  const nodes = range(writer.inputs, allNodes(writer))
  const targets = nodes.filter((node) => nodeLayer(writer, node) === OUTPUT_LAYER)
  const ends = { sources: [drawNeuron(writer, random)], targets }
  return linkFreePair(writer, ends, settings, random)
}

/** A modulatory link to a neuron with a plasticity rule. */
export const addModulatorylink: MutationOperator = (writer, settings, random) => {
  const neuron = randomNeuron(writer, (at) => ruleOf(writer, at) !== 0, random)
  if (neuron < 0) return false
  const targets = [writer.inputs + neuron - writer.neuronBegin]
  const ends = { sources: range(0, allNodes(writer)), targets }
  return linkFreePair(writer, ends, settings, random, true)
}

/** Inputs of a sensor, or outputs of an actuator: where it begins and ends. */
interface Span {
  readonly from: number
  readonly to: number
}

function spans(genes: readonly { length: number }[] | undefined, total: number): Span[] {
  if (genes === undefined) return range(0, total).map((from) => ({ from, to: from + 1 }))
  let from = 0
  return genes.map(({ length }) => {
    const span = { from, to: from + length }
    from += length
    return span
  })
}

function isLinked(writer: GenomeWriter, column: Float64Array, id: number): boolean {
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) {
    if (column[link] === id) return true
  }
  return false
}

/** Links all inputs of a sensor that has no link yet to one neuron. */
export const addSensor: MutationOperator = (writer, _settings, random) => {
  const unused = spans(writer.morphology.sensors, writer.inputs).filter(({ from, to }) =>
    range(from, to).every((input) => !isLinked(writer, writer.from, input)),
  )
  if (unused.length === 0) return false
  const { from, to } = unused[random.integer(unused.length)]!
  const target = nodeId(writer, drawNeuron(writer, random))
  return range(from, to)
    .map((input) =>
      connect(writer, { from: input, to: target, weight: freshWeight(random) }, random),
    )
    .includes(true)
}

/** Links one neuron to all outputs of an actuator that has no link yet. */
export const addActuator: MutationOperator = (writer, settings, random) => {
  const unused = spans(writer.morphology.actuators, writer.outputs).filter(({ from, to }) =>
    range(from, to).every((output) => !isLinked(writer, writer.to, writer.inputs + output)),
  )
  if (unused.length === 0) return false
  const { from, to } = unused[random.integer(unused.length)]!
  const source = drawNeuron(writer, random)
  const sourceLayer = nodeLayer(writer, source)
  if (sourceLayer >= OUTPUT_LAYER && settings.connectionArchitecture === 'feedforward') return false
  const id = nodeId(writer, source)
  return range(from, to)
    .map((output) => {
      const link = { from: id, to: writer.inputs + output, weight: freshWeight(random) }
      return connect(writer, link, random)
    })
    .includes(true)
}

/** Removes a random link that fits. */
function removing(
  fits: (writer: GenomeWriter, from: number, to: number, isModulatory: boolean) => boolean,
): MutationOperator {
  return (writer, _settings, random) => {
    const link = randomLink(
      writer,
      (at) => fits(writer, writer.from[at]!, writer.to[at]!, writer.isModulatory(at)),
      random,
    )
    if (link < 0) return false
    writer.removeLink(link)
    return true
  }
}

export const removeOutlink: MutationOperator = removing(
  ({ inputs }, from, _to, isModulatory) => from >= inputs && !isModulatory,
)
export const removeInlink: MutationOperator = removing(
  (_writer, _from, _to, isModulatory) => !isModulatory,
)
export const removeSensorlink: MutationOperator = removing(
  ({ inputs }, from, _to, isModulatory) => from < inputs && !isModulatory,
)
export const removeActuatorlink: MutationOperator = removing(
  ({ inputs, outputs }, from, to, isModulatory) =>
    from >= inputs && to < inputs + outputs && !isModulatory,
)
export const removeModulatorylink: MutationOperator = removing(
  (_writer, _from, _to, isModulatory) => isModulatory,
)
