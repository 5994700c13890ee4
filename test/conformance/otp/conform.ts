// The tests of one kind of scenarios: each is run or listed with a reason, and none is lost.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { difference } from './comparison.ts'
import { departures, expectedOf, otherWays } from './departures.ts'
import { notRun } from './not-run.ts'
import { runScenario } from './run-scenario.ts'
import { isOwnFolder, readScenarios, type Scenario } from './scenario.ts'

const omissions = [
  ...notRun,
  ...otherWays.map(({ rule, concerns, names }) => ({ reason: rule, concerns, names })),
]

/** Why a scenario is not run, or undefined. */
export function omissionOf(scenario: Scenario): string | undefined {
  return omissions.find(({ concerns }) => concerns(scenario))?.reason
}

/** With ARBOR_REAL_TIME=all the machine's clock runs those that sleep, too: a minute in all. */
const isPatient = process.env.ARBOR_REAL_TIME === 'all'

/** Whether the machine's clock can run it in no time. */
function isInstant({ steps }: Scenario): boolean {
  return !JSON.stringify(steps).includes('"op":"sleep"')
}

/** Names as listed by rule, of one kind. */
function listed(
  kind: string,
  lists: readonly { readonly names: readonly string[] }[],
): readonly string[] {
  const names = lists.flatMap((list) => list.names)
  return names.filter((name) => name.startsWith(`${kind}/`)).sort()
}

/** Declares the tests of a kind, e.g. `signals`. */
export function conform(kind: string): void {
  const scenarios = readScenarios(kind)
  const run = scenarios.filter((scenario) => omissionOf(scenario) === undefined)
  if (scenarios.length === 0) {
    it.skip(`${kind}: the folder has no scenarios of this kind`, () => {})
    return
  }

  describe(`${kind}: ${run.length} of ${scenarios.length} scenarios of Erlang/OTP`, () => {
    for (const scenario of run) {
      const { name, rule } = scenario
      const { trace } = expectedOf(scenario)
      it(`${name}: ${rule}`, async () => {
        expect(difference(scenario, trace, await runScenario(scenario))).toBe('')
      })
      if (!isPatient && !isInstant(scenario)) continue
      it(`${name}, in real time`, async () => {
        expect(difference(scenario, trace, await runScenario(scenario, 'real'))).toBe('')
      })
    }
  })

  // The names of other sets are not known here; the reasons hold for them too.
  if (!isOwnFolder) return
  describe(`${kind}: the lists`, () => {
    it('name every scenario that is not run', () => {
      const omitted = scenarios.filter((scenario) => omissionOf(scenario) !== undefined)
      expect(omitted.map(({ name }) => name).sort()).toEqual(listed(kind, omissions))
      expect(run.length + omitted.length).toBe(scenarios.length)
    })

    it('name every scenario that departs', () => {
      const departing = run.filter((scenario) => expectedOf(scenario).rules.length > 0)
      expect(departing.map(({ name }) => name).sort()).toEqual(listed(kind, departures))
    })

    it('are explained to who comes from Erlang', () => {
      const page = readFileSync(
        join(import.meta.dirname, '../../../docs/coming-from-erlang.md'),
        'utf8',
      )
      const names = listed(kind, [...departures, ...otherWays])
      expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
    })
  })
}
