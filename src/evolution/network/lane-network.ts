// A network of several lanes: one genotype in several episodes at once, or several genotypes of one
// topology in one each, tick by tick.
//
//   network.step(inputs, outputs)   // inputs[input * lanes + lane], outputs[output * lanes + lane]
//
// A lane answers the same bits as `Network` (interpreter.ts) of its genotype would, whatever the
// other lanes do, and whoever runs it: `InterpreterLanes` here in plain TypeScript, or the
// WebAssembly kernel (kernel/kernel-network.ts), to which lanes are what makes it fast.
import { Network } from './interpreter.ts'
import type { Plan } from './plan-image.ts'

export interface LaneNetwork {
  /** How many lanes; the stride of `inputs` and `outputs`. */
  readonly lanes: number
  /** Forgets everything, in one lane or in all: its next tick is its first. */
  reset(lane?: number): void
  /** One tick of every lane. Both arrays have the plan's width times `lanes` numbers, or more. */
  step(inputs: Float64Array, outputs: Float64Array): void
}

/** As many interpreters as lanes: no faster than one after the other, and available everywhere. */
export class InterpreterLanes implements LaneNetwork {
  readonly lanes: number
  readonly #networks: readonly Network[]
  readonly #inputs: Float64Array
  readonly #outputs: Float64Array

  /**
   * One plan for all lanes, or one for each (the last one repeated): their inputs and outputs agree
   * in number. `timeStep` as of `Network`.
   */
  constructor(
    plans: Plan | readonly Plan[],
    lanes: number,
    options: { readonly timeStep?: number } = {},
  ) {
    const given = 'bytes' in plans ? [plans] : plans
    const [first] = given
    if (first === undefined) throw new RangeError('no plan to run')
    this.lanes = lanes
    this.#networks = Array.from({ length: lanes }, (_, lane) => {
      return new Network(given[Math.min(lane, given.length - 1)] ?? first, options)
    })
    this.#inputs = new Float64Array(first.inputs)
    this.#outputs = new Float64Array(first.outputs)
  }

  reset(lane?: number): void {
    if (lane !== undefined) this.#networks[lane]?.reset()
    else for (const network of this.#networks) network.reset()
  }

  /** The weights of a lane as they are now, by link of the plan, copied. */
  captureWeights(lane: number): Float64Array {
    const network = this.#networks[lane]
    if (network === undefined) throw new RangeError(`no lane ${lane} of ${this.lanes}`)
    return network.captureWeights().slice()
  }

  step(inputs: Float64Array | Float32Array, outputs: Float64Array | Float32Array): void {
    const { lanes } = this
    for (let lane = 0; lane < lanes; lane++) {
      const network = this.#networks[lane]!
      const { plan } = network
      for (let i = 0; i < plan.inputs; i++) this.#inputs[i] = inputs[i * lanes + lane]!
      network.step(this.#inputs, this.#outputs)
      for (let i = 0; i < plan.outputs; i++) outputs[i * lanes + lane] = this.#outputs[i]!
    }
  }
}
