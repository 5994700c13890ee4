// Lets a person look into a running node: `arbor top`, `tree`, `inspect` and `trace` attach to its
// local socket. Start it first, so that it hears of every process; it costs a set entry for each,
// and nothing for their messages.
//
//   const inspection = await start(new InspectionServer({ name: 'shop' }))
//
// It only shows. State is shown as `formatStatus` of a server lets it be seen; a trace shows
// messages as they are, to whoever may open the socket: the user that runs the node.
import type { Server, Socket } from 'node:net'
import { GenServer, type InitResult } from '../../behaviours/gen-server.ts'
import { getStatus } from '../../behaviours/sys.ts'
import {
  INSPECTED_PROCESSES_MAX,
  INSPECTION_LINE_BYTES_MAX,
  TRACED_EVENTS_PER_SECOND_MAX,
  TRACES_PER_CONNECTION_MAX,
} from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { deadLetters } from '../../runtime/dead-letter.ts'
import { LineSplitter } from '../../runtime/line-splitter.ts'
import { isPid, type Process } from '../../runtime/pid.ts'
import { isAlive } from '../../runtime/process.ts'
import { whereis } from '../../runtime/registry.ts'
import { runQueueLength } from '../../runtime/run-queue.ts'
import { onExit } from '../../runtime/signal.ts'
import { now } from '../../runtime/timer-wheel.ts'
import { attachTracer, type TraceEvent } from '../../runtime/tracer.ts'
import {
  type InspectAnswer,
  type InspectionRefusal,
  type InspectionRequest,
  type NodeSummary,
  type ProcessesAnswer,
  parseRequest,
  type SortColumn,
  type TraceLine,
} from './inspection-protocol.ts'
import { inspectionFolder, listen, socketPath } from './inspection-socket.ts'
import { describeProcess, detailProcess, textOf } from './process-description.ts'
import { ProcessList } from './process-list.ts'
import { treesOf } from './process-tree.ts'

export interface InspectionOptions {
  /** How the node is called among others of this user; letters, digits, `_` and `-`. */
  readonly name: string
  /** Where its socket lies; default `inspectionFolder()`. */
  readonly folder?: string
}

export class InspectionServer extends GenServer<undefined> {
  readonly #name: string
  readonly #folder: string
  readonly #connections: Set<Socket> = new Set()
  #startedMs = 0

  constructor({ name, folder = inspectionFolder() }: InspectionOptions) {
    super()
    if (!/^[\w-]{1,40}$/.test(name)) {
      const attempt = { operation: 'inspection', target: name }
      const advice = 'take up to 40 letters, digits, _ and -'
      throw new ArborError('bad_name', `a node cannot be called "${name}"`, advice, attempt)
    }
    this.#name = name
    this.#folder = folder
  }

  async init(): Promise<InitResult<undefined>> {
    this.#startedMs = now()
    const processes = new ProcessList(this.self)
    const path = socketPath(this.#folder, this.#name, process.pid)
    let server: Server | null = null
    onExit(this.self, () => {
      processes.close()
      server?.close()
      for (const socket of this.#connections) socket.destroy()
    })
    server = await listen(this.#folder, path, (socket) => this.#accept(socket, processes))
    // Killed meanwhile: the hook knew of no server yet.
    if (!isAlive(this.self)) server.close()
    // A look-out keeps nobody alive.
    server.unref()
    return { state: undefined }
  }

  #accept(socket: Socket, processes: ProcessList): void {
    socket.unref()
    this.#connections.add(socket)
    const stops = new Set<() => void>()
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#connections.delete(socket)
      for (const stop of stops) stop()
    })
    const lines = new LineSplitter(INSPECTION_LINE_BYTES_MAX)
    socket.on('data', (chunk: Uint8Array) => {
      for (const { line, isCut } of lines.push(chunk)) {
        if (isCut) socket.destroy()
        else void this.#serve(line, socket, processes, stops)
      }
    })
  }

