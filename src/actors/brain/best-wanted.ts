// The question of a node that has joined: who has the best genotype for this task? Whoever knows
// one worth it publishes it once more.
import { type Encodable, isMap, type Value } from '../../identity/value.ts'

const SCHEMA = 'arbor-best-wanted'
const VERSION = 1

/** The question, to be published. */
export function bestWanted(task: string): Encodable {
  return { schema: SCHEMA, version: VERSION, task }
}

/** Whether a payload from the network asks it for this task. */
export function isBestWanted(payload: Value, task: string): boolean {
  return (
    isMap(payload) &&
    payload.get('schema') === SCHEMA &&
    payload.get('version') === VERSION &&
    payload.get('task') === task
  )
}
