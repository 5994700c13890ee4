// The rules of model 1, independent evolution that shares its bests: what to publish, what to look
// at and what to answer. Pure: state and a fact in, state and a decision out; brain-server.ts acts
// on it.
//
//   let island = newIsland({ publishThreshold: 0.1 })
//   const decision = considerBest(island, { id, fitness }, clock.now())
//   if (decision.publish) …
//
// Not for selection: whether an immigrant breeds is decided by its fitness among the others.
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

/** A genotype by its content id, with a fitness. */
export interface Candidate {
  readonly id: string
  readonly fitness: number
}

export interface Island {
  /** Undefined until the first generation has been seen. */
  readonly publishThreshold: number | undefined
  /** The best that we bred or measured ourselves. */
  readonly best: Candidate | undefined
  /** The best that the realm has from us or from a verified record. */
  readonly sharedFitness: number
  readonly publishedAtMs: number
  /** Content ids we have decided about, oldest first: each is looked at once. */
  readonly remembered: readonly string[]
  /** Records being measured. */
  readonly waiting: number
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
  const isBetter = island.best === undefined || candidate.fitness > island.best.fitness
  const best = isBetter ? candidate : island.best
  const publishThreshold = island.publishThreshold ?? candidate.fitness
  const considered = { ...island, best, publishThreshold }
  const publish =
    isWorthSharing(considered) &&
    best !== undefined &&
    best.fitness > island.sharedFitness &&
    nowMs - island.publishedAtMs >= PUBLISH_INTERVAL_MS
  return { island: considered, publish }
}

function isWorthSharing({ best, publishThreshold }: Island): boolean {
  return best !== undefined && publishThreshold !== undefined && best.fitness > publishThreshold
}

/** A best went out, on our own account or as an answer. */
export function published(island: Island, candidate: Candidate, nowMs: number): Island {
  return {
    ...remember(island, candidate.id),
    sent: island.sent + 1,
    sharedFitness: Math.max(island.sharedFitness, candidate.fitness),
    publishedAtMs: nowMs,
  }
}

/** Whether a record whose signature holds is worth running. A record is looked at once. */
export function considerRecord(
  island: Island,
  candidate: Candidate,
): { readonly island: Island; readonly measure: boolean } {
  const received = { ...island, received: island.received + 1 }
  if (island.remembered.includes(candidate.id)) return { island: received, measure: false }
  const isWorse = island.best !== undefined && candidate.fitness <= island.best.fitness
  if (isWorse) return { island: received, measure: false }
  if (island.waiting >= IMMIGRANTS_WAITING_MAX) {
    return { island: refused(received, 'too_many_waiting'), measure: false }
  }
  return {
    island: { ...remember(received, candidate.id), waiting: received.waiting + 1 },
    measure: true,
  }
}

/**
 * A record was run here. It is let in when it does what its signer claims: fitness is a pure
 * function of the genotype, so an honest claim is met to the bit.
 */
export function considerMeasured(
  island: Island,
  claimed: Candidate,
  measuredFitness: number,
): { readonly island: Island; readonly admit: boolean } {
  const waiting = { ...island, waiting: Math.max(0, island.waiting - 1) }
  if (!Object.is(measuredFitness, claimed.fitness)) {
    return { island: refused(waiting, 'fitness_mismatch'), admit: false }
  }
  const isBest = island.best === undefined || measuredFitness > island.best.fitness
  return {
    island: {
      ...waiting,
      imports: island.imports + 1,
      best: isBest ? claimed : island.best,
      sharedFitness: Math.max(island.sharedFitness, measuredFitness),
    },
    admit: true,
  }
}

/** A record could not be run at all. */
export function measuringFailed(island: Island): Island {
  return refused({ ...island, waiting: Math.max(0, island.waiting - 1) }, 'evaluation_failed')
}

/** Counts a refusal. */
export function refused(island: Island, reason: string): Island {
  const count = (island.refused[reason] ?? 0) + 1
  return { ...island, refused: { ...island.refused, [reason]: count } }
}

/**
 * Somebody joined and asks for the best. We answer after a random delay, so that not all answer at
 * once, and not more often than the interval; undefined when we have nothing worth it.
 *
 * @param draw a number in [0, 1)
 */
export function considerWanted(island: Island, nowMs: number, draw: number): number | undefined {
  if (!isWorthSharing(island)) return undefined
  if (nowMs - island.answeredAtMs < ANSWER_INTERVAL_MS) return undefined
  return draw * ANSWER_DELAY_MS_MAX
}

/**
 * The delay is over: answer, unless somebody published the same meanwhile.
 *
 * @param heard content ids published on the realm since the question
 */
export function considerAnswer(
  island: Island,
  heard: ReadonlySet<string>,
  nowMs: number,
): { readonly island: Island; readonly publish: boolean } {
  const publish = island.best !== undefined && !heard.has(island.best.id)
  return { island: { ...island, answeredAtMs: nowMs }, publish }
}

function remember(island: Island, id: string): Island {
  if (island.remembered.includes(id)) return island
  return { ...island, remembered: [...island.remembered, id].slice(-RECORDS_REMEMBERED) }
}
