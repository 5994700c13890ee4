// One neuron as a process. It collects the values of its incoming links into slots, one a link;
// when all of a cycle are there it answers, and sends the answer on. Slots stand in the canonical
// order of their sources (evolution/genotype.ts), never in the order of arrival: so the sum has the
// same bits as in a compiled network. What a neuron with traits answers is defined in one place for
// both (evolution/network/stateful-neuron.ts).
//
// A recurrent link brings the value of the cycle before; in the first cycle after a reset, 0. A
// delay answers when the cycle begins, and takes in what comes to it later in the cycle.
import type { NeuronGene } from '../../evolution/genotype.ts'
import { activate, activationCode } from '../../evolution/network/activation.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { Painting } from '../../evolution/network/painter.ts'
import type { PlanPainter } from '../../evolution/network/plan-image.ts'
import type { StatefulNeuron } from '../../evolution/network/stateful-neuron.ts'
import type { Pid, Receive } from '../../runtime/pid.ts'
import { send, sendEach, spawnLink } from '../../runtime/process.ts'
import { describeProcessesOf } from '../../runtime/process-info.ts'
import { Slots } from './slots.ts'
import { statefulNeuron } from './stateful.ts'

/** A value on its way along a link, or from an output neuron to its actuator. */
export interface Forward {
  readonly type: 'forward'
  /** Which of the receiver's incoming links. */
  readonly slot: number
  readonly value: number
}

/** Where values go: to everyone in whose row the link has the same slot. */
export interface Target {
  readonly slot: number
  readonly pids: readonly Pid<Forward>[]
}

/** Sends a value to all targets; those of a slot share the message. */
export function forward(targets: readonly Target[], value: number): void {
  for (let i = 0; i < targets.length; i++) {
    const { slot, pids } = targets[i]!
    sendEach(pids, { type: 'forward', slot, value })
  }
}

/** Tells whoever closes the cycle that a node nobody listens to has done its part. */
export interface Fired {
  readonly type: 'fired'
}

/** An incoming link as its neuron sees it. */
export interface Synapse {
  readonly weight: number
  readonly isRecurrent: boolean
  /** It feeds the plasticity; such links stand behind the others. */
  readonly isModulatory: boolean
  /** Of the plasticity rule. */
  readonly parameters: readonly number[]
  /** The position of its source: of inputs by id, then of neurons in their order. */
  readonly source: number
}

/** What changes the weights of a neuron of a painted network (evolution/network/painter.ts). */
export interface NeuronPainter {
  readonly painter: PlanPainter
  /** The number of the neuron's own place. */
  readonly place: number
}

/** What a neuron has at the moment, for whoever looks into a network. */
export interface NeuronSnapshot {
  readonly type: 'snapshot'
  readonly id: number
  /** Its last answer. */
  readonly output: number
  readonly bias: number
  /** By slot; those of a plastic neuron are what it has learnt. */
  readonly weights: Float64Array
  /** What has come in by slot. */
  readonly inputs: Float64Array
  /** Of a neuron with a memory of its own: ltc, cfc, leaky, delay. */
  readonly state: number | undefined
}

export type NeuronMessage =
  | Forward
  /** A cycle begins; only neurons that do not wait for a value of it need to be told. */
  | { readonly type: 'sync' }
  /** An episode begins: forget everything. */
  | { readonly type: 'reset' }
  /** Replaces the weights, by slot, and the bias. */
  | { readonly type: 'weights'; readonly weights: Float64Array; readonly bias: number }
  /** Answers with a snapshot. */
  | { readonly type: 'inspect'; readonly to: Pid<NeuronSnapshot> }
  /** Comes before everything else. */
  | {
      readonly type: 'connect'
      readonly targets: readonly Target[]
      /** Told of each firing when nothing else of the cycle depends on it. */
      readonly cortex: Pid<Fired> | undefined
    }

class Neuron {
  readonly gene: NeuronGene
  readonly synapses: readonly Synapse[]
  readonly isDelay: boolean
  readonly activation: number
  readonly slots: Slots
  /** Those that an episode begins with. */
  weights: Float64Array
  bias: number
  /** Null for a plain neuron: its sum stands here. */
  stateful: StatefulNeuron | null
  /** The weights in use, which plasticity changes. */
  working: Float64Array
  readonly painter: NeuronPainter | undefined
  painting: Painting | null
  output = 0
  /** A delay has answered in this cycle. */
  hasAnswered = false
  targets: readonly Target[] = []
  cortex: Pid<Fired> | undefined

