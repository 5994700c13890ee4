// Settings from a configuration file of neat-python, for who has one: the same parameters, the same
// species, the same numbers of children.
//
//   const { settings, shape } = neatPythonSettings(readFileSync('config-feedforward', 'utf8'))
//   let state = startEvolution({ ...xor, ...shape }, settings, 42)
//
// docs/coming-from-neat-python.md lists every parameter. What has no meaning here is not an error:
// it is listed in `ignored`.
import { type EvolutionSettings, EvolutionSettingsError } from './evolution-settings.ts'
import {
  type FloatAttribute,
  type InitialConnection,
  initialConnections,
  type NameAttribute,
  type NeatPythonMutation,
} from './mutation/neat-python.ts'
import type { ActivationName } from './network/activation.ts'
import type { AggregationName } from './network/aggregation.ts'
import { activationOf, aggregationOf } from './network/peer-names.ts'
import { type SpeciesFitnessName, speciesFitnessNames } from './stagnation.ts'
import { defaultSettings } from './strategy/settings.ts'

export interface NeatPythonSettings {
  readonly settings: EvolutionSettings
  readonly shape: {
    readonly inputs: number
    readonly outputs: number
    /** neat-python gives outputs `activation_default` as well. */
    readonly outputActivation: ActivationName
    readonly hiddenActivation: ActivationName
  }
  /** When neat-python stops: compare `mean`, `max` or `min` of a generation's fitness with it. */
  readonly fitnessCriterion: 'max' | 'min' | 'mean'
  readonly fitnessThreshold: number | undefined
  readonly seed: number | undefined
  /** Parameters that were given and mean nothing here, as `section.name`. */
  readonly ignored: readonly string[]
}

/** Reads a configuration file. Throws EvolutionSettingsError, which names the parameter. */
export function neatPythonSettings(text: string): NeatPythonSettings {
  const file = new Parameters(text)
  const neatPython = mutationOf(file)
  const activation = neatPython.activation
  const outputActivation =
    activation.default === 'random' ? activation.options[0]! : activation.default
  const answer: Omit<NeatPythonSettings, 'ignored'> = {
    settings: settingsOf(file, neatPython),
    shape: {
      inputs: file.number('DefaultGenome', 'num_inputs'),
      outputs: file.number('DefaultGenome', 'num_outputs'),
      outputActivation,
      hiddenActivation: outputActivation,
    },
    fitnessCriterion: file.word('NEAT', 'fitness_criterion', ['max', 'min', 'mean'], 'max'),
    fitnessThreshold: file.maybeNumber('NEAT', 'fitness_threshold'),
    seed: file.maybeNumber('NEAT', 'seed'),
  }
  return { ...answer, ignored: file.left() }
}

