// Networks in the WebAssembly SIMD kernel: 2 to 16 lanes at once, in which one genotype lives
// several episodes, or several genotypes of one topology one each.
//
//   const network = new KernelNetwork({ lanes: 16 })
//   for (const plan of plans) {
//     const { inputs, outputs } = network.load(plan)   // inputs[input * 16 + lane]
//     inputs.fill(0.5)
//     network.tick()
//   }
//
// One object for all genotypes of a thread: loading is copying the plan's image. In f64 every lane
// answers the bits of `Network` (network/interpreter.ts); f32 has definitions of its own
// (single-precision.ts), is up to twice as fast, and has the same bits everywhere, too. Where there
// is no SIMD, or a plan has traits (network/plan-traits.ts) or a painter (network/painter.ts), or is
// too large for the kernel's memory, the interpreter runs instead and nothing else changes; traits
// and painters are for f64 only.
//
// Not worth it for one episode of one genotype: there the interpreter is as fast.
import { InterpreterLanes, type LaneNetwork } from '../network/lane-network.ts'
import type { Plan } from '../network/plan.ts'
import { type Kernel, type KernelFunction, type Region, threadKernel } from './kernel-memory.ts'
import type { KernelSamples } from './kernel-samples.ts'
import { SinglePrecisionLanes } from './single-precision.ts'

export type Precision = 'f64' | 'f32'

export interface KernelOptions {
  /** 2, 4, 8 or 16 (the default); in f32 4, 8, 16 or 32. */
  readonly lanes?: number
  /** f64 (the default): the interpreter's bits. */
  readonly precision?: Precision
  /** False: runs in the interpreter, as where there is no SIMD; for comparison. */
  readonly kernel?: boolean
}

/** Lanes for which kernel.c has a function. */
const lanesOf: Readonly<Record<Precision, readonly number[]>> = {
  f64: [2, 4, 8, 16],
  f32: [4, 8, 16, 32],
}

/** A network that the kernel cannot run. */
export class KernelError extends Error {
  readonly code: 'unknown_lanes' | 'no_plan' | 'different_topology' | 'wrong_width' | 'has_traits'
  constructor(code: KernelError['code'], message: string) {
    super(message)
    this.name = 'KernelError'
    this.code = code
  }
}

/** Ints of the `network` of kernel.c. */
const DESCRIPTOR_INTS = 12
const DESCRIPTOR_BYTES = 64

/** Parts of a region start at multiples of a cache line. */
const align = (bytes: number): number => (bytes + 63) & ~63

type Numbers = Float64Array | Float32Array

/** Regions of networks that nobody holds any more go back to the kernel. */
const abandoned = new FinalizationRegistry<{ kernel: Kernel; held: Map<string, Region> }>(
  ({ kernel, held }) => {
    for (const region of held.values()) kernel.release(region)
  },
)

export class KernelNetwork implements LaneNetwork {
  readonly lanes: number
  readonly precision: Precision
  readonly #kernel: Kernel | undefined
  readonly #held = new Map<string, Region>()
  readonly #step: KernelFunction | undefined
  readonly #stepEach: KernelFunction | undefined
  readonly #noViews: Numbers
  #plans: readonly Plan[] = []
  /** Whether lanes have weights of their own. */
  #each = false
  /** Instead of the kernel. */
  #substitute: InterpreterLanes | SinglePrecisionLanes | undefined
  #network = 0
  #values = 0
  #run: KernelFunction | undefined
  #inputs: Numbers
  #outputs: Numbers