  constructor(gene: NeuronGene, synapses: readonly Synapse[], painter?: NeuronPainter) {
    this.gene = gene
    this.painter = painter
    this.synapses = synapses
    this.isDelay = gene.neuronType === 'delay'
    this.activation = activationCode(gene.activation)
    const isGiven = synapses.map(({ isRecurrent }) => isRecurrent)
    // Without a value of the cycle to wait for, the beginning of the cycle is waited for.
    const needsSync = !this.isDelay && isGiven.every((is) => is)
    this.slots = new Slots(needsSync ? [...isGiven, false] : isGiven)
    this.weights = Float64Array.from(synapses, ({ weight }) => weight)
    this.working = this.weights.slice()
    this.bias = gene.bias
    this.stateful = statefulNeuron(gene, synapses, this.slots.values, this.working)
    this.painting = this.#painting()
  }

  /** A CPPN of its own: it is a function, whoever asks. */
  #painting(): Painting | null {
    if (this.painter === undefined) return null
    const { painter } = this.painter
    return new Painting(new Network(painter.cppn), painter, {
      values: this.slots.values,
      col: Int32Array.from(this.synapses.keys()),
      weights: this.working,
      places: painter.places,
      sources: Int32Array.from(this.synapses, ({ source }) => source),
    })
  }

  reset(): void {
    this.slots.reset()
    this.output = 0
    this.hasAnswered = false
    this.working.set(this.weights)
    this.stateful?.reset()
  }

  setWeights(weights: Float64Array, bias: number): void {
    const { gene, synapses, slots } = this
    this.weights = weights
    this.working = weights.slice()
    this.bias = bias
    this.stateful = statefulNeuron({ ...gene, bias }, synapses, slots.values, this.working)
    this.painting = this.#painting()
  }

  arrive(slot: number, value: number): void {
    this.slots.arrive(slot, value, this.gene.id)
    if (this.slots.missing > 0) return
    if (this.isDelay) this.capture()
    else this.fire()
  }

  sync(): void {
    if (!this.isDelay) {
      this.arrive(this.synapses.length, 0)
      return
    }
    this.hasAnswered = true
    this.send(this.stateful?.fire(1) ?? 0)
    if (this.slots.missing === 0) this.capture()
  }

  fire(): void {
    const answer = this.stateful === null ? this.plain() : this.stateful.fire(1)
    if (this.painting !== null) {
      this.painting.change(this.painter?.place ?? 0, answer, 0, this.synapses.length)
    }
    this.slots.advance()
    this.send(answer)
    if (this.cortex !== undefined) send(this.cortex, { type: 'fired' })
  }

  plain(): number {
    const { working } = this
    const { values } = this.slots
    let sum = this.bias
    for (let slot = 0; slot < working.length; slot++) sum += values[slot]! * working[slot]!
    return activate(this.activation, sum)
  }

  /** A delay takes in what it will answer next, once it has answered. */
  capture(): void {
    if (!this.hasAnswered) return
    this.hasAnswered = false
    this.stateful?.capture(1)
    this.slots.advance()
    if (this.cortex !== undefined) send(this.cortex, { type: 'fired' })
  }

  send(value: number): void {
    this.output = value
    forward(this.targets, value)
  }

  snapshot(): NeuronSnapshot {
    const { gene, output, bias, synapses, stateful } = this
    const inputs = this.slots.values.slice(0, synapses.length)
    const state = gene.neuronType === undefined ? undefined : stateful?.state
    const weights = this.working.slice()
    return { type: 'snapshot', id: gene.id, output, bias, weights, inputs, state }
  }
}

function receive(message: NeuronMessage, neuron: Neuron): Neuron {
  switch (message.type) {
    case 'forward':
      neuron.arrive(message.slot, message.value)
      break
    case 'sync':
      neuron.sync()
      break
    case 'reset':
      neuron.reset()
      break
    case 'weights':
      neuron.setWeights(message.weights, message.bias)
      break
    case 'inspect':
      send(message.to, neuron.snapshot())
      break
    case 'connect':
      neuron.targets = message.targets
      neuron.cortex = message.cortex
      break
  }
  return neuron
}

describeProcessesOf(receive as Receive, (state) => {
  return { behaviour: `neuron ${(state as Neuron).gene.id}`, initialCall: 'neuron' }
})

/**
 * Starts a neuron linked to the calling process; `synapses` in canonical order give it its slots.
 */
export function spawnNeuron(
  gene: NeuronGene,
  synapses: readonly Synapse[],
  painter?: NeuronPainter,
): Pid<NeuronMessage> {
  return spawnLink(receive, new Neuron(gene, synapses, painter))
}
