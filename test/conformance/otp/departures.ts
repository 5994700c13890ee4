// Where Arbor departs from OTP on purpose (docs/coming-from-erlang.md). The scenarios are run all
// the same, against the trace that the departure makes of the recorded one.
import type { Scenario, Segment, Term } from './scenario.ts'
import { isTuple } from './term.ts'

interface Departure {
  readonly rule: string
  /** Changes a copy of the trace; whether there was anything to change. */
  readonly adapt: (scenario: Scenario, trace: Segment[]) => boolean
  /** The scenarios of our own folder that it concerns. */
  readonly names: readonly string[]
}

/** The recorded trace as it is to be seen here, and the rules that changed it. */
export function expectedOf(scenario: Scenario): { trace: Segment[]; rules: string[] } {
  const trace = structuredClone(scenario.trace) as Segment[]
  const rules = departures.filter(({ adapt }) => adapt(scenario, trace)).map(({ rule }) => rule)
  return { trace, rules }
}

/** A start that failed tells its starter once, by what it throws. */
function withoutExitOfFailedStart({ steps }: Scenario, trace: Segment[]): boolean {
  let isChanged = false
  steps.forEach((step, index) => {
    const log = trace[index]?.log
    if (step.op !== 'start' || step.how !== 'start_link' || log === undefined) return
    const by = step.by ?? 'main'
    const entries = log[by] ?? []
    if (!entries.some(isFailedStart)) return
    const kept = entries.filter((entry) => !isExitOf(entry, `@${step.as}`))
    isChanged ||= kept.length < entries.length
    log[by] = kept
  })
  return isChanged
}

function isFailedStart(entry: Term): boolean {
  if (!isTuple(entry) || entry[0] !== 'ret') return false
  return entry[1] === 'ignore' || (isTuple(entry[1]) && entry[1][0] === 'error')
}

function isExitOf(entry: Term, label: string): boolean {
  const message = isTuple(entry) && entry[0] === 'got' ? entry[1] : undefined
  return isTuple(message) && message[0] === 'EXIT' && message[1] === label
}

/** One that does not trap exits lives on: it may catch what the start throws. */
function livingAfterFailedStart({ steps }: Scenario, trace: Segment[]): boolean {
  let isChanged = false
  steps.forEach((step, index) => {
    const segment = trace[index]
    const { by = 'main', as = '' } = step
    const reason = segment?.exits?.[as]
    if (step.op !== 'start' || step.how !== 'start_link' || reason === undefined) return
    if (segment?.exits?.[by] === undefined) return
    delete segment.exits[by]
    segment.log = { ...segment.log, [by]: [['ret', ['error', reason]]] }
    dropDowns(segment, by)
    isChanged = true
  })
  return isChanged
}

function dropDowns(segment: Segment, label: string): void {
  for (const [watcher, entries] of Object.entries(segment.log ?? {})) {
    const kept = entries.filter((entry) => {
      const message = isTuple(entry) && entry[0] === 'got' ? entry[1] : undefined
      return !(isTuple(message) && message[0] === 'DOWN' && message[3] === `@${label}`)
    })
    if (kept.length > 0) segment.log = { ...segment.log, [watcher]: kept }
    else if (segment.log !== undefined) delete segment.log[watcher]
  }
}

export const departures: readonly Departure[] = [
  {
    rule: 'a start that fails tells its starter once, by what it throws, not by an exit signal too',
    adapt: (scenario, trace) => {
      const isQuiet = withoutExitOfFailedStart(scenario, trace)
      return livingAfterFailedStart(scenario, trace) || isQuiet
    },
    names: [
      'gen_server/init-ignore-start_link',
      'gen_server/init-stop-shutdown-start_link',
      'gen_server/init-bad-return-start_link',
      'gen_server/init-error-start_link',
      'gen_server/init-crash-link-kills-untrapped',
      'gen_statem/init-crash',
      'gen_statem/init-stop',
      'supervisor/first-start-fails-exit',
      'supervisor/first-start-fails-first',
      'supervisor/nested-first-start-fails',
      'supervisor/first-start-bad-return',
      'supervisor/sup-init-ignore',
      'supervisor/sup-bad-strategy',
      'supervisor/sup-bad-period',
      'supervisor/auto-shutdown-permanent-refused',
    ],
  },
]

/** Departures no adapted trace can tell: those scenarios are not run. */
export interface OtherWay {
  readonly rule: string
  readonly concerns: (scenario: Scenario) => boolean
  readonly names: readonly string[]
}

export const otherWays: readonly OtherWay[] = []
