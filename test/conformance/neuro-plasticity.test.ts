// Plasticity, held to what faber_tweann and DXNN2 computed. ARBOR_NEURO_VECTORS names another
// folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import {
  type Genotype,
  genotypeFrom,
  type LinkSketch,
  type PlasticityGene,
} from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { type FaberLayers, faberLayers } from '../../src/evolution/import/faber.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import {
  abcdDelta,
  eligibility,
  hebbDelta,
  Learner,
  modulatedDelta,
  normalised,
  ojaDelta,
} from '../../src/evolution/network/plasticity.ts'
import {
  isPlasticityRuleName,
  plasticityCode,
} from '../../src/evolution/network/plasticity-rule.ts'
import { sat } from '../../src/evolution/network/scaler.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface SingleRule {
  readonly fn: string
  readonly w: number
  readonly rate: number
  readonly pre: number
  readonly post: number
  readonly reward: number
  readonly decay?: number
  readonly min?: number
  readonly max?: number
  readonly baseline?: number
  readonly scale?: number
  readonly traceDecay?: number
  readonly trace?: number
  readonly result: { readonly w: number; readonly delta: number; readonly trace?: number }
}

interface Firing {
  readonly rule: string
  readonly weights: readonly (readonly number[])[]
  readonly weightParameters: readonly (readonly (readonly number[])[])[]
  readonly neuralParameters: readonly number[]
  readonly inputs: readonly (readonly number[])[]
  readonly output: number
  readonly bias: { readonly weight: number; readonly parameters: readonly number[] } | null
  readonly weightsAfter?: readonly (readonly number[])[]
  readonly biasAfter?: number | null
  readonly peer?: string
}

interface LearningNetwork extends FaberLayers {
  readonly rule: {
    readonly kind: string
    readonly eta: number
    readonly abcd?: readonly number[]
    /** By layer, neuron and input. */
    readonly coefficients?: readonly (readonly (readonly (readonly number[])[])[])[]
    /** By tick. */
    readonly modulator?: readonly number[]
  }
  readonly inputs: readonly (readonly number[])[]
  readonly ticks: readonly {
    readonly outputs: readonly number[]
    readonly weightsAfter: readonly number[]
  }[]
}

interface Faber {
  readonly rules: readonly SingleRule[]
  readonly normalise: readonly (readonly [number, number, number])[]
  readonly networks: readonly LearningNetwork[]
}

const faber = await neuroVectors<Faber>('neuro_plasticity')
const dxnn = await neuroVectors<{ readonly cases: readonly Firing[] }>('neuro_plasticity_dxnn')

function applied(one: SingleRule): SingleRule['result'] {
  const { fn, w, rate, pre, post, reward } = one
  const { decay = 0, min = 0, max = 0, baseline = 0, scale = 1, traceDecay = 0.9, trace = 0 } = one
  const hebb = hebbDelta(rate, pre, post)
  switch (fn) {
    case 'none':
      return { w, delta: 0 }
    case 'hebbian':
      return { w: w + hebb, delta: hebb }
    case 'hebbianDecay':
      return { w: w * (1 - decay) + hebb, delta: hebb }
    case 'hebbianBounded':
      return { w: sat(w + hebb, max, min), delta: hebb }
    case 'oja': {
      const delta = ojaDelta(rate, w, pre, post)
      return { w: w + delta, delta }
    }
    case 'modulated':
    case 'modulatedBaseline': {
      const delta = modulatedDelta(rate, pre, post, reward, baseline, scale)
      return { w: w + delta, delta }
    }
    case 'eligibility':
    case 'eligibilityBaselineIgnored': {
      const next = eligibility(traceDecay, trace, pre, post)
      return { w: w + rate * next * reward, delta: rate * next * reward, trace: next }
    }
    default:
      throw new Error(`${fn} is unknown here`)
  }
}

