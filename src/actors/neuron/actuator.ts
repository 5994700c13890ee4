// One output of a network as a process: it hands what its neuron answers to the scape, once a
// cycle.
import type { Pid, Receive } from '../../runtime/pid.ts'
import { send, spawnLink } from '../../runtime/process.ts'
import { describeProcessesOf } from '../../runtime/process-info.ts'
import type { Forward } from './neuron.ts'

/** Acts on the scape with one of the network's outputs. */
export interface Action {
  readonly type: 'action'
  readonly output: number
  readonly value: number
}

interface Actuator {
  readonly output: number
  /** In the body of the problem, e.g. `two_wheels[0]`; without one the output's number. */
  readonly name: string
  readonly scape: Pid<Action>
}

function receive({ value }: Forward, actuator: Actuator): Actuator {
  send(actuator.scape, { type: 'action', output: actuator.output, value })
  return actuator
}

describeProcessesOf(receive as Receive, (state) => {
  return { behaviour: `actuator ${(state as Actuator).name}`, initialCall: 'actuator' }
})

/** Starts the actuator of an output, linked to the calling process; `name` is for whoever looks. */
export function spawnActuator(
  output: number,
  scape: Pid<Action>,
  name = `${output}`,
): Pid<Forward> {
  return spawnLink(receive, { output, name, scape })
}
