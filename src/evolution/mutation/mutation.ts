// What happens to a child before it enters the population: structure first or weights, as in the
// authors' program (Stanley & Miikkulainen 2002, section 4.1): a child that got a new gene keeps
// its weights, so that the innovation is tried as it is.
import type { Random } from '../../runtime/random.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { type ActivationName, activationCode } from '../network/activation.ts'
import { countGeneration } from './connect.ts'
import { mutateAsNeatPython, type NeatPythonMutation } from './neat-python.ts'
import type { RouletteSettings } from './operator.ts'
import { mutateWeights, newWeight, type WeightMutation } from './parametric.ts'
import { mutateByRoulette } from './roulette.ts'
import { addLink, addNeuron, toggleLink } from './topological.ts'

export interface MutationSettings {
  /** Chances per child. */
  readonly addNeuron: number
  readonly addLink: number
  readonly toggleLink: number
  /** Chance that an added link is recurrent; 0 keeps networks feed-forward. */
  readonly recurrent: number
  /** Whether neurons have a bias that evolves like a weight, or none. */
  readonly biases: 'none' | 'evolved'
  readonly weights: WeightMutation
  /** Activations of which a new neuron gets one; none = the one the problem asks for. */
  readonly hiddenActivations: readonly ActivationName[]
  /** DXNN's operators instead of all the chances here. Default: none. */
  readonly roulette?: RouletteSettings
  /** neat-python's mutation instead of all the chances here. Default: none. */
  readonly neatPython?: NeatPythonMutation
}

/** Names of what changed a child, in order; NEAT's own beside `OperatorName` and neat-python's. */
export type AppliedOperators = readonly string[]

/** Shared, so that nothing is allocated where nobody asks for the names. */
const none: AppliedOperators = []
const addedNeuron: AppliedOperators = ['add_neuron']
const addedLink: AppliedOperators = ['add_link']
const changedWeights: AppliedOperators = ['mutate_weights']
const toggledLink: AppliedOperators = ['toggle_link']
const changedAndToggled: AppliedOperators = ['mutate_weights', 'toggle_link']

/** Mutates the open genotype of a writer; answers the operators that were at work. */
export function mutate(
  writer: GenomeWriter,
  settings: MutationSettings,
  random: Random,
): AppliedOperators {
  if (settings.roulette !== undefined) return mutateByRoulette(writer, settings.roulette, random)
  countGeneration(writer)
  if (settings.neatPython !== undefined) {
    return mutateAsNeatPython(writer, settings.neatPython, random)
  }
  const structural = mutateStructure(writer, settings, random)
  if (structural !== undefined) return structural
  const { weights, biases } = settings
  const isChanged = random.next() < weights.probability
  if (isChanged) mutateWeights(writer, weights, biases === 'evolved', random)
  const isToggled = random.next() < settings.toggleLink && toggleLink(writer, random)
  if (isChanged) return isToggled ? changedAndToggled : changedWeights
  return isToggled ? toggledLink : none
}

/** Undefined when structure stays as it is. */
function mutateStructure(
  writer: GenomeWriter,
  settings: MutationSettings,
  random: Random,
): AppliedOperators | undefined {
  if (random.next() < settings.addNeuron) {
    const names = settings.hiddenActivations
    const activation = activationCode(names[random.integer(names.length)]!)
    return addNeuron(writer, activation, random) ? addedNeuron : undefined
  }
  if (random.next() < settings.addLink) {
    const recurrent = random.next() < settings.recurrent
    const weight = newWeight(settings.weights, random)
    return addLink(writer, recurrent, weight, random) ? addedLink : undefined
  }
  return undefined
}
