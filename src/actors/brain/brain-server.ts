// The process between a population and the mesh (model 1): it publishes the bests of its own
// population, checks and runs those of others, lets the good ones in, and tells its subscribers
// what happened. The decisions are island.ts; here are mailbox, timers and messages.
import {
  type Call,
  type CallResult,
  call,
  cast,
  type From,
  GenServer,
  type MaybePromise,
  type Result,
  type ServerPid,
  type ServerRef,
} from '../../behaviours/gen-server.ts'
import type { Problem } from '../../evolution/environment/environment.ts'
import { checkGenotype, type Genotype } from '../../evolution/genotype.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import type { Value } from '../../identity/value.ts'
import { formatConnectionEnd } from '../../mesh/connection-end.ts'
import { type PeerManagerRef, type PeerMessage, subscribePeers } from '../../mesh/peer-manager.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Pid } from '../../runtime/pid.ts'
import { send } from '../../runtime/process.ts'
import type { Random } from '../../runtime/random.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import { sendAfter } from '../../runtime/timer.ts'
import { currentClock } from '../../runtime/timer-wheel.ts'
import {
  inject,
  measure,
  type PopulationRef,
  type PopulationReport,
  subscribeReports,
} from '../population/population-server.ts'
import { type PubSubRef, publish, subscribe } from '../pubsub/pubsub-server.ts'
import type { EventMessage } from '../pubsub/subscription.ts'
import type { BrainEvent, Origin } from './brain-event.ts'
import { type Best, generationEvent, solvedEvent, stoppedEvent } from './brain-report.ts'
import { genotypeId, openRecord, type SignedRecord, signRecord } from './genotype-record.ts'
import {
  considerAnswer,
  considerBest,
  considerMeasured,
  considerRecord,
  considerWanted,
  type Island,
  measuringFailed,
  newIsland,
  published,
  refused,
} from './island.ts'
import type { Meeting } from './meeting.ts'

export interface BrainServerOptions {
  readonly keys: KeyPair
  readonly problem: Problem
  readonly seed: number
  /** Absent: the population evolves alone and nothing leaves it. */
  readonly mesh?: {
    readonly meeting: Meeting
    readonly pubsub: PubSubRef
    readonly peers: PeerManagerRef
  }
  readonly population: PopulationRef<Origin>
  /** Draws the delay of answers. */
  readonly random: Random
  /** Fitness above which a best is published; default: that of the first generation's best. */
  readonly publishThreshold?: number
}

export type BrainCall = Call<'publish', { readonly genotype: Genotype }, string | ArborError>
export type BrainCast = { readonly type: 'subscribe'; readonly subscriber: Pid<BrainEvent> }
export type BrainPid = ServerPid<BrainCall, BrainCast>
export type BrainRef = ServerRef<BrainCall, BrainCast>

interface State {
  readonly island: Island
  readonly best: Best | undefined
  readonly subscribers: ReadonlySet<Pid<BrainEvent>>
  /** What was published on the realm since somebody asked for the best; undefined: nobody waits. */
  readonly heard: ReadonlySet<string> | undefined
  /** Foreign genotypes run here. */
  readonly measured: number
}

/** What the server tells itself. */
type Internal =
  | {
      readonly type: 'measured'
      readonly record: SignedRecord
      readonly fitness: number | undefined
    }
  | { readonly type: 'answer' }

type Report = PopulationReport<Origin>
type Message = Internal | Report | EventMessage | PeerMessage

export class BrainServer extends GenServer<State, BrainCall, BrainCast> {
  readonly #options: BrainServerOptions

  constructor(options: BrainServerOptions) {
    super()
    this.#options = options
  }

  init(): { state: State; continue: 'join' } {
    const { publishThreshold } = this.#options
    const state: State = {
      island: newIsland({ publishThreshold }),
      best: undefined,
      subscribers: new Set(),
      heard: undefined,
      measured: 0,
    }
    return { state, continue: 'join' }
  }

  /** Subscribes to everything, once `init` has returned and nobody waits for us. */
  override async handleContinue(_join: unknown, state: State): Promise<Result<State>> {
    const { population, mesh } = this.#options
    await subscribeReports(population, this.self)
    if (mesh === undefined) return { state }
    const { realm, genotypeTopic, wantedTopic } = mesh.meeting
    await subscribe(mesh.pubsub, realm, genotypeTopic, this.self)
    await subscribe(mesh.pubsub, realm, wantedTopic, this.self)
    await subscribePeers(mesh.peers, this.self)
    return { state }
  }

