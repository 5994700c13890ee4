// Tuning: how the weights of one genotype are improved within its life, by trying perturbations and
// keeping what is better (the exoself's memetic search; Sher 2013, sections 7.5 and 11.5). A pure
// state machine: neuron processes and compiled networks drive the same one, and so end with the
// same weights, bit for bit.
//
//   let tuning = startTuning(genotype)
//   while (!tuning.isOver) {
//     const network = new Network(compile(withTunedWeights(genotype, tuning.trial)))
//     tuning = stepTuning(tuning, problem.evaluate(network), random)
//   }
//   const tuned = withTunedWeights(genotype, tuning.kept)
//
// Each attempt perturbs the weights of some neurons; better is kept, worse is taken back. Failures
// are counted in a row, as DXNN counts them: an improvement begins anew. A solved evaluation ends
// it.
import type { Random } from '../runtime/random.ts'
import { type AgentParameters, defaultAgent } from './agent.ts'
import type { Evaluation } from './environment/environment.ts'
import type { Genotype } from './genotype.ts'
import { type Chosen, selectNeurons, type Tunable, tuningAttempts } from './tuning-selection.ts'

/** DXNN keeps weights within ten times pi. */
const WEIGHT_LIMIT = 31.41592653589793

/** Weights and biases in the order of a plan (network/plan-image.ts), each with its last change, which has momentum. */
export interface Weights {
  readonly weight: Float64Array
  readonly weightChange: Float64Array
  readonly bias: Float64Array
  readonly biasChange: Float64Array
}

export interface Tuning {
  readonly agent: AgentParameters
  /** Generation of each neuron. */
  readonly generations: readonly number[]
  /** Which neurons have a plasticity rule. */
  readonly isPlastic: readonly boolean[]
  /** Weights of neuron i are rowPtr[i] to rowPtr[i + 1]. */
  readonly rowPtr: Int32Array
  /** Attempts in a row that may fail. */
  readonly attempts: number
  /** Of the best so far. */
  readonly kept: Weights
  readonly best: Evaluation | undefined
  /** To be evaluated now. */
  readonly trial: Weights
  /** Evaluations so far, and those of them in a row that were no better. */
  readonly evaluations: number
  readonly failures: number
  readonly isOver: boolean
}

/**
 * The first trial is the genotype as it is. One without an agent is tuned as DXNN's defaults say.
 */
export function startTuning(genotype: Genotype): Tuning {
  const { agent = defaultAgent, neurons, links } = genotype
  const order = linkOrder(genotype)
  const rows = new Map(neurons.map(({ id }, neuron) => [id, neuron]))
  const rowPtr = new Int32Array(neurons.length + 1)
  for (const link of order) rowPtr[rows.get(links[link]!.to)! + 1]!++
  for (let i = 0; i < neurons.length; i++) rowPtr[i + 1]! += rowPtr[i]!
  const weights: Weights = {
    weight: Float64Array.from(order, (link) => links[link]!.weight),
    weightChange: new Float64Array(order.length),
    bias: Float64Array.from(neurons, ({ bias }) => bias),
    biasChange: new Float64Array(neurons.length),
  }
  const generations = neurons.map(({ generation = 0 }) => generation)
  const counts = neurons.map((_, i) => rowPtr[i + 1]! - rowPtr[i]! + 1)
  return {
    agent,
    generations,
    isPlastic: neurons.map(({ plasticity }) => plasticity !== undefined),
    rowPtr,
    attempts: tuningAttempts(agent.tuningDuration, tunableOf(agent, generations), counts),
    kept: weights,
    best: undefined,
    trial: weights,
    evaluations: 0,
    failures: 0,
    isOver: false,
  }
}

function tunableOf(agent: AgentParameters, neurons: readonly number[]): Tunable {
  const { generation, perturbationRange, annealing } = agent
  return { generation, neurons, perturbationRange, annealing }
}

/**
 * What follows an evaluation of the trial. `learnt` are the weights at its end where plasticity has
 * changed them: a lamarckian agent keeps those. `random` names the stream of the whole tuning;
 * attempts draw from forks of it.
 */
