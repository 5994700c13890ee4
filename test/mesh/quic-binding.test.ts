import { describe, expect, it } from 'vitest'
import { errorCodeOf, quicBinding, quicVersion } from '../../src/mesh/quic-binding.ts'

describe('quicBinding', () => {
  it('is the state machine of QUIC version 1', () => {
    expect(quicBinding().versionIsSupported(1)).toBe(true)
    expect(quicBinding()).toBe(quicBinding())
  })
})

describe('quicVersion', () => {
  it('names the package that carries the binding', () => {
    expect(quicVersion()).toMatch(/^@matrixai\/quic \d+\.\d+\.\d+$/)
  })
})

describe('errorCodeOf', () => {
  it('reads the code of the error it is asked for, and of no other', () => {
    expect(errorCodeOf(new Error('StreamReset(7)'), 'StreamReset')).toBe(7)
    expect(errorCodeOf(new Error('StreamStopped(7)'), 'StreamReset')).toBeUndefined()
    expect(errorCodeOf(new Error('InvalidStreamState(7)'), 'StreamReset')).toBeUndefined()
    expect(errorCodeOf('StreamReset(7)', 'StreamReset')).toBeUndefined()
  })
})
