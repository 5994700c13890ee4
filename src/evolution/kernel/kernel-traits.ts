// Where a network with traits lies in the kernel's memory: the `trait_network` of traits.h, and the
// parts it points to, one after the other in one region.
//
//   const layout = new TraitLayout(plans, 16, false, 1)
//   layout.place(kernel.buffer, region.address)   // of layout.bytes at least
//
// Not for use beside kernel-network.ts. Plain networks: kernel-layout.ts.
import { actuatorProcessings } from '../genotype.ts'
import { aggregationCode } from '../network/aggregation.ts'
import { CFC, DELAY, LTC } from '../network/neuron-type.ts'
import type { Plan } from '../network/plan.ts'
import type { PlanTraits } from '../network/plan-traits.ts'
import { plasticityCode, plasticityRules } from '../network/plasticity-rule.ts'
import { align, type KernelLayout, planOf } from './kernel-layout.ts'

/** Bytes of a `trait_network`, rounded up to a cache line. */
const DESCRIPTOR_BYTES = 256
/** Ints of it before `time_step`. */
const DESCRIPTOR_INTS = 46
/** Numbers of a vector. */
const VECTOR = 2

const DIFF = aggregationCode('diff_product')
const MEDIAN = aggregationCode('median')
const TRACING = [plasticityCode('eligibility_trace'), plasticityCode('stdp')]
const STDP = plasticityCode('stdp')
const IDENTITY = actuatorProcessings.indexOf('identity')

/** A part of the genotype that is a number for every neuron, link or the like. */
type Part = (plan: Plan, traits: PlanTraits, timeStep: number) => Float64Array

/** In the order of traits.h. */
const numberParts: readonly Part[] = [
  ({ bias }) => bias,
  (_, { response }) => response,
  (_, traits, timeStep) =>
    traits.timeConstant.map((tau, i) => paceOf(traits.kind[i]!, tau, timeStep)),
  (_, { stateBound }) => stateBound,
  (_, { coefficients }) => coefficients,
  (_, { parameters }) => parameters,
  (_, { linkParameters }) => linkParameters,
]

/** What its equation needs of a neuron's time constant, so that no tick divides by it. */
function paceOf(kind: number, timeConstant: number, timeStep: number): number {
  if (kind === LTC) return 1 / timeConstant
  return kind === CFC ? timeStep / Math.max(timeConstant, 0.001) : timeConstant
}

export class TraitLayout implements KernelLayout {
  readonly bytes: number
  readonly memory: number
  readonly memoryCount: number
  readonly outputs: number
  readonly learnt: number | undefined
  readonly #plans: readonly Plan[]
  readonly #traits: PlanTraits
  readonly #lanes: number
  readonly #timeStep: number
  /** Numbers of a row of the genotype, of one of weights. */
  readonly #width: number
  readonly #weightWidth: number
  readonly #image: number
  readonly #pointers: number
  readonly #numbers: readonly number[]
  readonly #weights: number
  readonly #inherited: number
  readonly #parts: Readonly<Record<'delayed' | 'spikes' | 'previous' | 'traces', number>>
  readonly #terms: number
  readonly #isProcessed: boolean

