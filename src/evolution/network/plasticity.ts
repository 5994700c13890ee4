// Plasticity: how the incoming weights of a neuron change while it runs. plasticity-rule.ts names
// the rules and their parameters; this is what each does after a firing.
//
//   const learner = new Learner(plasticityCode('hebbian'), parameters, linkParameters, row)
//   learner.learn(output, 1, 1)   // the neuron has answered `output`, modulator 1, 1 tick
//
// x is the value that came in over a link, w its weight, y what the neuron answered:
//
//   hebbian, hebbian_w          w + h x y                       h of the neuron, or of each link
//   ojas, ojas_w                w + h y (x - y w)               Oja 1982
//   self_modulation_v1 .. v6    w + h (a x y + b x + c y + d)   h = tanh(sum of x times the link's h);
//                               v4 to v6 make a, v6 also b, c, d in the same way
//   neuromodulation             the same, h times the modulator, of which a dead zone of 0.33 is 0
//   hebb                        w (1 - decay) + rate x y        within +-bound, if that is not 0
//   oja                         as ojas
//   modulated                   w + rate (m - baseline) scale x y
//   eligibility_trace           e = decay e + x y; w + rate e m
//   abcd, abcd_w                w + m rate (a x y + b x + c y + d)
//   stdp                        spikes are values above the threshold, see `stdp`
//
// m, the modulator, is tanh of the sum over the neuron's modulatory links, and 1 if it has none.
// Weights of DXNN's rules stay within +-2 pi, of oja and abcd within +-10 (faber's), of the others
// within what a genotype may hold. An update that is not a number leaves the weight as it was.
// Biases and the weights of modulatory links do not learn.
import { GENOTYPE_WEIGHT_MAX } from '../../limits.ts'
import { tanh } from './activation.ts'
import { exp } from './elementary.ts'
import { type PlasticityRuleName, plasticityRules } from './plasticity-rule.ts'
import { scaleDzone } from './scaler.ts'

/** Limit of weights of DXNN2's rules (plasticity.erl, SAT_LIMIT). */
const DXNN_LIMIT = 6.283185307179586
/** Limit of faber's weights that learn by oja and abcd (network_evaluator.erl). */
const FABER_LIMIT = 10
/** A modulator up to this teaches nothing by neuromodulation (plasticity.erl). */
const DEAD_ZONE = 0.33

/** Hebb's change. */
export function hebbDelta(rate: number, x: number, y: number): number {
  return rate * x * y
}

/** Oja's change: Hebb's, less a part of the weight. */
export function ojaDelta(rate: number, w: number, x: number, y: number): number {
  return rate * y * (x - y * w)
}

/** Hebb's change, by how far the reward is above its baseline. */
export function modulatedDelta(
  rate: number,
  x: number,
  y: number,
  reward: number,
  baseline: number,
  scale: number,
): number {
  return rate * x * y * ((reward - baseline) * scale)
}

/** The general change that is linear in x, y and their product. */
export function abcdDelta(
  a: number,
  b: number,
  c: number,
  d: number,
  x: number,
  y: number,
): number {
  return a * x * y + b * x + c * y + d
}

/** The trace of what has been active together. */
export function eligibility(decay: number, trace: number, x: number, y: number): number {
  return decay * trace + x * y
}

/** Change by the time between a spike that came in and one that went out (out minus in). */
export function stdpDelta(aPlus: number, aMinus: number, tau: number, deltaT: number): number {
  return deltaT > 0 ? aPlus * exp(-deltaT / tau) : -aMinus * exp(deltaT / tau)
}

/** A weight divided by a magnitude; itself if that is not above 0. */
export function normalised(weight: number, magnitude: number): number {
  return magnitude > 0 ? weight / magnitude : weight
}

/** `next` within +-limit; `weight` if it is not a number. */
function bounded(next: number, weight: number, limit: number): number {
  if (next >= -limit && next <= limit) return next
  return Number.isNaN(next) ? weight : next > 0 ? limit : -limit
}

/** The links of a neuron, as positions in arrays that all neurons of a network may share. */
export interface Row {
  /** What each link carries now is `values[col[link]]`. */
  readonly values: Float64Array
  readonly col: Int32Array
  readonly weights: Float64Array
  /** The links that learn are begin .. end. */
  readonly begin: number
  readonly end: number
}

const NOTHING = new Float64Array(0)

/** Changes the weights of one neuron. */
export class Learner {
  /** Those of the neuron, as plasticity-rule.ts lists them. */
  readonly parameters: Float64Array
  /** Those of the links, link after link. */
  readonly linkParameters: Float64Array
  readonly row: Row
  /** One a link, for the rules that remember. */
  readonly traces: Float64Array
  /** What is left of the neuron's own spikes (stdp). */
  spikes = 0
  readonly #update: Update

