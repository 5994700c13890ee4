// Starts the processes of one genotype and joins them: the scape, a sensor for each input, a
// process for each neuron, an actuator for each output, the cortex. All are linked to the caller,
// its exoself.
import type { Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { checkGenotype } from '../../evolution/genotype-check.ts'
import { partNames } from '../../evolution/morphology.ts'
import { planPainter } from '../../evolution/network/plan.ts'
import type { Phenotype } from '../../evolution/substrate/painting.ts'
import { phenotypeShape } from '../../evolution/substrate.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Pid } from '../../runtime/pid.ts'
import { send } from '../../runtime/process.ts'
import { spawnActuator } from './actuator.ts'
import {
  type CortexMessage,
  type CortexReport,
  type NetworkProcess,
  spawnCortex,
} from './cortex.ts'
import { type Forward, type NeuronMessage, spawnNeuron, type Target } from './neuron.ts'
import { spawnScape } from './scape.ts'
import { spawnSensor } from './sensor.ts'
import { type Axon, wire } from './wiring.ts'

export interface NetworkOptions {
  readonly problem: Problem
  readonly phenotype: Phenotype
  readonly stallTimeoutMs: number
}

/** The processes of a network. */
export interface NetworkProcesses {
  readonly cortex: Pid<CortexMessage>
  /** In the order of the genotype. */
  readonly neurons: readonly Pid<NeuronMessage>[]
  /** All of them, the exoself first. */
  readonly processes: readonly NetworkProcess[]
}

/** Starts and joins the processes of a network, linked to the calling process. */
export function startNetwork(
  exoself: Pid<CortexReport>,
  { problem, phenotype, stallTimeoutMs }: NetworkOptions,
): NetworkProcesses {
  const wiring = wire(phenotype)
  const painter = phenotype.painter === undefined ? undefined : planPainter(phenotype.painter)
  const scape = spawnScape(problem, phenotype.actuators)
  const { inputs, outputs } = phenotype
  // A genotype of another origin has no names of its own, nor has what is painted.
  const inputNames = partNames(phenotype.sensors ?? problem.morphology?.sensors)
  const outputNames = partNames(phenotype.actuators ?? problem.morphology?.actuators)
  const sensors = wiring.sensors.map((node, input) => {
    return { node, pid: spawnSensor(input, scape, inputNames[input]) }
  })
  const neurons = wiring.neurons.map((node, i) => {
    const painting = painter === undefined ? undefined : { painter, place: inputs + i }
    return { node, pid: spawnNeuron(node.gene, node.synapses, painting) }
  })
  const actuators = Array.from({ length: outputs }, (_, output) => {
    return spawnActuator(output, scape, outputNames[output])
  })
  const nodes: NetworkProcess[] = [
    { role: 'scape', id: undefined, pid: scape },
    ...sensors.map(({ pid }, id) => {
      return { role: 'sensor', id, name: inputNames[id], pid } as const
    }),
    ...neurons.map(({ node, pid }) => ({ role: 'neuron', id: node.gene.id, pid }) as const),
    ...actuators.map((pid, i) => {
      return { role: 'actuator', id: inputs + i, name: outputNames[i], pid } as const
    }),
  ]
  const cortex = spawnCortex({
    exoself,
    scape,
    sensors: sensors.map(({ pid }) => pid),
    neurons: neurons.map(({ pid }) => pid),
    clocked: neurons.filter(({ node }) => node.isClocked).map(({ pid }) => pid),
    reporters: [...wiring.sensors, ...wiring.neurons].filter(({ isLast }) => isLast).length,
    nodes,
    stallTimeoutMs,
  })
  const targetsOf = (axons: readonly Axon[]): Target[] =>
    bySlot(axons.map(({ neuron, slot }) => ({ pid: nth(neurons, neuron).pid, slot })))
  for (const { node, pid } of sensors) {
    const targets = targetsOf(node.axons)
    const reportTo = node.isLast ? cortex : undefined
    send(pid, { type: 'connect', sensor: pid, targets, cortex: reportTo })
  }
  for (const { node, pid } of neurons) {
    const targets = targetsOf(node.axons)
    if (node.output !== undefined) targets.push({ pids: [nth(actuators, node.output)], slot: 0 })
    send(pid, { type: 'connect', targets, cortex: node.isLast ? cortex : undefined })
  }
  const processes: NetworkProcess[] = [
    { role: 'exoself', id: undefined, pid: exoself },
    { role: 'cortex', id: undefined, pid: cortex },
    ...nodes,
  ]
  return { cortex, neurons: neurons.map(({ pid }) => pid), processes }
}

/** Gathers those of the same slot. */
function bySlot(ends: readonly { pid: Pid<Forward>; slot: number }[]): Target[] {
  const pids = new Map<number, Pid<Forward>[]>()
  for (const { pid, slot } of ends) {
    const same = pids.get(slot)
    if (same === undefined) pids.set(slot, [pid])
    else same.push(pid)
  }
  return [...pids].map(([slot, pids]) => ({ slot, pids }))
}

function nth<T>(list: readonly T[], index: number): T {
  const element = list[index]
  if (element === undefined) throw new RangeError(`no element ${index} of ${list.length}`)
  return element
}

/** The genotype, if the problem can be tried with it; throws an `ArborError` otherwise. */
export function checked(problem: Problem, genotype: Genotype): Genotype {
  const attempt = { operation: 'start exoself', target: problem.name }
  const check = checkGenotype(genotype)
  if (!check.ok) {
    const message = `this genotype is malformed, ${check.reason}`
    throw new ArborError('malformed_genotype', message, check.detail, attempt)
  }
  const { inputs, outputs } = phenotypeShape(check.genotype)
  if (inputs !== problem.inputs || outputs !== problem.outputs) {
    const message = `${inputs} inputs and ${outputs} outputs do not fit ${problem.name}`
    const advice = `it needs ${problem.inputs} and ${problem.outputs}`
    throw new ArborError('wrong_shape', message, advice, attempt)
  }
  return check.genotype
}
