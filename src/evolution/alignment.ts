// Which genes of two genotypes correspond (Stanley & Miikkulainen 2002, figure 4): the plainest
// form of what distance.ts and crossover.ts do in passing, for pictures, reports and tests.
import type { Alignable } from './distance.ts'

/** Innovation numbers, ascending. */
export interface Alignment {
  readonly matching: readonly number[]
  /** Of one genotype only, within the range of the other's numbers. */
  readonly disjointA: readonly number[]
  readonly disjointB: readonly number[]
  /** Of one genotype only, beyond the other's largest number. */
  readonly excessA: readonly number[]
  readonly excessB: readonly number[]
}

/** Aligns the links of two genotypes. */
export function align(a: Pick<Alignable, 'links'>, b: Pick<Alignable, 'links'>): Alignment {
  const [numbersA, numbersB] = [a, b].map(({ links }) => links.map((link) => link.innovation))
  const [mine, theirs] = [new Set(numbersA), new Set(numbersB)]
  const lastA = numbersA?.at(-1) ?? -1
  const lastB = numbersB?.at(-1) ?? -1
  const onlyA = (numbersA ?? []).filter((number) => !theirs.has(number))
  const onlyB = (numbersB ?? []).filter((number) => !mine.has(number))
  return {
    matching: (numbersA ?? []).filter((number) => theirs.has(number)),
    disjointA: onlyA.filter((number) => number <= lastB),
    disjointB: onlyB.filter((number) => number <= lastA),
    excessA: onlyA.filter((number) => number > lastB),
    excessB: onlyB.filter((number) => number > lastA),
  }
}
