// One output of a network as a process: it hands what its neuron answers to the scape, once a
// cycle.
import type { Pid } from '../../runtime/pid.ts'
import { send, spawnLink } from '../../runtime/process.ts'
import type { Forward } from './neuron.ts'

/** Acts on the scape with one of the network's outputs. */
export interface Action {
  readonly type: 'action'
  readonly output: number
  readonly value: number
}

interface Actuator {
  readonly output: number
  readonly scape: Pid<Action>
}

function receive({ value }: Forward, actuator: Actuator): Actuator {
  send(actuator.scape, { type: 'action', output: actuator.output, value })
  return actuator
}

/** Starts the actuator of an output, linked to the calling process. */
export function spawnActuator(output: number, scape: Pid<Action>): Pid<Forward> {
  return spawnLink(receive, { output, scape })
}
