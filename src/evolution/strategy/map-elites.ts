// MAP-Elites (Mouret & Clune 2015, "Illuminating search spaces by mapping elites"): for every kind
// of behaviour, the best that behaves so. What comes out is not one solution but a map of them.
//
//   const strategy = mapElites({ bounds: [[0, 1], [0, 1]], bins: [10, 10] })
//
// Children are varied copies of random elites; one takes its cell when that is empty or it is
// strictly better. Weights vary along the line to another elite (Vassiliades & Mouret 2018,
// "Discovering the elite hypervolume", section 3: iso+line), structure by NEAT's mutations.

import { CELL_DIMENSIONS_MAX, CELLS_MAX, POPULATION_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { type Behaviour, isBehaviour } from '../behaviour.ts'
import type { StrategyEvent } from '../evolution-event.ts'
import { EvolutionSettingsError, oneOf, whole, within } from '../evolution-settings.ts'
import { firstGenotype, firstGenotypes } from '../first-generation.ts'
import { rankable } from '../fitness.ts'
import {
  type GenomePool,
  GenomeWriter,
  packGenotypes,
  repacked,
  unpackGenotypes,
} from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { genotypeId } from '../genotype-codec.ts'
import { type Birth, firstBirths, idsIn, immigrantBirth, seedBirth } from '../lineage.ts'
import { checkAdaptation } from '../meta-control/check-meta-control.ts'
import { mutate } from '../mutation/mutation.ts'
import { behavioursOf } from '../told.ts'
import { breed, ParentageWriter } from './breeding.ts'
import { type Bounds, type Cells, cellCount, cellOf, cvtCells, gridCells } from './cells.ts'
import { begun, fitnessesOf, parametersOf, streamOf, toldOf } from './round.ts'
import type { EvolutionState, Strategy, StrategySettings } from './strategy.ts'

export interface MapElitesSettings extends StrategySettings {
  readonly name: 'map_elites'
  /** What divides the space of behaviours. */
  readonly cells: 'grid' | 'cvt'
  /** Of each dimension of a behaviour, the range to be divided. */
  readonly bounds: Bounds
  /** `grid`: boxes along each dimension. */
  readonly bins: readonly number[]
  /** `cvt`: how many cells, and how their centroids are found. */
  readonly centroids: number
  readonly samples: number
  readonly iterations: number
  /** Children a round; the first round is `populationSize` random genotypes. */
  readonly batch: number
  /** Chance that a child is a new random genotype. */
  readonly random: number
  /** `iso_line`: as above. `neat`: crossover and mutation as in NEAT. */
  readonly variation: 'iso_line' | 'neat'
  /** Standard deviation of what every weight moves by (iso). */
  readonly sigma1: number
  /** Standard deviation of the part of the way to the other elite (line). */
  readonly sigma2: number
}

const defaults: MapElitesSettings = {
  name: 'map_elites',
  cells: 'grid',
  bounds: [
    [0, 1],
    [0, 1],
  ],
  bins: [10, 10],
  centroids: 1_000,
  samples: 10_000,
  iterations: 10,
  batch: 10,
  random: 0.1,
  variation: 'iso_line',
  sigma1: 0.01,
  sigma2: 0.2,
}

/** Settings of the strategy: those given, and the default of every other. */
export function mapElites(given: Partial<MapElitesSettings> = {}): MapElitesSettings {
  return { ...defaults, ...given }
}

/** The best of a cell. */
export interface Elite {
  readonly cell: number
  readonly genotype: Genotype
  readonly fitness: number
  readonly behaviour: Behaviour
  /** In which it was evaluated. */
  readonly generation: number
}

export interface MapElitesState extends EvolutionState {
  readonly cells: Cells
  /** Of the cells that are not empty, ascending by cell. */
  readonly elites: readonly Elite[]
  readonly asked: GenomePool
}

/** Whether a state is of MAP-Elites. */
export function isMapElites(state: EvolutionState): state is MapElitesState {
  return state.settings.strategy?.name === 'map_elites'
}

export const mapElitesStrategy: Strategy<MapElitesState> = {
  name: 'map_elites',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    const parameters = parametersOf(base.settings, defaults)
    check(parameters)
    checkAdaptation('map_elites', base.settings.reproduction, [])
    const { bounds, centroids, samples, iterations, bins } = parameters
    const cells =
      parameters.cells === 'grid'
        ? gridCells(bounds, bins)
        : cvtCells(bounds, centroids, seed, samples, iterations)
    const asked = firstGenotypes(base.shape, base.settings, [], streamOf(base, 0))
    return { ...base, cells, elites: [], asked, ...firstBirths(base.settings, asked.size) }
  },
  ask: ({ asked }) => unpackGenotypes(asked),
  tell(state, evaluations) {
    const fitnesses = fitnessesOf(evaluations, state.asked.size)
    const behaviours = behavioursOf(evaluations)
    const elites = settled(state, fitnesses, behaviours)
    const next = { ...state, elites, ...toldOf(state, state.asked, fitnesses) }
    return { ...next, ...varied(next, state.immigrants) }
  },
  inherit: (state, heirs) => ({ ...state, asked: repacked(state.shape, heirs) }),
  living: ({ elites, asked, shape }) =>
    elites.length === 0
      ? asked
      : packGenotypes(
          shape.inputs,
          shape.outputs,
          elites.map(({ genotype }) => genotype),
        ),
  kin: ({ cells, births }, evaluations) => ({
    cells: evaluations.map(({ behaviour }) =>
      isBehaviour(behaviour) ? cellOf(cells, behaviour) : -1,
    ),
    ...(births === undefined ? {} : { births }),
  }),
  events(before, _evaluations, { elites, generation }) {
    const had = new Map(before.elites.map((elite) => [elite.cell, elite]))
    return elites.flatMap(({ cell, genotype, fitness }): StrategyEvent[] => {
      const previous = had.get(cell)?.fitness
      if (previous === fitness) return []
      const told = { generation, cell, id: genotypeId(genotype), fitness }
      return previous === undefined
        ? [{ type: 'niche_discovered', ...told }]
        : [{ type: 'niche_updated', ...told, previous }]
    })
  },
  measures: ({ elites, cells }) => ({
    elites: elites.length,
    coverage: elites.length / cellCount(cells),
    qdScore: elites.reduce((sum, { fitness }) => sum + fitness, 0),
  }),
}

