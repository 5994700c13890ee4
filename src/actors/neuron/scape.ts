// The environment of one network as a process: it owns an episode of the problem, the same that
// compiled networks run through (evolution/environment/episode.ts). Sensors ask it what to
// perceive; when every actuator has acted, the episode takes a step and the cortex hears what
// follows.
import type { Evaluation, Problem } from '../../evolution/environment/environment.ts'
import type { Episode, Outcome } from '../../evolution/environment/episode.ts'
import type { ActuatorGene, ActuatorProcessing } from '../../evolution/genotype.ts'
import { processOutputs } from '../../evolution/network/output-processing.ts'
import type { Pid, Receive } from '../../runtime/pid.ts'
import { send, spawnLink } from '../../runtime/process.ts'
import { describeProcessesOf } from '../../runtime/process-info.ts'
import type { Action } from './actuator.ts'
import type { Sense } from './sensor.ts'

/** Tells the cortex what follows a cycle. */
export interface Stepped {
  readonly type: 'stepped'
  readonly outcome: Outcome
  /** The score, at the end of the episode. */
  readonly evaluation: Evaluation | undefined
}

export type ScapeMessage =
  | Sense
  | Action
  /** Starts an episode. */
  | { readonly type: 'begin'; readonly cortex: Pid<Stepped> }

class Scape {
  readonly problem: Problem
  readonly inputs: Float64Array
  readonly outputs: Float64Array
  /** Actions that this cycle still lacks. */
  missing: number
  /** Whether `inputs` holds what this cycle perceives. */
  hasSensed = false
  episode: Episode | null = null
  cortex: Pid<Stepped> | null = null

  /** Actuators of the genotype that make something else of their outputs. */
  readonly actuators: readonly Processed[]

  constructor(problem: Problem, actuators: readonly ActuatorGene[]) {
    this.problem = problem
    this.actuators = processedOf(actuators)
    this.inputs = new Float64Array(problem.inputs)
    this.outputs = new Float64Array(problem.outputs)
    this.missing = problem.outputs
  }

  begin(cortex: Pid<Stepped>): void {
    this.cortex = cortex
    this.episode = this.problem.episode()
    this.hasSensed = false
    this.missing = this.problem.outputs
  }

  sense({ sensor, input }: Sense): void {
    if (!this.hasSensed) {
      this.episode?.sense(this.inputs)
      this.hasSensed = true
    }
    send(sensor, { type: 'percept', value: this.inputs[input]! })
  }

  act({ output, value }: Action): void {
    const { episode, cortex } = this
    this.outputs[output] = value
    this.missing--
    if (this.missing > 0 || episode === null || cortex === null) return
    this.missing = this.problem.outputs
    this.hasSensed = false
    for (const { processing, from, to } of this.actuators) {
      processOutputs(processing, this.outputs.subarray(from, to))
    }
    const outcome = episode.act(this.outputs)
    const evaluation = outcome === 'ended' ? episode.evaluation() : undefined
    send(cortex, { type: 'stepped', outcome, evaluation })
  }
}

function receive(message: ScapeMessage, scape: Scape): Scape {
  if (message.type === 'sense') scape.sense(message)
  else if (message.type === 'action') scape.act(message)
  else scape.begin(message.cortex)
  return scape
}

describeProcessesOf(receive as Receive, (state) => {
  return { behaviour: `scape ${(state as Scape).problem.name}`, initialCall: 'scape' }
})

interface Processed {
  readonly processing: ActuatorProcessing
  readonly from: number
  readonly to: number
}

function processedOf(actuators: readonly ActuatorGene[]): Processed[] {
  let from = 0
  return actuators.flatMap(({ length, processing }) => {
    const span = { from, to: from + length }
    from += length
    return processing === undefined ? [] : [{ processing, ...span }]
  })
}

/**
 * Starts the environment of one network, linked to the calling process; `actuators` are those of
 * its genotype.
 */
export function spawnScape(
  problem: Problem,
  actuators: readonly ActuatorGene[] = [],
): Pid<ScapeMessage> {
  return spawnLink(receive, new Scape(problem, actuators))
}
