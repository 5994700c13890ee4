// A second module of jobs, for dirty.test.ts.
export default function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
