// Activations, aggregations and scalers, held to what other neuroevolution programs computed.
// ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import { activate, activationCode } from '../../src/evolution/network/activation.ts'
import { aggregate, aggregationCode } from '../../src/evolution/network/aggregation.ts'
import { activationOf, aggregationOf, type Peer } from '../../src/evolution/network/peer-names.ts'
import * as scaler from '../../src/evolution/network/scaler.ts'
import { neuroVectors } from './neuro-vectors.ts'

type Values = readonly (readonly [number, number])[]

interface Functions {
  readonly values: Readonly<Record<string, Values>>
}

interface FaberFunctions extends Functions {
  readonly bip: Values
  readonly scalers: readonly {
    readonly fn: string
    readonly args: readonly [number | number[], ...number[]]
    readonly result: number | number[]
  }[]
}

interface NeatFunctions extends Functions {
  readonly aggregations: readonly {
    readonly fn: string
    readonly values: readonly number[]
    readonly result: number
  }[]
}

interface Aggregation {
  readonly cases: readonly {
    readonly fn: string
    readonly weights: readonly (readonly number[])[]
    readonly bias: number | null
    readonly inputs: readonly (readonly (readonly number[])[])[]
    readonly outputs: readonly number[]
  }[]
}

const faber = await neuroVectors<FaberFunctions>('neuro_activations')
const neat = await neuroVectors<NeatFunctions>('neat_activations')
const firings = await neuroVectors<Aggregation>('neuro_aggregation')

/** Largest |difference| / |expected|, but nothing below `floor` counts. */
function relative(actual: number, expected: number, floor = 1e-300): number {
  const difference = Math.abs(actual - expected)
  return difference <= floor ? 0 : difference / Math.abs(expected)
}

function checkActivation(peer: Peer, name: string, values: Values): void {
  const activation = activationOf(peer, name)
  expect(activation, `${peer} ${name}`).toBeDefined()
  const code = activationCode(activation!)
  for (const [x, expected] of values) {
    // neat-python takes the sine of 5 x.
    const isLargeAngle = ['sin', 'cos'].includes(name) && Math.abs(x) > (peer === 'faber' ? 8 : 1.6)
    const error = relative(activate(code, x), expected)
    expect(error, `${name}(${x}) = ${expected}`).toBeLessThanOrEqual(isLargeAngle ? 1e-13 : 1e-14)
  }
}

/** The aggregation of these terms. */
function aggregated(code: number, terms: readonly number[]): number {
  return aggregate(code, Float64Array.from(terms), terms.length)
}

describe('neuro_activations', () => {
  it.each(Object.keys(faber.values))('%s', (name) => {
    checkActivation('faber', name, faber.values[name]!)
  })

  it('bip', () => checkActivation('faber', 'bip', faber.bip))

  it.each(faber.scalers.map((one, i) => ({ ...one, i })))('scaler $i, $fn', (one) => {
    const { fn, args, result } = one
    const [first, ...rest] = args
    const [a = 0, b = 0, c = 0, d = 0] = rest
    const answer = (value: number): number => {
      if (fn === 'sat') return scaler.sat(value, a, b)
      if (fn === 'sat_dzone') return scaler.satDzone(value, a, b, c, d)
      if (fn === 'saturation') return scaler.saturation(value, ...rest)
      if (fn === 'scale' && rest.length === 2) return scaler.scale(value, a, b)
      if (fn === 'scale' && rest.length === 4) return scaler.scaleTo(value, a, b, c, d)
      throw new Error(`${fn}/${args.length} is unknown here`)
    }
    const list = Array.isArray(first) ? first : [first]
    const ours =
      fn === 'avg' ? [scaler.avg(list)] : fn === 'std' ? [scaler.std(list)] : list.map(answer)
    const theirs = Array.isArray(result) ? result : [result]
    expect(ours.length).toBe(theirs.length)
    ours.forEach((value, i) => {
      const exact = fn.startsWith('sat')
      expect(relative(value, theirs[i]!, exact ? 0 : 1e-15)).toBeLessThanOrEqual(exact ? 0 : 1e-14)
    })
  })
})

describe('neat_activations', () => {
  it.each(Object.keys(neat.values))('%s', (name) => {
    checkActivation('neat-python', name, neat.values[name]!)
  })

  it.each(neat.aggregations.map((one, i) => ({ ...one, i })))('aggregation $i, $fn', (one) => {
    const aggregation = aggregationOf('neat-python', one.fn)
    expect(aggregation, one.fn).toBeDefined()
    const ours = aggregated(aggregationCode(aggregation!), one.values)
    expect(relative(ours, one.result, 1e-15)).toBeLessThanOrEqual(1e-14)
  })
})

describe('neuro_aggregation', () => {
  it.each(firings.cases.map((one, i) => ({ ...one, i })))('neuron $i, $fn', (one) => {
    const { fn, weights, bias, inputs, outputs } = one
    const aggregation = aggregationOf('faber', fn)
    expect(aggregation, fn).toBeDefined()
    const code = aggregationCode(aggregation!)
    inputs.forEach((firing, tick) => {
      // The peer goes source by source and then takes the sources together.
      const sources = firing.map((values, source) => {
        const terms = values.map((value, component) => {
          const before = inputs[tick - 1]?.[source]?.[component] ?? 0
          const input = fn === 'diff_product' ? value - before : value
          return input * weights[source]![component]!
        })
        return aggregated(code, terms)
      })
      const ours = aggregated(code, bias === null ? sources : [...sources, bias])
      expect(Math.abs(ours - outputs[tick]!)).toBeLessThanOrEqual(
        1e-14 * Math.abs(outputs[tick]!) + 1e-15,
      )
    })
  })
})
