// An operating-system process as one of ours (Erlang's port). The port is a process: it is linked
// to its owner, sends the lines its program prints as messages, and ends when the program ends,
// with the program's status as its reason. When the port ends, for whatever reason, so does the
// program. So a supervisor restarts a program like any child:
//
//   { id: 'worker', start: () => openPort({ command: process.execPath, args: ['worker.ts'] }) }
//
// There is never a shell: `args` are handed over as they are. The program's stdin stays open as
// long as the port lives, so a program that ends at the end of its stdin does not outlive us even
// when we are killed.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import {
  PORT_BACKLOG_MAX,
  PORT_DRAIN_MS,
  PORT_LINE_BYTES_MAX,
  PORT_PAUSE_MS,
  PORT_TERMINATE_MS,
} from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import type { ExitReason } from './exit-reason.ts'
import { LineSplitter } from './line-splitter.ts'
import { mailboxLength } from './mailbox.ts'
import { DEAD, type Pid, type Process, processOf } from './pid.ts'
import { makeProcess } from './process.ts'
import { post } from './scheduler.ts'
import { Exit, exitProcess, handleCrashesOf, link, onExit, self } from './signal.ts'
import { sendAfter } from './timer.ts'

export interface PortOptions {
  /** Program to run; looked up in PATH unless it has a slash. */
  readonly command: string
  readonly args?: readonly string[]
  readonly cwd?: string
  /** Added to our own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Gets the messages; default: the owner. */
  readonly receiver?: Pid<PortMessage>
  /**
   * Linked to the port; default: the calling process. Null: nobody, for a program without
   * processes.
   */
  readonly owner?: Pid | null
  /** Bytes of a line beyond which it is cut; default PORT_LINE_BYTES_MAX. */
  readonly lineBytesMax?: number
  /** Milliseconds from SIGTERM to SIGKILL; default PORT_TERMINATE_MS. */
  readonly terminateMs?: number
}

/** A line the program printed. */
export interface PortLine {
  readonly type: 'line'
  readonly port: PortPid
  readonly stream: 'stdout' | 'stderr'
  /** Without its line break. */
  readonly line: string
  /** Whether it was longer than `lineBytesMax`; the rest is lost. */
  readonly isCut: boolean
}

/** The program has ended: by itself with a status, or by a signal. */
export interface PortExitStatus {
  readonly type: 'exit_status'
  readonly port: PortPid
  readonly status: number | null
  readonly signal: string | null
}

export type PortMessage = PortLine | PortExitStatus

/** What may be sent to a port: text for the program's stdin, the end of it, or a signal. */
export type PortCommand =
  | { readonly type: 'write'; readonly text: string }
  | { readonly type: 'end' }
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }

export type PortPid = Pid<PortCommand>

type Program = ChildProcessByStdio<Writable, Readable, Readable>

/** What the port tells itself. */
type Internal = 'resume' | 'kill' | 'drained' | 'closed'

/** The state of a port's process. */
class Port {
  readonly program: Program
  readonly receiver: Process | null
  readonly owner: Process | null
  readonly terminateMs: number
  /** Why the program is being stopped; null while nobody wants that. */
  stopping: ExitReason | null = null
  exit: { status: number | null; signal: string | null } | null = null

  constructor(
    program: Program,
    receiver: Process | null,
    owner: Process | null,
    terminateMs: number,
  ) {
    this.program = program
    this.receiver = receiver
    this.owner = owner
    this.terminateMs = terminateMs
  }
}

/**
 * Runs a program as a process. Throws an ArborError with code `spawn_failed` when it cannot be
 * started. Ends with `normal` when the program's status is 0, otherwise with `{ exitStatus }` or `{
 * signal }`; with `shutdown` when it was told to.
 */
export function openPort(options: PortOptions): PortPid {
  const { command, args = [], terminateMs = PORT_TERMINATE_MS } = options
  const owner = options.owner === null ? null : processOf(options.owner ?? self())
  const receiver = options.receiver === undefined ? owner : processOf(options.receiver)
  const program = spawn(command, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    shell: false,
    windowsHide: true,
  })
  // Errors of starting and of a stdin nobody reads: the end of the program tells both.
  program.on('error', () => {})
  program.stdin.on('error', () => {})
  if (program.pid === undefined) {
    const attempt = { operation: 'openPort', target: command, request: args }
    const advice = 'check that it exists and may be executed, and that cwd exists'
    throw new ArborError('spawn_failed', `cannot run "${command}"`, advice, attempt)
  }
  const state = new Port(program, receiver, owner, terminateMs)
  const port = makeProcess(receive, state)
  port.trapExit = true
  keepTrackOf(program, port)
  forward(port, state, 'stdout', options.lineBytesMax)
  forward(port, state, 'stderr', options.lineBytesMax)
  watchEnd(port, state)
  if (owner !== null) link(port, owner)
  return port
}

