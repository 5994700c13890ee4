// Where brains that work on the same problem find each other: a realm, and topics in it.
import { type Realm, realmTag } from '../../identity/realm.ts'
import { formatTopic } from '../pubsub/topic.ts'

/** Where on the mesh a brain meets others, and what it meets them for. */
export interface Meeting {
  readonly realm: Realm
  /** Identifies the problem: only records of the same task are looked at. */
  readonly task: string
  /** Topic of the genotypes, and of the question for the best. */
  readonly genotypeTopic: string
  readonly wantedTopic: string
}

/** The realm of brains that name none. */
export const DEFAULT_REALM = 'arbor.local'

/**
 * The meeting of a realm for a task.
 * @throws RangeError when they do not make topics
 */
export function meetingOf(realm: string, task: string): Meeting {
  const topic = (name: string): string =>
    formatTopic({ realm, org: 'arbor', app: 'brain', domain: task, name, version: 1 })
  return {
    realm: realmTag(realm),
    task,
    genotypeTopic: topic('genotype'),
    wantedTopic: topic('best-wanted'),
  }
}
