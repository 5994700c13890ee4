// The other end of an inspection socket: asks, and waits for the answer.
import { connect, type Socket } from 'node:net'
import { INSPECTION_ANSWER_BYTES_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { LineSplitter } from '../../runtime/line-splitter.ts'
import type { AnswerLine, InspectionAnswers, InspectionRequest } from './inspection-protocol.ts'

interface Waiting {
  readonly answered: (answer: unknown) => void
  readonly failed: (error: ArborError) => void
  readonly ended: () => void
  readonly isStream: boolean
}

export class InspectionClient {
  readonly #socket: Socket
  readonly #waiting: Map<number, Waiting> = new Map()
  #nextId = 1

  private constructor(socket: Socket) {
    this.#socket = socket
    const lines = new LineSplitter(INSPECTION_ANSWER_BYTES_MAX)
    socket.on('data', (chunk: Uint8Array) => {
      for (const { line } of lines.push(chunk)) this.#take(JSON.parse(line) as AnswerLine)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#lost())
  }

  /** Attaches to a socket; rejects with code `not_attached`. */
  static connect(path: string): Promise<InspectionClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('connect', () => resolve(new InspectionClient(socket)))
      socket.once('error', (cause) => {
        const attempt = { operation: 'inspect', target: path }
        const advice = 'is the node running, and yours?'
        reject(new ArborError('not_attached', `cannot attach to ${path}`, advice, attempt, cause))
      })
    })
  }

  ask<R extends InspectionRequest>(request: R): Promise<InspectionAnswers[R['op']]> {
    return new Promise((resolve, reject) => {
      this.#send(request, {
        answered: (answer) => resolve(answer as InspectionAnswers[R['op']]),
        failed: reject,
        ended: () => reject(lost(request.op)),
        isStream: false,
      })
    })
  }

  /** Follows a process until it ends or `close`; `line` is called for each event. */
  trace(pid: number | string, line: (answer: InspectionAnswers['trace']) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#send(
        { op: 'trace', pid },
        {
          answered: (answer) => line(answer as InspectionAnswers['trace']),
          failed: reject,
          ended: resolve,
          isStream: true,
        },
      )
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #send(request: InspectionRequest, waiting: Waiting): void {
    const id = this.#nextId++
    this.#waiting.set(id, waiting)
    this.#socket.write(`${JSON.stringify({ id, request })}\n`)
  }

  #take({ id, answer, error, end }: AnswerLine): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    if (error === undefined && end !== true) waiting.answered(answer)
    if (waiting.isStream && error === undefined && end !== true) return
    this.#waiting.delete(id)
    if (end === true) waiting.ended()
    else if (error !== undefined) {
      const attempt = { operation: 'inspect' }
      waiting.failed(new ArborError(error.code, error.message, error.advice, attempt))
    }
  }

  #lost(): void {
    for (const waiting of this.#waiting.values()) waiting.ended()
    this.#waiting.clear()
  }
}

function lost(operation: string): ArborError {
  const advice = 'it may have ended: see arbor top'
  return new ArborError('detached', 'the node has closed the socket', advice, { operation })
}
