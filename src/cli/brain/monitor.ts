// The process that listens to the programs of a brain: it reads their lines, keeps what is known of
// them (progress.ts) and tells the command. Lines that are no events are shown, not interpreted.
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import { GenServer } from '../../behaviours/gen-server.ts'
import { COMPLAINT_LENGTH_MAX } from '../../limits.ts'
import type { Pid } from '../../runtime/pid.ts'
import { osPid, type PortMessage, type PortPid } from '../../runtime/port.ts'
import { advance, type NodeReport, newProgress, type Progress } from './progress.ts'

/** Told by the launcher when it has started a program, for the first time or again. */
export interface Opened {
  readonly type: 'opened'
  readonly program: string
  readonly port: PortPid
}

/** What a station prints once it can be dialled. */
export interface Listening {
  readonly event: 'listening'
  readonly host: string
  readonly port: number
  readonly nodeId: string
}

export interface MonitorOptions {
  /** Names of the nodes; any other program is the station. */
  readonly nodes: readonly string[]
  /** After each report of a node. */
  readonly onReport: (report: NodeReport, progress: Progress) => void
  readonly onListening: (listening: Listening) => void
  /** A program was started; `pid` is the operating system's. */
  readonly onStarted: (program: string, pid: number | undefined) => void
  /** A program ended, by itself or not. */
  readonly onExit: (program: string, how: ProgramEnd) => void
  /** A line that is no event, usually a complaint. */
  readonly onLine: (program: string, line: string) => void
}

/** How a program ended. */
export interface ProgramEnd {
  readonly status: number | null
  readonly signal: string | null
}

interface State {
  readonly progress: Progress
  readonly programs: ReadonlyMap<Pid, string>
  /** Programs that were started before. */
  readonly known: ReadonlySet<string>
}

export class Monitor extends GenServer<State, never, Opened> {
  readonly #options: MonitorOptions

  constructor(options: MonitorOptions) {
    super()
    this.#options = options
  }

  init(): { state: State } {
    const progress = newProgress(this.#options.nodes)
    return { state: { progress, programs: new Map(), known: new Set() } }
  }

  override handleCast({ program, port }: Opened, state: State): { state: State } {
    const opened: State = {
      ...state,
      programs: new Map([...state.programs, [port, program]]),
      known: new Set([...state.known, program]),
    }
    this.#options.onStarted(program, osPid(port))
    if (!state.known.has(program)) return { state: opened }
    return { state: this.#report(opened, { node: program, report: { event: 'restarted' } }) }
  }

  override handleInfo(message: unknown, state: State): { state: State } {
    if (!isPortMessage(message)) return { state }
    const program = state.programs.get(message.port)
    if (program === undefined) return { state }
    if (message.type === 'line') return { state: this.#line(state, program, message.line) }
    this.#options.onExit(program, message)
    const programs = new Map(state.programs)
    programs.delete(message.port)
    const report: NodeReport = { node: program, report: { event: 'exited' } }
    return { state: this.#report({ ...state, programs }, report) }
  }

  #line(state: State, program: string, line: string): State {
    const event = eventOf(line)
    if (event === undefined) {
      const isLong = line.length > COMPLAINT_LENGTH_MAX
      this.#options.onLine(program, isLong ? `${line.slice(0, COMPLAINT_LENGTH_MAX)}…` : line)
      return state
    }
    if (event.event === 'listening') {
      this.#options.onListening(event)
      return state
    }
    return this.#report(state, { node: program, report: event })
  }

  #report(state: State, report: NodeReport): State {
    const progress = advance(state.progress, report)
    this.#options.onReport(report, progress)
    return { ...state, progress }
  }
}

function isPortMessage(message: unknown): message is PortMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    (message.type === 'line' || message.type === 'exit_status')
  )
}

const eventNames: ReadonlySet<string> = new Set<(BrainEvent | Listening)['event']>([
  'listening',
  'started',
  'connected',
  'disconnected',
  'generation',
  'published',
  'imported',
  'refused',
  'solved',
  'stopped',
])

/** The event a line of our own programs holds; undefined for any other line. */
function eventOf(line: string): BrainEvent | Listening | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Our own programs printed it: a known name is enough. */
function isEvent(value: unknown): value is BrainEvent | Listening {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event' in value &&
    typeof value.event === 'string' &&
    eventNames.has(value.event)
  )
}
