// The problems that come with Arbor, by the name that `--task` takes. A table of the user's own becomes a
// problem through data-set.ts.
import { doublePole, doublePoleNoVelocity } from './double-pole.ts'
import type { Problem } from './environment.ts'
import { xor } from './xor.ts'

const problems: readonly Problem[] = [xor, doublePole, doublePoleNoVelocity]

/** What `--task` may name. */
export const taskNames: readonly string[] = problems.map(({ name }) => name)

/** The problem of a task name, or undefined. */
export function problemNamed(name: string): Problem | undefined {
  return problems.find((problem) => problem.name === name)
}
