// What a brain's subscribers are told of its population: its reports, with what the brain knows
// beside them.
import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { formatConnectionEnd } from '../../mesh/connection-end.ts'
import type { PeerMessage } from '../../mesh/peer-manager.ts'
import type { PopulationReport } from '../population/population-server.ts'
import type { BrainEvent, Origin } from './brain-event.ts'
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

/** @param evaluations since the brain started */
export function generationEvent(
  report: Report<'generation'>,
  { best, sent, received, imports, refused }: Island,
  evaluations: number,
): BrainEvent {
  return {
    event: 'generation',
    generation: report.generation,
    evaluations,
    bestFitness: Math.max(report.best.fitness, best?.fitness ?? report.best.fitness),
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

/** @param evaluations since the brain started */
export function solvedEvent(report: Report<'champion'>, evaluations: number): BrainEvent {
  const { genotype, fitness, verification, generation, origin } = report
  const { generalisation, detail } = verification
  return {
    event: 'solved',
    id: genotypeId(genotype),
    fitness,
    ...(generalisation === undefined ? {} : { generalisation }),
    detail,
    evaluations,
    generation,
    genotype,
    ...(origin === undefined ? {} : { origin }),
  }
}

/** @param best the best known */
export function stoppedEvent(
  reason: string,
  best: Pick<Best, 'fitness' | 'genotype' | 'origin'> | undefined,
): BrainEvent {
  if (best === undefined) return { event: 'stopped', reason }
  const { fitness, genotype, origin } = best
  const known = { fitness, genotype, ...(origin === undefined ? {} : { origin }) }
  return { event: 'stopped', reason, best: known }
}

/** The station is lost, or was never reached. */
export function disconnectedEvent(
  message: Extract<PeerMessage, { type: 'peer_down' | 'peer_unreachable' }>,
): BrainEvent {
  if (message.type === 'peer_down') {
    return { event: 'disconnected', reason: formatConnectionEnd(message.reason) }
  }
  const { host, port } = message.addr
  return { event: 'disconnected', reason: `cannot reach ${host}:${port}, ${message.reason}` }
}

/** Evaluations of all populations that have lived here, and of genotypes from elsewhere. */
export function evaluationsOf(brain: {
  readonly spentBefore: number
  readonly spent: number
  readonly island: Island
}): number {
  return brain.spentBefore + brain.spent + brain.island.measured
}
