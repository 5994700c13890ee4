// What happens to a child before it enters the population: structure first or weights, as in the
// authors' program (Stanley & Miikkulainen 2002, section 4.1): a child that got a new gene keeps
// its weights, so that the innovation is tried as it is.
import type { Random } from '../../runtime/random.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { type ActivationName, activationCode } from '../network/activation.ts'
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

/** Mutates the open genotype of a writer. */
export function mutate(writer: GenomeWriter, settings: MutationSettings, random: Random): void {
  if (settings.roulette !== undefined) {
    mutateByRoulette(writer, settings.roulette, random)
    return
  }
  if (settings.neatPython !== undefined) {
    mutateAsNeatPython(writer, settings.neatPython, random)
    return
  }
  if (mutateStructure(writer, settings, random)) return
  const { weights, biases } = settings
  if (random.next() < weights.probability) {
    mutateWeights(writer, weights, biases === 'evolved', random)
  }
  if (random.next() < settings.toggleLink) toggleLink(writer, random)
}

function mutateStructure(
  writer: GenomeWriter,
  settings: MutationSettings,
  random: Random,
): boolean {
  if (random.next() < settings.addNeuron) {
    const names = settings.hiddenActivations
    return addNeuron(writer, activationCode(names[random.integer(names.length)]!), random)
  }
  if (random.next() < settings.addLink) {
    const recurrent = random.next() < settings.recurrent
    return addLink(writer, recurrent, newWeight(settings.weights, random), random)
  }
  return false
}