  async #serve(
    line: string,
    socket: Socket,
    processes: ProcessList,
    stops: Set<() => void>,
  ): Promise<void> {
    const parsed = parseRequest(line)
    if (parsed === null) {
      socket.destroy()
      return
    }
    const { id, request } = parsed
    const send = (answer: object): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify({ id, ...answer })}\n`)
    }
    try {
      if (request.op === 'trace') startTrace(found(request.pid, processes), send, stops)
      else send({ answer: await this.#answer(request, processes) })
    } catch (failure) {
      send({ error: refusalOf(failure) })
    }
  }

  #answer(request: Exclude<InspectionRequest, { op: 'trace' }>, processes: ProcessList): unknown {
    switch (request.op) {
      case 'node':
        return this.#summary(processes)
      case 'processes':
        return this.#processes(request.sort, request.limit, processes)
      case 'tree':
        return treesOf(processes.all().slice(0, INSPECTED_PROCESSES_MAX))
      case 'inspect':
        return inspectProcess(found(request.pid, processes))
    }
  }

  #summary(processes: ProcessList): NodeSummary {
    const { noProcess, lateReplies, unknownName, unhandled } = deadLetters()
    return {
      name: this.#name,
      osPid: process.pid,
      nodeVersion: process.version,
      uptimeMs: now() - this.#startedMs,
      processes: processes.count,
      runQueue: runQueueLength(),
      heapBytes: process.memoryUsage().heapUsed,
      deadLetters: noProcess + lateReplies + unknownName + unhandled,
    }
  }

  async #processes(
    sort: SortColumn,
    limit: number,
    processes: ProcessList,
  ): Promise<ProcessesAnswer> {
    const shown = Math.min(limit, INSPECTED_PROCESSES_MAX)
    const most = await processes.most(shown, (process) => describeProcess(process)[sort])
    return { node: this.#summary(processes), processes: most.map(describeProcess) }
  }
}

/** The message of an `ArborError` ends with its advice, which the other end puts there again. */
function refusalOf(failure: unknown): InspectionRefusal {
  if (failure instanceof ArborError) {
    const { code, message, advice } = failure
    return { code, message: message.slice(0, -`: ${advice}`.length), advice }
  }
  const message = failure instanceof Error ? failure.message : String(failure)
  return { code: 'failed', message, advice: 'see arbor top' }
}

/** A process by number or registered name. */
function found(pid: number | string, processes: ProcessList): Process {
  const named = typeof pid === 'string' ? whereis(pid) : undefined
  const process = typeof pid === 'number' ? processes.withId(pid) : (named as Process | undefined)
  if (process !== undefined) return process
  const attempt = { operation: 'inspect', target: String(pid) }
  throw new ArborError('noproc', `there is no process ${pid}`, 'see arbor top', attempt)
}

async function inspectProcess(process: Process): Promise<InspectAnswer> {
  const details = detailProcess(process)
  try {
    const { state } = await getStatus(process)
    return { ...details, state: textOf(state, 4) }
  } catch (failure) {
    if (failure instanceof ArborError && failure.code === 'not_a_server') {
      return { ...details, state: null }
    }
    throw failure
  }
}

function startTrace(
  process: Process,
  send: (answer: object) => void,
  stops: Set<() => void>,
): void {
  if (stops.size >= TRACES_PER_CONNECTION_MAX) {
    const attempt = { operation: 'trace', target: process }
    const advice = 'close the connection to end those it has'
    throw new ArborError('too_many_traces', `${stops.size} traces already`, advice, attempt)
  }
  stops.add(trace(process, send))
}

/** Sends what a process does, up to a rate; returns what ends that. */
function trace(process: Process, send: (answer: object) => void): () => void {
  let windowMs = now()
  let sent = 0
  let dropped = 0
  const stop = attachTracer(
    (event) => {
      const nowMs = now()
      if (nowMs - windowMs >= 1_000) {
        windowMs = nowMs
        sent = 0
        if (dropped > 0) send({ answer: { dropped } })
        dropped = 0
      }
      if (sent++ < TRACED_EVENTS_PER_SECOND_MAX) send({ answer: lineOf(event) })
      else dropped++
    },
    { pids: [process] },
  )
  const unhook = onExit(process, () => {
    stop()
    send({ end: true })
  })
  return () => {
    unhook()
    stop()
  }
}

function lineOf(event: TraceEvent): TraceLine {
  const { atMs, type, ...facts } = event
  const pid = 'pid' in event && event.pid !== null ? event.pid.id : null
  const text = Object.entries(facts)
    .filter(([name]) => name !== 'pid' && name !== 'call')
    .map(([name, value]) => `${name} ${isPid(value) ? String(value) : textOf(value)}`)
    .join('  ')
  return { atMs, type, pid, text }
}
