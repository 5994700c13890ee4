// Operators that add and remove links (DXNN, Sher 2013, section 8.5). An outlink leads from a
// neuron to a neuron, an inlink from an input or a neuron to a neuron; the first neuron is drawn,
// then its other end among those it has no link with.
//
// Where the body has names, a sensor or an actuator without any link is not part of the brain yet,
// as in DXNN: only add_sensor and add_actuator bring it in.
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

/** Inputs of the sensors in use; all of them where sensors have no names. */
function inputsInUse(writer: GenomeWriter): number[] {
  const { sensors } = writer.morphology
  if (sensors === undefined) return range(0, writer.inputs)
  const used = spans(sensors, writer.inputs).filter((span) => isSensorUsed(writer, span))
  return used.flatMap(({ from, to }) => range(from, to))
}

/** Neurons, but outputs of actuators that are not in use; where none is, all. */
function neuronsInUse(writer: GenomeWriter): number[] {
  const nodes = range(writer.inputs, allNodes(writer))
  const { actuators } = writer.morphology
  if (actuators === undefined) return nodes
  const idle = new Set(
    spans(actuators, writer.outputs)
      .filter((span) => !isActuatorUsed(writer, span))
      .flatMap(({ from, to }) => range(writer.inputs + from, writer.inputs + to)),
  )
  const used = nodes.filter((node) => !idle.has(nodeId(writer, node)))
  return used.length === 0 ? nodes : used
}

function drawNeuron(writer: GenomeWriter, random: Random): number {
  const nodes = neuronsInUse(writer)
  return nodes[random.integer(nodes.length)]!
}

export const addOutlink: MutationOperator = (writer, settings, random) => {
  const ends = { sources: [drawNeuron(writer, random)], targets: neuronsInUse(writer) }
  return linkFreePair(writer, ends, settings, random)
}

export const addInlink: MutationOperator = (writer, settings, random) => {
  const sources = [...inputsInUse(writer), ...range(writer.inputs, allNodes(writer))]
  const ends = { sources, targets: [drawNeuron(writer, random)] }
  return linkFreePair(writer, ends, settings, random)
}

export const addSensorlink: MutationOperator = (writer, settings, random) => {
  const ends = { sources: inputsInUse(writer), targets: [drawNeuron(writer, random)] }
  return linkFreePair(writer, ends, settings, random)
}

export const addActuatorlink: MutationOperator = (writer, settings, random) => {
  const nodes = neuronsInUse(writer)
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

function isSensorUsed(writer: GenomeWriter, { from, to }: Span): boolean {
  return range(from, to).some((input) => isLinked(writer, writer.from, input))
}

function isActuatorUsed(writer: GenomeWriter, { from, to }: Span): boolean {
  return range(from, to).some((output) => isLinked(writer, writer.to, writer.inputs + output))
}

/** Links all inputs of a sensor that has no link yet to one neuron. */
export const addSensor: MutationOperator = (writer, _settings, random) => {
  const all = spans(writer.morphology.sensors, writer.inputs)
  const unused = all.filter((span) => !isSensorUsed(writer, span))
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
  const all = spans(writer.morphology.actuators, writer.outputs)
  const unused = all.filter((span) => !isActuatorUsed(writer, span))
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
