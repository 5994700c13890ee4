import { describe, expect, it } from 'vitest'
import { cartPole } from '../../../src/evolution/environment/cart-pole.ts'
import { retinaAnd } from '../../../src/evolution/environment/retina.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import {
  ask,
  type EvolutionState,
  inject,
  startEvolution,
  tell,
} from '../../../src/evolution/evolution.ts'
import {
  type EvolutionSettings,
  EvolutionSettingsError,
} from '../../../src/evolution/evolution-settings.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { encodeGenotype } from '../../../src/evolution/genotype-codec.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile, phenotypeOf } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import type { SubstrateSettings } from '../../../src/evolution/substrate/settings.ts'
import { substrateFor } from '../../../src/evolution/substrate/settings.ts'
import { grownGenotype } from '../generated-genotype.ts'

function settingsOf(
  substrate: SubstrateSettings,
  change: Partial<EvolutionSettings> = {},
): EvolutionSettings {
  return { ...settingsFor('xor', 20), ...change, substrate }
}

const evaluated = (state: EvolutionState): EvolutionState =>
  tell(
    state,
    ask(state).map((genotype) => ({
      ...xor.evaluate(new Network(compile(genotype))),
      behaviour: [0.5, genotype.links.length / 100],
    })),
  )

function rounds(state: EvolutionState, count: number): EvolutionState {
  let now = state
  for (let round = 0; round < count; round++) now = evaluated(now)
  return now
}

describe('substrateFor', () => {
  it('takes what is left out from the problem', () => {
    expect(substrateFor(cartPole, {})).toMatchObject({
      input: [4],
      hidden: [[4]],
      output: [1],
      linkForm: 'l2l_feedforward',
      plasticity: 'none',
      threshold: 0.2,
      weightRange: 3,
      outputActivation: cartPole.outputActivation,
    })
    const retina = substrateFor(retinaAnd, {})
    expect(retina).toMatchObject({ input: [2, 4], hidden: [[2, 4]], output: [1, 1] })
    // l0 and l1 are the upper row of the left half, l2 is below l0, r1 at the outer right.
    const places = retina.inputPlaces?.map((place) => place.map((x) => Math.round(3 * x)))
    expect(places).toEqual([
      ...[
        [-3, -3],
        [-3, -1],
        [3, -3],
        [3, -1],
      ],
      ...[
        [-3, 1],
        [-3, 3],
        [3, 1],
        [3, 3],
      ],
    ])
    expect(substrateFor(retinaAnd, { input: [8] }).inputPlaces).toBeUndefined()
    expect(substrateFor(xor, { evolvable: { maxDepth: 2 } })).toMatchObject({
      hidden: [],
      linkForm: 'freeform',
      evolvable: { initialDepth: 3, maxDepth: 2, bandThreshold: 0.3 },
    })
  })

  it.each<[string, SubstrateSettings]>([
    ['3 inputs and 1 outputs: use 2 and 1', { input: [3] }],
    ['2 inputs and 4 outputs: use 2 and 1', { output: [4] }],
    ['different numbers of dimensions', { hidden: [[2, 2]] }],
    ['at most 65536', { hidden: [[60_000], [60_000]] }],
    ['links may be painted, at most', { hidden: [[2_000], [2_000]] }],
    ['localitySeed has dimension 2: use 0 to 1', { localitySeed: [2] }],
    ['finds its hidden nodes', { evolvable: {}, hidden: [[2]] }],
    ['threshold is a number in [0, 1]', { threshold: 2 }],
    ['a substrate has no such field', JSON.parse('{"depth":3}')],
  ])('refuses what cannot be: %s', (message, substrate) => {
    expect(() => startEvolution(xor, settingsOf(substrate), 1)).toThrow(EvolutionSettingsError)
    expect(() => startEvolution(xor, settingsOf(substrate), 1)).toThrow(message)
  })
})

describe('a run with a substrate', () => {
  const strategies = [
    ...['generational', 'steady_state', 'rtneat', 'islands', 'novelty', 'map_elites'],
    ...['hall_of_fame', 'cma_es', 'sep_cma_es', 'xnes', 'snes', 'cosyne', 'es', 'one_fifth'],
  ]

  it.each(strategies)('evolves CPPNs by %s, and goes on from a copy to the same bytes', (name) => {
    const settings = settingsOf({ biases: true }, { strategy: { name } })
    const start = startEvolution(xor, settings, 3)
    expect(ask(start)[0]).toMatchObject({ inputs: 4, outputs: 2 })
    const half = rounds(start, 3)
    const whole = rounds(half, 3)
    const bytes = (state: EvolutionState): Uint8Array[] => ask(state).map(encodeGenotype)
    expect(bytes(rounds(structuredClone(half), 3))).toEqual(bytes(whole))
    for (const genotype of ask(whole)) {
      expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
      expect(genotype.substrate).toEqual(start.shape.substrate)
      expect(phenotypeOf(genotype)).toMatchObject({ inputs: 2, outputs: 1 })
    }
    expect(whole.champion?.genotype.substrate).toBeDefined()
  })

  it('gives new neurons of CPPNs many activations', () => {
    const { mutation } = settingsFor('xor').reproduction
    const reproduction = {
      ...settingsFor('xor').reproduction,
      mutation: { ...mutation, addNeuron: 1 },
    }
    const state = rounds(startEvolution(xor, settingsOf({}, { reproduction }), 1), 4)
    const hidden = ask(state).flatMap(({ neurons }) => neurons.filter(({ layer }) => layer < 1))
    expect(new Set(hidden.map(({ activation }) => activation)).size).toBe(5)
  })

  it('takes in immigrants of its own substrate alone', () => {
    const state = startEvolution(xor, settingsOf({}), 1)
    const other = startEvolution(xor, settingsOf({ weightRange: 4 }), 2)
    const same = startEvolution(xor, settingsOf({}), 2)
    const plain = grownGenotype(4, 1, 1, 3)
    expect(inject(state, ask(other)[0]!)).toEqual({ ok: false, reason: 'shape' })
    expect(inject(state, plain)).toEqual({ ok: false, reason: 'shape' })
    expect(inject(state, ask(same)[0]!)).toMatchObject({ ok: true })
  })

  it('begins with local links alone where they are seeded', () => {
    const substrate = { input: [2, 4], hidden: [[2, 4]], localitySeed: [1], threshold: 0 }
    for (const cppn of ask(startEvolution(retinaAnd, settingsOf(substrate), 5))) {
      expect(checkGenotype(cppn)).toMatchObject({ ok: true })
      const { links } = phenotypeOf(cppn)
      expect(links.length).toBeGreaterThan(0)
      // Node 9 + i is the hidden one above input i: columns are the last digit in base 4.
      for (const { from, to } of links.filter((link) => link.to > 8)) {
        expect(Math.abs((from % 4) - ((to - 9) % 4))).toBeLessThan(2)
      }
    }
  })
})
