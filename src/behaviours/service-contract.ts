// Whether what a service says of itself can be meant: read and checked once before it starts, and
// again whenever it is read anew. A mistake is an ArborError with code `bad_service` that names the
// field and the mend: a service must never run green and unreachable.
import {
  CAPABILITIES_MAX,
  CAPABILITY_NAME_LENGTH_MAX,
  HANDLER_TIMEOUT_MS_MAX,
  HEALTH_REASON_LENGTH_MAX,
  IDENTITY_ITEMS_MAX,
  SERVICE_NAME_LENGTH_MAX,
  SERVICE_TEXT_LENGTH_MAX,
} from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { formatReason } from '../runtime/exit-reason.ts'
import {
  type AnyService,
  type Capability,
  type CapabilityAuth,
  down,
  type Health,
  type IdentitySpec,
  type Info,
} from './service.ts'

/** What a service says of itself, checked. */
export interface Contract {
  readonly info: Info
  readonly capabilities: readonly Capability[]
  readonly identitySpec: IdentitySpec
}

/** Capabilities every service has without declaring them. */
const RESERVED: readonly string[] = ['info', 'get_limits', 'set_limits']

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const VERSION = /^\d+(\.\d+)*([-+][0-9A-Za-z.+-]+)?$/
const CAPABILITY_NAME = /^[a-z][a-z0-9_-]*([./][a-z0-9][a-z0-9_-]*)*$/

/** Reads and checks all a service declares. */
export function contractOf(service: AnyService): Contract {
  return {
    info: infoOf(service),
    capabilities: capabilitiesOf(service),
    identitySpec: identitySpecOf(service),
  }
}

export function infoOf(service: AnyService): Info {
  const at = new Place(service, 'info')
  const info = at.object(
    at.read(() => service.info()),
    'info',
    ['name', 'version', 'description'],
  )
  const name = at.text(info.name, 'info.name', SERVICE_NAME_LENGTH_MAX)
  if (!KEBAB_CASE.test(name)) {
    throw at.refuse('info.name', name, 'give a name in kebab-case, such as my-service')
  }
  const version = at.text(info.version, 'info.version', SERVICE_TEXT_LENGTH_MAX)
  if (!VERSION.test(version)) {
    throw at.refuse('info.version', version, "give the application's version, such as 1.4.0")
  }
  const text = at.text(info.description, 'info.description', SERVICE_TEXT_LENGTH_MAX)
  return { name, version, description: text }
}

export function capabilitiesOf(service: AnyService): readonly Capability[] {
  const at = new Place(service, 'capabilities')
  const listed = at.list(
    at.read(() => service.capabilities()),
    'capabilities',
    CAPABILITIES_MAX,
  )
  const seen = new Set<string>()
  return listed.map((value, index) => {
    const field = `capabilities[${index}]`
    const capability = checkCapability(at, value, field)
    const id = `${capability.name}@${capability.version}`
    if (seen.has(id)) throw at.refuse(field, id, 'list each name and version once')
    seen.add(id)
    return capability
  })
}

const kinds = ['response', 'streamer'] as const
const streamModes = ['server_stream', 'client_stream'] as const
const sealings = ['off', 'preferred', 'required'] as const
const auths = ['open', 'ucan_required', 'realm_member_required'] as const
const capabilityFields = [
  'name',
  'version',
  'kind',
  'streamMode',
  'auth',
  'handlerTimeoutMs',
  'confidential',
]

function checkCapability(at: Place, value: unknown, field: string): Capability {
  const given = at.object(value, field, capabilityFields)
  const name = at.text(given.name, `${field}.name`, CAPABILITY_NAME_LENGTH_MAX)
  if (!CAPABILITY_NAME.test(name)) {
    const mend = 'use small letters, digits, _ and -, in parts joined by . or /'
    throw at.refuse(`${field}.name`, name, mend)
  }
  if (RESERVED.includes(name)) {
    throw at.refuse(`${field}.name`, name, 'choose another: every service has this one already')
  }
  const version = at.wholeNumber(given.version, `${field}.version`)
  const kind = at.oneOf(given.kind, `${field}.kind`, kinds)
  const streamMode = at.oneOf(given.streamMode, `${field}.streamMode`, streamModes)
  const confidential = at.oneOf(given.confidential, `${field}.confidential`, sealings)
  const auth = given.auth === undefined ? undefined : checkAuth(at, given.auth, field)
  if (streamMode !== undefined && kind !== 'streamer') {
    throw at.refuse(`${field}.streamMode`, streamMode, "set kind to 'streamer', or leave it out")
  }
  const handlerTimeoutMs = checkTimeout(at, given.handlerTimeoutMs, field, kind === 'streamer')
  return {
    name,
    version,
    ...(kind === undefined ? {} : { kind }),
    ...(streamMode === undefined ? {} : { streamMode }),
    ...(auth === undefined ? {} : { auth }),
    ...(handlerTimeoutMs === undefined ? {} : { handlerTimeoutMs }),
    ...(confidential === undefined ? {} : { confidential }),
  }
}

function checkTimeout(
  at: Place,
  value: unknown,
  field: string,
  isStreamer: boolean,
): number | undefined {
  if (value === undefined) return undefined
  const path = `${field}.handlerTimeoutMs`
  if (isStreamer) throw at.refuse(path, value, 'leave it out of a streamer')
  return at.wholeNumber(value, path, HANDLER_TIMEOUT_MS_MAX)
}

