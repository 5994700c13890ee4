// The body of a network: what its inputs and outputs belong to. A problem may have one, as modules
// of DXNN and faber do (`get_sensors`, `get_actuators`):
//
//   morphology: {
//     sensors: [{ name: 'distance_scanner', length: 5 }, { name: 'energy_reader', length: 1 }],
//     actuators: [{ name: 'two_wheels', length: 2 }],
//     initialSensors: 1,   // energy_reader is there for evolution to find: `add_sensor`, `add_link`
//   }
//
// All genotypes of the problem carry its names, and have an input for every sensor of the body;
// whether a brain uses one is a matter of its links.
import { GENOTYPE_NAME_BYTES_MAX, GENOTYPE_SENSOR_GENES_MAX } from '../limits.ts'
import {
  type ActuatorGene,
  actuatorProcessings,
  type Genotype,
  type SensorGene,
} from './genotype.ts'

export interface Morphology {
  readonly sensors?: readonly SensorGene[] | undefined
  readonly actuators?: readonly ActuatorGene[] | undefined
}

/** The body that a problem offers. */
export interface ProblemMorphology extends Morphology {
  /**
   * Sensors, from the first on, that genotypes of the first generation are linked with; the others
   * wait for evolution to find them. Default: all (DXNN: 1).
   */
  readonly initialSensors?: number
  /** The same of the actuators; what is not linked acts by its bias alone. */
  readonly initialActuators?: number
  /**
   * Names for people only, genotypes do not carry them. So tasks older than morphologies keep the
   * bytes of their genotypes. Default: they do.
   */
  readonly anonymous?: true
}

/** Whether two bodies have the same sensors and actuators in the same order. */
export function isSameMorphology(a: Morphology, b: Morphology): boolean {
  const isEqual = (x: unknown, y: unknown): boolean =>
    x === y || JSON.stringify(x) === JSON.stringify(y)
  return isEqual(a.sensors, b.sensors) && isEqual(a.actuators, b.actuators)
}

/** The names of a problem's body, as its genotypes carry them. */
export function namesOf(
  morphology: ProblemMorphology | undefined,
): Pick<Genotype, 'sensors' | 'actuators'> {
  if (morphology?.anonymous === true) return {}
  const { sensors, actuators } = morphology ?? {}
  return {
    ...(sensors === undefined ? {} : { sensors }),
    ...(actuators === undefined ? {} : { actuators }),
  }
}

/**
 * The genotype with the names of a body; undefined when it has another one, or when its outputs
 * would mean something else by it. Names alone make no difference to what a network does.
 */
export function inMorphology(genotype: Genotype, body: Morphology): Genotype | undefined {
  if (isSameMorphology(genotype, body)) return genotype
  const isNamed = ({ sensors, actuators }: Morphology): boolean =>
    (sensors ?? actuators) !== undefined
  if (isNamed(genotype) && isNamed(body)) return undefined
  const all = [...(genotype.actuators ?? []), ...(body.actuators ?? [])]
  if (all.some(({ processing = 'identity' }) => processing !== 'identity')) return undefined
  const { sensors: _, actuators: __, ...rest } = genotype
  return { ...rest, ...namesOf(body) }
}

/**
 * Throws a RangeError for a body that does not fit so many inputs and outputs, that has a name
 * twice, or more than `GENOTYPE_SENSOR_GENES_MAX` parts.
 */
export function checkMorphology(
  { sensors, actuators, initialSensors, initialActuators }: ProblemMorphology,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): void {
  checkParts('sensors', sensors, inputs, 'inputs')
  checkParts('actuators', actuators, outputs, 'outputs')
  checkInitial('initialSensors', initialSensors, sensors)
  checkInitial('initialActuators', initialActuators, actuators)
  for (const { name, processing = 'identity' } of actuators ?? []) {
    if (actuatorProcessings.includes(processing)) continue
    const known = actuatorProcessings.join(', ')
    throw new RangeError(`actuator ${name} has the processing ${processing}: use one of ${known}`)
  }
}

type Parts = readonly { readonly name: string; readonly length: number }[] | undefined

function checkParts(what: string, parts: Parts, total: number, ends: string): void {
  if (parts === undefined) return
  if (parts.length > GENOTYPE_SENSOR_GENES_MAX) {
    throw new RangeError(`${parts.length} ${what}: use at most ${GENOTYPE_SENSOR_GENES_MAX}`)
  }
  const names = new Set<string>()
  let sum = 0
  for (const { name, length } of parts) {
    const bytes = new TextEncoder().encode(name).length
    if (bytes < 1 || bytes > GENOTYPE_NAME_BYTES_MAX || names.has(name)) {
      const advice = `give each a name of its own, of 1 to ${GENOTYPE_NAME_BYTES_MAX} bytes`
      throw new RangeError(`${what} has the name ${JSON.stringify(name)}: ${advice}`)
    }
    if (!Number.isSafeInteger(length) || length < 1) {
      throw new RangeError(
        `${name} of ${what} has the length ${length}: use a whole number from 1 on`,
      )
    }
    names.add(name)
    sum += length
  }
  if (sum === total) return
  throw new RangeError(`${what} have ${sum} ${ends} together: make it the ${total} of the problem`)
}

function checkInitial(what: string, count: number | undefined, parts: Parts): void {
  if (count === undefined) return
  const most = parts?.length ?? 0
  if (Number.isSafeInteger(count) && count >= 1 && count <= most) return
  throw new RangeError(`${what} is ${count}: use a whole number of 1 to ${most}`)
}

/** Inputs, or outputs, that belong to the first `count` parts; all of them by default. */
export function lengthOfFirst(parts: Parts, count: number | undefined, total: number): number {
  if (parts === undefined || count === undefined) return total
  return parts.slice(0, count).reduce((sum, { length }) => sum + length, 0)
}

/** What each input, or output, is called: `cart` or, where a part has several, `cart[1]`. */
export function partNames(parts: Parts): string[] {
  return (parts ?? []).flatMap(({ name, length }) =>
    length === 1 ? [name] : Array.from({ length }, (_, i) => `${name}[${i}]`),
  )
}
