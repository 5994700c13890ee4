// The retina (Kashtan & Alon 2005, "Spontaneous evolution of modularity and network motifs", PNAS
// 102, figure 5): eight pixels, four of a left and four of a right half; in all 256 patterns, is
// there an object on the left AND one on the right, or on the left OR on the right? What tells
// whether structure becomes modular: each half can be seen alone. Turn from one goal to the other
// for their modularly varying goals.
//
//   inputs   l0 l1 | r0 r1      a half is two columns of two; l0 and l2 are the left column of the
//            l2 l3 | r2 r3      left half, r1 and r3 the right column of the right half
//
// An object: three pixels or more, or one or two in the outer column only. Each half has one in 8
// of its 16 patterns.

import type { Geometry } from '../substrate/settings.ts'
import type { Problem } from './environment.ts'
import { truthTableProblem } from './truth-table.ts'

const INPUT_NAMES = ['l0', 'l1', 'l2', 'l3', 'r0', 'r1', 'r2', 'r3'] as const

/** Of the outer and the inner column of a half. */
function isObject(outer: number, inner: number): boolean {
  return outer + inner >= 3 || (outer >= 1 && inner === 0)
}

/** Whether there is an object on the left, from all eight pixels. */
export function hasLeftObject(pixels: readonly number[]): boolean {
  return isObject(pixels[0]! + pixels[2]!, pixels[1]! + pixels[3]!)
}

/** Whether there is an object on the right, from all eight pixels. */
export function hasRightObject(pixels: readonly number[]): boolean {
  return isObject(pixels[5]! + pixels[7]!, pixels[4]! + pixels[6]!)
}

/** Two rows of four pixels, in the order of the inputs: half, row, column. */
const geometry: Geometry = {
  input: [2, 4],
  inputPlaces: [-1, 1 / 3].flatMap((left) =>
    [-1, 1].flatMap((row) => [left, left + 2 / 3].map((column) => [row, column])),
  ),
}

/** Both objects: right for 64 patterns. */
export const retinaAnd: Problem = {
  ...truthTableProblem('retina_and', INPUT_NAMES, 'both', (pixels) => {
    return hasLeftObject(pixels) && hasRightObject(pixels)
  }),
  geometry,
}

/** One at least: right for 192 patterns. */
export const retinaOr: Problem = {
  ...truthTableProblem('retina_or', INPUT_NAMES, 'either', (pixels) => {
    return hasLeftObject(pixels) || hasRightObject(pixels)
  }),
  geometry,
}
