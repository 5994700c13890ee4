// The rules of model 1, independent evolution that shares its bests: what to publish, what to look
// at and what to answer. Pure: state and a fact in, state and a decision out; brain-server.ts acts
// on it.
//
//   let island = newIsland({ publishThreshold: 0.1 })
//   const decision = considerBest(island, { id, fitness }, clock.now())
//   if (decision.publish) …
//
// Not for selection: whether an immigrant breeds is decided by its fitness among the others.
import { rankable } from '../../evolution/fitness.ts'
import {
  ANSWER_DELAY_MS_MAX,
  ANSWER_INTERVAL_MS,
  IMMIGRANTS_WAITING_MAX,
  PUBLISH_INTERVAL_MS,
  RECORDS_REMEMBERED,
} from '../../limits.ts'

export interface IslandOptions {
  /**
   * Fitness above which a new best is worth the network. Default: what the best of our first
   * generation has, because that much every node finds by chance.
   */
  readonly publishThreshold?: number | undefined
}

/** A genotype by its content id, with the fitness that somebody claims or has measured. */
export interface Candidate {
  readonly id: string
  readonly fitness: number
}

/** Equal for equal claims; a false claim must not stand in the way of the true one. */
export function claimOf({ id, fitness }: Candidate): string {
  return `${id} ${fitness}`
}

export interface Island {
  /** Undefined until the first generation has been seen. */
  readonly publishThreshold: number | undefined
  /** The best that we bred or measured ourselves. */
  readonly best: Candidate | undefined
  /** The best that the realm has from us or from a verified record. */
  readonly sharedFitness: number
  readonly publishedAtMs: number
  /** Claims we have decided about, oldest first: each is looked at once. */
  readonly remembered: readonly string[]
  /** Records being measured. */
  readonly waiting: number
  /** Genotypes from elsewhere that were run here. */
  readonly measured: number
  readonly answeredAtMs: number
  readonly sent: number
  readonly received: number
  readonly imports: number
  readonly refused: Readonly<Record<string, number>>
}

export function newIsland({ publishThreshold }: IslandOptions = {}): Island {
  return {
    publishThreshold,
    best: undefined,
    sharedFitness: Number.NEGATIVE_INFINITY,
    publishedAtMs: Number.NEGATIVE_INFINITY,
    remembered: [],
    waiting: 0,
    measured: 0,
    answeredAtMs: Number.NEGATIVE_INFINITY,
    sent: 0,
    received: 0,
    imports: 0,
    refused: {},
  }
}

/**
 * Our population's best after a generation. It is published when it passes the threshold and
 * improves on what the realm has; a burst of improvements waits out the interval, and the last of
 * it gets out.
 */
export function considerBest(
  island: Island,
  candidate: Candidate,
  nowMs: number,
): { readonly island: Island; readonly publish: boolean } {
  const best = isBetter(candidate, island) ? candidate : island.best
  const publishThreshold = island.publishThreshold ?? rankable(candidate.fitness)
  const considered = { ...island, best, publishThreshold }
  const publish =
    isWorthSharing(considered) &&
    best !== undefined &&
    best.fitness > island.sharedFitness &&
    nowMs - island.publishedAtMs >= PUBLISH_INTERVAL_MS
  return { island: considered, publish }
}

/** Whether a candidate is better than the best we have. */
export function isBetter({ fitness }: Candidate, { best }: Pick<Island, 'best'>): boolean {
  return best === undefined || rankable(fitness) > rankable(best.fitness)
}

/** Whether our best passes the threshold. */
export function isWorthSharing({ best, publishThreshold }: Island): boolean {
  return best !== undefined && publishThreshold !== undefined && best.fitness > publishThreshold
}

/**
 * A genotype was handed to the mesh, on our own account or as an answer.
 *
 * @param stations how many took it; with none it waits for one, and counts when it goes out again
 */
export function published(
  island: Island,
  candidate: Candidate,
  nowMs: number,
  stations: number,
): Island {
  return {
    ...remember(island, candidate),
    sent: island.sent + (stations > 0 ? 1 : 0),
    sharedFitness: Math.max(island.sharedFitness, candidate.fitness),
    publishedAtMs: nowMs,
  }
}

