import { describe, expect, it } from 'vitest'
import { xor } from '../../src/evolution/environment/xor.ts'
import { startEvolution } from '../../src/evolution/evolution.ts'
import { EvolutionSettingsError } from '../../src/evolution/evolution-settings.ts'
import { firstGenotype } from '../../src/evolution/first-generation.ts'
import { GenomeWriter, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { mutate } from '../../src/evolution/mutation/mutation.ts'
import { neatPythonSettings } from '../../src/evolution/neat-python-settings.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { solve } from './strategy/strategy-run.ts'

/** A file as its users write it: every parameter of the XOR experiment, in its four sections. */
const file = (change: Readonly<Record<string, string>> = {}): string => {
  const given: Record<string, string> = {
    'NEAT.fitness_criterion': 'max',
    'NEAT.fitness_threshold': '3.9',
    'NEAT.pop_size': '150',
    'NEAT.reset_on_extinction': 'False',
    'DefaultGenome.activation_default': 'sigmoid',
    'DefaultGenome.activation_mutate_rate': '0.0',
    'DefaultGenome.activation_options': 'sigmoid',
    'DefaultGenome.aggregation_default': 'sum',
    'DefaultGenome.aggregation_mutate_rate': '0.0',
    'DefaultGenome.aggregation_options': 'sum',
    'DefaultGenome.bias_init_mean': '0.0',
    'DefaultGenome.bias_init_stdev': '1.0',
    'DefaultGenome.bias_max_value': '30.0',
    'DefaultGenome.bias_min_value': '-30.0',
    'DefaultGenome.bias_mutate_power': '0.5',
    'DefaultGenome.bias_mutate_rate': '0.7',
    'DefaultGenome.bias_replace_rate': '0.1',
    'DefaultGenome.compatibility_disjoint_coefficient': '1.0',
    'DefaultGenome.compatibility_weight_coefficient': '0.5',
    'DefaultGenome.conn_add_prob': '0.5',
    'DefaultGenome.conn_delete_prob': '0.5',
    'DefaultGenome.enabled_default': 'True',
    'DefaultGenome.enabled_mutate_rate': '0.01',
    'DefaultGenome.feed_forward': 'True',
    'DefaultGenome.initial_connection': 'full_direct',
    'DefaultGenome.node_add_prob': '0.2',
    'DefaultGenome.node_delete_prob': '0.2',
    'DefaultGenome.num_hidden': '0',
    'DefaultGenome.num_inputs': '2',
    'DefaultGenome.num_outputs': '1',
    'DefaultGenome.response_init_mean': '1.0',
    'DefaultGenome.response_init_stdev': '0.0',
    'DefaultGenome.response_max_value': '30.0',
    'DefaultGenome.response_min_value': '-30.0',
    'DefaultGenome.response_mutate_power': '0.0',
    'DefaultGenome.response_mutate_rate': '0.0',
    'DefaultGenome.response_replace_rate': '0.0',
    'DefaultGenome.weight_init_mean': '0.0',
    'DefaultGenome.weight_init_stdev': '1.0',
    'DefaultGenome.weight_max_value': '30',
    'DefaultGenome.weight_min_value': '-30',
    'DefaultGenome.weight_mutate_power': '0.5',
    'DefaultGenome.weight_mutate_rate': '0.8',
    'DefaultGenome.weight_replace_rate': '0.1',
    'DefaultSpeciesSet.compatibility_threshold': '3.0',
    'DefaultStagnation.species_fitness_func': 'max',
    'DefaultStagnation.max_stagnation': '20',
    'DefaultStagnation.species_elitism': '2',
    'DefaultReproduction.elitism': '2',
    'DefaultReproduction.survival_threshold': '0.2',
    ...change,
  }
  const sections = new Map<string, string[]>()
  for (const [key, value] of Object.entries(given)) {
    const [section = '', name] = key.split('.')
    sections.set(section, [...(sections.get(section) ?? []), `${name!.padEnd(30)} = ${value}`])
  }
  return [...sections]
    .map(([name, lines]) => `# ${name}\n[${name}]\n${lines.join('\n')}`)
    .join('\n\n')
}

const wild = file({
  'DefaultGenome.activation_default': 'random',
  'DefaultGenome.activation_mutate_rate': '0.2',
  'DefaultGenome.activation_options': 'sigmoid tanh relu',
  'DefaultGenome.aggregation_default': 'random',
  'DefaultGenome.aggregation_mutate_rate': '0.2',
  'DefaultGenome.aggregation_options': 'sum max mean',
  'DefaultGenome.feed_forward': 'False',
  'DefaultGenome.num_hidden': '2',
  'DefaultGenome.response_init_stdev': '0.3',
  'DefaultGenome.response_mutate_rate': '0.3',
  'DefaultGenome.response_mutate_power': '0.2',
  'DefaultGenome.structural_mutation_surer': 'True',
})

/** The first genotype of a file, and what so many mutations make of it. */
function grown(text: string, seed: number, mutations: number): Genotype {
  const { settings, shape } = neatPythonSettings(text)
  const random = seededRandom(seed)
  const writer = new GenomeWriter(shape.inputs, shape.outputs)
  writer.append(firstGenotype(shape, settings, random))
  for (let i = 0; i < mutations; i++) mutate(writer, settings.reproduction.mutation, random)
  return unpackGenotype(writer.finish(), 0)
}

describe('neatPythonSettings', () => {
  it('reads every parameter', () => {
    const read = neatPythonSettings(file())
    expect(read.shape).toEqual({
      inputs: 2,
      outputs: 1,
      outputActivation: 'neat_sigmoid',
      hiddenActivation: 'neat_sigmoid',
    })
    expect(read).toMatchObject({ fitnessCriterion: 'max', fitnessThreshold: 3.9, seed: undefined })
    expect(read.settings).toMatchObject({
      populationSize: 150,
      speciation: {
        method: 'nearest',
        distance: 'neat_python',
        compatibilityExcessCoefficient: 1,
        compatibilityDisjointCoefficient: 1,
        compatibilityWeightCoefficient: 0.5,
        compatibilityThreshold: 3,
        targetNumSpecies: 0,
      },
      reproduction: {
        elitism: 2,
        survivalThreshold: 0.2,
        minSpeciesSize: 2,
        maxStagnation: 19,
        speciesElitism: 2,
        speciesFitnessFunc: 'max',
        spawnMethod: 'smoothed',
      },
    })
    expect(read.settings.reproduction.mutation.neatPython).toMatchObject({
      nodeAddProb: 0.2,
      connDeleteProb: 0.5,
      initialConnection: 'full_direct',
      weight: { mutateRate: 0.8, mutatePower: 0.5, replaceRate: 0.1, maxValue: 30 },
    })
    expect(read.ignored).toEqual(['DefaultGenome.enabled_default', 'NEAT.reset_on_extinction'])
  })

  it('names what is missing, no number, or not known', () => {
    const refusals: readonly (readonly [string, string])[] = [
      [file({ 'NEAT.pop_size': 'many' }), 'pop_size is many'],
      [file().replace(/pop_size.*/, ''), 'pop_size is missing in [NEAT]'],
      [file({ 'DefaultGenome.activation_options': 'sigmoid magic' }), 'activation is magic'],
      [file({ 'DefaultGenome.initial_connection': 'by_hand' }), 'initial_connection is by_hand'],
      [file({ 'DefaultStagnation.species_fitness_func': 'mode' }), 'species_fitness_func is mode'],
    ]
    for (const [text, message] of refusals) {
      expect(() => neatPythonSettings(text)).toThrow(EvolutionSettingsError)
      expect(() => neatPythonSettings(text)).toThrow(message)
    }
    const few = neatPythonSettings(file({ 'NEAT.pop_size': '0' }))
    expect(() => startEvolution(few.shape, few.settings, 1)).toThrow('populationSize')
  })

  it('solves XOR, as the file is there for', () => {
    const { settings, shape } = neatPythonSettings(file())
    const problem = { ...xor, outputActivation: shape.outputActivation }
    expect(solve(problem, settings, 1, 60_000)).toMatchObject({ solved: true })
  })
})

describe('neat-python’s mutation', () => {
  it.each([
    ['plain', file()],
    ['wild', wild],
  ])('makes valid genotypes that run: %s', (_, text) => {
    let hidden = 0
    for (let seed = 0; seed < 60; seed++) {
      const genotype = grown(text, seed, 30)
      expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
      hidden += genotype.neurons.length - 1
      const outputs = new Float64Array(1)
      new Network(compile(genotype)).step(Float64Array.of(1, 0), outputs)
      expect(outputs[0]).not.toBeNaN()
    }
    expect(hidden).toBeGreaterThan(20)
  })

  it('keeps to feed-forward networks, to its options and to its bounds', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { neurons, links } = grown(file({ 'DefaultGenome.weight_max_value': '2' }), seed, 40)
      const layers = new Map(neurons.map(({ id, layer }) => [id, layer]))
      for (const { from, to, weight } of links) {
        expect(layers.get(to)!).toBeGreaterThan(layers.get(from) ?? -1)
        expect(weight).toBeLessThanOrEqual(2)
      }
      for (const { activation } of neurons) expect(activation).toBe('neat_sigmoid')
    }
    const seen = new Set<string>()
    for (let seed = 0; seed < 40; seed++) {
      const { neurons } = grown(wild, seed, 20)
      for (const { activation, aggregation = 'dot_product', response } of neurons) {
        seen.add(activation).add(aggregation)
        expect(response).not.toBe(1)
      }
    }
    const names = ['dot_product', 'max', 'mean', 'neat_sigmoid', 'neat_tanh', 'relu']
    expect([...seen].sort()).toEqual(names)
  })

  it('changes one thing of the structure at most when told to', () => {
    const single = file({
      'DefaultGenome.single_structural_mutation': 'True',
      'DefaultGenome.node_add_prob': '0.9',
      'DefaultGenome.conn_add_prob': '0.9',
      'DefaultGenome.node_delete_prob': '0',
      'DefaultGenome.conn_delete_prob': '0',
    })
    for (let seed = 0; seed < 60; seed++) {
      const genotype = grown(single, seed, 1)
      // A split adds one neuron and two links; from a full network, no link can be added.
      expect([1, 2]).toContain(genotype.neurons.length)
      expect(genotype.links).toHaveLength(genotype.neurons.length === 2 ? 4 : 2)
    }
  })

  const connections: readonly (readonly [string, number, number])[] = [
    ['unconnected', 0, 0],
    ['fs_neat_nohidden', 1, 1],
    ['fs_neat_hidden', 3, 3],
    ['full_nodirect', 6, 6],
    ['full_direct', 8, 8],
    ['partial_direct 0.5', 4, 4],
    ['partial_nodirect 0.5', 3, 3],
  ]

  it.each(connections)('begins %s', (connection, least, most) => {
    const text = file({
      'DefaultGenome.initial_connection': connection,
      'DefaultGenome.num_hidden': '2',
    })
    for (let seed = 0; seed < 10; seed++) {
      const genotype = grown(text, seed, 0)
      expect(genotype.neurons).toHaveLength(3)
      expect(genotype.links.length).toBeGreaterThanOrEqual(least)
      expect(genotype.links.length).toBeLessThanOrEqual(most)
    }
  })

  it('moves weights by its rates and powers', () => {
    const text = file({
      'DefaultGenome.weight_mutate_rate': '0.6',
      'DefaultGenome.weight_replace_rate': '0',
      'DefaultGenome.weight_mutate_power': '0.25',
      'DefaultGenome.conn_delete_prob': '0',
      'DefaultGenome.node_add_prob': '0',
    })
    const moves: number[] = []
    for (let seed = 0; seed < 2_000; seed++) {
      const [before, after] = [grown(text, seed, 0), grown(text, seed, 1)]
      for (const [i, { weight }] of after.links.entries())
        moves.push(weight - before.links[i]!.weight)
    }
    const changed = moves.filter((move) => move !== 0)
    const variance = changed.reduce((sum, move) => sum + move * move, 0) / changed.length
    expect(changed.length / moves.length).toBeCloseTo(0.6, 1)
    expect(Math.sqrt(variance)).toBeCloseTo(0.25, 1)
  })
})
