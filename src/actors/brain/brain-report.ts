// What a brain's subscribers are told of its population: its reports, with what the brain knows
// beside them.
import type { Genotype } from '../../evolution/genotype.ts'
import type { PopulationReport } from '../population/population-server.ts'
import type { BrainEvent, Origin } from './brain-event.ts'
import { genotypeId } from './genotype-record.ts'
import type { Island } from './island.ts'

type Report<Type> = Extract<PopulationReport<Origin>, { type: Type }>

/** A genotype we know to be good, and where it came from. */
export interface Best {
  readonly id: string
  readonly genotype: Genotype
  readonly fitness: number
  readonly generation: number
  readonly evaluations: number
  readonly origin?: Origin
}

/** @param measured foreign genotypes run here, which are evaluations too */
export function generationEvent(
  report: Report<'generation'>,
  brain: {
    readonly island: Island
    readonly best: Best | undefined
    readonly measured: number
  },
): BrainEvent {
  const { sent, received, imports, refused } = brain.island
  return {
    event: 'generation',
    generation: report.generation,
    evaluations: report.evaluations + brain.measured,
    bestFitness: Math.max(report.best.fitness, brain.best?.fitness ?? report.best.fitness),
    meanFitness: report.meanFitness,
    worstFitness: report.worstFitness,
    species: report.species,
    evaluationsPerSecond: report.evaluationsPerSecond,
    sent,
    received,
    imports,
    refused,
  }
}

/** @param measured foreign genotypes run here */
export function solvedEvent(report: Report<'champion'>, measured: number): BrainEvent {
  const { genotype, fitness, verification, generation, evaluations, origin } = report
  const { generalisation, detail } = verification
  return {
    event: 'solved',
    id: genotypeId(genotype),
    fitness,
    ...(generalisation === undefined ? {} : { generalisation }),
    detail,
    evaluations: evaluations + measured,
    generation,
    genotype,
    ...(origin === undefined ? {} : { origin }),
  }
}

export function stoppedEvent(reason: string, best: Best | undefined): BrainEvent {
  if (best === undefined) return { event: 'stopped', reason }
  const { fitness, genotype, origin } = best
  const known = { fitness, genotype, ...(origin === undefined ? {} : { origin }) }
  return { event: 'stopped', reason, best: known }
}
