// Names of topics (Macula protocol, section 8): `realm/org/app/domain/name_vN`. An organisation's
// own topics stand under the app `_org`, a realm's under `_realm/_realm`. Names that start with `_`
// belong to the system.
//
//   formatTopic({ realm: 'io.example.garden', org: 'acme', app: 'brain', domain: 'evolution',
//     name: 'best', version: 1 })                // 'io.example.garden/acme/brain/evolution/best_v1'
//
// What is new about a fact goes into the version, what the fact is about into the payload: a topic
// is a kind of event, not an address.
import { TOPIC_BYTES_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'

/** A topic of an app; without `app` its organisation's, without `org` the realm's. */
export interface Topic {
  /** The realm's name, not its tag. */
  readonly realm: string
  readonly org?: string
  readonly app?: string
  readonly domain: string
  readonly name: string
  /** An integer from 0. */
  readonly version: number
}

/** Why a text is no topic; the names are the protocol's. */
export type TopicFault =
  | 'invalid_structure'
  | 'mismatched_realm_sentinel'
  | 'missing_version_suffix'
  | 'too_long'

const REALM_SENTINEL = '_realm'
const ORG_SENTINEL = '_org'
const segmentPattern = /^[a-z0-9][a-z0-9._-]*$/
const versionPattern = /^(.+)_v([0-9]{1,15})$/s
const encoder = new TextEncoder()

/**
 * The text of a topic.
 * @throws ArborError `bad_topic` when a segment is not lower-case letters, digits, `.`, `_` and
 * `-`, the
 *   first a letter or digit, or the whole is too long
 */
export function formatTopic(topic: Topic): string {
  const { realm, org, app, domain, name, version } = topic
  if (org === undefined && app !== undefined) throw badTopic(topic, 'an app belongs to an org')
  for (const segment of [realm, org, app, domain, name]) {
    if (segment !== undefined && !segmentPattern.test(segment)) {
      throw badTopic(topic, `the segment '${segment}' has other characters than a-z 0-9 . _ -`)
    }
  }
  if (!Number.isSafeInteger(version) || version < 0) throw badTopic(topic, `version ${version}`)
  const owner =
    org === undefined ? `${REALM_SENTINEL}/${REALM_SENTINEL}` : `${org}/${app ?? ORG_SENTINEL}`
  const text = `${realm}/${owner}/${domain}/${name}_v${version}`
  if (text.length > TOPIC_BYTES_MAX) throw badTopic(topic, `longer than ${TOPIC_BYTES_MAX} bytes`)
  return text
}

/**
 * The parts of a topic, or why it is none. Laxer than `formatTopic` about characters, as the
 * protocol is.
 */
export function parseTopic(text: string): Topic | TopicFault {
  if (encoder.encode(text).length > TOPIC_BYTES_MAX) return 'too_long'
  const segments = text.split('/')
  const [realm = '', org = '', app = '', domain = '', tail = ''] = segments
  if (segments.length !== 5 || segments.includes('')) return 'invalid_structure'
  if ((org === REALM_SENTINEL) !== (app === REALM_SENTINEL)) return 'mismatched_realm_sentinel'
  const [, name, digits] = versionPattern.exec(tail) ?? []
  if (name === undefined) return 'missing_version_suffix'
  const version = Number(digits)
  if (org === REALM_SENTINEL) return { realm, domain, name, version }
  if (app === ORG_SENTINEL) return { realm, org, domain, name, version }
  return { realm, org, app, domain, name, version }
}

/** Whether a topic belongs to the system. */
export function isSystemTopic(text: string): boolean {
  return text.startsWith('_')
}

/**
 * Refuses what nobody should publish or subscribe to.
 * @throws ArborError `bad_topic` unless the text is a topic or a system topic
 */
export function checkTopic(operation: string, text: string): void {
  const fault = parseTopic(text)
  if (typeof fault !== 'string') return
  if (isSystemTopic(text) && fault !== 'too_long') return
  throw new ArborError(
    'bad_topic',
    `'${text.slice(0, TOPIC_BYTES_MAX)}' is no topic (${fault})`,
    'write realm/org/app/domain/name_v1, see formatTopic',
    { operation, target: text.slice(0, TOPIC_BYTES_MAX) },
  )
}

function badTopic(topic: Topic, why: string): ArborError {
  const advice = 'use short lower-case segments and a version from 0'
  return new ArborError('bad_topic', `no topic: ${why}`, advice, {
    operation: 'formatTopic',
    request: topic,
  })
}
