// One input of a network as a process: at the beginning of a cycle it asks the scape what there is
// to perceive, and sends the answer to the neurons that listen to it.
import type { Pid } from '../../runtime/pid.ts'
import { send, spawnLink } from '../../runtime/process.ts'
import type { Fired, Target } from './neuron.ts'

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
  readonly question: Sense | undefined
  readonly targets: readonly Target[]
  readonly cortex: Pid<Fired> | undefined
}

function receive(message: SensorMessage, state: Sensor): Sensor {
  const { scape, input, question, targets, cortex } = state
  if (message.type === 'sync') {
    if (question !== undefined) send(scape, question)
  } else if (message.type === 'percept') {
    const { value } = message
    for (const { pid, slot } of targets) send(pid, { type: 'forward', slot, value })
    if (cortex !== undefined) send(cortex, { type: 'fired' })
  } else {
    const { sensor } = message
    const { targets, cortex } = message
    return { scape, input, question: { type: 'sense', sensor, input }, targets, cortex }
  }
  return state
}

/** Starts the sensor of an input, linked to the calling process. */
export function spawnSensor(input: number, scape: Pid<Sense>): Pid<SensorMessage> {
  return spawnLink(receive, {
    scape,
    input,
    question: undefined,
    targets: [],
    cortex: undefined,
  })
}
