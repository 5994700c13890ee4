// HyperNEAT (Stanley, D'Ambrosio & Gauci 2009, "A hypercube-based encoding for evolving large-scale
// neural networks"): evolved networks do not act, they paint the weights of a larger network, whose
// nodes lie at places. Regularities of the task's geometry become regularities of the weights.
//
//   const problem = hyperneat(retina, {
//     input: [4, 2], hidden: [[4, 2]], output: [2, 1],
//     linkForm: 'l2l_feedforward', plasticity: 'none', threshold: 0.2, weightRange: 3,
//   })
//   startPopulation({ problem, settings, ... })      // as with any other problem
//
// The genotypes of this problem are CPPNs: they are asked for each possible link, by the places of
// its two ends, and answer its weight. Places have the coordinates of the node within its layer,
// each from -1 to 1, and the layer's as the last, from -1 (input) to 1 (output). Give new neurons
// several activations (`hiddenActivations`): sines, gaussians and the like are what paints.
//
// Not for tasks without geometry: there a direct encoding is found sooner. Substrates that learn
// (`iterative`, `abcn`) are not built: they are refused.
import type {
  Evaluation,
  Problem,
  ProblemReference,
  Verification,
} from './environment/environment.ts'
import { type Episode, type Outcome, runEpisode } from './environment/episode.ts'
import { type Genotype, genotypeFrom, type LinkSketch } from './genotype.ts'
import type { ActivationName } from './network/activation.ts'
import { Network } from './network/interpreter.ts'
import { compile } from './network/plan.ts'
import type { SubstrateGene } from './substrate.ts'

export interface HyperneatOptions {
  /** Where workers find the problem; without it, it is evaluated inline or as processes. */
  readonly reference?: ProblemReference
  /** Of the substrate's hidden nodes; default `tanh`. Outputs have the problem's. */
  readonly hiddenActivation?: ActivationName
}

interface Node {
  /** Id in the painted network. */
  readonly id: number
  /** 0 for the input layer. */
  readonly layer: number
  readonly place: readonly number[]
}

/** A link that may be, by its ends. */
interface Candidate {
  readonly from: Node
  readonly to: Node
}

/** A substrate laid out: its nodes, and the links that a CPPN is asked for, in order. */
export class Substrate {
  readonly inputs: number
  readonly outputs: number
  readonly candidates: readonly Candidate[]
  readonly #gene: SubstrateGene
  readonly #nodes: readonly Node[]
  readonly #layers: number

  /** Throws a RangeError for a substrate that learns, or whose layers differ in dimensions. */
  constructor(gene: SubstrateGene) {
    const grids = [gene.input, ...gene.hidden, gene.output]
    if (gene.plasticity !== 'none') {
      throw new RangeError(`substrates of plasticity ${gene.plasticity} are not built: use none`)
    }
    if (grids.some(({ length }) => length !== gene.input.length)) {
      throw new RangeError('the layers of a substrate have different numbers of dimensions')
    }
    this.#gene = gene
    this.#layers = grids.length
    this.inputs = sizeOf(gene.input)
    this.outputs = sizeOf(gene.output)
    let hidden = this.inputs + this.outputs
    this.#nodes = grids.flatMap((grid, layer) => {
      const depth = -1 + (2 * layer) / (grids.length - 1)
      return placesOf(grid).map((place, i) => {
        const isOutput = layer === grids.length - 1
        const id = layer === 0 ? i : isOutput ? this.inputs + i : hidden++
        return { id, layer, place: [...place, depth] }
      })
    })
    this.candidates = this.#nodes.flatMap((from) =>
      this.#nodes.filter((to) => this.#mayLink(from, to)).map((to) => ({ from, to })),
    )
  }

  /** Numbers that a CPPN is shown: the places of both ends. */
  get dimensions(): number {
    return 2 * (this.#gene.input.length + 1)
  }

  /** The network of these answers, one for each candidate. */
  painted(answers: ArrayLike<number>, hidden: ActivationName, output: ActivationName): Genotype {
    const { inputs, outputs } = this
    const links = this.candidates.flatMap(({ from, to }, i): LinkSketch[] => {
      const weight = this.#weight(answers[i]!)
      return weight === 0 ? [] : [{ from: from.id, to: to.id, weight }]
    })
    const neurons = this.#nodes
      .filter(({ layer }) => layer > 0 && layer < this.#layers - 1)
      .map(({ id, layer }) => {
        const depth = -1 + (2 * layer) / (this.#layers - 1)
        return { id, layer: depth, activation: hidden, bias: 0 }
      })
    return genotypeFrom({ inputs, outputs, activation: output, neurons, links })
  }

  /** The weight of an answer: 0 within the threshold, then linear up to the range at 1. */
  #weight(answer: number): number {
    const { threshold, weightRange } = this.#gene
    const size = Math.min(1, Math.abs(answer))
    if (!(size > threshold)) return 0
    return Math.sign(answer) * weightRange * ((size - threshold) / (1 - threshold))
  }

  #mayLink(from: Node, to: Node): boolean {
    const last = this.#layers - 1
    switch (this.#gene.linkForm) {
      case 'l2l_feedforward':
        return to.layer === from.layer + 1
      case 'jordan_recurrent':
        return to.layer === from.layer + 1 || (from.layer === last && to.layer === 1)
      case 'freeform':
        return to.layer > from.layer
      case 'fully_connected':
        return to.layer > 0
    }
  }
}

