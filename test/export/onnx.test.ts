// Exported models against onnxruntime-node, where it is (`npm run test:onnx` fetches it); what can
// be said without it is tested always.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../src/evolution/genotype.ts'
import { activationNames } from '../../src/evolution/network/activation.ts'
import { aggregationNames } from '../../src/evolution/network/aggregation.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { OnnxError, onnxState, toOnnx } from '../../src/export/onnx.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { grownGenotype, richGenotype } from '../evolution/generated-genotype.ts'

/** What the tests use of onnxruntime-node. */
interface Runtime {
  readonly InferenceSession: { create(bytes: Uint8Array): Promise<Session> }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor
}
interface Tensor {
  readonly data: Float32Array
}
interface Session {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>
}

/** A folder whose node_modules hold onnxruntime-node. */
const folder = process.env.ARBOR_ONNX
const runtime: Runtime | undefined =
  folder === undefined ? undefined : createRequire(join(folder, 'x.js'))('onnxruntime-node')
if (runtime === undefined) {
  process.stderr.write('onnx: not run in onnxruntime-node; npm run test:onnx does.\n')
}

/** The genotype without what ONNX cannot tell, and without jumps that float32 takes elsewhere. */
function exportable(genotype: Genotype): Genotype {
  const steps = ['sgn', 'bin', 'trinary', 'bip', 'inv', 'log', 'neat_log', 'exp', 'cubic']
  const neurons = genotype.neurons.map(({ plasticity: _, activation, ...neuron }) => ({
    ...neuron,
    activation: steps.includes(activation) ? ('tanh' as const) : activation,
  }))
  const links = genotype.links
    .filter(({ modulatory }) => modulatory !== true)
    .map(({ parameters: _, innovation: _i, ...link }) => link)
  return genotypeFrom({ ...genotype, activation: 'tanh', neurons, links })
}

const TICKS = 8
const BATCH = 3

/** Largest relative deviation over some ticks of a batch, and how many numbers were compared. */
async function deviation(genotype: Genotype, seed: number): Promise<number> {
  const { InferenceSession, Tensor } = runtime!
  const session = await InferenceSession.create(toOnnx(genotype))
  const random = seededRandom(seed)
  const { inputs, outputs } = genotype
  const width = onnxState(genotype).reduce((sum, part) => sum + part.width, 0)
  const networks = Array.from({ length: BATCH }, () => new Network(compile(genotype)))
  let state = new Float32Array(BATCH * width)
  let worst = 0
  for (let tick = 0; tick < TICKS; tick++) {
    const input = Float32Array.from({ length: BATCH * inputs }, () => random.gaussian())
    const feeds: Record<string, Tensor> = { input: new Tensor('float32', input, [BATCH, inputs]) }
    if (width > 0) feeds.state_in = new Tensor('float32', state, [BATCH, width])
    const results = await session.run(feeds)
    for (const [lane, network] of networks.entries()) {
      const expected = new Float64Array(outputs)
      network.step(Float64Array.from(input.subarray(lane * inputs)), expected)
      expected.forEach((value, i) => {
        const seen = results.output!.data[lane * outputs + i]!
        // Numbers beyond this are about to leave float32.
        if (!(Math.abs(value) < 1e6)) return
        worst = Math.max(worst, Math.abs(seen - value) / Math.max(1, Math.abs(value)))
      })
    }
    if (width > 0) state = Float32Array.from(results.state_out!.data)
  }
  return worst
}

const single = (neuron: Partial<Genotype['neurons'][number]>): Genotype => {
  const [head] = [{ id: 9, layer: 0, activation: 'tanh' as const, bias: 0.3, ...neuron }]
  const links = [
    { from: 0, to: 9, weight: 0.9 },
    { from: 1, to: 9, weight: -1.3 },
    { from: 2, to: 9, weight: 0.4 },
    { from: 9, to: 3, weight: 1.1 },
  ]
  return genotypeFrom({ inputs: 3, outputs: 1, activation: 'identity', neurons: [head], links })
}

describe.skipIf(runtime === undefined)('in onnxruntime-node', () => {
  it.each(activationNames)('answers %s to 1e-5', async (name) => {
    expect(await deviation(single({ activation: name }), 1)).toBeLessThan(1e-5)
  })

  it.each(aggregationNames)('answers %s to 1e-5', async (name) => {
    const genotype = single({ aggregation: name, response: 0.7 })
    expect(await deviation(genotype, 2)).toBeLessThan(1e-5)
  })

  it.each(['ltc', 'cfc', 'leaky', 'delay'] as const)('answers %s to 1e-5', async (neuronType) => {
    expect(await deviation(single({ neuronType, timeConstant: 1.7 }), 3)).toBeLessThan(1e-5)
    const shaped = { backbone: [0.4, -0.2, 0.1], head: [1.1, 0.3], stateBound: 1.5 }
    expect(await deviation(single({ neuronType, ...shaped }), 3)).toBeLessThan(1e-5)
  })

  it.each(['identity', 'threshold', 'softmax', 'argmax'] as const)(
    'answers an actuator of %s to 1e-5',
    async (processing) => {
      const grown = grownGenotype(3, 4, 5, 10)
      const actuators = [
        { name: 'one', length: 1 },
        { name: 'others', length: 3, processing },
      ]
      expect(await deviation({ ...grown, actuators }, 4)).toBeLessThan(1e-5)
    },
  )

  it('answers any topology to 1e-5, recurrent and with every trait, tick by tick', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const shape = [1 + (seed % 4), 1 + (seed % 3), seed, seed % 25] as const
      const plain = grownGenotype(...shape)
      expect(await deviation(plain, seed), `grown ${seed}`).toBeLessThan(1e-5)
      const { actuators: _, ...rich } = exportable(richGenotype(...shape))
      expect(await deviation(rich, seed), `rich ${seed}`).toBeLessThan(1e-5)
    }
  })
})

describe('toOnnx', () => {
  it('gives the same bytes for the same genotype, and names the state in them', () => {
    const genotype = exportable(richGenotype(3, 2, 4, 20))
    const bytes = toOnnx(genotype)
    expect(toOnnx(structuredClone(genotype))).toEqual(bytes)
    expect(Buffer.from(bytes).toString('latin1')).toContain(JSON.stringify(onnxState(genotype)))
  })

  it('needs no state for a network without memory, and names what others remember', () => {
    expect(onnxState(single({}))).toEqual([])
    expect(onnxState(single({ neuronType: 'cfc' }))).toEqual([{ kind: 'value', id: 9, width: 1 }])
    expect(onnxState(single({ neuronType: 'delay' }))).toEqual([{ kind: 'delay', id: 9, width: 1 }])
    expect(onnxState(single({ aggregation: 'diff_product' }))).toEqual([
      { kind: 'inputs', id: 9, width: 3 },
    ])
  })

  it('refuses a network that learns while it runs', () => {
    const plasticity = { rule: 'hebbian', parameters: [0.1] } as const
    expect(() => toOnnx(single({ plasticity }))).toThrow(OnnxError)
  })
})
