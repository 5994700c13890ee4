// One genotype as living processes: the exoself starts the scape, a sensor for each input, a
// process for each neuron, an actuator for each output and the cortex, joins them, and runs
// episodes on request (after Sher, "Handbook of Neuroevolution Through Erlang", 2013).
//
//   const exoself = await startExoself(supervisor, { problem: xor, genotype })
//   const { fitness } = await Exoself.evaluate(exoself)
//   const tuned = await Exoself.tune(exoself, { seed: 1 })     // better weights, found in one life
//
// All are linked: a crash or a stall of any ends all of them with its reason, which whoever waits
// for the score gets as a `CallError`; with `restarts`, the network is first started again from the
// weights it had, and the episode from its beginning.
//
// For looking inside (`pause`, `step`, `inspect`, `change`), for experiments with faults and for
// brains that live. Not for evolving fast: a cycle costs a message a link (`npm run bench --
// actor-cycle`); populations run compiled networks.
import {
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type ReplyOf,
  type Result,
  startLink,
} from '../../behaviours/gen-server.ts'
import type { Evaluation } from '../../evolution/environment/environment.ts'
import {
  checkedEvaluation,
  failedEvaluation,
} from '../../evolution/environment/failed-evaluation.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { phenotypeOf } from '../../evolution/network/plan.ts'
import type { Phenotype } from '../../evolution/substrate/painting.ts'
import {
  startTuning,
  stepTuning,
  type Tuning,
  tunedEvaluation,
  withTunedWeights,
} from '../../evolution/tuning.ts'
import { CYCLE_TIMEOUT_MS } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { reply } from '../../runtime/call.ts'
import type { ExitReason } from '../../runtime/exit-reason.ts'
import { send } from '../../runtime/process.ts'
import { processFlag } from '../../runtime/process-flag.ts'
import { seededRandom } from '../../runtime/random.ts'
import { Down, Exit, exit, monitor, unlink } from '../../runtime/signal.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import { changedPhenotype, type NeuronChange } from './change.ts'
import type { CortexReport, NetworkProcess } from './cortex.ts'
import type { ExoselfCall, ExoselfOptions, ExoselfPid, Tuned } from './exoself-protocol.ts'
import {
  advance,
  causeOf,
  isRunning,
  type Life,
  livingOf,
  needsSnapshots,
  type RunningTuning,
} from './life.ts'
import { checked, type NetworkProcesses, startNetwork } from './network.ts'
import type { NeuronSnapshot } from './neuron.ts'

export type { ExoselfCall, ExoselfOptions, ExoselfPid, Tuned } from './exoself-protocol.ts'

type AnyReply = ReplyOf<ExoselfCall>

interface State extends Life {
  readonly network: NetworkProcesses
  readonly restartsLeft: number
}

export class Exoself extends GenServer<State, ExoselfCall> {
  readonly #options: ExoselfOptions

  constructor(options: ExoselfOptions) {
    super()
    this.#options = options
  }

  // --- Client functions ---

  /**
   * Runs an episode from its start and resolves with the score. Whoever asks while one is under way
   * gets the score of that one: it is the same. Rejects with a `CallError` of code `exit` when the
   * network ends.
   */
  static evaluate(exoself: ExoselfPid): Promise<Evaluation> {
    return call(exoself, { type: 'evaluate' }, { timeoutMs: 'infinity' })
  }

  /**
   * Searches for better weights, as the genotype's agent says (evolution/tuning.ts); the network
   * goes on with the best. One seed decides what is tried; a trial in which the network crashes has
   * failed. Rejects with an `ArborError` of code
   * `busy` while an episode is under way.
   */
  static async tune(exoself: ExoselfPid, options: { seed: number | string }): Promise<Tuned> {
    return orThrow(await call(exoself, { type: 'tune', ...options }, { timeoutMs: 'infinity' }))
  }

  /** The processes of the network: what each is, and the id of its node in the genotype. */
  static processes(exoself: ExoselfPid): Promise<readonly NetworkProcess[]> {
    return call(exoself, { type: 'processes' })
  }

  /** What every neuron has at the moment, in the order of the genotype. */
  static inspect(exoself: ExoselfPid): Promise<readonly NeuronSnapshot[]> {
    return call(exoself, { type: 'inspect' })
  }

  /** Holds the network at the end of the cycle that is under way. */
  static pause(exoself: ExoselfPid): Promise<void> {
    return call(exoself, { type: 'pause' })
  }

  static resume(exoself: ExoselfPid): Promise<void> {
    return call(exoself, { type: 'resume' })
  }

  /**
   * Runs one cycle of a network that is paused, and resolves at its end; begins an episode when
   * none is under way.
   */
  static step(exoself: ExoselfPid): Promise<void> {
    return call(exoself, { type: 'step' })
  }

