// Who lives in this thread. The kernel keeps no list: a pid is the process itself. So whoever wants
// one hears of every spawn and exit from now on, and finds those that live already by walking from
// registered names and from itself along supervisors and links.
import { Server } from '../../behaviours/server-loop.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DEAD, type Pid, type Process, processOf } from '../../runtime/pid.ts'
import { registered, whereis } from '../../runtime/registry.ts'
import { linksOf } from '../../runtime/signal.ts'
import { attachTracer, type TraceEvent } from '../../runtime/tracer.ts'

/** Processes looked at before others get their turn: some 2 ms. */
const PROCESSES_AT_A_TIME = 2_000

export class ProcessList {
  readonly #processes: Set<Process> = new Set()
  readonly #detach: () => void

  /** `self`: who asks, whose relatives need no name to be found. */
  constructor(self: Pid) {
    this.#detach = attachTracer((event) => this.#note(event), { types: ['spawn', 'exit'] })
    this.#walk([self, ...registered().flatMap((name) => whereis(name) ?? [])])
  }

  /** Hears of nobody any more. */
  close(): void {
    this.#detach()
    this.#processes.clear()
  }

  get count(): number {
    return this.#processes.size
  }

  /**
   * The `limit` living processes with the most of something, most first. Looks at a few thousand at
   * a time and lets others run between, because there may be a million.
   */
  async most(limit: number, amountOf: (process: Process) => number): Promise<Process[]> {
    let most: { process: Process; amount: number }[] = []
    let untilRest = PROCESSES_AT_A_TIME
    for (const process of this.#processes) {
      const amount = amountOf(process)
      most.push({ process, amount })
      if (most.length >= limit * 2 + PROCESSES_AT_A_TIME) most = largest(most, limit)
      if (--untilRest > 0) continue
      untilRest = PROCESSES_AT_A_TIME
      await new Promise<void>((done) => systemClock.timer(0, done))
    }
    return largest(most, limit).map(({ process }) => process)
  }

  /** Living processes, oldest first. */
  all(): Process[] {
    return [...this.#processes].sort((a, b) => a.id - b.id)
  }

  /** The living process with a number, or undefined. */
  withId(id: number): Process | undefined {
    for (const process of this.#processes) if (process.id === id) return process
    return undefined
  }

  #note(event: TraceEvent): void {
    if (event.type === 'spawn') this.#processes.add(processOf(event.pid))
    else if (event.type === 'exit') this.#processes.delete(processOf(event.pid))
  }

  #walk(from: readonly Pid[]): void {
    const work = [...from]
    for (let pid = work.pop(); pid !== undefined; pid = work.pop()) {
      const process = processOf(pid)
      if (process.status >= DEAD || this.#processes.has(process)) continue
      this.#processes.add(process)
      work.push(...linksOf(process), ...childrenOf(process))
      if (process.state instanceof Server && process.state.parent !== null) {
        work.push(process.state.parent)
      }
    }
  }
}

function largest<T extends { process: Process; amount: number }>(all: T[], limit: number): T[] {
  return all.sort((a, b) => b.amount - a.amount || a.process.id - b.process.id).slice(0, limit)
}

/** Children of a supervisor in start order; nobody's for other processes. */
export function childrenOf(process: Process): Pid[] {
  const children =
    process.state instanceof Server ? process.state.callbacks.systemChildren?.() : undefined
  return children === undefined ? [] : [...children]
}
