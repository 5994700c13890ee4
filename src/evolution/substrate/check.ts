// The check of a substrate gene that comes from outside.
import {
  GENOTYPE_LINKS_MAX,
  GENOTYPE_NEURONS_MAX,
  SUBSTRATE_DEPTH_MAX,
  SUBSTRATE_DIMENSIONS_MAX,
  SUBSTRATE_ITERATIONS_MAX,
  SUBSTRATE_LAYERS_MAX,
} from '../../limits.ts'
import { fieldsOf, listOf, nameOf, Refusal, sizeOf, within } from '../genotype-refusal.ts'
import { type ActivationName, activationNames } from '../network/activation.ts'
import {
  cppnShape,
  type EvolvableGene,
  linkForms,
  nodesOf,
  possibleLinks,
  type SubstrateGene,
  substratePlasticities,
} from '../substrate.ts'

const FIELDS = [
  ...['input', 'hidden', 'output', 'linkForm', 'plasticity', 'threshold', 'weightRange'],
  ...['expression', 'biases', 'length', 'hiddenActivation', 'outputActivation', 'evolvable'],
  ...['inputPlaces', 'outputPlaces'],
]

/**
 * The substrate of a genotype, whose own inputs and outputs are given if it has any. Fields with
 * their default are left out. Throws a Refusal.
 */
export function substrateOf(
  value: unknown,
  cppn?: { readonly inputs: number; readonly outputs: number },
): SubstrateGene {
  const fields = fieldsOf(value, 'a substrate', FIELDS)
  const { evolvable, inputPlaces, outputPlaces } = fields
  const grids = {
    input: gridOf(fields.input),
    hidden: listOf(fields.hidden, 'hidden layers', SUBSTRATE_LAYERS_MAX).map(gridOf),
    output: gridOf(fields.output),
  }
  const substrate: SubstrateGene = {
    ...grids,
    linkForm: nameOf(fields.linkForm, linkForms, 'substrate'),
    plasticity: nameOf(fields.plasticity, substratePlasticities, 'substrate'),
    threshold: within(fields.threshold, 'threshold', 0, 1),
    weightRange: within(fields.weightRange, 'weightRange', 0, 1e3),
    ...flagOf('expression', fields.expression),
    ...flagOf('biases', fields.biases),
    ...flagOf('length', fields.length),
    ...activationOf('hiddenActivation', fields.hiddenActivation),
    ...activationOf('outputActivation', fields.outputActivation),
    ...(evolvable === undefined ? {} : { evolvable: evolvableOf(evolvable) }),
    ...(inputPlaces === undefined ? {} : { inputPlaces: placesOf(inputPlaces, grids.input) }),
    ...(outputPlaces === undefined ? {} : { outputPlaces: placesOf(outputPlaces, grids.output) }),
  }
  checkSizes(substrate)
  checkForm(substrate)
  const shape = cppnShape(substrate)
  if (cppn !== undefined && (cppn.inputs !== shape.inputs || cppn.outputs !== shape.outputs)) {
    const has = `${cppn.inputs} inputs and ${cppn.outputs} outputs`
    const wanted = `${shape.inputs} and ${shape.outputs}`
    throw new Refusal('substrate', `a CPPN of ${has}, its substrate needs ${wanted}`)
  }
  return substrate
}

function checkSizes(substrate: SubstrateGene): void {
  const grids = [substrate.input, ...substrate.hidden, substrate.output]
  if (grids.some(({ length }) => length !== substrate.input.length)) {
    throw new Refusal('substrate', 'its layers have different numbers of dimensions')
  }
  const nodes = grids.reduce((sum, grid) => sum + nodesOf(grid), 0)
  if (nodes > GENOTYPE_NEURONS_MAX) {
    throw new Refusal('size', `${nodes} nodes, at most ${GENOTYPE_NEURONS_MAX}`)
  }
  const links = possibleLinks(substrate)
  if (links > GENOTYPE_LINKS_MAX) {
    throw new Refusal('size', `${links} links may be painted, at most ${GENOTYPE_LINKS_MAX}`)
  }
}

function checkForm({ evolvable, hidden, linkForm }: SubstrateGene): void {
  if (evolvable === undefined) return
  if (hidden.length > 0) {
    throw new Refusal('substrate', 'an evolvable substrate finds its hidden nodes: give none')
  }
  if (linkForm !== 'freeform' && linkForm !== 'fully_connected') {
    throw new Refusal('substrate', `an evolvable substrate has no layers for ${linkForm}`)
  }
}

function gridOf(value: unknown): readonly number[] {
  const grid = listOf(value, 'dimensions', SUBSTRATE_DIMENSIONS_MAX).map((extent) =>
    sizeOf(extent, 'nodes of a dimension', 1, GENOTYPE_NEURONS_MAX),
  )
  if (grid.length === 0) throw new Refusal('substrate', 'a layer has at least one dimension')
  return grid
}

/** Places within a layer, one a node of its grid. */
function placesOf(value: unknown, grid: readonly number[]): number[][] {
  const places = listOf(value, 'places', GENOTYPE_NEURONS_MAX).map((place) =>
    listOf(place, 'coordinates', SUBSTRATE_DIMENSIONS_MAX).map((x) => {
      return within(x, 'a coordinate', -1, 1)
    }),
  )
  if (places.length !== nodesOf(grid) || places.some(({ length }) => length !== grid.length)) {
    throw new Refusal('substrate', `places of ${places.length} nodes for ${nodesOf(grid)}`)
  }
  if (new Set(places.map(String)).size !== places.length) {
    throw new Refusal('substrate', 'two nodes have the same place')
  }
  return places
}

function flagOf(name: string, value: unknown): object {
  if (value === undefined || value === false) return {}
  if (value !== true) throw new Refusal('substrate', `${name} is neither true nor false`)
  return { [name]: true }
}

function activationOf(name: string, value: unknown): { [name: string]: ActivationName } {
  if (value === undefined || value === 'tanh') return {}
  return { [name]: nameOf(value, activationNames, 'substrate') }
}

function evolvableOf(value: unknown): EvolvableGene {
  const fields = fieldsOf(value, 'an evolvable substrate', [
    ...['initialDepth', 'maxDepth', 'divisionThreshold', 'varianceThreshold', 'bandThreshold'],
    'iterationLevel',
  ])
  return {
    initialDepth: sizeOf(fields.initialDepth, 'initialDepth', 0, SUBSTRATE_DEPTH_MAX),
    maxDepth: sizeOf(fields.maxDepth, 'maxDepth', 1, SUBSTRATE_DEPTH_MAX),
    divisionThreshold: within(fields.divisionThreshold, 'divisionThreshold', 0, 1e6),
    varianceThreshold: within(fields.varianceThreshold, 'varianceThreshold', 0, 1e6),
    bandThreshold: within(fields.bandThreshold, 'bandThreshold', 0, 1e6),
    iterationLevel: sizeOf(fields.iterationLevel, 'iterationLevel', 0, SUBSTRATE_ITERATIONS_MAX),
  }
}