describe('neuro_plasticity', () => {
  it.each(faber.rules.map((one, i) => ({ ...one, i })))('rule $i, $fn', (one) => {
    const { w, delta, trace = 0 } = applied(one)
    const { result } = one
    expect(deviation([w, delta, trace], [result.w, result.delta, result.trace ?? 0])).toBeLessThan(
      1e-15,
    )
  })

  it('normalises', () => {
    for (const [weight, magnitude, result] of faber.normalise) {
      expect(deviation([normalised(weight, magnitude)], [result])).toBeLessThan(1e-15)
    }
  })
})

/** Larger than every modulator of the peer's: ours is a tanh, and its rate makes up for it. */
const MODULATOR_SCALE = 4

/** The layers as a genotype whose neurons learn; its last input is the modulator, if there is one. */
function learningGenotype(one: LearningNetwork): Genotype {
  const { kind, eta, abcd = [], coefficients } = one.rule
  const plain = faberLayers(one)
  const isModulated = kind === 'neuromod'
  const rate = isModulated ? eta * MODULATOR_SCALE : eta
  const plasticities: Record<string, PlasticityGene> = {
    abcd: { rule: 'abcd', parameters: [rate, ...abcd] },
    neuromod: { rule: 'abcd', parameters: [rate, ...abcd] },
    oja: { rule: 'oja', parameters: [rate] },
    perConnection: { rule: 'abcd_w', parameters: [rate] },
  }
  const plasticity = plasticities[kind]
  if (plasticity === undefined) throw new Error(`${kind} is unknown here`)
  // One input more moves all ids up by one.
  const extra = isModulated ? 1 : 0
  const idOf = (id: number): number => (id < plain.inputs ? id : id + extra)
  const ofLink = (coefficients ?? []).flat(3)
  const parametersOf = new Map<string, readonly number[]>()
  plain.neurons.forEach(({ id }) => {
    const incoming = plain.links.filter(({ to }) => to === id).sort((a, b) => a.from - b.from)
    for (const { from } of incoming) parametersOf.set(`${from} ${id}`, ofLink.splice(0, 4))
  })
  const links: LinkSketch[] = plain.links.map(({ from, to, weight }) => {
    const parameters = parametersOf.get(`${from} ${to}`)!
    const link = { from: idOf(from), to: idOf(to), weight }
    return coefficients === undefined ? link : { ...link, parameters }
  })
  const neurons = plain.neurons.map((gene) => ({ ...gene, id: idOf(gene.id), plasticity }))
  for (const { id: to } of isModulated ? neurons : []) {
    links.push({ from: plain.inputs, to, weight: 1, modulatory: true })
  }
  const { outputs } = plain
  return genotypeFrom({ inputs: plain.inputs + extra, outputs, activation: 'tanh', neurons, links })
}

describe('neuro_plasticity networks', () => {
  it.each(faber.networks.map((one, i) => ({ i, one })))('network $i', ({ one }) => {
    const genotype = learningGenotype(one)
    expect(checkGenotype(genotype).ok).toBe(true)
    const network = new Network(compile(genotype))
    const { plan } = network
    const outputs = new Float64Array(genotype.outputs)
    one.inputs.forEach((input, tick) => {
      const modulator = (one.rule.modulator?.[tick] ?? 0) / MODULATOR_SCALE
      expect(Math.abs(modulator)).toBeLessThan(1)
      network.step(Float64Array.of(...input, Math.atanh(modulator)), outputs)
      const expected = one.ticks[tick]!
      expect(deviation(outputs, expected.outputs)).toBeLessThan(1e-13)
      // The peer's list: of each layer the weights, then the biases, which never change.
      const weights = network.captureWeights()
      let neuron = 0
      const after = one.layers.flatMap(({ biases }) => [
        ...biases.flatMap(() => {
          const begin = plan.rowPtr[neuron]!
          return [...weights.subarray(begin, plan.traits!.modulatory[neuron++])]
        }),
        ...biases,
      ])
      expect(after.length).toBe(expected.weightsAfter.length)
      expect(deviation(after, expected.weightsAfter)).toBeLessThan(1e-13)
    })
  })
})

