// Where a plain network lies in the kernel's memory: the `network` of kernel.c, and the parts it
// points to, one after the other in one region. Networks with traits: kernel-traits.ts.
//
//   const layout = new PlainLayout(plans, 16, false, 'f64')
//   layout.place(kernel.buffer, region.address)   // of layout.bytes at least
//
// Not for use beside kernel-network.ts.
import type { Plan } from '../network/plan.ts'

export type Precision = 'f64' | 'f32'
export type Numbers = Float64Array | Float32Array

/** Places are bytes from the start of the region. */
export interface KernelLayout {
  readonly bytes: number
  /** What an episode begins without, in rows of lanes, behind the inputs, which are here. */
  readonly memory: number
  /** How many numbers that are, with the inputs. */
  readonly memoryCount: number
  /** Answers, in rows of lanes. */
  readonly outputs: number
  /** The weights as they are now, in rows of lanes; undefined where they never change. */
  readonly learnt: number | undefined
  /** Writes the network as it is before its first tick. */
  place(buffer: ArrayBuffer, region: number): void
}

/** Ints of the `network` of kernel.c. */
const DESCRIPTOR_INTS = 12
const DESCRIPTOR_BYTES = 64

/** Parts of a region start at multiples of a cache line. */
export function align(bytes: number): number {
  return 64 * Math.ceil(bytes / 64)
}

export function bytesOf(precision: Precision): number {
  return precision === 'f64' ? 8 : 4
}

export function numbersIn(
  buffer: ArrayBuffer,
  address: number,
  count: number,
  precision: Precision,
): Numbers {
  return precision === 'f64'
    ? new Float64Array(buffer, address, count)
    : new Float32Array(buffer, address, count)
}

/** The plan of a lane: the last one is repeated. */
export function planOf(plans: readonly Plan[], lane: number): Plan {
  return plans[Math.min(lane, plans.length - 1)]!
}

export class PlainLayout implements KernelLayout {
  readonly bytes: number
  readonly memory: number
  readonly memoryCount: number
  readonly outputs: number
  readonly learnt: number | undefined = undefined
  readonly #plans: readonly Plan[]
  readonly #precision: Precision
  /** Numbers of a row of weights. */
  readonly #width: number
  /** Biases, then weights, if they are not those of the image. */
  readonly #weights: number | undefined

  /** For plain plans of one topology; with `each`, one a lane. */
  constructor(plans: readonly Plan[], lanes: number, each: boolean, precision: Precision) {
    const { inputs, outputs, neurons, links, held, bytes } = planOf(plans, 0)
    const size = bytesOf(precision)
    const width = each ? lanes : 1
    const weights = DESCRIPTOR_BYTES + align(bytes.length)
    const isOwn = each || precision === 'f32'
    this.#plans = plans
    this.#precision = precision
    this.#width = width
    this.#weights = isOwn ? weights : undefined
    this.memory = weights + (isOwn ? align(size * (neurons + links) * width) : 0)
    this.memoryCount = (inputs + neurons + held.length) * lanes
    this.outputs = this.memory + size * (inputs + neurons - outputs) * lanes
    this.bytes = this.memory + size * this.memoryCount
  }

  place(buffer: ArrayBuffer, region: number): void {
    const plan = planOf(this.#plans, 0)
    const image = region + DESCRIPTOR_BYTES
    new Uint8Array(buffer, image, plan.bytes.length).set(plan.bytes)
    const at = (view: { byteOffset: number }): number =>
      image + view.byteOffset - plan.bytes.byteOffset
    const { inputs, outputs, neurons, held } = plan
    const own = this.#weights
    const bias = own === undefined ? at(plan.bias) : region + own
    const biasBytes = bytesOf(this.#precision) * neurons * this.#width
    new Int32Array(buffer, region, DESCRIPTOR_INTS).set([
      inputs,
      outputs,
      neurons,
      held.length,
      remembers(plan) ? 1 : 0,
      at(plan.rowPtr),
      at(plan.col),
      at(held),
      at(plan.activation),
      bias,
      own === undefined ? at(plan.weight) : bias + biasBytes,
      region + this.memory,
    ])
    if (own !== undefined) this.#placeWeights(buffer, bias)
    numbersIn(buffer, region + this.memory, this.memoryCount, this.#precision).fill(0)
  }

  /** Biases, then weights: a row of lanes each, or one number. */
  #placeWeights(buffer: ArrayBuffer, address: number): void {
    const { neurons, links } = planOf(this.#plans, 0)
    const width = this.#width
    const target = numbersIn(buffer, address, (neurons + links) * width, this.#precision)
    for (let lane = 0; lane < width; lane++) {
      const { bias, weight } = planOf(this.#plans, lane)
      let at = lane
      for (let i = 0; i < neurons; i++, at += width) target[at] = bias[i]!
      for (let k = 0; k < links; k++, at += width) target[at] = weight[k]!
    }
  }
}

/** Whether some link carries a value of the tick before. */
function remembers({ inputs, neurons, rowPtr, col }: Plan): boolean {
  for (let i = 0; i < neurons; i++) {
    // Columns ascend by source, and held ones, which come from before, are beyond all others.
    for (let k = rowPtr[i]!; k < rowPtr[i + 1]!; k++) if (col[k]! >= inputs + i) return true
  }
  return false
}

/** Have these plans one topology, and the same traits but for their numbers? */
export function hasStructureOf(plan: Plan, other: Plan): boolean {
  const { structureBytes } = plan
  if (structureBytes !== other.structureBytes) return false
  const ours = structureOf(plan)
  const theirs = structureOf(other)
  for (let i = 0; i < ours.length; i++) if (ours[i] !== theirs[i]) return false
  return true
}

/** In words: a quarter of the comparisons. Images, and their parts, begin at multiples of 8. */
function structureOf({ bytes, structureBytes }: Plan): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, structureBytes / 4)
}
