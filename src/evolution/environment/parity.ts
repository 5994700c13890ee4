// Parity: whether an odd number of the bits is one; XOR with more bits (Koza, Genetic Programming,
// 1992, asks for an even number, which is the opposite answer). Hard, because every bit
// turns every answer: no network is better than chance that does not look at all of them.
import type { Problem } from './environment.ts'
import { truthTableProblem } from './truth-table.ts'

function parity(bits: number): Problem {
  const names = Array.from({ length: bits }, (_, bit) => `b${bit}`)
  return truthTableProblem(`parity${bits}`, names, 'odd', (values) => {
    return values.reduce((sum, value) => sum + value, 0) % 2 === 1
  })
}

/** 8 cases. */
export const parity3: Problem = parity(3)
/** 16 cases. */
export const parity4: Problem = parity(4)
/** 32 cases. */
export const parity5: Problem = parity(5)
