// The substrate of a HyperNEAT genotype as data: nodes at places, which of them are linked, and how
// their weights change (Stanley, D'Ambrosio & Gauci 2009; Risi & Stanley 2010 and 2012; DXNN's
// substrate record, Sher 2013, chapter 16). The genotype's own network is then a CPPN, which paints
// the weights: `phenotypeOf` (network/plan.ts) is what acts.
//
// Nodes lie in layers, each a grid; a node's place is its coordinates within the layer, each from
// -1 to 1, and the layer's depth last, from -1 (input) to 1 (output). The CPPN is shown the places
// of both ends of a link and answers its weight; the optional parts of the gene add to what it is
// shown and asked (substrate/cppn.ts has the order).
import type { ActivationName } from './network/activation.ts'

/** Which nodes are linked. */
export const linkForms = [
  'l2l_feedforward',
  'fully_connected',
  'jordan_recurrent',
  'freeform',
] as const
/**
 * `l2l_feedforward`: each layer to the next. `jordan_recurrent`: besides, the outputs back to the
 * first layer behind the inputs. `freeform`: each layer to all that are deeper. `fully_connected`:
 * every node to every node but the inputs.
 */
export type LinkForm = (typeof linkForms)[number]

/**
 * `none`: painted once. `iterative`: the CPPN sees what both ends have just answered and the weight,
 * and answers its change, each tick. `abcn`: it paints how each weight learns, too.
 */
export const substratePlasticities = ['none', 'iterative', 'abcn'] as const
export type SubstratePlasticity = (typeof substratePlasticities)[number]

export interface SubstrateGene {
  /** Nodes of the input layer, as a grid: its extent in each dimension, the last fastest. */
  readonly input: readonly number[]
  /** Hidden layers, from the input to the output. */
  readonly hidden: readonly (readonly number[])[]
  readonly output: readonly number[]
  readonly linkForm: LinkForm
  readonly plasticity: SubstratePlasticity
  /** Weights whose CPPN output is not beyond this are no links; default 0.2. */
  readonly threshold: number
  /** Largest magnitude of a painted weight; default 3. */
  readonly weightRange: number
  /**
   * A second answer says whether there is a link: above 0 there is (the link expression output of
   * Verbancsics & Stanley 2011); the threshold is then not asked.
   */
  readonly expression?: true
  /** An answer is the bias of a node, asked from the origin to the node; default no biases. */
  readonly biases?: true
  /** The CPPN is shown the distance of both ends, too. */
  readonly length?: true
  /** Of hidden nodes; default tanh. */
  readonly hiddenActivation?: ActivationName
  /** Of output nodes; default tanh. */
  readonly outputActivation?: ActivationName
  /** Hidden nodes stand where the CPPN's pattern has information (ES-HyperNEAT); `hidden` is []. */
  readonly evolvable?: EvolvableGene
  /** Coordinates of each input within its layer, instead of those of the grid. */
  readonly inputPlaces?: readonly (readonly number[])[]
  readonly outputPlaces?: readonly (readonly number[])[]
}

/** How ES-HyperNEAT places nodes (Risi & Stanley 2012); the names are those of PUREPLES. */
export interface EvolvableGene {
  /** Divisions that are made in any case. */
  readonly initialDepth: number
  /** Divisions at most. */
  readonly maxDepth: number
  /** A cell whose parts vary more than this is divided. */
  readonly divisionThreshold: number
  /** A cell whose parts vary more than this gives its parts' nodes instead of its own. */
  readonly varianceThreshold: number
  /** A node stands where the pattern differs by more than this from both sides. */
  readonly bandThreshold: number
  /** How often the nodes found so far are asked where they lead. */
  readonly iterationLevel: number
}

/** The paper's settings for the retina (its appendix); PUREPLES' but for its division threshold. */
export const evolvableDefaults: EvolvableGene = {
  initialDepth: 3,
  maxDepth: 3,
  divisionThreshold: 0.03,
  varianceThreshold: 0.03,
  bandThreshold: 0.3,
  iterationLevel: 1,
}

/** Nodes of a grid. */
export function nodesOf(grid: readonly number[]): number {
  return grid.reduce((product, extent) => product * extent, 1)
}

/** Numbers of a place. */
export function placeSize({ input }: SubstrateGene): number {
  return input.length + 1
}

/** Width of the CPPN that paints this substrate. */
export function cppnShape(gene: SubstrateGene): { inputs: number; outputs: number } {
  const { expression, biases, length, plasticity } = gene
  const shown = (length === true ? 1 : 0) + (plasticity === 'iterative' ? 3 : 0)
  const asked = (expression === true ? 1 : 0) + (biases === true ? 1 : 0)
  return {
    inputs: 2 * placeSize(gene) + shown,
    outputs: 1 + asked + (plasticity === 'abcn' ? 4 : 0),
  }
}

/** Width of the network that acts: of the genotype, or of what it paints. */
export function phenotypeShape(genotype: {
  readonly inputs: number
  readonly outputs: number
  readonly substrate?: SubstrateGene
}): { inputs: number; outputs: number } {
  const { inputs, outputs, substrate } = genotype
  if (substrate === undefined) return { inputs, outputs }
  return { inputs: nodesOf(substrate.input), outputs: nodesOf(substrate.output) }
}

/** Links that a CPPN may be asked for, at most. */
export function possibleLinks(gene: SubstrateGene): number {
  const { evolvable, linkForm } = gene
  const sizes = [gene.input, ...gene.hidden, gene.output].map(nodesOf)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (evolvable !== undefined) {
    const found = possibleNodes(gene, evolvable)
    return (total + found) * found
  }
  const first = sizes[0]!
  const next = sizes.slice(1).reduce((sum, size, i) => sum + sizes[i]! * size, 0)
  switch (linkForm) {
    case 'l2l_feedforward':
      return next
    case 'jordan_recurrent':
      return next + sizes.at(-1)! * sizes[1]!
    case 'freeform':
      return sizes.reduce((sum, size, i) => {
        return sum + size * sizes.slice(i + 1).reduce((deeper, one) => deeper + one, 0)
      }, 0)
    case 'fully_connected':
      return total * (total - first)
  }
}

/** Places where ES-HyperNEAT may put a node. */
function possibleNodes(gene: SubstrateGene, { initialDepth, maxDepth }: EvolvableGene): number {
  const parts = 1 << placeSize(gene)
  let [cells, all] = [1, 0]
  for (let depth = 0; depth < Math.max(1, initialDepth, maxDepth); depth++) {
    cells *= parts
    all += cells
  }
  return all
}
