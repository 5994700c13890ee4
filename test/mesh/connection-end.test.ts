import { describe, expect, it } from 'vitest'
import {
  connectionEnd,
  connectionEndOf,
  formatConnectionEnd,
  goodbyeReasonOf,
} from '../../src/mesh/connection-end.ts'
import { isOrderly } from '../../src/runtime/exit-reason.ts'

describe('connectionEnd', () => {
  it('is an orderly exit that carries its cause', () => {
    const reason = connectionEnd('goodbye', 'operator_stop')
    expect(isOrderly(reason)).toBe(true)
    expect(connectionEndOf(reason)).toEqual({ cause: 'goodbye', detail: 'operator_stop' })
  })
})

describe('connectionEndOf', () => {
  it('tells a stop from a crash', () => {
    expect(connectionEndOf('shutdown').cause).toBe('stopped')
    expect(connectionEndOf({ shutdown: 'idle' }).cause).toBe('stopped')
    expect(connectionEndOf('killed').cause).toBe('crashed')
    const crash = { error: new Error('boom'), call: { callback: 'handleInfo' } }
    expect(connectionEndOf(crash)).toEqual({ cause: 'crashed', detail: 'Error: boom' })
  })
})

describe('formatConnectionEnd', () => {
  it('fits on one line', () => {
    const { shutdown } = connectionEnd('session_closed', 'timeout')
    expect(formatConnectionEnd(shutdown)).toBe('session_closed: timeout')
    expect(formatConnectionEnd(connectionEnd('liveness_lost', '').shutdown)).toBe('liveness_lost')
  })
})

describe('goodbyeReasonOf', () => {
  it('says what the protocol says', () => {
    const said = (cause: Parameters<typeof connectionEnd>[0], isStation = false): string =>
      goodbyeReasonOf(connectionEnd(cause, 'detail').shutdown, isStation)
    expect(said('disconnected')).toBe('detail')
    expect(said('liveness_lost')).toBe('app_liveness_lost')
    expect(said('protocol_error')).toBe('protocol_error')
    expect(said('stopped')).toBe('client_stop')
    expect(said('owner_down', true)).toBe('operator_stop')
  })
})