function settingsOf(file: Parameters, neatPython: NeatPythonMutation): EvolutionSettings {
  const reproduction = 'DefaultReproduction'
  const genome = 'DefaultGenome'
  const disjoint = file.number(genome, 'compatibility_disjoint_coefficient')
  const plain = defaultSettings.reproduction
  return {
    populationSize: file.number('NEAT', 'pop_size'),
    connectivity: 1,
    restart: { patience: 0, gain: 0 },
    speciation: {
      method: 'nearest',
      distance: 'neat_python',
      compatibilityExcessCoefficient:
        file.maybeNumber(genome, 'compatibility_excess_coefficient') ?? disjoint,
      compatibilityDisjointCoefficient: disjoint,
      compatibilityWeightCoefficient: file.number(genome, 'compatibility_weight_coefficient'),
      compatibilityIncludeNodeGenes: file.flag(genome, 'compatibility_include_node_genes', true),
      compatibilityEnablePenalty: file.number(genome, 'compatibility_enable_penalty', 1),
      compatibilityThreshold: file.number('DefaultSpeciesSet', 'compatibility_threshold'),
      targetNumSpecies: file.maybeNumber('DefaultSpeciesSet', 'target_num_species') ?? 0,
      thresholdAdjustRate: file.number('DefaultSpeciesSet', 'threshold_adjust_rate', 0.1),
      thresholdMin: file.number('DefaultSpeciesSet', 'threshold_min', 0.1),
      thresholdMax: file.number('DefaultSpeciesSet', 'threshold_max', 100),
    },
    reproduction: {
      survivalThreshold: file.number(reproduction, 'survival_threshold', 0.2),
      // Two parents always, which may be one and the same; the child is mutated.
      mutateOnly: 0,
      mateOnly: 0,
      interspecies: file.number(reproduction, 'interspecies_crossover_prob', 0),
      elitism: file.number(reproduction, 'elitism', 0),
      championAbove: 0,
      // Its code says at least, its documentation more than; so does ours.
      maxStagnation: Math.max(0, file.number('DefaultStagnation', 'max_stagnation', 15) - 1),
      speciesElitism: file.number('DefaultStagnation', 'species_elitism', 0),
      speciesFitnessFunc: file.word<SpeciesFitnessName>(
        'DefaultStagnation',
        'species_fitness_func',
        speciesFitnessNames,
        'mean',
      ),
      spawnMethod: file.word(
        reproduction,
        'spawn_method',
        ['smoothed', 'proportional'],
        'smoothed',
      ),
      minSpeciesSize: file.number(reproduction, 'min_species_size', 2),
      crossover: { disabledInherited: 0.75, equalFitness: 'second' },
      mutation: {
        ...plain.mutation,
        addNeuron: neatPython.nodeAddProb,
        addLink: neatPython.connAddProb,
        recurrent: neatPython.feedForward ? 0 : 0.5,
        hiddenActivations: neatPython.activation.options,
        neatPython,
      },
    },
  }
}

function mutationOf(file: Parameters): NeatPythonMutation {
  const section = 'DefaultGenome'
  const [connection, fraction] = connectionOf(file)
  const surer = file.text(section, 'structural_mutation_surer', 'default').toLowerCase()
  return {
    nodeAddProb: file.number(section, 'node_add_prob'),
    nodeDeleteProb: file.number(section, 'node_delete_prob', 0),
    connAddProb: file.number(section, 'conn_add_prob'),
    connDeleteProb: file.number(section, 'conn_delete_prob', 0),
    singleStructuralMutation: file.flag(section, 'single_structural_mutation', false),
    structuralMutationSurer: surer === 'default' ? 'default' : isTrue(surer),
    feedForward: file.flag(section, 'feed_forward', true),
    activation: namesOf<ActivationName>(file, 'activation', 'sigmoid', (name) =>
      activationOf('neat-python', name),
    ),
    aggregation: namesOf<AggregationName>(file, 'aggregation', 'sum', (name) =>
      aggregationOf('neat-python', name),
    ),
    bias: attributeOf(file, 'bias', 0, 1),
    response: attributeOf(file, 'response', 1, 0),
    timeConstant: attributeOf(file, 'time_constant', 1, 0),
    weight: attributeOf(file, 'weight', 0, 1),
    enabledMutateRate: file.number(section, 'enabled_mutate_rate', 0),
    enabledRateToTrueAdd: file.number(section, 'enabled_rate_to_true_add', 0),
    enabledRateToFalseAdd: file.number(section, 'enabled_rate_to_false_add', 0),
    initialConnection: connection,
    connectionFraction: fraction,
    numHidden: file.number(section, 'num_hidden', 0),
  }
}

function attributeOf(
  file: Parameters,
  name: string,
  initMean: number,
  initStdev: number,
): FloatAttribute {
  const number = (field: string, otherwise: number): number =>
    file.number('DefaultGenome', `${name}_${field}`, otherwise)
  const kinds = ['gaussian', 'normal', 'uniform'] as const
  return {
    initMean: number('init_mean', initMean),
    initStdev: number('init_stdev', initStdev),
    initType: file.word('DefaultGenome', `${name}_init_type`, kinds, 'gaussian'),
    replaceRate: number('replace_rate', 0),
    mutateRate: number('mutate_rate', 0),
    mutatePower: number('mutate_power', 0),
    minValue: number('min_value', -30),
    maxValue: number('max_value', 30),
  }
}

