import { describe, expect, it } from 'vitest'
import { countInterval, HEARD, LIVENESS_LAN, type LivenessState } from '../../src/mesh/liveness.ts'

/** Verdicts of intervals in which the peer was heard or not. */
function verdicts(heard: readonly boolean[]): string[] {
  let state: LivenessState = HEARD
  return heard.map((isHeard) => {
    const counted = countInterval(isHeard ? HEARD : state, LIVENESS_LAN)
    state = counted.state
    return counted.verdict
  })
}

describe('countInterval', () => {
  it('asks after a silent interval and gives up after three', () => {
    expect(verdicts([true, false, false, false])).toEqual(['alive', 'ping', 'ping', 'lost'])
  })

  it('forgets misses as soon as the peer is heard', () => {
    const heard = [true, false, false, true, false, false, true]
    expect(verdicts(heard)).toEqual(['alive', 'ping', 'ping', 'alive', 'ping', 'ping', 'alive'])
  })
})
