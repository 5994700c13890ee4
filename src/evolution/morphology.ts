// What the inputs and outputs of a genotype belong to: the sensors and actuators of a body.
import type { ActuatorGene, SensorGene } from './genotype.ts'

export interface Morphology {
  readonly sensors?: readonly SensorGene[] | undefined
  readonly actuators?: readonly ActuatorGene[] | undefined
}

/** Whether two bodies have the same sensors and actuators in the same order. */
export function isSameMorphology(a: Morphology, b: Morphology): boolean {
  const isEqual = (x: unknown, y: unknown): boolean =>
    x === y || JSON.stringify(x) === JSON.stringify(y)
  return isEqual(a.sensors, b.sensors) && isEqual(a.actuators, b.actuators)
}