function sizeOf(grid: readonly number[]): number {
  return grid.reduce((product, extent) => product * extent, 1)
}

/** The places of a grid, the last dimension fastest. */
function placesOf(grid: readonly number[]): number[][] {
  return grid.reduce<number[][]>(
    (places, extent) =>
      places.flatMap((place) =>
        Array.from({ length: extent }, (_, i) => {
          return [...place, extent === 1 ? 0 : -1 + (2 * i) / (extent - 1)]
        }),
      ),
    [[]],
  )
}

/** A CPPN is asked for one link a tick; after the last the painted network is tried. */
class Painting implements Episode {
  readonly #substrate: Substrate
  readonly #answers: Float64Array
  readonly #finish: (answers: Float64Array) => Evaluation
  #next = 0

  constructor(substrate: Substrate, finish: (answers: Float64Array) => Evaluation) {
    this.#substrate = substrate
    this.#answers = new Float64Array(substrate.candidates.length)
    this.#finish = finish
  }

  sense(inputs: Float64Array): void {
    const { from, to } = this.#substrate.candidates[this.#next]!
    inputs.set(from.place)
    inputs.set(to.place, from.place.length)
  }

  act(outputs: Float64Array): Outcome {
    this.#answers[this.#next++] = outputs[0]!
    // A CPPN is a function: it remembers nothing from one link to the next.
    return this.#next < this.#answers.length ? 'reset' : 'ended'
  }

  evaluation(): Evaluation {
    return this.#finish(this.#answers)
  }
}

/**
 * The problem of painting networks for another one. Throws a RangeError when the substrate's inputs
 * or outputs are not the problem's.
 */
export function hyperneat(
  problem: Problem,
  gene: SubstrateGene,
  options: HyperneatOptions = {},
): Problem {
  const substrate = new Substrate(gene)
  if (substrate.inputs !== problem.inputs || substrate.outputs !== problem.outputs) {
    const shape = `${substrate.inputs} inputs and ${substrate.outputs} outputs`
    const wanted = `${problem.inputs} and ${problem.outputs}`
    throw new RangeError(`the substrate has ${shape}, ${problem.name} ${wanted}`)
  }
  const { hiddenActivation = 'tanh' } = options
  const networkOf = (answers: Float64Array): Network =>
    new Network(compile(substrate.painted(answers, hiddenActivation, problem.outputActivation)))
  const episode = (): Painting =>
    new Painting(substrate, (answers) => problem.evaluate(networkOf(answers)))
  const verify = (cppn: Network): Verification => {
    let verification: Verification | undefined
    const painting = new Painting(substrate, (answers) => {
      verification = problem.verify(networkOf(answers))
      return { fitness: 0, steps: 0, solved: verification.solved }
    })
    runEpisode(painting, cppn)
    return verification ?? { solved: false, detail: 'nothing was painted' }
  }
  const name = `hyperneat ${problem.name}`
  return {
    name,
    reference: options.reference ?? { task: name },
    inputs: substrate.dimensions,
    outputs: 1,
    outputActivation: 'tanh',
    hiddenActivation: 'gaussian',
    needsMemory: false,
    evaluate: (cppn) => runEpisode(episode(), cppn),
    episode,
    verify,
  }
}

/** The network that a CPPN paints, for looking at and for exporting. */
export function paint(
  cppn: Genotype,
  gene: SubstrateGene,
  activations: { readonly hidden: ActivationName; readonly output: ActivationName },
): Genotype {
  const substrate = new Substrate(gene)
  let painted: Genotype | undefined
  const painting = new Painting(substrate, (answers) => {
    painted = substrate.painted(answers, activations.hidden, activations.output)
    return { fitness: 0, steps: 0, solved: false }
  })
  runEpisode(painting, new Network(compile(cppn)))
  if (painted === undefined) throw new RangeError('a substrate has at least one link')
  return painted
}
