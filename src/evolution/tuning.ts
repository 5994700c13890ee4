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
import { GENOTYPE_WEIGHT_MAX, TUNING_ATTEMPTS_MAX, TUNING_EVALUATIONS_MAX } from '../limits.ts'
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
  /**
   * Which neurons have a plasticity rule. What a painted network learns is in no genotype, so those
   * of a CPPN do not count.
   */
  readonly isPlastic: readonly boolean[]
  /** Weights of neuron i are rowPtr[i] to rowPtr[i + 1]. */
  readonly rowPtr: Int32Array
  /** Attempts in a row that may fail. */
  readonly attempts: number
  /** What the next attempt begins from: those of the best so far, with what it has learnt. */
  readonly kept: Weights
  /** With which the best so far has its score. */
  readonly performed: Weights
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
  const isCppn = genotype.substrate !== undefined
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
  const asked = tuningAttempts(agent.tuningDuration, tunableOf(agent, generations), counts)
  return {
    agent,
    generations,
    isPlastic: neurons.map(({ plasticity }) => plasticity !== undefined && !isCppn),
    rowPtr,
    attempts: Math.min(asked, TUNING_ATTEMPTS_MAX),
    kept: weights,
    performed: weights,
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
  const evaluations = tuning.evaluations + 1
  const told: Tuning = isBetter
    ? { ...tuning, ...improved(tuning, evaluation, learnt), evaluations, failures: 0 }
    : { ...tuning, evaluations, failures: tuning.failures + 1 }
  const { kept, failures } = told
  const isOver =
    (told.best?.solved ?? false) || failures >= attempts || evaluations >= TUNING_EVALUATIONS_MAX
  if (isOver) return { ...told, isOver }
  const stream = random.fork(evaluations)
  const tunable = tunableOf(agent, tuning.generations)
  const chosen = selectNeurons(agent.tuningSelection, tunable, stream.fork('choice'))
  return { ...told, trial: perturbed(kept, tuning.rowPtr, chosen, stream) }
}

/** NaN is never better, and anything is better than NaN. */
function isImprovement(fitness: number, best: number): boolean {
  return fitness > best || (Number.isNaN(best) && !Number.isNaN(fitness))
}

function improved(
  tuning: Tuning,
  evaluation: Evaluation,
  learnt: Float64Array | undefined,
): Pick<Tuning, 'kept' | 'performed' | 'best'> {
  const { trial } = tuning
  const hasLearnt = learnt !== undefined && Number.isFinite(evaluation.fitness)
  const kept = hasLearnt && keepsLearning(tuning) ? withLearnt(tuning, learnt) : trial
  return { kept, performed: trial, best: evaluation }
}

/** Whether what plasticity makes of the weights is to be kept: whoever tunes must then tell it. */
export function keepsLearning({ agent, isPlastic }: Tuning): boolean {
  return agent.heredity === 'lamarckian' && isPlastic.includes(true)
}

/** The trial with what its plastic neurons have learnt; without it when that has diverged. */
function withLearnt({ trial, isPlastic, rowPtr }: Tuning, learnt: Float64Array): Weights {
  const weight = trial.weight.slice()
  isPlastic.forEach((is, i) => {
    if (is) weight.set(learnt.subarray(rowPtr[i], rowPtr[i + 1]), rowPtr[i])
  })
  const isSound = weight.every((value) => Math.abs(value) <= GENOTYPE_WEIGHT_MAX)
  return isSound ? { ...trial, weight } : trial
}

/**
 * The score at the end of a tuning, and the weights that go with it. Throws a RangeError before
 * anything was evaluated.
 */
export function tunedEvaluation({ agent, best, performed, kept, evaluations }: Tuning): Evaluation {
  if (best === undefined) throw new RangeError('tuning has not begun: evaluate its trial first')
  const { weight, bias } = performed
  const inherited = agent.heredity === 'baldwinian' ? {} : { inherited: kept.weight }
  return { ...best, tuned: { evaluations, weight, bias, ...inherited } }
}

/** The genotype that has the score of an evaluation: with the weights it was tuned to. */
export function performerOf(genotype: Genotype, { tuned }: Evaluation): Genotype {
  return tuned === undefined ? genotype : withTunedWeights(genotype, tuned)
}

/** The genotype that reproduces after an evaluation. */
export function heirOf(genotype: Genotype, { tuned }: Evaluation): Genotype {
  if (tuned?.inherited === undefined) return genotype
  return withTunedWeights(genotype, { weight: tuned.inherited, bias: tuned.bias })
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
