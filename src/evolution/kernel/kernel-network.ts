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
// answers the bits of `Network` (network/interpreter.ts), whatever traits its neurons have
// (network/plan-traits.ts), and learns for itself where weights do. f32 is for plans without traits:
// it has definitions of its own (single-precision.ts), is up to three times as fast, and has the
// same bits everywhere, too. Where there is no SIMD, or a plan is too large for the kernel's memory,
// the interpreter runs instead and nothing else changes; also where a painter changes the weights
// (network/painter.ts), which asks another network about every link at every tick.
//
// Not worth it for one episode of one genotype: there the interpreter is as fast.
import { InterpreterLanes, type LaneNetwork } from '../network/lane-network.ts'
import type { Plan } from '../network/plan.ts'
import type { PlanTraits } from '../network/plan-traits.ts'
import {
  bytesOf,
  hasStructureOf,
  type KernelLayout,
  type Numbers,
  numbersIn,
  PlainLayout,
  type Precision,
  planOf,
} from './kernel-layout.ts'
import { type Kernel, type KernelFunction, type Region, threadKernel } from './kernel-memory.ts'
import type { KernelSamples } from './kernel-samples.ts'
import { TraitLayout } from './kernel-traits.ts'
import { SinglePrecisionLanes } from './single-precision.ts'

export type { Precision }

export interface KernelOptions {
  /** 2, 4, 8 or 16 (the default); in f32 4, 8, 16 or 32. */
  readonly lanes?: number
  /** f64 (the default): the interpreter's bits. */
  readonly precision?: Precision
  /** False: runs in the interpreter, as where there is no SIMD; for comparison. */
  readonly kernel?: boolean
  /** As of `Network`: ticks of time constants from one step to the next; 1 by default. */
  readonly timeStep?: number
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
  readonly #timeStep: number
  readonly #step: KernelFunction | undefined
  readonly #stepEach: KernelFunction | undefined
  readonly #stepTraits: KernelFunction | undefined
  readonly #forgetTraits: KernelFunction | undefined
  readonly #noViews: Numbers
  #plans: readonly Plan[] = []
  /** Whether lanes have weights of their own. */
  #each = false
  /** Instead of the kernel. */
  #substitute: InterpreterLanes | SinglePrecisionLanes | undefined
  /** Of what is loaded, if the kernel runs it; and where it lies. */
  #layout: KernelLayout | undefined
  #network = 0
  #run: KernelFunction | undefined
  #inputs: Numbers
  #outputs: Numbers

