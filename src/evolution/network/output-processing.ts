// What an actuator makes of the outputs of a network before the scape sees them, in place.
//
//   processOutputs('softmax', outputs)
//
// DXNN2's and faber's actuator functions. All are pure; softmax uses the engine's own exp.
import { type ActuatorProcessing, actuatorProcessings } from '../genotype.ts'
import { exp } from './elementary.ts'
import type { PlanTraits } from './plan-traits.ts'

/**
 * Rewrites `outputs`:
 * - `identity`: as they are (faber's `pts`);
 * - `threshold`: 1 above 0, else 0;
 * - `softmax`: shares of e^(output - largest output), summing to 1;
 * - `argmax`: 1 at the largest output (the first of equal ones), 0 elsewhere.
 */
export function processOutputs(processing: ActuatorProcessing, outputs: Float64Array): void {
  switch (processing) {
    case 'identity':
      return
    case 'threshold':
      for (let i = 0; i < outputs.length; i++) outputs[i] = outputs[i]! > 0 ? 1 : 0
      return
    case 'softmax':
      softmax(outputs)
      return
    case 'argmax': {
      const largest = argmax(outputs)
      outputs.fill(0)
      if (outputs.length > 0) outputs[largest] = 1
    }
  }
}

/** The outputs of each actuator of a plan by its processing, in place. */
export function processActuators(
  { processing, begins }: Pick<PlanTraits, 'processing' | 'begins'>,
  outputs: Float64Array,
): void {
  for (let begin = 0, end = 1; begin < processing.length; begin = end++) {
    while (end < processing.length && begins[end] === 0) end++
    const name = actuatorProcessings[processing[begin]!] ?? 'identity'
    if (name !== 'identity') processOutputs(name, outputs.subarray(begin, end))
  }
}

/** The index of the largest value, the first of equal ones; 0 of nothing. */
export function argmax(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[largest]!) largest = i
  return largest
}

function softmax(outputs: Float64Array): void {
  const largest = outputs[argmax(outputs)] ?? 0
  let sum = 0
  for (let i = 0; i < outputs.length; i++) {
    outputs[i] = exp(outputs[i]! - largest)
    sum += outputs[i]!
  }
  for (let i = 0; i < outputs.length; i++) outputs[i]! /= sum
}
