// The programs of a brain under supervision: one station and several nodes, each an
// operating-system process of its own.
//
//   brain               gives up with the first child that does
//   ├─ monitor          reads what they print
//   ├─ station          one_for_one
//   │  └─ station       a port; restarted on the same address
//   └─ nodes            dynamic: all stop at once
//      └─ node-*        a port each; started again unless it ended its work
import { cast, type ServerPid, start, startLink } from '../../behaviours/gen-server.ts'
import {
  PROGRAM_LINE_BYTES_MAX,
  PROGRAM_RESTARTS_PERIOD_MS,
  PROGRAM_SEMI_SPACE_MB,
  PROGRAM_TERMINATE_MS,
} from '../../limits.ts'
import type { Pid } from '../../runtime/pid.ts'
import { openPort, type PortPid } from '../../runtime/port.ts'
import type { ChildSpec } from '../../supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../supervisors/supervisor.ts'
import { Monitor, type MonitorOptions, type Opened } from './monitor.ts'

/** The command line of a program, after the name of the binary; `life` counts its starts from 0. */
export type ProgramArguments = (life: number) => readonly string[]

type MonitorPid = ServerPid<never, Opened>

export interface LaunchedBrain {
  readonly supervisor: SupervisorPid
  /** Starts a node and keeps it alive until it ends with status 0. */
  startNode(name: string, args: ProgramArguments): Promise<Pid>
}

/** Starts the tree with its station; nodes follow when the station is known to listen. */
export async function launchBrain(
  station: ProgramArguments,
  options: MonitorOptions,
): Promise<LaunchedBrain> {
  let monitor: MonitorPid | undefined
  let nodes: DynamicSupervisorPid | undefined
  const monitorPid = (): MonitorPid => present(monitor, 'monitor')
  // Each program may be killed now and then; one that ends at once, every time, ends the brain.
  const patience = {
    intensity: 2 * options.nodes.length + 2,
    periodMs: PROGRAM_RESTARTS_PERIOD_MS,
  }
  const stations = [programSpec('station', station, monitorPid, 'permanent')]
  const children: ChildSpec[] = [
    {
      id: 'monitor',
      start: () => {
        monitor = startLink(new Monitor(options))
        return monitor
      },
    },
    {
      id: 'station',
      type: 'supervisor',
      start: () => startLink(new Supervisor({ ...patience, children: stations })),
    },
    {
      id: 'nodes',
      type: 'supervisor',
      start: () => {
        nodes = startLink(new DynamicSupervisor(patience))
        return nodes
      },
    },
  ]
  // Started again, a monitor would know of no program, and `nodes` would have none.
  const supervisor = await start(new Supervisor({ intensity: 0, children }))
  return {
    supervisor,
    startNode: (name, args) =>
      DynamicSupervisor.startChild(
        present(nodes, 'nodes'),
        programSpec(name, args, monitorPid, 'transient'),
      ),
  }
}

function programSpec(
  program: string,
  args: ProgramArguments,
  monitor: () => MonitorPid,
  restart: 'permanent' | 'transient',
): ChildSpec {
  let life = 0
  return {
    id: program,
    restart,
    shutdown: PROGRAM_TERMINATE_MS * 2,
    start: (): PortPid => {
      const port = openPort({
        command: process.execPath,
        args: [...process.execArgv, SEMI_SPACE, binary(), ...args(life)],
        receiver: monitor(),
        lineBytesMax: PROGRAM_LINE_BYTES_MAX,
        terminateMs: PROGRAM_TERMINATE_MS,
      })
      life += 1
      cast(monitor(), { type: 'opened', program, port })
      return port
    },
  }
}

const SEMI_SPACE = `--max-semi-space-size=${PROGRAM_SEMI_SPACE_MB}`

/** The file this program was started with: the same code, from source or built. */
function binary(): string {
  return present(process.argv[1], 'argv')
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is used before it has started`)
  return value
}
