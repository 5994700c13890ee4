import { describe, expect, it } from 'vitest'
import { activate, activationCode } from '../../../src/evolution/network/activation.ts'
import { activationOf, aggregationOf } from '../../../src/evolution/network/peer-names.ts'

describe('activationOf', () => {
  it('tells functions of one name apart', () => {
    const at = (peer: 'neat-python' | 'faber', name: string, x: number): number => {
      return activate(activationCode(activationOf(peer, name)!), x)
    }
    expect(at('neat-python', 'sigmoid', 0.2)).toBeCloseTo(1 / (1 + Math.exp(-1)), 14)
    expect(at('faber', 'sigmoid', 1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 14)
    expect(at('faber', 'sigmoid', 11)).toBe(at('faber', 'sigmoid', 10))
  })

  it('knows no other names', () => {
    expect(activationOf('neat-python', 'linear')).toBeUndefined()
    expect(activationOf('faber', 'toString')).toBeUndefined()
    expect(aggregationOf('faber', 'sum')).toBeUndefined()
    expect(aggregationOf('neat-python', 'sum')).toBe('dot_product')
  })
})
