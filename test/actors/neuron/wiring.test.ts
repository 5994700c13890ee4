import { describe, expect, it } from 'vitest'
import { wire } from '../../../src/actors/neuron/wiring.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'

const hidden = (id: number, layer: number) => ({ id, layer, activation: 'tanh', bias: 0 }) as const

describe('wire', () => {
  it('gives slots in the order of the sources, whatever the order of the links', () => {
    const { neurons } = wire(
      genotypeFrom({
        inputs: 2,
        outputs: 1,
        activation: 'tanh',
        // In the canonical order neuron 9 stands before neuron 5: its layer is lower.
        neurons: [hidden(9, -0.5), hidden(5, 0)],
        links: [
          { from: 5, to: 2, weight: 5 },
          { from: 2, to: 2, weight: 2 },
          { from: 1, to: 2, weight: 1 },
          { from: 9, to: 2, weight: 9 },
          { from: 0, to: 2, weight: 0, enabled: false },
        ],
      }),
    )
    const output = neurons.at(-1)!
    expect(output.synapses.map(({ weight }) => weight)).toEqual([1, 9, 5, 2])
    expect(output.synapses.map(({ isRecurrent }) => isRecurrent)).toEqual([
      false,
      false,
      false,
      true,
    ])
    expect(output).toMatchObject({ output: 0, isClocked: false, isLast: false })
  })

  it('takes links within a layer, and back, for recurrent', () => {
    const { neurons } = wire(
      genotypeFrom({
        inputs: 1,
        outputs: 1,
        activation: 'tanh',
        neurons: [hidden(5, 0), hidden(6, 0)],
        links: [
          { from: 5, to: 6, weight: 1 },
          { from: 1, to: 5, weight: 1 },
          { from: 0, to: 1, weight: 1 },
        ],
      }),
    )
    expect(neurons.map(({ synapses }) => synapses.map((synapse) => synapse.isRecurrent))).toEqual([
      [true],
      [true],
      [false],
    ])
    // Nothing of the same cycle comes to them or waits for them: the cortex begins and hears of the
    // end.
    expect(neurons.map(({ isClocked }) => isClocked)).toEqual([true, true, false])
    expect(neurons.map(({ isLast }) => isLast)).toEqual([true, true, false])
  })

  it('lets a sensor report when nobody listens', () => {
    const links = [{ from: 1, to: 2, weight: 1 }]
    const { sensors } = wire(genotypeFrom({ inputs: 2, outputs: 1, activation: 'tanh', links }))
    expect(sensors.map(({ isLast }) => isLast)).toEqual([true, false])
    expect(sensors.map(({ axons }) => axons)).toEqual([[], [{ neuron: 0, slot: 0 }]])
  })
})