  constructor(rule: number, parameters: Float64Array, linkParameters: Float64Array, row: Row) {
    const name = plasticityRules[rule]?.name ?? 'none'
    const remembers = name === 'eligibility_trace' || name === 'stdp'
    this.parameters = parameters
    this.linkParameters = linkParameters
    this.row = row
    this.traces = remembers ? new Float64Array(row.end - row.begin) : NOTHING
    this.#update = updates[name]
  }

  /** Forgets traces; the weights are its caller's to restore. */
  reset(): void {
    this.traces.fill(0)
    this.spikes = 0
  }

  /** The neuron has answered `output`; `modulator` is its m, `dt` the ticks that passed. */
  learn(output: number, modulator: number, dt: number): void {
    this.#update(this, output, modulator, dt)
  }
}

type Update = (learner: Learner, y: number, m: number, dt: number) => void

/** What Hebb's rule without decay does to a weight: w + rate x y, within +-limit. */
export interface Hebb {
  readonly rate: number
  readonly limit: number
}

/** The rules `hebbian` and, without decay, `hebb`, told by code; null for others. */
export function hebbOf(rule: number, parameters: Float64Array): Hebb | null {
  const name = plasticityRules[rule]?.name
  const [rate = 0, decay = 0, bound = 0] = parameters
  if (name === 'hebbian') return { rate, limit: DXNN_LIMIT }
  if (name !== 'hebb' || decay !== 0) return null
  return { rate, limit: hebbLimit(bound) }
}

/** The bound of `hebb`: none is what a genotype may hold. */
function hebbLimit(bound: number): number {
  return bound === 0 ? GENOTYPE_WEIGHT_MAX : Math.abs(bound)
}

/** What each rule does. p is the neuron's parameters. */
const updates: Readonly<Record<PlasticityRuleName, Update>> = {
  none: () => {},
  hebbian_w: hebbEach,
  hebbian: (learner, y) => hebb(learner, y, learner.parameters[0]!, 0, DXNN_LIMIT),
  ojas_w: ojaEach,
  ojas: (learner, y) => oja(learner, y, learner.parameters[0]!, DXNN_LIMIT),
  self_modulation_v1: (learner, y) => abcd(learner, y, mixed(learner, 1, 0), V1, 0, DXNN_LIMIT),
  self_modulation_v2: (learner, y) => {
    abcd(learner, y, mixed(learner, 1, 0), [learner.parameters[0]!, 0, 0, 0], 0, DXNN_LIMIT)
  },
  self_modulation_v3: (learner, y) => {
    abcd(learner, y, mixed(learner, 1, 0), learner.parameters, 0, DXNN_LIMIT)
  },
  self_modulation_v4: (learner, y) => {
    abcd(learner, y, mixed(learner, 2, 0), [mixed(learner, 2, 1), 0, 0, 0], 0, DXNN_LIMIT)
  },
  self_modulation_v5: (learner, y) => {
    const [b = 0, c = 0, d = 0] = learner.parameters
    abcd(learner, y, mixed(learner, 2, 0), [mixed(learner, 2, 1), b, c, d], 0, DXNN_LIMIT)
  },
  self_modulation_v6: (learner, y) => {
    const [h = 0, ...abcds] = [0, 1, 2, 3, 4].map((which) => mixed(learner, 5, which))
    abcd(learner, y, h, abcds, 0, DXNN_LIMIT)
  },
  neuromodulation: (learner, y, m) => {
    const h = scaleDzone(m, DEAD_ZONE, DXNN_LIMIT) * learner.parameters[0]!
    abcd(learner, y, h, learner.parameters, 1, DXNN_LIMIT)
  },
  hebb: (learner, y) => {
    const [rate = 0, decay = 0, bound = 0] = learner.parameters
    hebb(learner, y, rate, decay, hebbLimit(bound))
  },
  oja: (learner, y) => oja(learner, y, learner.parameters[0]!, FABER_LIMIT),
  modulated: (learner, y, m) => {
    const [rate = 0, baseline = 0, scale = 0] = learner.parameters
    hebb(learner, y, rate * ((m - baseline) * scale), 0, GENOTYPE_WEIGHT_MAX)
  },
  eligibility_trace: (learner, y, m) => {
    const [rate = 0, decay = 0] = learner.parameters
    byTrace(learner, y, rate * m, decay)
  },
  abcd: (learner, y, m) => {
    abcd(learner, y, m * learner.parameters[0]!, learner.parameters, 1, FABER_LIMIT)
  },
  abcd_w: (learner, y, m) => abcdEach(learner, y, m * learner.parameters[0]!),
  stdp,
}