  /**
   * `publish`: runs a genotype, lets it into the population and publishes it. Replies with its id,
   * or with why it cannot be published: what a program gives us must not end us.
   */
  override async handleCall(
    { genotype }: BrainCall,
    _from: From<string | ArborError>,
    state: State,
  ): Promise<CallResult<State, string | ArborError>> {
    const { population } = this.#options
    const fitness = await this.#fitnessOf(genotype)
    if (fitness instanceof ArborError) return { reply: fitness, state }
    const id = genotypeId(genotype)
    inject(population, { genotype, fitness })
    const given: Best = { id, genotype, fitness, generation: 0, evaluations: 0 }
    const isBest = state.best === undefined || fitness > state.best.fitness
    const island = isBest ? { ...state.island, best: { id, fitness } } : state.island
    const next = { ...state, island, best: isBest ? given : state.best }
    return { reply: id, state: await this.#publish(next, given) }
  }

  async #fitnessOf(genotype: Genotype): Promise<number | ArborError> {
    const { problem, population } = this.#options
    const refuse = (message: string, advice: string): ArborError =>
      new ArborError('not_published', message, advice, {
        operation: 'publish',
        target: problem.name,
      })
    const check = checkGenotype(genotype)
    if (!check.ok) return refuse(`this is no genotype (${check.detail})`, 'see checkGenotype')
    if (genotype.inputs !== problem.inputs || genotype.outputs !== problem.outputs) {
      const shape = `${problem.inputs} inputs and ${problem.outputs} outputs`
      return refuse('its shape is not that of the task', `give it ${shape}`)
    }
    try {
      const [evaluation] = await measure(population, [genotype])
      return evaluation?.fitness ?? refuse('it was not run', 'try again')
    } catch (failure) {
      return refuse(`running it failed (${String(failure)})`, 'try again, or mend the genotype')
    }
  }

  override handleCast({ subscriber }: BrainCast, state: State): Result<State> {
    monitor(subscriber)
    const { keys, problem, seed } = this.#options
    send(subscriber, { event: 'started', node: keys.nodeId, task: problem.name, seed })
    return { state: { ...state, subscribers: new Set([...state.subscribers, subscriber]) } }
  }

  override handleInfo(message: unknown, state: State): MaybePromise<Result<State>> {
    if (message instanceof Down) {
      const left = [...state.subscribers].filter((subscriber) => subscriber !== message.pid)
      return { state: { ...state, subscribers: new Set(left) } }
    }
    if (!isMessage(message)) return super.handleInfo(message, state)
    switch (message.type) {
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
        this.#tell(state, { event: 'disconnected', reason: formatConnectionEnd(message.reason) })
        return { state }
      default:
        return { state }
    }
  }

  // --- The population ---

