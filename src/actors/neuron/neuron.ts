// One neuron as a process. It collects the values of its incoming links into slots, one a link;
// when all of a cycle are there it adds its bias first, then value times weight slot by slot,
// activates, and sends the result on. Slots stand in the canonical order of their sources
// (evolution/genotype.ts), never in the order of arrival: so the sum has the same bits as in a
// compiled network.
//
// A recurrent link brings the value of the cycle before; its source may fire before this neuron has
// used the last one, so a slot holds two values at most. In the first cycle after a reset it holds
// 0.
import type { NeuronGene } from '../../evolution/genotype.ts'
import { activate, activationCode } from '../../evolution/network/activation.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Pid } from '../../runtime/pid.ts'
import { send, spawnLink } from '../../runtime/process.ts'

/** A value on its way along a link, or from an output neuron to its actuator. */
export interface Forward {
  readonly type: 'forward'
  /** Which of the receiver's incoming links. */
  readonly slot: number
  readonly value: number
}

/** Where values go: a slot of a neuron or of an actuator. */
export interface Target {
  readonly pid: Pid<Forward>
  readonly slot: number
}

/** Tells whoever closes the cycle that a node nobody listens to has done its part. */
export interface Fired {
  readonly type: 'fired'
}

/** An incoming link as its neuron sees it. */
export interface Synapse {
  readonly weight: number
  readonly isRecurrent: boolean
}

export type NeuronMessage =
  | Forward
  /** A cycle begins; only neurons without forward links need to be told. */
  | { readonly type: 'sync' }
  /** An episode begins: forget everything. */
  | { readonly type: 'reset' }
  /** Comes before everything else. */
  | {
      readonly type: 'connect'
      readonly targets: readonly Target[]
      /** Told of each firing when nothing else of the cycle depends on it. */
      readonly cortex: Pid<Fired> | undefined
    }

const MISSING = 0
const HERE = 1
/** The value of the next cycle is here, too. */
const NEXT_HERE = 2

class Neuron {
  readonly id: number
  readonly bias: number
  readonly activation: number
  readonly weights: Float64Array
  readonly isRecurrent: readonly boolean[]
  readonly values: Float64Array
  readonly nextValues: Float64Array
  /**
   * MISSING, HERE or NEXT_HERE, by slot; behind the links' slots that of `sync`, if it is needed.
   */
  readonly arrived: Uint8Array
  missing = 0
  targets: readonly Target[] = []
  cortex: Pid<Fired> | undefined

  constructor({ id, bias, activation }: NeuronGene, synapses: readonly Synapse[]) {
    const needsSync = synapses.every(({ isRecurrent }) => isRecurrent)
    this.id = id
    this.bias = bias
    this.activation = activationCode(activation)
    this.weights = Float64Array.from(synapses, ({ weight }) => weight)
    this.isRecurrent = synapses.map(({ isRecurrent }) => isRecurrent)
    this.values = new Float64Array(synapses.length + 1)
    this.nextValues = new Float64Array(synapses.length + 1)
    this.arrived = new Uint8Array(synapses.length + (needsSync ? 1 : 0))
    this.reset()
  }

  reset(): void {
    const { arrived, isRecurrent } = this
    this.missing = 0
    for (let slot = 0; slot < arrived.length; slot++) {
      arrived[slot] = isRecurrent[slot] === true ? HERE : MISSING
      if (arrived[slot] === MISSING) this.missing++
    }
    this.values.fill(0)
  }

  arrive(slot: number, value: number): void {
    const { arrived } = this
    const before = arrived[slot]
    if (before === MISSING) {
      this.values[slot] = value
      arrived[slot] = HERE
      this.missing--
      if (this.missing === 0) this.fire()
    } else if (before === HERE) {
      this.nextValues[slot] = value
      arrived[slot] = NEXT_HERE
    } else {
      const attempt = { operation: 'forward', target: this.id, request: { slot, value } }
      const advice = 'only the network of its own exoself may send to a neuron'
      throw new ArborError('overrun', `slot ${slot} of neuron ${this.id} is full`, advice, attempt)
    }
  }

  fire(): void {
    const { weights, values, targets } = this
    let sum = this.bias
    for (let slot = 0; slot < weights.length; slot++) sum += values[slot]! * weights[slot]!
    const value = activate(this.activation, sum)
    this.advance()
    for (let i = 0; i < targets.length; i++) {
      const { pid, slot } = targets[i]!
      send(pid, { type: 'forward', slot, value })
    }
    if (this.cortex !== undefined) send(this.cortex, { type: 'fired' })
  }

  /** The values of this cycle are used; those of the next that came early take their place. */
  advance(): void {
    const { arrived, values, nextValues } = this
    this.missing = arrived.length
    for (let slot = 0; slot < arrived.length; slot++) {
      if (arrived[slot] === NEXT_HERE) {
        values[slot] = nextValues[slot]!
        arrived[slot] = HERE
        this.missing--
      } else arrived[slot] = MISSING
    }
  }
}

function receive(message: NeuronMessage, neuron: Neuron): Neuron {
  switch (message.type) {
    case 'forward':
      neuron.arrive(message.slot, message.value)
      break
    case 'sync':
      neuron.arrive(neuron.weights.length, 0)
      break
    case 'reset':
      neuron.reset()
      break
    case 'connect':
      neuron.targets = message.targets
      neuron.cortex = message.cortex
      break
  }
  return neuron
}

/**
 * Starts a neuron linked to the calling process; `synapses` in canonical order give it its slots.
 */
export function spawnNeuron(gene: NeuronGene, synapses: readonly Synapse[]): Pid<NeuronMessage> {
  return spawnLink(receive, new Neuron(gene, synapses))
}
