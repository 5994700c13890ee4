// The values that have come in to one neuron process, one slot a link, until all of a cycle are
// there. A value of the next cycle may come early: its source fires when it can. So a slot holds
// two at most.
import { ArborError } from '../../runtime/arbor-error.ts'

const MISSING = 0
const HERE = 1
/** The value of the next cycle is here, too. */
const NEXT_HERE = 2

export class Slots {
  /** Of this cycle, by slot. */
  readonly values: Float64Array
  /** How many of this cycle have not come. */
  missing = 0
  /** How many of the next cycle have come. */
  #early = 0
  readonly #nextValues: Float64Array
  readonly #arrived: Uint8Array
  /** Slots that an episode begins with 0 in: those of recurrent links. */
  readonly #isGiven: readonly boolean[]

  constructor(isGiven: readonly boolean[]) {
    this.#isGiven = isGiven
    this.values = new Float64Array(isGiven.length)
    this.#nextValues = new Float64Array(isGiven.length)
    this.#arrived = new Uint8Array(isGiven.length)
    this.reset()
  }

  /** An episode begins. */
  reset(): void {
    const arrived = this.#arrived
    this.missing = 0
    this.#early = 0
    for (let slot = 0; slot < arrived.length; slot++) {
      arrived[slot] = this.#isGiven[slot] === true ? HERE : MISSING
      if (arrived[slot] === MISSING) this.missing++
    }
    this.values.fill(0)
  }

  /** Takes a value in; throws `overrun` when the slot is full. */
  arrive(slot: number, value: number, neuron: number): void {
    const before = this.#arrived[slot]
    if (before === MISSING) {
      this.values[slot] = value
      this.#arrived[slot] = HERE
      this.missing--
    } else if (before === HERE) {
      this.#nextValues[slot] = value
      this.#arrived[slot] = NEXT_HERE
      this.#early++
    } else {
      const attempt = { operation: 'forward', target: neuron, request: { slot, value } }
      const advice = 'only the network of its own exoself may send to a neuron'
      throw new ArborError('overrun', `slot ${slot} of neuron ${neuron} is full`, advice, attempt)
    }
  }

  /** The values of this cycle are used; those of the next that came early take their place. */
  advance(): void {
    const arrived = this.#arrived
    this.missing = arrived.length
    if (this.#early === 0) {
      arrived.fill(MISSING)
      return
    }
    this.#early = 0
    for (let slot = 0; slot < arrived.length; slot++) {
      if (arrived[slot] === NEXT_HERE) {
        this.values[slot] = this.#nextValues[slot]!
        arrived[slot] = HERE
        this.missing--
      } else arrived[slot] = MISSING
    }
  }
}