  constructor({ lanes = 16, precision = 'f64', kernel = true }: KernelOptions = {}) {
    if (!lanesOf[precision].includes(lanes)) {
      const known = lanesOf[precision].join(', ')
      throw new KernelError('unknown_lanes', `${lanes} lanes of ${precision}: use one of ${known}`)
    }
    this.lanes = lanes
    this.precision = precision
    this.#kernel = kernel ? threadKernel() : undefined
    this.#step = this.#kernel?.function(`step_${precision}x${lanes}`)
    this.#stepEach = this.#kernel?.function(`step_each_${precision}x${lanes}`)
    this.#noViews = precision === 'f64' ? new Float64Array(0) : new Float32Array(0)
    this.#inputs = this.#noViews
    this.#outputs = this.#noViews
    if (this.#kernel !== undefined) {
      abandoned.register(this, { kernel: this.#kernel, held: this.#held })
    }
  }

  /** One genotype in every lane; its next tick is its first. */
  load(plan: Plan): this {
    return this.#load([plan], false)
  }

  /**
   * A genotype in each lane; lanes beyond them repeat the last. Throws KernelError
   * `different_topology` unless the structure part of their images is equal (network/plan-image.ts).
   */
  loadEach(plans: readonly Plan[]): this {
    const [first] = plans
    if (first === undefined) throw new KernelError('no_plan', 'no plan to run')
    for (const plan of plans.slice(1)) {
      if (!hasStructureOf(plan, first)) {
        throw new KernelError('different_topology', 'lanes take genotypes of one topology')
      }
    }
    return this.#load(plans.slice(0, this.lanes), true)
  }

  /** Whether the kernel runs what is loaded, and not the interpreter. */
  get isCompiled(): boolean {
    return this.#substitute === undefined
  }

  /**
   * What the next tick reads, [input * lanes + lane]: the kernel's own memory. Take it anew after
   * any network of this thread has been loaded: the memory may have moved.
   */
  get inputs(): Numbers {
    if (this.#inputs.byteLength === 0) this.#makeViews()
    return this.#inputs
  }

  /** What the last tick answered, [output * lanes + lane]; as `inputs`. */
  get outputs(): Numbers {
    if (this.#outputs.byteLength === 0) this.#makeViews()
    return this.#outputs
  }

  /** One tick from `inputs` to `outputs`. */
  tick(): void {
    if (this.#substitute !== undefined) this.#substitute.step(this.#inputs, this.#outputs)
    else this.#run?.(this.#network)
  }

  /** One tick; copies nothing where it is given `inputs` or `outputs`. */
  step(inputs: Numbers, outputs: Numbers): void {
    const from = this.inputs
    if (inputs !== from) for (let i = 0; i < from.length; i++) from[i] = inputs[i]!
    this.tick()
    const to = this.outputs
    if (outputs !== to) for (let i = 0; i < to.length; i++) outputs[i] = to[i]!
  }

  /** Forgets; what `inputs` holds stays. */
  reset(lane?: number): void {
    this.#substitute?.reset(lane)
    const [plan] = this.#plans
    if (plan === undefined || this.#substitute !== undefined) return
    const { lanes } = this
    const first = this.#values + plan.inputs * lanes * this.#numberBytes
    const values = this.#view(first, (slotsOf(plan) - plan.inputs) * lanes)
    if (lane === undefined) values.fill(0)
    else for (let i = lane; i < values.length; i += lanes) values[i] = 0
  }

  /**
   * The first answers to each of the samples, by a network that remembers nothing of the one
   * before: after `load` in [tile][output][lane], where sample s is in lane s % lanes of tile floor(s
   * / lanes); after `loadEach`, where every genotype answers every sample, in [sample][output][lane].
   * A view, good until the next call; take it anew after any network has been loaded.
   */
  answer(samples: KernelSamples): Numbers {
    const [plan] = this.#plans
    if (plan === undefined) throw new KernelError('no_plan', 'load a plan first')
    if (samples.width !== plan.inputs) {
      const widths = `samples of ${samples.width} numbers, ${plan.inputs} inputs`
      throw new KernelError('wrong_width', widths)
    }
    const { lanes } = this
    const turns = this.#each ? samples.count : Math.ceil(samples.count / lanes)
    const count = turns * plan.outputs * lanes
    const kernel = this.#kernel
    if (this.#substitute === undefined && kernel !== undefined) {
      const from = this.#each
        ? samples.rowsIn(kernel, this.precision)
        : samples.tilesIn(kernel, this.precision, lanes)
      const answers = this.#part('answers', count * this.#numberBytes)
      if (from !== undefined && answers !== undefined) {
        const kind = this.#each ? 'answer_each' : 'answer'
        const run = kernel.function(`${kind}_${this.precision}x${lanes}`)
        run(this.#network, from, answers, turns)
        return this.#view(answers, count)
      }
    }
    return this.#answerTickByTick(samples, turns, plan)
  }

  /** Gives its memory back at once, where there are many. */
  [Symbol.dispose](): void {
    for (const region of this.#held.values()) this.#kernel?.release(region)
    this.#held.clear()
    this.#plans = []
    this.#run = undefined
    this.#inputs = this.#noViews
    this.#outputs = this.#noViews
  }

  get #numberBytes(): number {
    return this.precision === 'f64' ? 8 : 4
  }

  #load(plans: readonly Plan[], each: boolean): this {
    this.#plans = plans
    this.#each = each
    const isPlain = plans[0]?.traits === null && plans[0].painter === null
    if (!isPlain && this.precision === 'f32') {
      throw new KernelError('has_traits', 'a plan with traits runs in f64 only')
    }
    const isPlaced = isPlain && this.#kernel !== undefined && this.#place(this.#kernel)
    if (isPlaced) this.#substitute = undefined
    else {
      const Lanes = this.precision === 'f64' ? InterpreterLanes : SinglePrecisionLanes
      this.#substitute = new Lanes(plans.length === 1 ? plans[0]! : plans, this.lanes)
    }
    this.#makeViews()
    return this
  }

  /** Lays the plans out in the kernel's memory; false if they do not fit. */
  #place(kernel: Kernel): boolean {
    const [plan] = this.#plans
    if (plan === undefined) return false
    const { lanes } = this
    const size = this.#numberBytes
    const count = (plan.neurons + plan.links) * (this.#each ? lanes : 1)
    const ownWeights = this.#each || this.precision === 'f32'
    const image = DESCRIPTOR_BYTES
    const weights = image + align(plan.bytes.length)
    const values = weights + (ownWeights ? align(size * count) : 0)
    const bytes = values + size * slotsOf(plan) * lanes
    const region = this.#part('network', bytes)
    if (region === undefined) return false
    const bytesView = new Uint8Array(kernel.buffer, region + image, plan.bytes.length)
    bytesView.set(plan.bytes)
    const at = (view: { byteOffset: number }): number =>
      region + image + view.byteOffset - plan.bytes.byteOffset
    this.#network = region
    this.#values = region + values
    const { inputs, outputs, neurons, held } = plan
    const biasAt = ownWeights ? region + weights : at(plan.bias)
    const biasBytes = size * neurons * (this.#each ? lanes : 1)
    new Int32Array(kernel.buffer, region, DESCRIPTOR_INTS).set([
      inputs,
      outputs,
      neurons,
      held.length,
      remembers(plan) ? 1 : 0,
      at(plan.rowPtr),
      at(plan.col),
      at(held),
      at(plan.activation),
      biasAt,
      ownWeights ? biasAt + biasBytes : at(plan.weight),
      this.#values,
    ])
    if (ownWeights) this.#fillWeights(region + weights)
    this.#run = this.#each ? this.#stepEach : this.#step
    this.#view(this.#values, slotsOf(plan) * lanes).fill(0)
    return true
  }

  /** Biases, then weights: a row of lanes each, or one number. */
  #fillWeights(address: number): void {
    const [first] = this.#plans
    if (first === undefined) return
    const { neurons, links } = first
    const lanes = this.#each ? this.lanes : 1
    const target = this.#view(address, (neurons + links) * lanes)
    for (let lane = 0; lane < lanes; lane++) {
      const { bias, weight } = this.#plans[Math.min(lane, this.#plans.length - 1)]!
      let at = lane
      for (let i = 0; i < neurons; i++, at += lanes) target[at] = bias[i]!
      for (let k = 0; k < links; k++, at += lanes) target[at] = weight[k]!
    }
  }

  /** The address of one of this network's regions, made larger if need be. */
  #part(name: string, bytes: number): number | undefined {
    const held = this.#held.get(name)
    if (held !== undefined && held.bytes >= bytes) return held.address
    const region = this.#kernel?.allocate(bytes)
    if (region === undefined) return undefined
    if (held !== undefined) this.#kernel?.release(held)
    this.#held.set(name, region)
    return region.address
  }

  #view(address: number, count: number): Numbers {
    const buffer = this.#kernel?.buffer ?? new ArrayBuffer(address + count * this.#numberBytes)
    return this.precision === 'f64'
      ? new Float64Array(buffer, address, count)
      : new Float32Array(buffer, address, count)
  }

  #makeViews(): void {
    const [plan] = this.#plans
    if (plan === undefined) throw new KernelError('no_plan', 'load a plan first')
    const { inputs, outputs, neurons } = plan
    const { lanes } = this
    if (this.#substitute !== undefined) {
      const Numbers = this.precision === 'f64' ? Float64Array : Float32Array
      this.#inputs = new Numbers(inputs * lanes)
      this.#outputs = new Numbers(outputs * lanes)
      return
    }
    const first = this.#values + (inputs + neurons - outputs) * lanes * this.#numberBytes
    this.#inputs = this.#view(this.#values, inputs * lanes)
    this.#outputs = this.#view(first, outputs * lanes)
  }

  #answerTickByTick(samples: KernelSamples, turns: number, plan: Plan): Numbers {
    const { inputs, outputs, lanes } = this
    const Numbers = this.precision === 'f64' ? Float64Array : Float32Array
    const answers = new Numbers(turns * plan.outputs * lanes)
    for (let turn = 0; turn < turns; turn++) {
      for (let i = 0; i < plan.inputs; i++) {
        for (let lane = 0; lane < lanes; lane++) {
          const sample = this.#each ? turn : turn * lanes + lane
          inputs[i * lanes + lane] = samples.values[sample * plan.inputs + i] ?? 0
        }
      }
      this.reset()
      this.tick()
      answers.set(outputs, turn * plan.outputs * lanes)
    }
    return answers
  }
}

/** Positions and held values. */
function slotsOf({ inputs, neurons, held }: Plan): number {
  return inputs + neurons + held.length
}

/** Whether some link carries a value of the tick before. */
function remembers({ inputs, neurons, rowPtr, col }: Plan): boolean {
  for (let i = 0; i < neurons; i++) {
    // Columns ascend by source, and held ones, which come from before, are beyond all others.
    for (let k = rowPtr[i]!; k < rowPtr[i + 1]!; k++) if (col[k]! >= inputs + i) return true
  }
  return false
}

function hasStructureOf(plan: Plan, other: Plan): boolean {
  const { structureBytes } = plan
  if (structureBytes !== other.structureBytes) return false
  for (let i = 0; i < structureBytes; i++) if (plan.bytes[i] !== other.bytes[i]) return false
  return true
}
