// What a supervisor refuses, in OTP's words: each of our errors names in `attempt.request` what is
// wrong.
import type { ArborError } from '../../../src/runtime/arbor-error.ts'
import type { Term } from './scenario.ts'

type Request = { readonly [field: string]: Term | undefined }

function requestOf({ attempt }: ArborError): Request {
  const { request } = attempt
  return typeof request === 'object' && request !== null ? (request as Request) : {}
}

/** What is wrong with a child's spec. */
export function badSpecTerm(error: ArborError): Term {
  const request = requestOf(error)
  if ('significant' in request) {
    if ('autoShutdown' in request) return badCombination('auto_shutdown', 'never')
    if ('restart' in request) return badCombination('restart', 'permanent')
    return ['invalid_significant', request.significant ?? null]
  }
  if ('restart' in request) return ['invalid_restart_type', request.restart ?? null]
  if ('type' in request) return ['invalid_child_type', request.type ?? null]
  if ('shutdown' in request) return ['invalid_shutdown', request.shutdown ?? null]
  return 'start' in request ? 'missing_start' : 'missing_id'
}

function badCombination(key: string, value: string): Term {
  return [
    'bad_combination',
    {
      list: [
        [key, value],
        ['significant', true],
      ],
    },
  ]
}

/** With what a supervisor ends that was given something it cannot mean; undefined for others. */
export function supervisorFailure(error: ArborError): Term | undefined {
  const request = requestOf(error)
  switch (error.code) {
    case 'bad_option':
      return 'strategy' in request
        ? ['supervisor_data', ['invalid_strategy', request.strategy ?? null]]
        : ['supervisor_data', ['invalid_auto_shutdown', request.autoShutdown ?? null]]
    case 'bad_intensity':
      return 'intensity' in request
        ? ['supervisor_data', ['invalid_intensity', request.intensity ?? null]]
        : ['supervisor_data', ['invalid_period', Number(request.periodMs) / 1000]]
    case 'bad_child_spec':
      return ['start_spec', badSpecTerm(error)]
    case 'already_present':
      return ['start_spec', ['duplicate_child_name', String(error.attempt.target)]]
    case 'bad_options':
      return ['bad_return', ['module', 'init', error.cause as Term]]
    case 'bad_start_return':
      return error.cause as Term
    default:
      return undefined
  }
}