/** A genotype cannot be published, ever: it is not tried again. */
export function unpublishable(island: Island, candidate: Candidate, reason: string): Island {
  const sharedFitness = Math.max(island.sharedFitness, candidate.fitness)
  return refused({ ...island, sharedFitness }, reason)
}

/** Whether a record whose signature holds is worth running. A record is looked at once. */
export function considerRecord(
  island: Island,
  candidate: Candidate,
): { readonly island: Island; readonly measure: boolean } {
  const received = { ...island, received: island.received + 1 }
  if (island.remembered.includes(claimOf(candidate)) || !isBetter(candidate, island)) {
    return { island: received, measure: false }
  }
  if (island.waiting >= IMMIGRANTS_WAITING_MAX) {
    return { island: refused(received, 'too_many_waiting'), measure: false }
  }
  return {
    island: { ...remember(received, candidate), waiting: received.waiting + 1 },
    measure: true,
  }
}

/**
 * A record was run here. It is let in when it does what its signer claims: fitness is a pure
 * function of the genotype, so an honest claim is met to the bit.
 *
 * @param measuredFitness undefined when it could not be run
 * @returns why it is not let in; `refusal` is undefined when it is
 */
export function considerMeasured(
  island: Island,
  claimed: Candidate,
  measuredFitness: number | undefined,
): { readonly island: Island; readonly refusal: string | undefined } {
  const measured = island.measured + 1
  const waiting = { ...island, waiting: Math.max(0, island.waiting - 1), measured }
  if (!Object.is(measuredFitness, claimed.fitness)) {
    const refusal = measuredFitness === undefined ? 'evaluation_failed' : 'fitness_mismatch'
    return { island: refused(waiting, refusal), refusal }
  }
  return {
    island: {
      ...waiting,
      imports: island.imports + 1,
      best: isBetter(claimed, island) ? claimed : island.best,
      sharedFitness: Math.max(island.sharedFitness, claimed.fitness),
    },
    refusal: undefined,
  }
}

/** A program gave us a genotype, and it was run here. */
export function considerGiven(island: Island, candidate: Candidate): Island {
  const best = isBetter(candidate, island) ? candidate : island.best
  return { ...island, best, measured: island.measured + 1 }
}

/** A record came that is not even looked at, for a reason of `openRecord`. */
export function considerRefused(island: Island, reason: string): Island {
  return refused({ ...island, received: island.received + 1 }, reason)
}

/** Counts a refusal. */
function refused(island: Island, reason: string): Island {
  const count = (island.refused[reason] ?? 0) + 1
  return { ...island, refused: { ...island.refused, [reason]: count } }
}

/**
 * Somebody joined and asks for the best: milliseconds until we answer, or undefined when we have
 * nothing worth it. The delay is random, so that not all answer at once, and keeps the interval
 * from the last answer, which came too early for whoever asks now.
 *
 * @param draw a number in [0, 1)
 */
export function considerWanted(island: Island, nowMs: number, draw: number): number | undefined {
  if (!isWorthSharing(island)) return undefined
  const waitMs = Math.max(0, island.answeredAtMs + ANSWER_INTERVAL_MS - nowMs)
  return waitMs + draw * ANSWER_DELAY_MS_MAX
}

/**
 * The delay is over: answer, unless somebody published the same meanwhile.
 *
 * @param heard claims published on the realm since the question
 */
export function considerAnswer(
  island: Island,
  heard: ReadonlySet<string>,
  nowMs: number,
): { readonly island: Island; readonly publish: boolean } {
  const publish = island.best !== undefined && !heard.has(claimOf(island.best))
  return { island: { ...island, answeredAtMs: nowMs }, publish }
}

function remember(island: Island, candidate: Candidate): Island {
  const claim = claimOf(candidate)
  if (island.remembered.includes(claim)) return island
  return { ...island, remembered: [...island.remembered, claim].slice(-RECORDS_REMEMBERED) }
}
