// Keeps the cycles of one network. In each it tells the sensors (and the neurons without forward
// links) to begin, and waits until the scape has taken its step and every node that no other waits
// for has fired: then all have, and nothing of the cycle is under way. At the end of the episode it
// tells the exoself the score.
//
// It also notices a stall: no cycle closed for a while ends the network with a reason that says who
// is busy.
import type { Evaluation } from '../../evolution/environment/environment.ts'
import type { Pid, Receive } from '../../runtime/pid.ts'
import { processInfo, send, spawnLink } from '../../runtime/process.ts'
import { describeProcessesOf } from '../../runtime/process-info.ts'
import { exit } from '../../runtime/signal.ts'
import { cancelTimer, sendInterval, type TimerRef } from '../../runtime/timer.ts'
import type { Fired, NeuronMessage } from './neuron.ts'
import type { ScapeMessage, Stepped } from './scape.ts'
import type { SensorMessage } from './sensor.ts'

/**
 * A process of a network: what it is, and the id of its node in the genotype, if it stands for one.
 */
export interface NetworkProcess {
  readonly role: 'exoself' | 'cortex' | 'scape' | 'sensor' | 'neuron' | 'actuator'
  readonly id: number | undefined
  /** Of a sensor or actuator in the body of the problem, e.g. `cart[0]`. */
  readonly name?: string | undefined
  readonly pid: Pid
}

/** The exit reason of a network whose cycle does not close. */
export interface Stall {
  readonly stalled: 'cycle'
  /** Cycles closed since the episode began. */
  readonly cycles: number
  readonly timeoutMs: number
  /** Who has messages and does not take them, e.g. `neuron 7`; empty when a message was lost. */
  readonly busy: readonly string[]
}

/** The score of an episode. */
export interface Evaluated {
  readonly type: 'evaluated'
  readonly evaluation: Evaluation
}

/** A cycle of a paused network has been closed. */
export interface Cycled {
  readonly type: 'cycle'
}

/** What the exoself hears. */
export type CortexReport = Evaluated | Cycled

export type CortexMessage =
  | Fired
  | Stepped
  /** Runs one episode from its start. */
  | { readonly type: 'begin'; readonly cortex: Pid<CortexMessage> }
  /** Holds the cycles, from the end of the present one on. */
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** One cycle; begins an episode when none is under way. */
  | { readonly type: 'step'; readonly cortex: Pid<CortexMessage> }
  /** Time to see whether the cycles go on. */
  | { readonly type: 'check' }

/** The processes of a network, as the cortex needs them. */
export interface Body {
  readonly exoself: Pid<CortexReport>
  readonly scape: Pid<ScapeMessage>
  readonly sensors: readonly Pid<SensorMessage>[]
  readonly neurons: readonly Pid<NeuronMessage>[]
  /** Those of `neurons` that have no forward link. */
  readonly clocked: readonly Pid<NeuronMessage>[]
  /** How many nodes report each firing to the cortex. */
  readonly reporters: number
  /** Everyone but the cortex and the exoself. */
  readonly nodes: readonly NetworkProcess[]
  readonly stallTimeoutMs: number
}

/**
 * Checks in a row that find no cycle closed before it counts as a stall: the first after something
 * else has held up the whole thread comes before the network has had its turn.
 */
const CHECKS_TO_STALL = 2

class Cortex {
  readonly body: Body
  cycles = 0
  cyclesAtCheck = 0
  /** Checks in a row that saw no cycle closed. */
  idleChecks = 0
  /** Reports that this cycle still lacks: those of `reporters` and the scape's. */
  missing = 0
  stepped: Stepped | null = null
  check: TimerRef | null = null
  isPaused = false
  /** A paused cortex holds the next cycle. */
  isHeld = false
  /** The cycle that runs was asked for by a step. */
  isStepping = false
  isRunning = false
  /** Everything is to be forgotten before the next cycle; whoever looks meanwhile still sees it. */
  mustReset = false

  constructor(body: Body) {
    this.body = body
  }

  begin(cortex: Pid<CortexMessage>): void {
    // Who asks meanwhile gets the score of this one.
    if (this.isRunning) return
    const { scape, stallTimeoutMs } = this.body
    this.cycles = 0
    this.cyclesAtCheck = 0
    this.idleChecks = 0
    this.isRunning = true
    this.isHeld = false
    this.check = sendInterval(cortex, { type: 'check' }, stallTimeoutMs / CHECKS_TO_STALL)
    send(scape, { type: 'begin', cortex })
    this.reset()
    this.next()
  }

  /** On to the next cycle, or held until somebody says so. */
  next(): void {
    if (this.isPaused && !this.isStepping) this.isHeld = true
    else this.sync()
  }

  resume(): void {
    this.isPaused = false
    this.release()
  }

  step(cortex: Pid<CortexMessage>): void {
    this.isStepping = true
    if (!this.isRunning) this.begin(cortex)
    else this.release()
  }

  release(): void {
    if (!this.isHeld) return
    this.isHeld = false
    this.idleChecks = 0
    this.sync()
  }

  reset(): void {
    this.mustReset = false
    for (const neuron of this.body.neurons) send(neuron, { type: 'reset' })
  }

  sync(): void {
    if (this.mustReset) this.reset()
    const { sensors, clocked, reporters } = this.body
    this.missing = reporters + 1
    for (const sensor of sensors) send(sensor, { type: 'sync' })
    for (const neuron of clocked) send(neuron, { type: 'sync' })
  }

  /** One report more; the last closes the cycle. */
  report(): void {
    this.missing--
    if (this.missing > 0 || this.stepped === null) return
    const { outcome, evaluation } = this.stepped
    this.stepped = null
    this.cycles++
    if (this.isStepping) {
      this.isStepping = false
      send(this.body.exoself, { type: 'cycle' })
    }
    if (evaluation !== undefined) {
      if (this.check !== null) cancelTimer(this.check)
      this.isRunning = false
      send(this.body.exoself, { type: 'evaluated', evaluation })
      return
    }
    this.mustReset = outcome === 'reset'
    this.next()
  }

  checkProgress(): void {
    if (this.isHeld) return
    this.idleChecks = this.cycles === this.cyclesAtCheck ? this.idleChecks + 1 : 0
    this.cyclesAtCheck = this.cycles
    if (this.idleChecks < CHECKS_TO_STALL) return
    const busy = this.body.nodes.filter(({ pid }) => processInfo(pid).mailboxLength > 0)
    const stall: Stall = {
      stalled: 'cycle',
      cycles: this.cycles,
      timeoutMs: this.body.stallTimeoutMs,
      busy: busy.map(({ role, id }) => (id === undefined ? role : `${role} ${id}`)),
    }
    exit({ ...stall })
  }
}

function receive(message: CortexMessage, cortex: Cortex): Cortex {
  switch (message.type) {
    case 'fired':
      cortex.report()
      break
    case 'stepped':
      cortex.stepped = message
      cortex.report()
      break
    case 'begin':
      cortex.begin(message.cortex)
      break
    case 'pause':
      cortex.isPaused = true
      break
    case 'resume':
      cortex.resume()
      break
    case 'step':
      cortex.step(message.cortex)
      break
    case 'check':
      cortex.checkProgress()
      break
  }
  return cortex
}

describeProcessesOf(receive as Receive, () => ({ behaviour: 'cortex', initialCall: 'cortex' }))

/** Starts the cortex of a network, linked to the calling process. */
export function spawnCortex(body: Body): Pid<CortexMessage> {
  return spawnLink(receive, new Cortex(body))
}
