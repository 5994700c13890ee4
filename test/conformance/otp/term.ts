// Between the terms of the scenarios and the values of this runtime: reasons, messages, errors.
import { ArborError } from '../../../src/runtime/arbor-error.ts'
import { CallError } from '../../../src/runtime/call.ts'
import type { ExitReason } from '../../../src/runtime/exit-reason.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import type { Term } from './scenario.ts'
import { statemFailure } from './statem-term.ts'
import { supervisorFailure } from './supervisor-term.ts'

/** What the operations `error` and `throw` throw. */
export class Raised extends Error {
  readonly term: Term

  constructor(term: Term) {
    super(JSON.stringify(term))
    this.term = term
  }
}

export function isTuple(term: Term | undefined): term is Term[] {
  return Array.isArray(term)
}

/** A tuple `["shutdown", X]` is `{ shutdown: X }` here; other tuples are wrapped. */
export function reasonFrom(term: Term): ExitReason {
  if (typeof term === 'string') return term
  if (isTuple(term) && term[0] === 'shutdown' && term.length === 2) return { shutdown: term[1] }
  return { term }
}

/** An exit reason as the scenarios write it. */
export function termOfReason(reason: unknown): Term {
  if (typeof reason === 'string') return reason
  if (typeof reason !== 'object' || reason === null) return ['no reason', String(reason)]
  if ('term' in reason) return reason.term as Term
  if ('shutdown' in reason) return ['shutdown', termOfShutdown(reason.shutdown)]
  if ('alreadyStarted' in reason) return ['already_started', labelOf(reason.alreadyStarted as Pid)]
  if ('error' in reason) return termOfCrash(reason.error)
  return ['unknown reason', JSON.stringify(reason)]
}

function termOfShutdown(inner: unknown): Term {
  if (typeof inner === 'object' && inner !== null && 'failedToStartChild' in inner) {
    const { failedToStartChild: id, reason } = inner as { [key: string]: unknown }
    return ['failed_to_start_child', String(id), termOfReason(reason)]
  }
  return inner as Term
}

/** What a callback threw, as the reason with which Erlang's would end. */
function termOfCrash(error: unknown): Term {
  if (error instanceof Raised) return { crash: error.term }
  if (error instanceof CallError) return callFailure(error)
  if (error instanceof ArborError) {
    const failure = supervisorFailure(error) ?? statemFailure(error)
    if (failure !== undefined) return failure
    return error.code === 'bad_return'
      ? ['bad_return_value', error.cause as Term]
      : { crash: 'badarg' }
  }
  if (error instanceof Error) return { crash: [error.name, error.message] }
  return { crash: ['nocatch', error as Term] }
}

export function callFailure(error: CallError): Term {
  return { callfail: error.code === 'exit' ? termOfReason(error.reason) : error.code }
}

/** `["raise", class, reason]` for what an operation threw. */
export function raised(error: unknown): Term[] {
  if (error instanceof CallError) {
    const failure = callFailure(error)
    return ['raise', 'exit', failure]
  }
  if (error instanceof Raised) return ['raise', 'error', error.term]
  if (error instanceof ArborError) {
    return ['raise', 'error', error.code === 'noproc' && isLink(error) ? 'noproc' : 'badarg']
  }
  return ['raise', 'error', String(error)]
}

/** Only a link to the dead says so; elsewhere a bad pid is a bad argument. */
function isLink(error: ArborError): boolean {
  return error.attempt.operation === 'link'
}

/** The tag by which a program is looked up: the atom, or a tuple's first. */
export function tagOf(request: Term): string {
  const first = isTuple(request) ? request[0] : request
  return typeof first === 'string' ? first : ''
}

/** A message or request as it is shown: a scripted one by its tag, `$self` by its label. */
export function shown(term: Term): Term {
  if (isTuple(term)) return term.map(shown)
  if (typeof term === 'object' && term !== null && 'tag' in term) return term.tag ?? null
  return term
}

/** A term in which `$self` is a label; programs within it are left to who runs them. */
export function withSelf(term: Term, label: string): Term {
  if (term === '$self') return label
  if (isTuple(term)) return term.map((part) => withSelf(part, label))
  if (typeof term !== 'object' || term === null || !('list' in term)) return term
  return { list: withSelf(term.list ?? null, label) }
}

/** JSON with sorted keys and no spaces, as the recorder sorted it. */
export function canonical(term: unknown): string {
  if (Array.isArray(term)) return `[${term.map(canonical).join(',')}]`
  if (typeof term !== 'object' || term === null) return JSON.stringify(term)
  const entries = Object.entries(term).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`).join(',')}}`
}

/** Labels of pids within reasons; those of the world that runs. */
let labelOf: (pid: Pid) => string = String

export function useLabels(labels: (pid: Pid) => string): void {
  labelOf = labels
}