  constructor({ lanes = 16, precision = 'f64', kernel = true, timeStep = 1 }: KernelOptions = {}) {
    if (!lanesOf[precision].includes(lanes)) {
      const known = lanesOf[precision].join(', ')
      throw new KernelError('unknown_lanes', `${lanes} lanes of ${precision}: use one of ${known}`)
    }
    this.lanes = lanes
    this.precision = precision
    this.#timeStep = timeStep
    this.#kernel = kernel ? threadKernel() : undefined
    this.#step = this.#kernel?.function(`step_${precision}x${lanes}`)
    this.#stepEach = this.#kernel?.function(`step_each_${precision}x${lanes}`)
    this.#stepTraits = this.#kernel?.function('step_traits')
    this.#forgetTraits = this.#kernel?.function('forget_traits')
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
    const layout = this.#layout
    if (plan === undefined || layout === undefined) return
    if (lane === undefined && this.#run === this.#stepTraits) {
      this.#forgetTraits?.(this.#network)
      return
    }
    const { lanes } = this
    const behind = plan.inputs * lanes
    const first = this.#network + layout.memory + behind * bytesOf(this.precision)
    const memory = this.#view(first, layout.memoryCount - behind)
    if (lane === undefined) {
      memory.fill(0)
      return
    }
    for (let i = lane; i < memory.length; i += lanes) memory[i] = 0
    const learnt = this.#learnt()
    if (learnt === undefined) return
    const { weight } = planOf(this.#plans, lane)
    for (let k = 0, at = lane; k < weight.length; k++, at += lanes) learnt[at] = weight[k]!
  }

  /**
   * The weights of a lane as they are now, by link of the plan, copied; for what was learnt to be
   * inherited.
   */
  captureWeights(lane: number): Float64Array {
    if (this.#plans.length === 0) throw new KernelError('no_plan', 'load a plan first')
    if (this.#substitute instanceof InterpreterLanes) return this.#substitute.captureWeights(lane)
    const { weight } = planOf(this.#plans, lane)
    const learnt = this.#learnt()
    if (learnt === undefined) return weight.slice()
    return weight.map((_, link) => learnt[link * this.lanes + lane]!)
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
      const answers = this.#part('answers', count * bytesOf(this.precision))
      if (from !== undefined && answers !== undefined) {
        const kind = this.#each ? 'answer_each' : 'answer'
        const form = plan.traits === null ? `${this.precision}x${lanes}` : 'traits'
        const run = kernel.function(`${kind}_${form}`)
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
    this.#layout = undefined
    this.#run = undefined
    this.#inputs = this.#noViews
    this.#outputs = this.#noViews
  }

  #load(plans: readonly Plan[], each: boolean): this {
    const { traits, painter } = planOf(plans, 0)
    if ((traits !== null || painter !== null) && this.precision === 'f32') {
      throw new KernelError('has_traits', 'a plan with traits runs in f64 only')
    }
    this.#plans = plans
    this.#each = each
    this.#layout = painter === null ? this.#place(traits) : undefined
    this.#substitute = this.#layout === undefined ? this.#interpreter() : undefined
    this.#makeViews()
    return this
  }

  #interpreter(): InterpreterLanes | SinglePrecisionLanes {
    return this.precision === 'f64'
      ? new InterpreterLanes(this.#plans, this.lanes, { timeStep: this.#timeStep })
      : new SinglePrecisionLanes(this.#plans, this.lanes)
  }

  /** Lays the plans out in the kernel's memory; undefined if they do not fit, or there is none. */
  #place(traits: PlanTraits | null): KernelLayout | undefined {
    const kernel = this.#kernel
    if (kernel === undefined) return undefined
    const layout =
      traits === null
        ? new PlainLayout(this.#plans, this.lanes, this.#each, this.precision)
        : new TraitLayout(this.#plans, traits, this.lanes, this.#each, this.#timeStep)
    const region = this.#part('network', layout.bytes)
    if (region === undefined) return undefined
    layout.place(kernel.buffer, region)
    this.#network = region
    if (traits !== null) this.#run = this.#stepTraits
    else this.#run = this.#each ? this.#stepEach : this.#step
    return layout
  }

  /** The weights as they are now, [link * lanes + lane], if any learn. */
  #learnt(): Numbers | undefined {
    const learnt = this.#layout?.learnt
    if (learnt === undefined) return undefined
    return this.#view(this.#network + learnt, planOf(this.#plans, 0).links * this.lanes)
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
    const bytes = address + count * bytesOf(this.precision)
    return numbersIn(this.#kernel?.buffer ?? new ArrayBuffer(bytes), address, count, this.precision)
  }

  #makeViews(): void {
    const [plan] = this.#plans
    if (plan === undefined) throw new KernelError('no_plan', 'load a plan first')
    const { inputs, outputs } = plan
    const { lanes } = this
    const layout = this.#layout
    if (layout === undefined) {
      const Numbers = this.precision === 'f64' ? Float64Array : Float32Array
      this.#inputs = new Numbers(inputs * lanes)
      this.#outputs = new Numbers(outputs * lanes)
      return
    }
    this.#inputs = this.#view(this.#network + layout.memory, inputs * lanes)
    this.#outputs = this.#view(this.#network + layout.outputs, outputs * lanes)
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