  async #generation(
    report: Extract<Report, { type: 'generation' }>,
    state: State,
  ): Promise<Result<State>> {
    const { best: found, generation, evaluations } = report
    const candidate = { id: genotypeId(found.genotype), fitness: found.fitness }
    const { island, publish } = considerBest(state.island, candidate, currentClock().now())
    const isNew = island.best?.id === candidate.id && state.best?.id !== candidate.id
    const best = isNew ? { ...found, id: candidate.id, generation, evaluations } : state.best
    const next = { ...state, island, best }
    this.#tell(next, generationEvent(report, next))
    if (!publish || best === undefined || this.#options.mesh === undefined) return { state: next }
    return { state: await this.#publish(next, best) }
  }

  #champion(report: Extract<Report, { type: 'champion' }>, state: State): Result<State> {
    if (report.verification.solved) this.#tell(state, solvedEvent(report, state.measured))
    return { state }
  }

  #done({ reason }: Extract<Report, { type: 'done' }>, state: State): Result<State> {
    this.#tell(state, stoppedEvent(reason, state.best))
    return { state }
  }

  // --- The mesh ---

  async #publish(state: State, best: Best): Promise<State> {
    const { mesh, keys } = this.#options
    if (mesh === undefined) return state
    const { realm, genotypeTopic, task } = mesh.meeting
    const record = signRecord(keys, {
      task,
      genotype: best.genotype,
      fitness: best.fitness,
      generation: best.generation,
      evaluations: best.evaluations,
      createdMs: currentClock().wallNow(),
      breeder: best.origin?.breeder ?? keys.nodeId,
    })
    await publish(mesh.pubsub, realm, genotypeTopic, record)
    this.#tell(state, { event: 'published', id: best.id, fitness: best.fitness })
    return { ...state, island: published(state.island, best, currentClock().now()) }
  }

  async #peerUp(peer: string, state: State): Promise<Result<State>> {
    const { mesh } = this.#options
    this.#tell(state, { event: 'connected', station: peer })
    if (mesh === undefined) return { state }
    const { realm, wantedTopic, task } = mesh.meeting
    await publish(mesh.pubsub, realm, wantedTopic, { schema: WANTED_SCHEMA, version: 1, task })
    // What the realm missed while we were away is published again with the next generation.
    const island = { ...state.island, sharedFitness: Number.NEGATIVE_INFINITY }
    return { state: { ...state, island } }
  }

  #event(message: EventMessage, state: State): State {
    const { mesh, keys } = this.#options
    if (mesh === undefined || message.publisher === keys.nodeId) return state
    if (message.topic === mesh.meeting.wantedTopic) return this.#wanted(message.payload, state)
    const opened = openRecord(message.payload, {
      task: mesh.meeting.task,
      publisher: message.publisher,
      nowMs: currentClock().wallNow(),
    })
    if (!opened.ok) return this.#refuse(state, message.publisher, opened.reason)
    const { record } = opened
    const heard = state.heard === undefined ? undefined : new Set([...state.heard, record.id])
    const { inputs, outputs } = this.#options.problem
    if (record.genotype.inputs !== inputs || record.genotype.outputs !== outputs) {
      return this.#refuse({ ...state, heard }, record.signer, 'wrong_shape')
    }
    const { island, measure: isWorthIt } = considerRecord(state.island, record)
    if (isWorthIt) this.#measure(record)
    return { ...state, heard, island }
  }

  /** Runs a foreign genotype without keeping anybody waiting; the result comes as a message. */
  #measure(record: SignedRecord): void {
    const tell = (fitness: number | undefined): void =>
      send<Internal>(this.self, { type: 'measured', record, fitness })
    measure(this.#options.population, [record.genotype]).then(
      ([evaluation]) => tell(evaluation?.fitness),
      () => tell(undefined),
    )
  }

  #measured(message: Extract<Internal, { type: 'measured' }>, state: State): State {
    const { record, fitness } = message
    const measured = { ...state, measured: state.measured + 1 }
    if (fitness === undefined) {
      const island = measuringFailed(state.island)
      this.#tell(state, { event: 'refused', from: record.signer, reason: 'evaluation_failed' })
      return { ...measured, island }
    }
    const { island, admit } = considerMeasured(state.island, record, fitness)
    if (!admit) {
      this.#tell(state, { event: 'refused', from: record.signer, reason: 'fitness_mismatch' })
      return { ...measured, island }
    }
    const { id, signer, breeder, createdMs, genotype, generation, evaluations } = record
    const origin: Origin = { id, signer, breeder, createdMs, fitness }
    inject(this.#options.population, { genotype, fitness, origin })
    this.#tell(state, { event: 'imported', id, from: signer, fitness })
    const isBest = island.best?.id === id
    const best = { id, genotype, fitness, generation, evaluations, origin }
    return { ...measured, island, best: isBest ? best : state.best }
  }

  // --- Questions for the best ---

  #wanted(payload: Value, state: State): State {
    const { mesh, random } = this.#options
    const isQuestion = payload instanceof Map && payload.get('schema') === WANTED_SCHEMA
    if (!isQuestion || payload.get('task') !== mesh?.meeting.task || state.heard !== undefined) {
      return state
    }
    const delayMs = considerWanted(state.island, currentClock().now(), random.next())
    if (delayMs === undefined) return state
    sendAfter<Internal>(this.self, { type: 'answer' }, delayMs)
    return { ...state, heard: new Set() }
  }

  async #answer(state: State): Promise<Result<State>> {
    const heard = state.heard ?? new Set<string>()
    const { island, publish } = considerAnswer(state.island, heard, currentClock().now())
    const next = { ...state, island, heard: undefined }
    if (!publish || next.best === undefined) return { state: next }
    return { state: await this.#publish(next, next.best) }
  }

  // --- Subscribers ---

  #refuse(state: State, from: string, reason: string): State {
    this.#tell(state, { event: 'refused', from, reason })
    const island = { ...state.island, received: state.island.received + 1 }
    return { ...state, island: refused(island, reason) }
  }

  #tell({ subscribers }: State, event: BrainEvent): void {
    for (const subscriber of subscribers) send(subscriber, event)
  }
}

const WANTED_SCHEMA = 'arbor-best-wanted'

const messageTypes: ReadonlySet<string> = new Set<Message['type']>([
  'measured',
  'answer',
  'generation',
  'champion',
  'done',
  'event',
  'peer_up',
  'peer_down',
  'frame',
  'frame_refused',
])

/** Only our own processes can send to us: the type tells which message it is. */
function isMessage(message: unknown): message is Message {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    typeof message.type === 'string' &&
    messageTypes.has(message.type)
  )
}

// --- Client functions ---

/**
 * Runs a genotype here and publishes it; resolves with its content id. Rejects with
 * `not_published`.
 */
export async function publishGenotype(brain: BrainRef, genotype: Genotype): Promise<string> {
  const reply = await call(brain, { type: 'publish', genotype }, { timeoutMs: 'infinity' })
  if (reply instanceof ArborError) throw reply
  return reply
}

/** Sends every event to a process until that ends. */
export function subscribeEvents(brain: BrainRef, subscriber: Pid<BrainEvent>): void {
  cast(brain, { type: 'subscribe', subscriber })
}