function check(parameters: MapElitesSettings): void {
  const { bounds, bins } = parameters
  oneOf('cells', parameters.cells, ['grid', 'cvt'])
  oneOf('variation', parameters.variation, ['iso_line', 'neat'])
  whole('bounds.length', bounds.length, 1, CELL_DIMENSIONS_MAX)
  for (const [low, high] of bounds) {
    if (Number.isFinite(low) && Number.isFinite(high) && low < high) continue
    throw new EvolutionSettingsError(
      `bounds has ${low} to ${high}: use a lower and a higher number`,
    )
  }
  if (parameters.cells === 'grid') {
    whole('bins.length', bins.length, bounds.length, bounds.length)
    for (const count of bins) whole('bins', count, 1, CELLS_MAX)
    whole('cells', cellCount(gridCells(bounds, bins)), 1, CELLS_MAX)
  }
  whole('centroids', parameters.centroids, 1, CELLS_MAX)
  whole('samples', parameters.samples, 1, 100 * CELLS_MAX)
  whole('iterations', parameters.iterations, 0, 1_000)
  whole('batch', parameters.batch, 1, POPULATION_MAX)
  within('random', parameters.random, 0, 1)
  within('sigma1', parameters.sigma1, 0, Number.MAX_VALUE)
  within('sigma2', parameters.sigma2, 0, Number.MAX_VALUE)
}

/** The elites after the evaluated have gone to their cells; the first of equals stays. */
function settled(
  { cells, elites, asked, generation }: MapElitesState,
  fitnesses: Float64Array,
  behaviours: readonly (Behaviour | undefined)[],
): Elite[] {
  const byCell = new Map(elites.map((elite) => [elite.cell, elite]))
  let genotypes: readonly Genotype[] | undefined
  for (const [index, behaviour] of behaviours.entries()) {
    const fitness = fitnesses[index]!
    if (!isBehaviour(behaviour) || !Number.isFinite(fitness)) continue
    const cell = cellOf(cells, behaviour)
    const before = byCell.get(cell)
    if (before !== undefined && rankable(fitness) <= before.fitness) continue
    genotypes ??= unpackGenotypes(asked)
    byCell.set(cell, { cell, genotype: genotypes[index]!, fitness, behaviour, generation })
  }
  return [...byCell.values()].sort((a, b) => a.cell - b.cell)
}