/** DXNN2's fixed a, b, c, d. */
const V1 = [0.1, 0, 0, 0]

/** tanh of the sum of inputs times one of the `count` parameters that each link has. */
function mixed({ row, linkParameters }: Learner, count: number, which: number): number {
  const { values, col, begin, end } = row
  let sum = 0
  for (let k = begin, p = which; k < end; k++, p += count) {
    sum += values[col[k]!]! * linkParameters[p]!
  }
  return tanh(sum)
}

function hebb({ row }: Learner, y: number, rate: number, decay: number, limit: number): void {
  const { values, col, weights, begin, end } = row
  const kept = 1 - decay
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    const next = w * kept + hebbDelta(rate, values[col[k]!]!, y)
    weights[k] = bounded(next, w, limit)
  }
}

function hebbEach({ row, linkParameters }: Learner, y: number): void {
  const { values, col, weights, begin, end } = row
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    const next = w + hebbDelta(linkParameters[k - begin]!, values[col[k]!]!, y)
    weights[k] = bounded(next, w, DXNN_LIMIT)
  }
}

function oja({ row }: Learner, y: number, rate: number, limit: number): void {
  const { values, col, weights, begin, end } = row
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    weights[k] = bounded(w + ojaDelta(rate, w, values[col[k]!]!, y), w, limit)
  }
}

function ojaEach({ row, linkParameters }: Learner, y: number): void {
  const { values, col, weights, begin, end } = row
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    const delta = ojaDelta(linkParameters[k - begin]!, w, values[col[k]!]!, y)
    weights[k] = bounded(w + delta, w, DXNN_LIMIT)
  }
}

/** With a, b, c, d at `at` of `coefficients`. */
function abcd(
  { row }: Learner,
  y: number,
  h: number,
  coefficients: ArrayLike<number>,
  at: number,
  limit: number,
): void {
  const { values, col, weights, begin, end } = row
  const a = coefficients[at]!
  const b = coefficients[at + 1]!
  const c = coefficients[at + 2]!
  const d = coefficients[at + 3]!
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    const next = w + h * abcdDelta(a, b, c, d, values[col[k]!]!, y)
    weights[k] = bounded(next, w, limit)
  }
}

function abcdEach({ row, linkParameters }: Learner, y: number, rate: number): void {
  const { values, col, weights, begin, end } = row
  for (let k = begin, p = 0; k < end; k++, p += 4) {
    const w = weights[k]!
    const a = linkParameters[p]!
    const b = linkParameters[p + 1]!
    const c = linkParameters[p + 2]!
    const d = linkParameters[p + 3]!
    const next = w + rate * abcdDelta(a, b, c, d, values[col[k]!]!, y)
    weights[k] = bounded(next, w, FABER_LIMIT)
  }
}

function byTrace({ row, traces }: Learner, y: number, rate: number, decay: number): void {
  const { values, col, weights, begin, end } = row
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    const trace = eligibility(decay, traces[k - begin]!, values[col[k]!]!, y)
    traces[k - begin] = trace
    weights[k] = bounded(w + rate * trace, w, GENOTYPE_WEIGHT_MAX)
  }
}

/**
 * Spike-timing-dependent plasticity over all pairs of spikes, by two traces that decay with tau
 * (Song, Miller & Abbott 2000; Morrison, Diesmann & Gerstner 2008, section 4.1). A spike is a value
 * above the threshold. One that comes in strengthens its link by aPlus at every later spike of the
 * neuron, that of the same tick included, for it is the cause; one that comes in after the neuron's
 * own weakens it by aMinus: each less by e^(-ticks between / tau).
 */
function stdp(learner: Learner, y: number, _m: number, dt: number): void {
  const { values, col, weights, begin, end } = learner.row
  const { traces } = learner
  const [aPlus = 0, aMinus = 0, tau = 0, threshold = 0] = learner.parameters
  const decay = exp(-dt / Math.max(tau, 0.001))
  const spike = y > threshold ? 1 : 0
  const before = learner.spikes * decay
  for (let k = begin; k < end; k++) {
    const w = weights[k]!
    const arrival = values[col[k]!]! > threshold ? 1 : 0
    const trace = traces[k - begin]! * decay + arrival
    traces[k - begin] = trace
    const delta = spike * (aPlus * trace) - arrival * (aMinus * before)
    weights[k] = bounded(w + delta, w, GENOTYPE_WEIGHT_MAX)
  }
  learner.spikes = before + spike
}
