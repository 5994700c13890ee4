// A contestant in another process: it is told something by a line on its standard input, and
// answers with a line of JSON on its standard output.
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Figures by name; the only one of a plain question has the empty name. */
export type Figures = Readonly<Record<string, number>>

export class LineProcess {
  readonly #name: string
  readonly #child: ChildProcess
  #answer: ((line: string) => void) | undefined
  #fail: ((error: Error) => void) | undefined

  constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    if (child.stdout === null || child.stdin === null) throw new TypeError('its pipes are needed')
    createInterface({ input: child.stdout }).on('line', (line) => {
      // What a program prints beside its answers, such as a warning, is no answer.
      if (line.startsWith('{')) this.#answer?.(line)
    })
    child.on('error', (error) => this.#fail?.(error))
    child.on('exit', (code, signal) => {
      this.#fail?.(new Error(`${name} ended (${signal ?? code}) in the middle of a round`))
    })
    // A child that is gone is reported by its exit.
    child.stdin.on('error', () => {})
  }

  /** Tells it a line and resolves with its answer; one question at a time. */
  async ask(line: string): Promise<Figures> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) throw new Error(`${this.#name} has ended`)
    const answer = await new Promise<string>((resolve, reject) => {
      this.#answer = resolve
      this.#fail = reject
      this.#child.stdin?.write(`${line}\n`)
    })
    this.#answer = undefined
    this.#fail = undefined
    return figuresFrom(answer)
  }

  /** Lets it go: its input ends, and so does it. */
  stop(): void {
    this.#child.stdin?.end()
    this.#child.kill()
  }
}

function figuresFrom(line: string): Figures {
  const figures: unknown = JSON.parse(line)
  if (typeof figures !== 'object' || figures === null) throw new TypeError(`no figures: ${line}`)
  return Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Number(value)]))
}