/** The next round: immigrants, then children. */
function varied(
  state: MapElitesState,
  immigrants: readonly Genotype[],
): Pick<MapElitesState, 'asked' | 'births'> {
  const { shape, settings, elites, generation } = state
  const parameters = parametersOf(settings, defaults)
  const random = streamOf(state, generation)
  const writer = new GenomeWriter(shape.inputs, shape.outputs)
  for (const immigrant of immigrants) writer.append(immigrant)
  const size = Math.max(parameters.batch, writer.size)
  const births: Birth[] = immigrants.map(() => immigrantBirth)
  const idOf = settings.lineage ? idsIn(elites) : undefined
  while (writer.size < size) {
    const child = random.fork(writer.size)
    const isNew = elites.length === 0 || child.next() < parameters.random
    if (isNew) {
      writer.append(firstGenotype(shape, settings, child.fork('new')))
      births.push(seedBirth)
    } else births.push(...vary(writer, state, parameters, child, idOf))
  }
  return { asked: writer.finish(), ...(settings.lineage ? { births } : {}) }
}

/** Writes a child of one or two random elites; its birth, if ids are given. */
function vary(
  writer: GenomeWriter,
  { elites, settings, shape }: MapElitesState,
  { variation, sigma1, sigma2 }: MapElitesSettings,
  random: Random,
  idOf: ((elite: number) => string) | undefined,
): readonly Birth[] {
  const places = [0, 1].map(() => random.integer(elites.length))
  const [first, second] = places.map((place) => elites[place]!)
  const genotypes = [first!.genotype, second!.genotype]
  const isOne = first === second
  const parentage = new ParentageWriter(1, idOf && ((parent) => idOf(places[parent]!)))
  const pool = packGenotypes(shape.inputs, shape.outputs, genotypes)
  const { reproduction } = settings
  if (variation === 'neat') {
    const fitnesses = [first!.fitness, second!.fitness]
    const choice = { pick: () => 0, pickMate: () => (isOne ? 0 : 1) }
    breed({ writer, parentage }, { genomes: pool, fitnesses }, choice, reproduction, random)
    return parentage.births.births ?? []
  }
  writer.copy(pool, 0)
  const { mutation } = reproduction
  const { limit } = mutation.weights
  isoLine(writer, pool, sigma1, sigma2, limit, mutation.biases === 'evolved', random)
  const structural = { ...mutation, weights: { ...mutation.weights, probability: 0 } }
  const operators = ['iso_line', ...mutate(writer, structural, random)]
  if (isOne) parentage.mutant(0, operators)
  else parentage.crossed(0, 1, operators)
  return parentage.births.births ?? []
}

/**
 * Moves the weights of the open genotype by x + σ1 N(0, I) + σ2 N(0, 1) (y - x), where y are those
 * of the second genotype of a pool; genes that only the first has move by the first term alone.
 */
export function isoLine(
  writer: GenomeWriter,
  pool: GenomePool,
  sigma1: number,
  sigma2: number,
  limit: number,
  biases: boolean,
  random: Random,
): void {
  const along = sigma2 * random.gaussian()
  const moved = (x: number, y: number): number => {
    const value = x + sigma1 * random.gaussian() + along * (y - x)
    return Math.max(-limit, Math.min(limit, value))
  }
  const weights = new Map<number, number>()
  for (let link = pool.linkStart[1]!; link < pool.linkStart[2]!; link++) {
    weights.set(pool.innovation[link]!, pool.weight[link]!)
  }
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) {
    const x = writer.weight[link]!
    writer.weight[link] = moved(x, weights.get(writer.innovation[link]!) ?? x)
  }
  if (!biases) return
  const others = new Map<number, number>()
  for (let neuron = pool.neuronStart[1]!; neuron < pool.neuronStart[2]!; neuron++) {
    others.set(pool.neuronId[neuron]!, pool.bias[neuron]!)
  }
  for (let neuron = writer.neuronBegin; neuron < writer.neuronEnd; neuron++) {
    const x = writer.bias[neuron]!
    writer.bias[neuron] = moved(x, others.get(writer.neuronId[neuron]!) ?? x)
  }
}
