// XOR, the smallest problem that needs a hidden neuron: four cases, after NEAT (Stanley & Miikkulainen
// 2002, section 4.1): fitness (4 - sum of the errors)^2, solved when all four outputs are on the right side
// of one half. A test of structure only while outputs are sigmoid: a gaussian output solves it alone.
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'

const CASES: readonly (readonly [a: number, b: number, xor: number])[] = [
  [0, 0, 0],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
]

const inputs = new Float64Array(2)
const outputs = new Float64Array(1)

function answer(network: Network, a: number, b: number): number {
  network.reset()
  inputs[0] = a
  inputs[1] = b
  network.step(inputs, outputs)
  return outputs[0]!
}

function evaluate(network: Network): Evaluation {
  let error = 0
  let right = 0
  for (const [a, b, xor] of CASES) {
    const y = answer(network, a, b)
    // An answer outside [0, 1], or none at all, counts as wrong, so that no activation is worth cheating with.
    error += y >= 0 && y <= 1 ? Math.abs(y - xor) : 1
    if (xor === 1 ? y > 0.5 : y < 0.5) right += 1
  }
  return { fitness: (4 - error) * (4 - error), steps: CASES.length, solved: right === CASES.length }
}

function verify(network: Network): Verification {
  const answers = CASES.map(([a, b]) => `${a} xor ${b} = ${answer(network, a, b).toFixed(3)}`)
  return { solved: evaluate(network).solved, detail: answers.join(', ') }
}

export const xor: Problem = {
  name: 'xor',
  inputs: 2,
  outputs: 1,
  outputActivation: 'steep_sigmoid',
  hiddenActivation: 'steep_sigmoid',
  needsMemory: false,
  evaluate,
  verify,
}