/**
 * DXNN's name in ours, and the parameters that ours keeps of the neuron's: versions 1, 2 and 4 have
 * fixed ones, and are cases of versions 3 and 5 with others.
 */
function ruleOf(one: Firing): { rule: string; parameters: readonly number[] } {
  const rule = one.rule.replace('self_modulationV', 'self_modulation_v')
  const parameters = one.neuralParameters
  const [a = 0, ...bcd] = parameters
  const isZero = (values: readonly number[]): boolean => values.every((value) => value === 0)
  switch (rule) {
    case 'self_modulation_v1':
      if (a === 0.1 && isZero(bcd)) return { rule, parameters: [] }
      return { rule: 'self_modulation_v3', parameters }
    case 'self_modulation_v2':
      if (isZero(bcd)) return { rule, parameters: [a] }
      return { rule: 'self_modulation_v3', parameters }
    case 'self_modulation_v4':
      if (isZero(parameters)) return { rule, parameters: [] }
      return { rule: 'self_modulation_v5', parameters }
    default:
      return { rule, parameters }
  }
}

/**
 * The weights after the firing, the bias's last. A bias that learns is a link from 1, as in DXNN2:
 * only neuromodulation changes it, and self-modulation would.
 */
function taught(one: Firing): number[] {
  const { rule, parameters } = ruleOf(one)
  if (!isPlasticityRuleName(rule)) throw new Error(`${one.rule} is unknown here`)
  const biasLearns = one.bias !== null && !/^(hebbian|ojas)/.test(rule)
  const bias = biasLearns && one.bias !== null ? [one.bias] : []
  const inputs = [...one.inputs.flat(), ...bias.map(() => 1)]
  const weights = [...one.weights.flat(), ...bias.map(({ weight }) => weight)]
  const linkParameters = [
    ...one.weightParameters.flat(2),
    ...bias.flatMap(({ parameters: own }) => own),
  ]
  const row = {
    values: Float64Array.from(inputs),
    col: Int32Array.from(inputs, (_, i) => i),
    weights: Float64Array.from(weights),
    begin: 0,
    end: inputs.length,
  }
  // The peer's rule takes the modulator as it is; ours through the dead zone, which leaves 2 pi.
  const fullModulator = 6.283185307179586
  const isModulated = rule === 'neuromodulation'
  const own = parameters.map((value, i) => (isModulated && i === 0 ? value / fullModulator : value))
  const learner = new Learner(
    plasticityCode(rule),
    Float64Array.from(own),
    Float64Array.from(linkParameters),
    row,
  )
  learner.learn(one.output, fullModulator, 1)
  return [...row.weights]
}

describe('neuro_plasticity_dxnn', () => {
  it.each(dxnn.cases.map((one, i) => ({ ...one, i })))('firing $i, $rule', (one) => {
    const after = taught(one)
    // Where the peer crashes there is nothing to compare with; ours must not.
    expect(after.every(Number.isFinite)).toBe(true)
    if (one.weightsAfter === undefined) {
      expect(one.peer).toBeDefined()
      return
    }
    const weights = one.weightsAfter.flat()
    expect(deviation(after.slice(0, weights.length), weights)).toBeLessThan(1e-13)
    if (typeof one.biasAfter === 'number') {
      expect(deviation([after[weights.length] ?? one.bias!.weight], [one.biasAfter])).toBeLessThan(
        1e-13,
      )
    }
  })
})

describe('abcdDelta', () => {
  it('is linear in what came in and what went out', () => {
    expect(abcdDelta(2, 3, 5, 7, 11, 13)).toBe(2 * 11 * 13 + 3 * 11 + 5 * 13 + 7)
  })
})
