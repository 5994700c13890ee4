// Evolution from a hall of fame (DXNN: hof_competition and its kin, Sher 2013): what was best is
// remembered, one champion for each way to be different, and all children come from there. With the
// number of neurons as that way, which is DXNN's default, there is one champion for every size, so
// that small networks are not crowded out before they are tuned.
//
//   const strategy = hallOfFame({ selection: { name: 'hof_rank' } })

import { HALL_OF_FAME_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { oneOf, whole, within } from '../evolution-settings.ts'
import { firstGenotypes } from '../first-generation.ts'
import { rankable } from '../fitness.ts'
import {
  type GenomePool,
  GenomeWriter,
  packGenotypes,
  repacked,
  unpackGenotypes,
} from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { firstBirths, idsIn } from '../lineage.ts'
import { checkAdaptation } from '../meta-control/check-meta-control.ts'
import { parentPicker, type SelectionSettings, selectionNames } from '../parent-selection.ts'
import { structuralHash } from '../structural-hash.ts'
import { breed, ParentageWriter } from './breeding.ts'
import { archiveEvents, begun, fitnessesOf, parametersOf, streamOf, toldOf } from './round.ts'
import type { EvolutionState, Strategy, StrategySettings } from './strategy.ts'

/** In what champions differ: neurons, links, or the whole structure (structural-hash.ts). */
export const hofDistinguishers = ['tot_n', 'tot_links', 'structure'] as const
export type HofDistinguisher = (typeof hofDistinguishers)[number]

export interface HallOfFameSettings extends StrategySettings {
  readonly name: 'hall_of_fame'
  /** Champions equal in all of these compete for one place. */
  readonly hofDistinguishers: readonly HofDistinguisher[]
  /** Places; beyond it the worst champion is forgotten. */
  readonly hofMax: number
  /** Children a round; 0 = `populationSize`. */
  readonly children: number
  /** How parents are drawn from the hall. */
  readonly selection: SelectionSettings
  /** Part of a round that are children of the hall; the others are those of the last round. */
  readonly shofRatio: number
}

const defaults: HallOfFameSettings = {
  name: 'hall_of_fame',
  hofDistinguishers: ['tot_n'],
  hofMax: 100,
  children: 0,
  selection: { name: 'hof_competition' },
  shofRatio: 1,
}

/** Settings of the strategy: those given, and the default of every other. */
export function hallOfFame(given: Partial<HallOfFameSettings> = {}): HallOfFameSettings {
  return { ...defaults, ...given }
}

export interface HallChampion {
  readonly genotype: Genotype
  readonly fitness: number
  /** What it is unlike the others by. */
  readonly distinction: string
  readonly generation: number
}

export interface HallOfFameState extends EvolutionState {
  /** Best first. */
  readonly hall: readonly HallChampion[]
  /** Those of the last round that are not in the hall; kept only when they have children. */
  readonly actives: readonly HallChampion[]
  readonly asked: GenomePool
}

export const hallOfFameStrategy: Strategy<HallOfFameState> = {
  name: 'hall_of_fame',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    check(parametersOf(base.settings, defaults))
    checkAdaptation('hall_of_fame', base.settings.reproduction, [])
    const asked = firstGenotypes(base.shape, base.settings, [], streamOf(base, 0))
    return { ...base, hall: [], actives: [], asked, ...firstBirths(base.settings, asked.size) }
  },
  ask: ({ asked }) => unpackGenotypes(asked),
  tell(state, evaluations) {
    const fitnesses = fitnessesOf(evaluations, state.asked.size)
    const { hofDistinguishers: by, hofMax, shofRatio } = parametersOf(state.settings, defaults)
    const told = unpackGenotypes(state.asked).map((genotype, index) => ({
      genotype,
      fitness: rankable(fitnesses[index]!),
      distinction: distinctionOf(genotype, by),
      generation: state.generation,
    }))
    const hall = admitted(state.hall, told, hofMax)
    const actives = shofRatio < 1 ? told.filter((one) => !hall.includes(one)) : []
    const next = { ...state, hall, actives, ...toldOf(state, state.asked, fitnesses) }
    return { ...next, ...children(next, state.immigrants) }
  },
  inherit: (state, heirs) => ({ ...state, asked: repacked(state.shape, heirs) }),
  living: ({ hall, asked, shape }) =>
    hall.length === 0
      ? asked
      : packGenotypes(
          shape.inputs,
          shape.outputs,
          hall.map(({ genotype }) => genotype),
        ),
  events(before, _evaluations, { hall, generation }) {
    const names = (champions: readonly HallChampion[]): string[] =>
      champions.map((one) => `${one.distinction} ${one.generation} ${one.fitness}`)
    return archiveEvents('hall_of_fame', generation, names(before.hall), names(hall))
  },
  measures: ({ hall }) => ({
    hallOfFame: hall.length,
    meanFitness: hall.reduce((sum, { fitness }) => sum + fitness, 0) / Math.max(1, hall.length),
  }),
}