function namesOf<Name extends string>(
  file: Parameters,
  attribute: string,
  otherwise: string,
  translate: (name: string) => Name | undefined,
): NameAttribute<Name> {
  const known = (name: string): Name => {
    const own = translate(name)
    if (own !== undefined) return own
    throw new EvolutionSettingsError(`${attribute} is ${name}: it is not known here`)
  }
  const section = 'DefaultGenome'
  const options = file.text(section, `${attribute}_options`, otherwise).split(/\s+/).map(known)
  const first = file.text(section, `${attribute}_default`, 'random')
  return {
    default: first === 'random' ? 'random' : known(first),
    options,
    mutateRate: file.number(section, `${attribute}_mutate_rate`, 0),
  }
}

/** `partial_direct 0.5`, and the older `full`, `partial` and `fs_neat`. */
function connectionOf(file: Parameters): readonly [InitialConnection, number] {
  const text = file.text('DefaultGenome', 'initial_connection', 'unconnected')
  const [name = '', fraction] = text.split(/\s+/)
  const older = { full: 'full_nodirect', partial: 'partial_nodirect', fs_neat: 'fs_neat_nohidden' }
  const newer = Object.entries(older).find(([old]) => old === name)?.[1] ?? name
  const found = initialConnections.find((one) => one === newer)
  if (found !== undefined) return [found, fraction === undefined ? 1 : Number(fraction)]
  const names = initialConnections.join(', ')
  throw new EvolutionSettingsError(`initial_connection is ${name}: use one of ${names}`)
}

function isTrue(text: string): boolean {
  return ['true', '1', 'yes', 'on'].includes(text.toLowerCase())
}

/** Sections and parameters of a file; remembers which were asked for. */
class Parameters {
  readonly #values = new Map<string, string>()
  readonly #asked = new Set<string>()

  constructor(text: string) {
    let section = ''
    for (const line of text.split(/\r?\n/)) {
      const plain = line.replace(/[#;].*$/, '').trim()
      const heading = /^\[(.+)\]$/.exec(plain)
      const pair = /^([^=:]+)[=:](.*)$/.exec(plain)
      if (heading !== null) section = heading[1]!.trim()
      else if (pair !== null) this.#values.set(`${section}.${pair[1]!.trim()}`, pair[2]!.trim())
    }
  }

  text(section: string, name: string, otherwise?: string): string {
    const key = `${section}.${name}`
    this.#asked.add(key)
    const found = this.#values.get(key) ?? otherwise
    if (found !== undefined) return found
    throw new EvolutionSettingsError(`${name} is missing in [${section}]`)
  }

  number(section: string, name: string, otherwise?: number): number {
    const text = this.text(section, name, otherwise?.toString())
    const value = text === '' ? Number.NaN : Number(text)
    if (Number.isNaN(value)) {
      throw new EvolutionSettingsError(`${name} is ${text}: use a number`)
    }
    return value
  }

  /** Undefined when it is not there, or `none` or `auto`. */
  maybeNumber(section: string, name: string): number | undefined {
    const text = this.text(section, name, 'none').toLowerCase()
    return ['none', 'auto', ''].includes(text) ? undefined : this.number(section, name)
  }

  flag(section: string, name: string, otherwise: boolean): boolean {
    return isTrue(this.text(section, name, otherwise.toString()))
  }

  word<Word extends string>(
    section: string,
    name: string,
    words: readonly Word[],
    otherwise: Word,
  ): Word {
    const text = this.text(section, name, otherwise)
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    throw new EvolutionSettingsError(`${name} is ${text}: use one of ${words.join(', ')}`)
  }

  /** Those given that nobody has asked for. */
  left(): string[] {
    return [...this.#values.keys()].filter((key) => !this.#asked.has(key)).sort()
  }
}