export function stepTuning(
  tuning: Tuning,
  evaluation: Evaluation,
  random: Random,
  learnt?: Float64Array,
): Tuning {
  const { agent, best, attempts } = tuning
  const isBetter = best === undefined || isImprovement(evaluation.fitness, best.fitness)
  const kept = isBetter ? inherited(tuning, learnt) : tuning.kept
  const evaluations = tuning.evaluations + 1
  const failures = isBetter ? 0 : tuning.failures + 1
  const told = { ...tuning, kept, evaluations, failures, best: isBetter ? evaluation : best }
  if ((told.best?.solved ?? false) || failures >= attempts) return { ...told, isOver: true }
  const stream = random.fork(evaluations)
  const tunable = tunableOf(agent, tuning.generations)
  const chosen = selectNeurons(agent.tuningSelection, tunable, stream.fork('choice'))
  return { ...told, trial: perturbed(kept, tuning.rowPtr, chosen, stream) }
}

/** NaN is never better, and anything is better than NaN. */
function isImprovement(fitness: number, best: number): boolean {
  return fitness > best || (Number.isNaN(best) && !Number.isNaN(fitness))
}

/** What a better trial leaves: to a lamarckian, what its plastic neurons have learnt. */
function inherited(
  { agent, trial, isPlastic, rowPtr }: Tuning,
  learnt: Float64Array | undefined,
): Weights {
  if (agent.heredity !== 'lamarckian' || learnt === undefined) return trial
  const weight = trial.weight.slice()
  isPlastic.forEach((is, i) => {
    if (is) weight.set(learnt.subarray(rowPtr[i], rowPtr[i + 1]), rowPtr[i])
  })
  return { ...trial, weight }
}

function perturbed(
  kept: Weights,
  rowPtr: Int32Array,
  chosen: readonly Chosen[],
  stream: Random,
): Weights {
  const weights: Weights = {
    weight: kept.weight.slice(),
    weightChange: kept.weightChange.slice(),
    bias: kept.bias.slice(),
    biasChange: kept.biasChange.slice(),
  }
  for (const { neuron, spread } of chosen) {
    const random = stream.fork(neuron)
    const [begin, end] = [rowPtr[neuron]!, rowPtr[neuron + 1]!]
    const chance = 1 / Math.sqrt(end - begin + 1)
    perturb(weights.weight, weights.weightChange, begin, end, spread, chance, random)
    perturb(weights.bias, weights.biasChange, neuron, neuron + 1, spread, chance, random)
  }
  return weights
}

/** DXNN's perturbation: the change is drawn, half of the last one goes with it. */
function perturb(
  values: Float64Array,
  changes: Float64Array,
  begin: number,
  end: number,
  spread: number,
  chance: number,
  random: Random,
): void {
  for (let i = begin; i < end; i++) {
    if (random.next() >= chance) continue
    const change = (random.next() - 0.5) * spread + 0.5 * changes[i]!
    changes[i] = change
    values[i] = Math.max(-WEIGHT_LIMIT, Math.min(WEIGHT_LIMIT, values[i]! + change))
  }
}

/** The genotype with these weights, which are in the order of its plan. */
export function withTunedWeights<Tuned extends Genotype>(
  genotype: Tuned,
  { weight, bias }: Pick<Weights, 'weight' | 'bias'>,
): Tuned {
  const places = new Map(linkOrder(genotype).map((link, place) => [link, place]))
  return {
    ...genotype,
    neurons: genotype.neurons.map((neuron, i) => ({ ...neuron, bias: bias[i]! })),
    links: genotype.links.map((link, i) => {
      const place = places.get(i)
      return place === undefined ? link : { ...link, weight: weight[place]! }
    }),
  }
}

/** Which link of the genotype stands at each place of its plan (network/plan-image.ts). */
function linkOrder({ inputs, neurons, links }: Genotype): number[] {
  const places = new Map(neurons.map(({ id }, index) => [id, inputs + index]))
  const placeOf = (id: number): number => (id < inputs ? id : places.get(id)!)
  return links
    .map((link, index) => ({ link, index }))
    .filter(({ link }) => link.enabled)
    .sort(
      ({ link: a }, { link: b }) =>
        placeOf(a.to) - placeOf(b.to) ||
        Number(a.modulatory === true) - Number(b.modulatory === true) ||
        placeOf(a.from) - placeOf(b.from),
    )
    .map(({ index }) => index)
}