  /**
   * Replaces weights or bias of a neuron from now on. Rejects with an `ArborError`:
   * `unknown_neuron`, `wrong_length`.
   */
  static async change(exoself: ExoselfPid, change: NeuronChange): Promise<void> {
    orThrow(await call(exoself, { type: 'change', ...change }))
  }

  // --- Callbacks ---

  init(): InitResult<State> {
    const { owner, restarts = 0 } = this.#options
    if (owner !== undefined) monitor(owner)
    if (restarts > 0) processFlag('trapExit', true)
    const genotype = checked(this.#options.problem, this.#options.genotype)
    const phenotype = phenotypeOf(genotype)
    return {
      state: {
        genotype,
        phenotype,
        network: this.#start(phenotype),
        restartsLeft: restarts,
        waiting: [],
        stepping: [],
        inspecting: [],
        snapshots: [],
        tuning: undefined,
      },
    }
  }

  override handleCall(
    request: ExoselfCall,
    from: From<AnyReply>,
    state: State,
  ): CallResult<State, AnyReply> {
    const { network, waiting, tuning } = state
    switch (request.type) {
      case 'processes':
        return { reply: network.processes, state }
      case 'evaluate':
        if (waiting.length === 0 && tuning === undefined) this.#begin(network)
        return { state: { ...state, waiting: [...waiting, from] } }
      case 'tune':
        return this.#tune(request.seed, from, state)
      case 'inspect':
        if (state.inspecting.length === 0) this.#inspect(network)
        return { state: { ...state, inspecting: [...state.inspecting, from] } }
      case 'change':
        return this.#change(request, state)
      case 'step':
        send(network.cortex, { type: 'step', cortex: network.cortex })
        return { state: { ...state, stepping: [...state.stepping, from] } }
      default:
        send(network.cortex, { type: request.type })
        return { reply: undefined, state }
    }
  }

  override handleInfo(
    message: CortexReport | NeuronSnapshot | Down | Exit,
    state: State,
  ): Result<State> {
    // The owner has ended. `normal` would leave the linked processes behind.
    if (message instanceof Down) return { stop: 'shutdown', state }
    if (message instanceof Exit) return this.#ended(message, state)
    switch (message.type) {
      case 'evaluated':
        return { state: this.#evaluated(message.evaluation, state) }
      case 'cycle':
        for (const from of state.stepping) reply(from, undefined)
        return { state: { ...state, stepping: [] } }
      default:
        return { state: this.#told(message, state) }
    }
  }

  // --- Lives ---

  #start(phenotype: Phenotype): NetworkProcesses {
    const { problem, stallTimeoutMs = CYCLE_TIMEOUT_MS } = this.#options
    return startNetwork(this.self, { problem, phenotype, stallTimeoutMs })
  }

  /** Processes of another phenotype take the place of those there are, and of what is asked of them. */
  #replace(state: State, phenotype: Phenotype): State {
    for (const { pid, role } of state.network.processes) {
      if (role === 'exoself') continue
      unlink(pid)
      exit(pid, 'kill')
    }
    const network = this.#start(phenotype)
    if (state.inspecting.length > 0) this.#inspect(network)
    for (const from of state.stepping) reply(from, undefined)
    return { ...state, phenotype, network, stepping: [], snapshots: [] }
  }

  #begin({ cortex }: NetworkProcesses): void {
    send(cortex, { type: 'begin', cortex })
  }

