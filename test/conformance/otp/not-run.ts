// Which scenarios are not run, and why: they need what Arbor does not have (yet). A reason is a
// predicate, so that it holds for other sets of scenarios too; the names are those of our own
// folder, and the tests assert that both agree, so that nothing is lost silently.
import { uses } from './operation.ts'
import { partsOf, type Scenario } from './scenario.ts'

interface Reason {
  readonly reason: string
  readonly concerns: (scenario: Scenario) => boolean
  readonly names: readonly string[]
}

/** Whether a part of the steps has a field, or a field of a value. */
function has(scenario: Scenario, field: string, ...values: readonly unknown[]): boolean {
  for (const part of partsOf(scenario.steps)) {
    if (!(field in part)) continue
    if (values.length === 0 || values.includes(part[field])) return true
  }
  return false
}

/** Whether a puppet that holds its messages shall lose one of them. */
function partsFlush({ steps }: Scenario): boolean {
  for (const { op, opts } of partsOf(steps)) {
    if (op === 'demonitor' && Array.isArray(opts) && opts.includes('flush')) return true
  }
  return false
}

export const notRun: readonly Reason[] = [
  {
    reason: 'no aliases: a late reply finds its call closed, and nothing else needs them',
    concerns: (scenario) => uses(scenario.steps, 'alias', 'unalias') || has(scenario, 'alias'),
    names: [
      'signals/unalias-drops',
      'signals/alias-reply-once',
      'signals/monitor-alias-explicit_unalias-two-sends',
      'signals/monitor-alias-explicit_unalias-down',
      'signals/monitor-alias-demonitor-two-sends',
      'signals/monitor-alias-demonitor-unalias',
      'signals/monitor-alias-reply_demonitor-two-sends',
      'signals/monitor-alias-reply_demonitor-down',
    ],
  },
  {
    reason: 'no priorities: a turn is a budget, and who floods others sits it out',
    concerns: ({ steps }) => uses(steps, 'priority'),
    names: ['signals/priority-bad'],
  },
  {
    reason: 'no process dictionary: state is a value',
    concerns: ({ steps }) => uses(steps, 'dict_put', 'dict_get'),
    names: [],
  },
  {
    reason: 'a monitor has no tag: `Down` carries its reference',
    concerns: (scenario) =>
      has(scenario, 'tag') && scenario.steps.some((step) => step.op === 'monitor' && 'tag' in step),
    names: ['signals/monitor-tag-tuple'],
  },
  {
    reason: 'no selective receive: a puppet keeps held messages itself, where no flush finds them',
    concerns: (scenario) =>
      uses(scenario.steps, 'recv') || (has(scenario, 'hold', true) && partsFlush(scenario)),
    names: [
      'signals/demonitor-after-flush',
      'signals/recv-either',
      'signals/recv-timeout-0-empty',
      'signals/recv-timeout-cut-short',
      'signals/recv-timeout-not-reset',
      'signals/recv-exit-kills-waiting',
      'signals/recv-trapped-exit-matches',
      'timers/recv-after-vs-timer',
    ],
  },
]