  /** For plans with these traits and of one topology; with `each`, one a lane. */
  constructor(
    plans: readonly Plan[],
    traits: PlanTraits,
    lanes: number,
    each: boolean,
    timeStep: number,
  ) {
    const plan = planOf(plans, 0)
    const { inputs, neurons, links, held, outputs, structureBytes } = plan
    const learns = traits.rule.some((rule) => rule !== 0)
    this.#plans = plans
    this.#traits = traits
    this.#lanes = lanes
    this.#timeStep = timeStep
    this.#width = each ? lanes : VECTOR
    this.#weightWidth = each || learns ? lanes : VECTOR
    let end = DESCRIPTOR_BYTES
    const take = (bytes: number): number => {
      const at = end
      end = align(end + bytes)
      return at
    }
    this.#image = take(structureBytes)
    this.#pointers = take(4 * 2 * neurons)
    this.#numbers = numberParts.map((part) =>
      take(8 * this.#width * part(plan, traits, timeStep).length),
    )
    this.#weights = take(8 * this.#weightWidth * links)
    this.#inherited = learns ? take(8 * this.#weightWidth * links) : this.#weights
    this.learnt = learns ? this.#weights : undefined
    const rows = (count: number): number => take(8 * lanes * count)
    this.memory = rows(inputs + neurons + held.length)
    this.#parts = {
      delayed: rows(traits.kind.includes(DELAY) ? neurons : 0),
      spikes: rows(traits.rule.includes(STDP) ? neurons : 0),
      previous: rows(traits.aggregation.includes(DIFF) ? links : 0),
      traces: rows(TRACING.some((rule) => traits.rule.includes(rule)) ? links : 0),
    }
    this.memoryCount = (end - this.memory) / 8
    this.#terms = take(8 * VECTOR * mostTerms(plan, traits))
    this.#isProcessed = traits.processing.some((code) => code !== IDENTITY)
    const first = this.memory + 8 * (inputs + neurons - outputs) * lanes
    this.outputs = this.#isProcessed ? rows(outputs) : first
    this.bytes = end
  }

  place(buffer: ArrayBuffer, region: number): void {
    const { bytes, structureBytes, neurons, links, outputs } = planOf(this.#plans, 0)
    const image = new Uint8Array(buffer, region + this.#image, structureBytes)
    image.set(bytes.subarray(0, structureBytes))
    this.#describe(buffer, region)
    this.#placePointers(new Int32Array(buffer, region + this.#pointers, 2 * neurons))
    numberParts.forEach((part, p) => {
      this.#placeRows(buffer, region + this.#numbers[p]!, this.#width, part)
    })
    this.#placeRows(buffer, region + this.#weights, this.#weightWidth, ({ weight }) => weight)
    if (this.learnt !== undefined) {
      const learnt = new Float64Array(buffer, region + this.learnt, links * this.#lanes)
      new Float64Array(buffer, region + this.#inherited, learnt.length).set(learnt)
    }
    new Float64Array(buffer, region + this.memory, this.memoryCount).fill(0)
    new Float64Array(buffer, region + this.outputs, outputs * this.#lanes).fill(0)
  }

  #describe(buffer: ArrayBuffer, region: number): void {
    const plan = planOf(this.#plans, 0)
    const traits = this.#traits
    const width = this.#width / VECTOR
    const weightWidth = this.#weightWidth / VECTOR
    const at = (view: { byteOffset: number }): number =>
      region + this.#image + view.byteOffset - plan.bytes.byteOffset
    const { delayed, spikes, previous, traces } = this.#parts
    const hasResponses = this.#plans.some((one) => one.traits?.response.some((r) => r !== 1))
    const { inputs, outputs, neurons, held, links } = plan
    const values = region + this.memory
    const behindInputs = 8 * this.#lanes * inputs
    const ints = [
      ...[inputs, outputs, neurons, held.length, 1],
      ...[at(plan.rowPtr), at(plan.col), at(held), at(plan.activation), 0, 0, values],
      ...[this.#lanes / VECTOR, width, Number(width > 1), weightWidth, Number(weightWidth > 1)],
      ...[Number(hasResponses), Number(this.learnt !== undefined)],
      Number(traits.kind.includes(DELAY)),
      ...[at(traits.kind), at(traits.aggregation), at(traits.rule)],
      ...[at(traits.processing), at(traits.begins)],
      ...[at(traits.modulatory), at(traits.coefficientPtr), region + this.#pointers],
      ...this.#numbers.map((part) => region + part),
      ...[region + this.#weights, region + this.#inherited, 8 * this.#weightWidth * links],
      ...[values + behindInputs, 8 * this.memoryCount - behindInputs],
      ...[region + delayed, region + spikes, region + previous, region + traces],
      ...[region + this.#terms, this.#isProcessed ? region + this.outputs : 0],
    ]
    new Int32Array(buffer, region, DESCRIPTOR_INTS).set(ints)
    new Float64Array(buffer, region + 4 * DESCRIPTOR_INTS, 1)[0] = this.#timeStep
  }

  /** Where the parameters of each neuron, and those of its links, begin. */
  #placePointers(target: Int32Array): void {
    const { rowPtr } = planOf(this.#plans, 0)
    const { rule, modulatory } = this.#traits
    let [parameters, linkParameters] = [0, 0]
    for (let i = 0; i < rule.length; i++) {
      target[2 * i] = parameters
      target[2 * i + 1] = linkParameters
      const { neuron, link } = plasticityRules[rule[i]!]!
      parameters += neuron.length
      linkParameters += link.length * (modulatory[i]! - rowPtr[i]!)
    }
  }

  /** Rows of `width` numbers: those of a plan each, or all of the only one. */
  #placeRows(buffer: ArrayBuffer, address: number, width: number, part: Part): void {
    for (let lane = 0; lane < width; lane++) {
      const plan = planOf(this.#plans, lane)
      const numbers = part(plan, plan.traits ?? this.#traits, this.#timeStep)
      const target = new Float64Array(buffer, address, numbers.length * width)
      for (let i = 0, at = lane; i < numbers.length; i++, at += width) target[at] = numbers[i]!
    }
  }
}

/** Links of the neuron that has most of those whose median it takes. */
function mostTerms({ rowPtr }: Plan, { aggregation, modulatory }: PlanTraits): number {
  let most = 0
  for (let i = 0; i < aggregation.length; i++) {
    if (aggregation[i] === MEDIAN) most = Math.max(most, modulatory[i]! - rowPtr[i]!)
  }
  return most
}
