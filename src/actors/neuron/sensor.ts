// One input of a network as a process: at the beginning of a cycle it asks the scape what there is
// to perceive, and sends the answer to the neurons that listen to it.
import type { Pid, Receive } from '../../runtime/pid.ts'
import { send, spawnLink } from '../../runtime/process.ts'
import { describeProcessesOf } from '../../runtime/process-info.ts'
import { type Fired, forward, type Target } from './neuron.ts'

/** Asks the scape for one of its inputs. */
export interface Sense {
  readonly type: 'sense'
  readonly sensor: Pid<Percept>
  readonly input: number
}

/** The scape's answer. */
export interface Percept {
  readonly type: 'percept'
  readonly value: number
}

export type SensorMessage =
  | Percept
  /** A cycle begins. */
  | { readonly type: 'sync' }
  /** Comes before everything else. */
  | {
      readonly type: 'connect'
      /** Its own address, for the answers. */
      readonly sensor: Pid<Percept>
      readonly targets: readonly Target[]
      /** Told of each percept when no neuron listens. */
      readonly cortex: Pid<Fired> | undefined
    }

interface Sensor {
  readonly scape: Pid<Sense>
  readonly input: number
  /** In the body of the problem, e.g. `cart[0]`; without one the input's number. */
  readonly name: string
  readonly question: Sense | undefined
  readonly targets: readonly Target[]
  readonly cortex: Pid<Fired> | undefined
}

function receive(message: SensorMessage, state: Sensor): Sensor {
  const { scape, input, name, question, targets, cortex } = state
  if (message.type === 'sync') {
    if (question !== undefined) send(scape, question)
  } else if (message.type === 'percept') {
    forward(targets, message.value)
    if (cortex !== undefined) send(cortex, { type: 'fired' })
  } else {
    const { sensor } = message
    const { targets, cortex } = message
    return { scape, input, name, question: { type: 'sense', sensor, input }, targets, cortex }
  }
  return state
}

describeProcessesOf(receive as Receive, (state) => {
  return { behaviour: `sensor ${(state as Sensor).name}`, initialCall: 'sensor' }
})

/** Starts the sensor of an input, linked to the calling process; `name` is for whoever looks. */
export function spawnSensor(
  input: number,
  scape: Pid<Sense>,
  name = `${input}`,
): Pid<SensorMessage> {
  return spawnLink(receive, {
    scape,
    input,
    name,
    question: undefined,
    targets: [],
    cortex: undefined,
  })
}