/** The operating system's id of a port's program, or undefined when it has ended. */
export function osPid(port: PortPid): number | undefined {
  const { state } = processOf(port)
  return state instanceof Port && state.exit === null ? state.program.pid : undefined
}

const running = new Set<Program>()
process.on('exit', () => {
  for (const program of running) program.kill('SIGKILL')
})

/** However the port ends, its program ends, and nothing more of it is read. */
function keepTrackOf(program: Program, port: Process): void {
  running.add(program)
  program.once('exit', () => running.delete(program))
  onExit(port, () => {
    if (running.has(program)) program.kill('SIGKILL')
    for (const stream of program.stdio) stream?.destroy()
  })
}

/** Lines of a stream become messages; a receiver that cannot keep up makes the program wait. */
function forward(
  port: Process,
  state: Port,
  stream: 'stdout' | 'stderr',
  lineBytesMax: number = PORT_LINE_BYTES_MAX,
): void {
  const splitter = new LineSplitter(lineBytesMax)
  const { receiver } = state
  const readable = state.program[stream]
  const deliver = (chunk: Uint8Array | null): void => {
    const lines = chunk === null ? splitter.end() : splitter.push(chunk)
    if (receiver === null || receiver.status === DEAD) return
    for (const { line, isCut } of lines) {
      const message: PortLine = { type: 'line', port, stream, line, isCut }
      post(receiver, message)
    }
    // What is left of a program that has ended is little.
    if (state.exit !== null || readable.isPaused()) return
    if (mailboxLength(receiver) > PORT_BACKLOG_MAX) {
      readable.pause()
      sendAfter<Internal>(port, 'resume', PORT_PAUSE_MS)
    }
  }
  readable.on('data', deliver)
  readable.once('end', () => deliver(null))
}

function watchEnd(port: Process, state: Port): void {
  const { program } = state
  program.once('exit', (status, signal) => {
    state.exit = { status, signal }
    program.stdout.resume()
    program.stderr.resume()
    // A grandchild may hold the streams open: what was printed is waited for, but not for ever.
    if (port.status !== DEAD) sendAfter<Internal>(port, 'drained', PORT_DRAIN_MS)
  })
  program.once('close', () => {
    if (port.status !== DEAD) post(port, 'closed')
  })
}

function receive(message: unknown, state: unknown, port: Process): unknown {
  if (state instanceof Port) react(state, message as PortCommand | Internal | Exit, port)
  return state
}

function react(state: Port, message: PortCommand | Internal | Exit, port: Process): void {
  const { program, receiver } = state
  if (message instanceof Exit) {
    if (message.reason !== 'normal' || message.from === state.owner) {
      stopProgram(state, message.reason, port)
    }
  } else if (message === 'resume') {
    const isBehind = receiver !== null && mailboxLength(receiver) > PORT_BACKLOG_MAX
    if (isBehind) sendAfter<Internal>(port, 'resume', PORT_PAUSE_MS)
    else {
      program.stdout.resume()
      program.stderr.resume()
    }
  } else if (message === 'kill') program.kill('SIGKILL')
  else if (message === 'closed' || message === 'drained') finish(state, port)
  else if (message.type === 'write') program.stdin.write(message.text)
  else if (message.type === 'end') program.stdin.end()
  else if (message.type === 'signal') program.kill(message.signal)
}

function stopProgram(state: Port, reason: ExitReason, port: Process): void {
  if (state.stopping !== null) return
  state.stopping = reason
  // What it still prints is read, so that it can end.
  state.program.stdout.resume()
  state.program.stderr.resume()
  state.program.kill('SIGTERM')
  sendAfter<Internal>(port, 'kill', state.terminateMs)
}

function finish(state: Port, port: Process): void {
  const { status, signal } = state.exit ?? { status: null, signal: null }
  const message: PortExitStatus = { type: 'exit_status', port, status, signal }
  if (state.receiver !== null && state.receiver.status !== DEAD) post(state.receiver, message)
  exitProcess(port, state.stopping ?? reasonOfEnd(status, signal))
}

function reasonOfEnd(status: number | null, signal: string | null): ExitReason {
  if (status === 0) return 'normal'
  return status === null ? { signal } : { exitStatus: status }
}

handleCrashesOf(receive, (port, thrown) => {
  exitProcess(port, { error: thrown, call: { callback: 'receive', server: 'Port' } })
})
