// The check of what stands beside the network in a genotype: its morphology, the parameters of its
// agent. substrate/check.ts has that of its substrate.
import {
  GENOTYPE_NAME_BYTES_MAX,
  GENOTYPE_OPERATORS_MAX,
  GENOTYPE_SENSOR_GENES_MAX,
} from '../limits.ts'
import {
  type AgentParameters,
  heredityTypes,
  mutationCounts,
  tuningDurations,
  tuningSelections,
} from './agent.ts'
import { type ActuatorGene, actuatorProcessings, type SensorGene } from './genotype.ts'
import { fieldsOf, idOf, listOf, nameOf, Refusal, sizeOf, within } from './genotype-refusal.ts'

/** The sensors of so many inputs. */
export function sensorsOf(value: unknown, inputs: number): readonly SensorGene[] {
  const sensors = listOf(value, 'sensors', GENOTYPE_SENSOR_GENES_MAX).map((one): SensorGene => {
    const fields = fieldsOf(one, 'a sensor', ['name', 'length'])
    return { name: textOf(fields.name), length: sizeOf(fields.length, 'length', 1, inputs) }
  })
  checkLengths(sensors, inputs, 'inputs')
  return sensors
}

/** The actuators of so many outputs. */
export function actuatorsOf(value: unknown, outputs: number): readonly ActuatorGene[] {
  const listed = listOf(value, 'actuators', GENOTYPE_SENSOR_GENES_MAX)
  const actuators = listed.map((one): ActuatorGene => {
    const fields = fieldsOf(one, 'an actuator', ['name', 'length', 'processing'])
    const processing = nameOf(fields.processing ?? 'identity', actuatorProcessings, 'morphology')
    const length = sizeOf(fields.length, 'length', 1, outputs)
    const plain = { name: textOf(fields.name), length }
    return processing === 'identity' ? plain : { ...plain, processing }
  })
  checkLengths(actuators, outputs, 'outputs')
  return actuators
}

function checkLengths(genes: readonly { length: number }[], total: number, what: string): void {
  const sum = genes.reduce((before, { length }) => before + length, 0)
  if (sum !== total) throw new Refusal('morphology', `lengths of ${sum} for ${total} ${what}`)
}

export function agentOf(value: unknown): AgentParameters {
  const fields = fieldsOf(value, 'an agent', [
    'generation',
    'tuningSelection',
    'tuningDuration',
    'annealing',
    'perturbationRange',
    'mutationCount',
    'heredity',
    'operatorWeights',
  ])
  const { tuningDuration, mutationCount, operatorWeights } = fields
  const duration = fieldsOf(tuningDuration, 'a tuning duration', ['name', 'parameter'])
  const count = fieldsOf(mutationCount, 'a mutation count', ['name', 'parameter'])
  return {
    generation: idOf(fields.generation),
    tuningSelection: nameOf(fields.tuningSelection, tuningSelections, 'agent'),
    tuningDuration: {
      name: nameOf(duration.name, tuningDurations, 'agent'),
      parameter: within(duration.parameter, 'parameter', 0, 1e6),
    },
    annealing: within(fields.annealing, 'annealing', 0, 1),
    perturbationRange: within(fields.perturbationRange, 'perturbationRange', 0, 100),
    mutationCount: {
      name: nameOf(count.name, mutationCounts, 'agent'),
      parameter: within(count.parameter, 'parameter', 0, 1e3),
    },
    heredity: nameOf(fields.heredity, heredityTypes, 'agent'),
    operatorWeights: operatorWeightsOf(operatorWeights),
  }
}

function operatorWeightsOf(value: unknown): AgentParameters['operatorWeights'] {
  let before = ''
  return listOf(value, 'operatorWeights', GENOTYPE_OPERATORS_MAX).map((one) => {
    const [name, weight, ...more] = listOf(one, 'an operator weight', 2)
    const operator = textOf(name)
    if (operator <= before || more.length > 0) {
      throw new Refusal('order', `operator ${operator} does not stand after ${before}`)
    }
    before = operator
    return [operator, within(weight, 'the weight of an operator', 0, 1e6)] as const
  })
}

const encoder = new TextEncoder()

/** A name: well-formed text of 1 to GENOTYPE_NAME_BYTES_MAX bytes in UTF-8. */
function textOf(value: unknown): string {
  const isText = typeof value === 'string' && value !== '' && value.isWellFormed()
  if (!isText || encoder.encode(value).length > GENOTYPE_NAME_BYTES_MAX) {
    throw new Refusal('morphology', `a name has 1 to ${GENOTYPE_NAME_BYTES_MAX} bytes`)
  }
  return value
}
