// The Boolean multiplexer (Koza, Genetic Programming, 1992, section 7.4): the address bits, taken
// as a number, say which of the data bits is to be answered. a0 is the address's lowest bit.
import type { Problem } from './environment.ts'
import { truthTableProblem } from './truth-table.ts'

function multiplexer(addressBits: number): Problem {
  const dataBits = 1 << addressBits
  const names = [
    ...Array.from({ length: addressBits }, (_, bit) => `a${bit}`),
    ...Array.from({ length: dataBits }, (_, bit) => `d${bit}`),
  ]
  return truthTableProblem(`multiplexer${names.length}`, names, 'selected', (values) => {
    let address = 0
    for (let bit = 0; bit < addressBits; bit++) address += values[bit]! << bit
    return values[addressBits + address] === 1
  })
}

/** Two address and four data bits: 64 cases. */
export const multiplexer6: Problem = multiplexer(2)
/** Three address and eight data bits: 2,048 cases. */
export const multiplexer11: Problem = multiplexer(3)
