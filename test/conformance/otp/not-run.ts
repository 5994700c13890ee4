// Which scenarios are not run, and why: they need what Arbor does not have (yet). A reason is a
// predicate, so that it holds for other sets of scenarios too; the names are those of our own
// folder, and the tests assert that both agree, so that nothing is lost silently.
import type { Scenario } from './scenario.ts'

interface Reason {
  readonly reason: string
  readonly concerns: (scenario: Scenario) => boolean
  readonly names: readonly string[]
}

export const notRun: readonly Reason[] = []
