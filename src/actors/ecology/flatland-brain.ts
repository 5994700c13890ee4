// A brain of a flatland as a process of its own: it is shown what its body perceives, and answers
// with what the wheels shall do.
import type { Genotype } from '../../evolution/genotype.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile } from '../../evolution/network/plan.ts'
import type { Pid, Receive } from '../../runtime/pid.ts'
import { send, spawn } from '../../runtime/process.ts'
import { describeProcessesOf } from '../../runtime/process-info.ts'
import { link } from '../../runtime/signal.ts'

/** What a body perceives in a tick. */
export interface Percept {
  readonly type: 'percept'
  readonly inputs: Float64Array
  readonly world: Pid<Drive>
}

/** What its wheels shall do. */
export interface Drive {
  readonly type: 'drive'
  readonly body: number
  readonly right: number
  readonly left: number
}

interface Brain {
  readonly body: number
  readonly network: Network
  readonly outputs: Float64Array
}

function receive({ inputs, world }: Percept, brain: Brain): Brain {
  const { body, network, outputs } = brain
  network.step(inputs, outputs)
  send(world, { type: 'drive', body, right: outputs[0]!, left: outputs[1]! })
  return brain
}

describeProcessesOf(receive as Receive, (state) => {
  return { behaviour: `brain ${(state as Brain).body}`, initialCall: 'brain' }
})

/** Starts the brain of a body, linked to its supervisor. */
export function startBrain(parent: Pid, body: number, genotype: Genotype): Pid<Percept> {
  const network = new Network(compile(genotype))
  const pid = spawn(receive, { body, network, outputs: new Float64Array(genotype.outputs) })
  link(pid, parent)
  return pid
}