  #tune(seed: number | string, from: From<Tuned>, state: State): CallResult<State, AnyReply> {
    if (state.waiting.length > 0 || state.tuning !== undefined) {
      const attempt = { operation: 'tune', target: this.self }
      const advice = 'await the evaluation or tuning that is under way'
      return { reply: new ArborError('busy', 'the network is being run', advice, attempt), state }
    }
    // A trial that crashes is one that failed, and the tuning goes on.
    processFlag('trapExit', true)
    this.#begin(state.network)
    const random = seededRandom(seed)
    const tuning = { state: startTuning(state.genotype), random, from, evaluation: undefined }
    return { state: { ...state, tuning } }
  }

  #evaluated(evaluation: Evaluation, state: State): State {
    for (const from of state.waiting) reply(from, evaluation)
    const told: State = { ...state, waiting: [] }
    const { tuning } = told
    if (tuning === undefined) return told
    const scored = { ...tuning, evaluation: checkedEvaluation(evaluation, this.#options.problem) }
    const measured = { ...told, tuning: scored }
    if (!needsSnapshots(measured)) return this.#stepTuning(measured)
    // What plasticity has made of the weights is part of what a lamarckian learns.
    this.#inspect(state.network)
    return measured
  }

  /** The attempt has been judged: on with the next, or with the weights that were the best. */
  #stepTuning(state: State): State {
    const { tuning } = state
    if (tuning?.evaluation === undefined) return state
    const learnt = advance(tuning.state, tuning.evaluation, tuning.random, state.snapshots)
    const weights = learnt.isOver ? learnt.kept : learnt.trial
    const genotype = withTunedWeights(state.genotype, weights)
    const lives = this.#embody(state, genotype, weights, learnt.rowPtr)
    const next = this.#judged(learnt, tuning, lives)
    if (isRunning(next)) this.#begin(next.network)
    return next
  }

  /** What is known after a trial; at the end, so is whoever waits for it. */
  #judged(learnt: Tuning, tuning: RunningTuning, state: State): State {
    if (!learnt.isOver) {
      const next = { ...tuning, state: learnt, evaluation: undefined }
      return { ...state, tuning: next, snapshots: [] }
    }
    const genotype = withTunedWeights(state.genotype, learnt.kept)
    const { evaluations } = learnt
    reply(tuning.from, { genotype, evaluation: tunedEvaluation(learnt), evaluations })
    return { ...state, genotype, tuning: undefined, snapshots: [] }
  }

  /** Gives the neurons the weights of a genotype; one with a substrate paints a network anew. */
  #embody(
    state: State,
    genotype: Genotype,
    weights: { weight: Float64Array; bias: Float64Array },
    rowPtr: Int32Array,
  ): State {
    if (genotype.substrate !== undefined) return this.#replace(state, phenotypeOf(genotype))
    this.#setWeights(state.network, weights, rowPtr)
    return { ...state, phenotype: genotype }
  }

  #setWeights(
    { neurons }: NetworkProcesses,
    { weight, bias }: { weight: Float64Array; bias: Float64Array },
    rowPtr: Int32Array,
  ): void {
    neurons.forEach((neuron, i) => {
      const weights = weight.slice(rowPtr[i], rowPtr[i + 1])
      send(neuron, { type: 'weights', weights, bias: bias[i] ?? 0 })
    })
  }

  // --- Looking inside ---

  #inspect({ neurons }: NetworkProcesses): void {
    for (const neuron of neurons) send(neuron, { type: 'inspect', to: this.self })
  }

  #told(snapshot: NeuronSnapshot, state: State): State {
    const snapshots = [...state.snapshots, snapshot]
    if (snapshots.length < state.network.neurons.length) return { ...state, snapshots }
    for (const from of state.inspecting) reply(from, snapshots)
    const told: State = { ...state, snapshots, inspecting: [] }
    return told.tuning?.evaluation === undefined
      ? { ...told, snapshots: [] }
      : this.#stepTuning(told)
  }

  #change(change: NeuronChange, state: State): CallResult<State, AnyReply> {
    const changed = changedPhenotype(state.phenotype, change)
    if (changed instanceof ArborError) return { reply: changed, state }
    const { phenotype, index, weights, bias } = changed
    const neuron = state.network.neurons[index]
    if (neuron !== undefined) send(neuron, { type: 'weights', weights, bias })
    const genotype = state.genotype.substrate === undefined ? phenotype : state.genotype
    return { reply: undefined, state: { ...state, genotype, phenotype } }
  }

  // --- Faults ---

  /** A process of the network, or somebody else who is linked, has ended. */
  #ended({ from, reason }: Exit, state: State): Result<State> {
    const isPart = state.network.processes.some(({ pid }) => pid === from)
    // Those of a network that was given up end one after the other.
    if (!isPart) return { state }
    if (state.restartsLeft === 0 && state.tuning === undefined) return { stop: reason, state }
    const next = state.restartsLeft > 0 ? state : this.#failedTrial(reason, state)
    const lives = this.#replace(next, livingOf(next))
    if (isRunning(lives)) this.#begin(lives.network)
    const restartsLeft = Math.max(0, lives.restartsLeft - 1)
    const { tuning } = lives
    const again = tuning === undefined ? {} : { tuning: { ...tuning, evaluation: undefined } }
    return { state: { ...lives, ...again, restartsLeft } }
  }

  #failedTrial(reason: ExitReason, state: State): State {
    const { tuning } = state
    if (tuning === undefined) return state
    const evaluation = failedEvaluation(causeOf(reason))
    const learnt = stepTuning(tuning.state, evaluation, tuning.random)
    const judged = this.#judged(learnt, tuning, state)
    return learnt.isOver ? { ...judged, phenotype: phenotypeOf(judged.genotype) } : judged
  }
}

function orThrow<T>(answer: T | ArborError): T {
  if (answer instanceof ArborError) throw answer
  return answer
}

/**
 * Starts a network under a supervisor; it is never restarted: an evaluation that failed has failed.
 */
export function startExoself(
  supervisor: DynamicSupervisorRef,
  options: ExoselfOptions,
): Promise<ExoselfPid> {
  return DynamicSupervisor.startChild(supervisor, {
    id: 'exoself',
    restart: 'temporary',
    start: () => startLink(new Exoself(options)),
  })
}
