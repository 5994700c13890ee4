// What an actuator makes of the outputs of a network before the scape sees them, in place.
//
//   processOutputs('softmax', outputs)
//
// DXNN2's and faber's actuator functions. All are pure; softmax uses the engine's own exp.
import type { ActuatorProcessing } from '../genotype.ts'
import { exp } from './elementary.ts'

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
