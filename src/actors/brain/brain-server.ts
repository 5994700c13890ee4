// The process between a population and the mesh (model 1): it publishes the bests of its own
// population, checks and runs those of others, lets the good ones in, and tells its subscribers
// what happened. The decisions are island.ts; here are mailbox, timers and messages.
//
// It outlives whom it listens to: a population, pub-sub server or peer manager that was started
// again is found by name, and a population gets the best known genotype back.
import {
  type CallResult,
  call,
  cast,
  type From,
  GenServer,
  type MaybePromise,
  type Result,
} from '../../behaviours/gen-server.ts'
import type { Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import type { Value } from '../../identity/value.ts'
import { RESUBSCRIBE_MS } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { type ExitReason, formatReason } from '../../runtime/exit-reason.ts'
import { log } from '../../runtime/logger.ts'
import type { Pid } from '../../runtime/pid.ts'
import { isAlive, send } from '../../runtime/process.ts'
import type { Random } from '../../runtime/random.ts'
import { Down, monitor, trapExit } from '../../runtime/signal.ts'
import { sendAfter } from '../../runtime/timer.ts'
import { currentClock } from '../../runtime/timer-wheel.ts'
import {
  type ChampionReport,
  type DoneReport,
  type GenerationReport,
  inject,
  measure,
} from '../population/population-server.ts'
import { publish } from '../pubsub/pubsub-server.ts'
import type { EventMessage } from '../pubsub/subscription.ts'
import { bestWanted, isBestWanted } from './best-wanted.ts'
import type { BrainEvent, Origin } from './brain-event.ts'
import {
  type BrainCall,
  type BrainCast,
  type BrainRef,
  type Internal,
  isBrainMessage,
} from './brain-message.ts'
import {
  type Best,
  disconnectedEvent,
  evaluationsOf,
  generationEvent,
  solvedEvent,
  stoppedEvent,
} from './brain-report.ts'
import { openRecord, type SignedRecord, signRecord } from './genotype-record.ts'
import {
  claimOf,
  considerAnswer,
  considerBest,
  considerGiven,
  considerMeasured,
  considerRecord,
  considerRefused,
  considerWanted,
  type Island,
  isBetter,
  isWorthSharing,
  newIsland,
  published,
  unpublishable,
} from './island.ts'
import { fitsRecord, notPublished, publishFault } from './publishable.ts'
import { type Source, type Sources, subscribeTo } from './source.ts'

export interface BrainServerOptions extends Sources {
  readonly keys: KeyPair
  readonly problem: Problem
  readonly seed: number
  /** Draws the delay of answers. */
  readonly random: Random
  /** Fitness above which a best is published; default: that of the first generation's best. */
  readonly publishThreshold?: number | undefined
}

interface State {
  readonly island: Island
  readonly best: Best | undefined
  readonly subscribers: ReadonlySet<Pid<BrainEvent>>
  /** Whom we listen to, by pid. */
  readonly sources: ReadonlyMap<Pid, Source>
  /** Claims published on the realm since somebody asked for the best; undefined: nobody waits. */
  readonly heard: ReadonlySet<string> | undefined
  /** Evaluations of the population that lives, and of those that crashed before it. */
  readonly spent: number
  readonly spentBefore: number
  /** What ended evolution, for subscribers that come later; empty while it goes on. */
  readonly ending: readonly BrainEvent[]
}

export class BrainServer extends GenServer<State, BrainCall, BrainCast> {
  readonly #options: BrainServerOptions

  constructor(options: BrainServerOptions) {
    super()
    this.#options = options
  }

  init(): { state: State; continue: 'listen' } {
    // Whoever listens is told of our end.
    trapExit()
    const { publishThreshold } = this.#options
    const state: State = {
      island: newIsland({ publishThreshold }),
      best: undefined,
      subscribers: new Set(),
      sources: new Map(),
      heard: undefined,
      spent: 0,
      spentBefore: 0,
      ending: [],
    }
    return { state, continue: 'listen' }
  }

  /** Subscribes to everything, once `init` has returned and nobody waits for us. */
  override async handleContinue(_listen: unknown, state: State): Promise<Result<State>> {
    return { state: await this.#listen('mesh', await this.#listen('population', state)) }
  }

  override terminate(_reason: ExitReason, state: State): void {
    if (state.ending.at(-1)?.event === 'stopped') return
    this.#tell(state, stoppedEvent('stop', state.best))
  }

  /** `publish`: replies with an id, or why not: what a program gives us must not end us. */
  override async handleCall(
    { genotype }: BrainCall,
    _from: From<string | ArborError>,
    state: State,
  ): Promise<CallResult<State, string | ArborError>> {
    const { population, problem } = this.#options
    const fault = publishFault(genotype, problem)
    if (fault !== undefined) return { reply: fault, state }
    const fitness = await this.#fitnessOf(genotype)
    if (fitness === undefined) {
      const advice = 'try again, or mend the genotype'
      return { reply: notPublished(problem, 'it could not be run', advice), state }
    }
    const id = genotypeId(genotype)
    inject(population, { genotype, fitness })
    const given: Best = { id, genotype, fitness, generation: 0, evaluations: 0 }
    const best = isBetter(given, state.island) ? given : state.best
    const next = { ...state, island: considerGiven(state.island, given), best }
    const shared = await this.#publish(next, given)
    if (shared instanceof ArborError) return { reply: shared, state: next }
    return { reply: id, state: shared }
  }

  override handleCast({ subscriber }: BrainCast, state: State): Result<State> {
    monitor(subscriber)
    const { keys, problem, seed } = this.#options
    send(subscriber, { event: 'started', nodeId: keys.nodeId, task: problem.name, seed })
    for (const event of state.ending) send(subscriber, event)
    return { state: { ...state, subscribers: new Set([...state.subscribers, subscriber]) } }
  }

  override handleInfo(message: unknown, state: State): MaybePromise<Result<State>> {
    if (message instanceof Down) return { state: this.#ended(message, state) }
    if (!isBrainMessage(message)) return super.handleInfo(message, state)
    switch (message.type) {
      case 'listen':
        return this.#listen(message.source, state).then((next) => ({ state: next }))
      case 'generation':
        return this.#generation(message, state)
      case 'champion':
        return this.#champion(message, state)
      case 'done':
        return this.#done(message, state)
      case 'event':
        return { state: this.#event(message, state) }
      case 'measured':
        return { state: this.#measured(message, state) }
      case 'answer':
        return this.#answer(state)
      case 'peer_up':
        return this.#peerUp(message.peer, state)
      case 'peer_down':
      case 'peer_unreachable':
        this.#tell(state, disconnectedEvent(message))
        return { state }
      default:
        return { state }
    }
  }

  // --- Whom we listen to ---

  /** Subscribes to a source, or tries again a little later when it is not there. */
  async #listen(source: Source, state: State): Promise<State> {
    try {
      const pids = await subscribeTo(source, this.#options, this.self)
      for (const pid of pids) if (!state.sources.has(pid)) monitor(pid, this.self)
      const { population } = this.#options
      if (source === 'population' && state.best !== undefined) inject(population, state.best)
      const known = pids.map((pid) => [pid, source] as const)
      return { ...state, sources: new Map([...state.sources, ...known]) }
    } catch (error) {
      log(() => ({ level: 'warning', event: 'listen_failed', pid: this.self, source, error }))
      this.#listenSoon(source)
      return state
    }
  }

  #listenSoon(source: Source): void {
    sendAfter<Internal>(this.self, { type: 'listen', source }, RESUBSCRIBE_MS)
  }

  #ended({ pid, reason }: Down, state: State): State {
    const source = state.sources.get(pid)
    if (source === undefined) {
      const left = [...state.subscribers].filter((subscriber) => subscriber !== pid)
      return { ...state, subscribers: new Set(left) }
    }
    this.#listenSoon(source)
    const sources = new Map([...state.sources].filter(([other]) => other !== pid))
    if (source === 'population') {
      return { ...state, sources, spentBefore: state.spentBefore + state.spent, spent: 0 }
    }
    this.#tell(state, { event: 'disconnected', reason: formatReason(reason) })
    return { ...state, sources }
  }

  // --- The population ---

  async #generation(report: GenerationReport<Origin>, state: State): Promise<Result<State>> {
    const { best: found, generation, evaluations } = report
    const candidate = { id: genotypeId(found.genotype), fitness: found.fitness }
    const { island, publish } = considerBest(state.island, candidate, currentClock().now())
    const bred = { ...found, id: candidate.id, generation, evaluations }
    const best = isBetter(bred, state.island) ? bred : state.best
    const next = { ...state, island, best, spent: evaluations, ending: [] }
    this.#tell(next, generationEvent(report, island, evaluationsOf(next)))
    if (!publish || best === undefined || this.#options.mesh === undefined) return { state: next }
    return { state: await this.#share(next, best) }
  }

  #champion(report: ChampionReport<Origin>, state: State): Result<State> {
    if (!report.verification.solved) return { state }
    const next = { ...state, spent: report.evaluations }
    const solved = solvedEvent(report, evaluationsOf(next))
    this.#tell(next, solved)
    return { state: { ...next, ending: [solved] } }
  }

  #done({ reason, best }: DoneReport<Origin>, state: State): Result<State> {
    const stopped = stoppedEvent(reason, state.best ?? best)
    this.#tell(state, stopped)
    return { state: { ...state, ending: [...state.ending, stopped] } }
  }

  // --- The mesh ---

  /** Publishes our best; when the mesh does not take it now, the next generation tries again. */
  async #share(state: State, best: Best): Promise<State> {
    if (!fitsRecord(best.genotype)) {
      const reason = 'too_large'
      this.#tell(state, { event: 'refused', from: this.#options.keys.nodeId, reason })
      return { ...state, island: unpublishable(state.island, best, reason) }
    }
    const shared = await this.#publish(state, best)
    return shared instanceof ArborError ? state : shared
  }

  async #publish(state: State, best: Best): Promise<State | ArborError> {
    const { mesh, keys, problem } = this.#options
    if (mesh === undefined) return state
    const { realm, genotypeTopic, task } = mesh.meeting
    const { id, fitness, origin, ...bred } = best
    const createdMs = currentClock().wallNow()
    const breeder = origin?.breeder ?? keys.nodeId
    try {
      const record = signRecord(keys, { ...bred, task, fitness, createdMs, breeder })
      const { peers } = await publish(mesh.pubsub, realm, genotypeTopic, record)
      if (peers > 0) this.#tell(state, { event: 'published', id, fitness })
      return { ...state, island: published(state.island, best, currentClock().now(), peers) }
    } catch (failure) {
      return notPublished(problem, `the mesh did not take it (${String(failure)})`, 'try again')
    }
  }

  /** Asks for the best, and shares ours: the realm may have missed it while we were away. */
  async #peerUp(peer: string, state: State): Promise<Result<State>> {
    this.#tell(state, { event: 'connected', station: peer })
    const { mesh } = this.#options
    if (mesh === undefined) return { state }
    const { realm, wantedTopic, task } = mesh.meeting
    // When pub-sub has just crashed, connections come back after it, and with them this question.
    await publish(mesh.pubsub, realm, wantedTopic, bestWanted(task)).catch(() => {})
    const next = { ...state, island: { ...state.island, sharedFitness: -Infinity } }
    if (next.best === undefined || !isWorthSharing(next.island)) return { state: next }
    return { state: await this.#share(next, next.best) }
  }

  #event(message: EventMessage, state: State): State {
    const { mesh, keys, problem } = this.#options
    if (mesh === undefined || message.publisher === keys.nodeId) return state
    if (message.topic === mesh.meeting.wantedTopic) return this.#wanted(message.payload, state)
    const { publisher, payload } = message
    const { task } = mesh.meeting
    const nowMs = currentClock().wallNow()
    const opened = openRecord(payload, { task, shape: problem, publisher, nowMs })
    if (!opened.ok) {
      this.#tell(state, { event: 'refused', from: publisher, reason: opened.reason })
      return { ...state, island: considerRefused(state.island, opened.reason) }
    }
    const { record } = opened
    const heard = state.heard === undefined ? undefined : new Set([...state.heard, claimOf(record)])
    const { island, measure: isWorthIt } = considerRecord(state.island, record)
    if (isWorthIt) this.#measure(record)
    return { ...state, heard, island }
  }

  /** Runs a foreign genotype without keeping anybody waiting; the result comes as a message. */
  #measure(record: SignedRecord): void {
    void this.#fitnessOf(record.genotype).then((fitness) => {
      if (isAlive(this.self)) send<Internal>(this.self, { type: 'measured', record, fitness })
    })
  }

  /** What a genotype scores here; undefined when it cannot be run. */
  async #fitnessOf(genotype: Genotype): Promise<number | undefined> {
    try {
      const [evaluation] = await measure(this.#options.population, [genotype])
      return evaluation?.fitness
    } catch (error) {
      log(() => ({ level: 'warning', event: 'measuring_failed', pid: this.self, error }))
      return undefined
    }
  }

  #measured(message: Extract<Internal, { type: 'measured' }>, state: State): State {
    const { record } = message
    const { id, signer, breeder, createdMs, genotype, fitness, generation, evaluations } = record
    const { island, refusal } = considerMeasured(state.island, record, message.fitness)
    if (refusal !== undefined) {
      this.#tell(state, { event: 'refused', from: signer, reason: refusal })
      return { ...state, island }
    }
    const origin: Origin = { id, signer, breeder, createdMs, fitness }
    inject(this.#options.population, { genotype, fitness, origin })
    this.#tell(state, { event: 'imported', id, from: signer, fitness })
    const best = { id, genotype, fitness, generation, evaluations, origin }
    return { ...state, island, best: isBetter(record, state.island) ? best : state.best }
  }

  // --- Questions for the best ---

  #wanted(payload: Value, state: State): State {
    const { mesh, random } = this.#options
    if (mesh === undefined || !isBestWanted(payload, mesh.meeting.task)) return state
    const delayMs = considerWanted(state.island, currentClock().now(), random.next())
    if (delayMs === undefined) return state
    if (state.heard === undefined) sendAfter<Internal>(this.self, { type: 'answer' }, delayMs)
    // Whoever asks now has not heard what went out before.
    return { ...state, heard: new Set() }
  }

  async #answer(state: State): Promise<Result<State>> {
    const { heard = new Set<string>() } = state
    const { island, publish } = considerAnswer(state.island, heard, currentClock().now())
    const next = { ...state, island, heard: undefined }
    if (!publish || next.best === undefined) return { state: next }
    return { state: await this.#share(next, next.best) }
  }

  // --- Subscribers ---

  #tell({ subscribers }: State, event: BrainEvent): void {
    for (const subscriber of subscribers) send(subscriber, event)
  }
}

// --- Client functions ---

/** Runs a genotype here and publishes it; resolves with its id, or rejects `not_published`. */
export async function publishGenotype(brain: BrainRef, genotype: Genotype): Promise<string> {
  const reply = await call(brain, { type: 'publish', genotype }, { timeoutMs: 'infinity' })
  if (reply instanceof ArborError) throw reply
  return reply
}

/** Sends every event to a process until that ends. */
export function subscribeEvents(brain: BrainRef, subscriber: Pid<BrainEvent>): void {
  cast(brain, { type: 'subscribe', subscriber })
}
