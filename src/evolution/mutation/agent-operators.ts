// Operators that change the agent's own parameters: how it is tuned and how its offspring mutate
// (DXNN, Sher 2013, section 11.5). A genotype without parameters begins with DXNN's defaults.
import type { Random } from '../../runtime/random.ts'
import {
  type AgentParameters,
  defaultAgent,
  heredityTypes,
  mutationCounts,
  tuningDurations,
  tuningSelections,
} from '../agent.ts'
import { type MutationOperator, operatorNames } from './operator.ts'

/** An operator that derives new parameters from the present ones. */
function changing(
  change: (agent: AgentParameters, random: Random) => Partial<AgentParameters>,
): MutationOperator {
  return (writer, settings, random) => {
    const present = writer.agent ?? {
      ...defaultAgent,
      mutationCount: settings.mutationCount,
      perturbationRange: settings.perturbationRange,
    }
    writer.agent = { ...present, ...change(present, random) }
    return true
  }
}

function another<T>(all: readonly T[], present: T, random: Random): T {
  const others = all.filter((one) => one !== present)
  return others[random.integer(others.length)]!
}

/** A number moved by up to a half of itself. */
function scaled(value: number, min: number, max: number, random: Random): number {
  return Math.max(min, Math.min(max, value * (0.5 + random.next())))
}

export const mutateTuningSelection: MutationOperator = changing((agent, random) => ({
  tuningSelection: another(tuningSelections, agent.tuningSelection, random),
}))

/** Another duration with its usual parameter, or another parameter of the same. */
export const mutateTuningDuration: MutationOperator = changing((agent, random) => {
  const { name, parameter } = agent.tuningDuration
  if (random.next() < 0.5) {
    const other = another(tuningDurations, name, random)
    return { tuningDuration: { name: other, parameter: other === 'const' ? 15 : 0.5 } }
  }
  const max = name === 'const' ? 1_000 : 1
  return { tuningDuration: { name, parameter: scaled(parameter, 0.01, max, random) } }
})

export const mutateAnnealing: MutationOperator = changing((agent, random) => ({
  annealing: scaled(agent.annealing, 0.1, 1, random),
}))

export const mutatePerturbationRange: MutationOperator = changing((agent, random) => ({
  perturbationRange: scaled(agent.perturbationRange, 0.01, 10, random),
}))

export const mutateTotTopologicalMutations: MutationOperator = changing((agent, random) => {
  const { name, parameter } = agent.mutationCount
  if (random.next() < 0.5) {
    const other = another(mutationCounts, name, random)
    return { mutationCount: { name: other, parameter: other === 'const' ? 1 : 0.5 } }
  }
  const max = name === 'const' ? 20 : 1
  return { mutationCount: { name, parameter: scaled(parameter, 0.05, max, random) } }
})

/** What DXNN chooses among: a population is baldwinian only where its settings say so. */
const DXNN_HEREDITY = heredityTypes.slice(0, 2)

export const mutateHeredityType: MutationOperator = changing((agent, random) => ({
  heredity: another(DXNN_HEREDITY, agent.heredity, random),
}))

/** Scales the weight of one operator of the run's roulette, for this lineage. */
export const mutateOperatorWeights: MutationOperator = (writer, settings, random) => {
  const named = operatorNames.filter((name) => (settings.weights[name] ?? 0) > 0)
  if (named.length === 0) return false
  const name = named[random.integer(named.length)]!
  const agent = writer.agent ?? { ...defaultAgent, mutationCount: settings.mutationCount }
  const weights = new Map(agent.operatorWeights)
  weights.set(name, scaled(weights.get(name) ?? settings.weights[name]!, 0.01, 1e4, random))
  const operatorWeights = [...weights].sort(([a], [b]) => (a < b ? -1 : 1))
  writer.agent = { ...agent, operatorWeights }
  return true
}
