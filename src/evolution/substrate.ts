// The substrate of a HyperNEAT genotype as data: layers of nodes at coordinates, which of them are
// linked, and how their weights change (Stanley, D'Ambrosio & Gauci 2009; DXNN's substrate record,
// Sher 2013, chapter 16). The genotype's own network is then the CPPN that paints the weights.

/** Which nodes are linked. */
export const linkForms = [
  'l2l_feedforward',
  'fully_connected',
  'jordan_recurrent',
  'freeform',
] as const
export type LinkForm = (typeof linkForms)[number]

/** `none`: painted once; `iterative`: the CPPN gives each tick's change; `abcn`: its rule. */
export const substratePlasticities = ['none', 'iterative', 'abcn'] as const
export type SubstratePlasticity = (typeof substratePlasticities)[number]

export interface SubstrateGene {
  /** Nodes of the input layer, as a grid: its extent in each dimension. */
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
}