function checkAuth(at: Place, value: unknown, field: string): CapabilityAuth {
  const auth = at.object(value, `${field}.auth`, ['type', 'issuer', 'realmKey', 'ability'])
  const text = (key: string): string =>
    at.text(auth[key], `${field}.auth.${key}`, SERVICE_TEXT_LENGTH_MAX)
  const type = at.oneOf(auth.type, `${field}.auth.type`, auths)
  if (type === undefined) {
    throw at.refuse(`${field}.auth.type`, undefined, `give one of ${auths.join(', ')}`)
  }
  if (type === 'open') return { type }
  if (type === 'ucan_required') return { type, issuer: text('issuer') }
  return { type, realmKey: text('realmKey'), ability: text('ability') }
}

export function identitySpecOf(service: AnyService): IdentitySpec {
  const at = new Place(service, 'identitySpec')
  const fields = ['scope', 'actions', 'resources', 'ttlDays']
  const spec = at.object(
    at.read(() => service.identitySpec()),
    'identitySpec',
    fields,
  )
  const texts = (key: string): readonly string[] =>
    at
      .list(spec[key], `identitySpec.${key}`, IDENTITY_ITEMS_MAX)
      .map((item, i) => at.text(item, `identitySpec.${key}[${i}]`, SERVICE_TEXT_LENGTH_MAX))
  return {
    scope: at.text(spec.scope, 'identitySpec.scope', SERVICE_TEXT_LENGTH_MAX),
    actions: texts('actions'),
    resources: texts('resources'),
    ttlDays: at.wholeNumber(spec.ttlDays, 'identitySpec.ttlDays'),
  }
}

/** What `health` returned, or down when that is no `Health`; never throws. */
export function healthOf(returned: unknown): Health {
  if (typeof returned !== 'object' || returned === null) {
    return down(`health returned ${shown(returned)}, not ok(), degraded(reason) or down(reason)`)
  }
  const { status, reason } = returned as { status?: unknown; reason?: unknown }
  if (status === 'ok') return { status }
  if (status !== 'degraded' && status !== 'down') {
    return down(`health returned status ${shown(status)}, not ok, degraded or down`)
  }
  if (typeof reason !== 'string' || reason === '') {
    return down(`health returned ${status} without a reason`)
  }
  return { status, reason: reason.slice(0, HEALTH_REASON_LENGTH_MAX) }
}

/** Down, with the class and the message of what was thrown; never throws. */
export function downBy(thrown: unknown): Health {
  let reason: string
  try {
    reason = formatReason({ error: thrown, call: { callback: 'health' } })
  } catch {
    reason = 'health threw something that cannot be shown'
  }
  if (reason.trim() === '') reason = `health threw ${shown(thrown)}`
  return down(reason.slice(0, HEALTH_REASON_LENGTH_MAX))
}

/** A value in a word or two. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** Where in which service a value stands; knows how to refuse it. */
class Place {
  readonly #service: string
  readonly #callback: string

  constructor(service: AnyService, callback: string) {
    this.#service = service.constructor.name
    this.#callback = callback
  }

  refuse(field: string, value: unknown, mend: string): ArborError {
    const attempt = { operation: this.#callback, target: this.#service, request: value }
    const message = `${field} of ${this.#service} is ${shown(value)}`
    return new ArborError('bad_service', message, mend, attempt)
  }

  read(callback: () => unknown): unknown {
    try {
      return callback()
    } catch (thrown) {
      const attempt = { operation: this.#callback, target: this.#service }
      const message = `${this.#callback} of ${this.#service} threw`
      const mend = 'let it return data; what may fail belongs into start'
      throw new ArborError('bad_service', message, mend, attempt, thrown)
    }
  }

  object(value: unknown, field: string, known: readonly string[]): Record<string, unknown> {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject || value instanceof Promise) {
      throw this.refuse(field, value, `give an object with ${known.join(', ')}`)
    }
    const unknown = Object.keys(value).find((key) => !known.includes(key))
    if (unknown !== undefined) {
      throw this.refuse(
        `${field}.${unknown}`,
        'unknown',
        `leave it out; known are ${known.join(', ')}`,
      )
    }
    return { ...value }
  }

  list(value: unknown, field: string, lengthMax: number): readonly unknown[] {
    if (!Array.isArray(value)) throw this.refuse(field, value, 'give a list; [] when there is none')
    if (value.length > lengthMax) {
      throw this.refuse(`${field}.length`, value.length, `list at most ${lengthMax}`)
    }
    return value
  }

  text(value: unknown, field: string, lengthMax: number): string {
    if (typeof value !== 'string') throw this.refuse(field, value, 'give a text')
    if (value.trim() === '') throw this.refuse(field, value, 'give a text that is not empty')
    if (value.length > lengthMax) {
      throw this.refuse(field, value, `give at most ${lengthMax} characters`)
    }
    return value
  }

  wholeNumber(value: unknown, field: string, most: number = Number.MAX_SAFE_INTEGER): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most) {
      return value
    }
    const mend = most === Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`
    throw this.refuse(field, value, `give a positive integer${mend}`)
  }

  /** A word out of a few, where it is given at all. */
  oneOf<T extends string>(value: unknown, field: string, words: readonly T[]): T | undefined {
    if (value === undefined) return undefined
    const word = words.find((known) => known === value)
    if (word === undefined) throw this.refuse(field, value, `give one of ${words.join(', ')}`)
    return word
  }
}
