// One genotype as living processes: the exoself starts the scape, a sensor for each input, a
// process for each neuron, an actuator for each output and the cortex, joins them, and runs
// episodes on request (after Sher, "Handbook of Neuroevolution Through Erlang", 2013). All are
// linked: a crash or a stall of any ends all of them with its reason, which whoever waits for the
// score gets as a `CallError`.
//
//   const exoself = await startExoself(supervisor, { problem: xor, genotype })
//   const { fitness } = await Exoself.evaluate(exoself)
//
// For looking inside, for experiments with faults and for brains that live. Not for evolving fast:
// a cycle costs a message a link (`npm run bench -- actor-cycle`); populations run compiled
// networks.
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type Result,
  type ServerPid,
  startLink,
} from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { checkGenotype } from '../../evolution/genotype-check.ts'
import { CYCLE_TIMEOUT_MS } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { reply } from '../../runtime/call.ts'
import type { Pid } from '../../runtime/pid.ts'
import { send } from '../../runtime/process.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import { spawnActuator } from './actuator.ts'
import { type CortexMessage, type Evaluated, type NetworkProcess, spawnCortex } from './cortex.ts'
import { spawnNeuron, type Target } from './neuron.ts'
import { spawnScape } from './scape.ts'
import { spawnSensor } from './sensor.ts'
import { type Axon, wire } from './wiring.ts'

export interface ExoselfOptions {
  readonly problem: Problem
  readonly genotype: Genotype
  /** The network ends with this process; default: only when it is stopped. */
  readonly owner?: Pid
  /**
   * Milliseconds without a closed cycle after which the network is stalled; default
   * CYCLE_TIMEOUT_MS.
   */
  readonly stallTimeoutMs?: number
}

export type ExoselfCall =
  | Call<'evaluate', unknown, Evaluation>
  | Call<'processes', unknown, readonly NetworkProcess[]>

export type ExoselfPid = ServerPid<ExoselfCall>

interface State {
  readonly cortex: Pid<CortexMessage>
  readonly processes: readonly NetworkProcess[]
  /** Who waits for the score; an episode is under way when there is somebody. */
  readonly waiting: readonly From<Evaluation>[]
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

  /** The processes of the network: what each is, and the id of its node in the genotype. */
  static processes(exoself: ExoselfPid): Promise<readonly NetworkProcess[]> {
    return call(exoself, { type: 'processes' })
  }

  // --- Callbacks ---

  init(): InitResult<State> {
    const { owner } = this.#options
    if (owner !== undefined) monitor(owner)
    const network = startNetwork(this.self, this.#options, checked(this.#options))
    return { state: { ...network, waiting: [] } }
  }

  override handleCall(
    request: ExoselfCall,
    from: From<Evaluation>,
    state: State,
  ): CallResult<State, readonly NetworkProcess[]> {
    if (request.type === 'processes') return { reply: state.processes, state }
    if (state.waiting.length === 0) begin(state.cortex)
    return { state: { ...state, waiting: [...state.waiting, from] } }
  }

  override handleInfo(message: Evaluated | Down, state: State): Result<State> {
    // The owner has ended. `normal` would leave the linked processes behind.
    if (message instanceof Down) return { stop: 'shutdown', state }
    for (const from of state.waiting) reply(from, message.evaluation)
    return { state: { ...state, waiting: [] } }
  }
}

function begin(cortex: Pid<CortexMessage>): void {
  send(cortex, { type: 'begin', cortex })
}

/** Starts and joins the processes of a network, linked to the calling process. */
function startNetwork(
  exoself: Pid<Evaluated>,
  { problem, stallTimeoutMs = CYCLE_TIMEOUT_MS }: ExoselfOptions,
  genotype: Genotype,
): Omit<State, 'waiting'> {
  const wiring = wire(genotype)
  const scape = spawnScape(problem, genotype.actuators)
  const sensors = wiring.sensors.map((node, input) => ({ node, pid: spawnSensor(input, scape) }))
  const neurons = wiring.neurons.map((node) => {
    return { node, pid: spawnNeuron(node.gene, node.synapses) }
  })
  const actuators = Array.from({ length: genotype.outputs }, (_, i) => spawnActuator(i, scape))
  const nodes: NetworkProcess[] = [
    { role: 'scape', id: undefined, pid: scape },
    ...sensors.map(({ pid }, id) => ({ role: 'sensor', id, pid }) as const),
    ...neurons.map(({ node, pid }) => ({ role: 'neuron', id: node.gene.id, pid }) as const),
    ...actuators.map((pid, i) => ({ role: 'actuator', id: genotype.inputs + i, pid }) as const),
  ]
  const cortex = spawnCortex({
    exoself,
    scape,
    sensors: sensors.map(({ pid }) => pid),
    neurons: neurons.map(({ pid }) => pid),
    clocked: neurons.filter(({ node }) => node.isClocked).map(({ pid }) => pid),
    reporters: [...wiring.sensors, ...wiring.neurons].filter(({ isLast }) => isLast).length,
    nodes,
    stallTimeoutMs,
  })
  const targetsOf = (axons: readonly Axon[]): Target[] =>
    axons.map(({ neuron, slot }) => ({ pid: nth(neurons, neuron).pid, slot }))
  for (const { node, pid } of sensors) {
    const targets = targetsOf(node.axons)
    const reportTo = node.isLast ? cortex : undefined
    send(pid, { type: 'connect', sensor: pid, targets, cortex: reportTo })
  }
  for (const { node, pid } of neurons) {
    const targets = targetsOf(node.axons)
    if (node.output !== undefined) targets.push({ pid: nth(actuators, node.output), slot: 0 })
    send(pid, { type: 'connect', targets, cortex: node.isLast ? cortex : undefined })
  }
  const processes: NetworkProcess[] = [
    { role: 'exoself', id: undefined, pid: exoself },
    { role: 'cortex', id: undefined, pid: cortex },
    ...nodes,
  ]
  return { cortex, processes }
}

function nth<T>(list: readonly T[], index: number): T {
  const element = list[index]
  if (element === undefined) throw new RangeError(`no element ${index} of ${list.length}`)
  return element
}

/** The genotype, if the problem can be tried with it; throws otherwise. */
function checked({ problem, genotype }: ExoselfOptions): Genotype {
  const attempt = { operation: 'start exoself', target: problem.name }
  const check = checkGenotype(genotype)
  if (!check.ok) {
    const message = `this genotype is malformed, ${check.reason}`
    throw new ArborError('malformed_genotype', message, check.detail, attempt)
  }
  const { inputs, outputs } = genotype
  if (inputs !== problem.inputs || outputs !== problem.outputs) {
    const message = `${inputs} inputs and ${outputs} outputs do not fit ${problem.name}`
    const advice = `it needs ${problem.inputs} and ${problem.outputs}`
    throw new ArborError('wrong_shape', message, advice, attempt)
  }
  return check.genotype
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