function check(parameters: HallOfFameSettings): void {
  for (const one of parameters.hofDistinguishers) oneOf('hofDistinguishers', one, hofDistinguishers)
  whole('hofMax', parameters.hofMax, 1, HALL_OF_FAME_MAX)
  whole('children', parameters.children, 0, HALL_OF_FAME_MAX)
  oneOf('selection', parameters.selection.name, selectionNames)
  within('shofRatio', parameters.shofRatio, 0, 1)
}

function distinctionOf(genotype: Genotype, by: readonly HofDistinguisher[]): string {
  return by
    .map((one) => {
      if (one === 'tot_n') return genotype.neurons.length
      if (one === 'tot_links') return genotype.links.length
      return structuralHash(genotype)
    })
    .join('/')
}

/** The hall after a round: of one distinction the better, the earlier of equals; best first. */
export function admitted(
  hall: readonly HallChampion[],
  told: readonly HallChampion[],
  hofMax: number,
): HallChampion[] {
  const byDistinction = new Map(hall.map((champion) => [champion.distinction, champion]))
  for (const one of told) {
    const before = byDistinction.get(one.distinction)
    if (one.fitness === Number.NEGATIVE_INFINITY) continue
    if (before === undefined || one.fitness > before.fitness)
      byDistinction.set(one.distinction, one)
  }
  const all = [...byDistinction.values()]
  return all
    .sort((a, b) => (a.fitness === b.fitness ? 0 : b.fitness > a.fitness ? 1 : -1))
    .slice(0, hofMax)
}

/** The next round: immigrants, then children. */
function children(
  state: HallOfFameState,
  immigrants: readonly Genotype[],
): Pick<HallOfFameState, 'asked' | 'births'> {
  const { shape, settings, hall, actives, generation } = state
  const { children: wanted, selection, shofRatio } = parametersOf(settings, defaults)
  const random = streamOf(state, generation)
  if (hall.length === 0) {
    const asked = firstGenotypes(shape, settings, immigrants, random)
    return { asked, ...firstBirths(settings, asked.size, immigrants.length) }
  }
  const writer = new GenomeWriter(shape.inputs, shape.outputs)
  const size = Math.max(wanted === 0 ? settings.populationSize : wanted, immigrants.length)
  const parentages = [hall, actives].map(
    (champions) => new ParentageWriter(size, settings.lineage ? idsIn(champions) : undefined),
  )
  for (const immigrant of immigrants) {
    writer.append(immigrant)
    parentages[0]!.immigrant()
  }
  const ofHall = actives.length === 0 ? size : Math.round(shofRatio * size)
  const [fromHall, fromActives] = [hall, actives].map((champions) =>
    champions.length === 0 ? undefined : parentsOf(champions, shape, selection),
  )
  while (writer.size < size) {
    const isOfHall = writer.size < ofHall || fromActives === undefined
    const { pick, ...given } = isOfHall ? fromHall! : fromActives
    const parentage = parentages[isOfHall ? 0 : 1]!
    const choice = { pick, pickMate: pick }
    breed({ writer, parentage }, given, choice, settings.reproduction, random.fork(writer.size))
  }
  // Those of the hall stand first.
  const births = parentages.flatMap((parentage) => parentage.births.births ?? [])
  return { asked: writer.finish(), ...(settings.lineage ? { births } : {}) }
}

function parentsOf(
  champions: readonly HallChampion[],
  { inputs, outputs }: EvolutionState['shape'],
  selection: SelectionSettings,
): { genomes: GenomePool; fitnesses: Float64Array; pick: (random: Random) => number } {
  const fitnesses = Float64Array.from(champions, ({ fitness }) => fitness)
  const sizes = champions.map(({ genotype }) => genotype.neurons.length)
  const genotypes = champions.map(({ genotype }) => genotype)
  return {
    genomes: packGenotypes(inputs, outputs, genotypes),
    fitnesses,
    pick: parentPicker({ fitnesses, sizes }, selection),
  }
}
