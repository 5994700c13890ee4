// What a test has left behind: processes that still live, names, timers that still run. A leak in a
// test is a leak in the program, and disturbs the next test besides.
//
//   const leaks = watchLeaks()
//   …the test…
//   leaks.check()                       // throws and names what is left
//
// With vitest: `beforeEach(() => (leaks = watchLeaks()))`, `afterEach(() => leaks.check())`.
import { ArborError } from '../runtime/arbor-error.ts'
import { type Pid, processOf } from '../runtime/pid.ts'
import { processInfo } from '../runtime/process-info.ts'
import { nameOf, registered } from '../runtime/registry.ts'
import { armedTimers } from '../runtime/timer-wheel.ts'
import { attachTracer } from '../runtime/tracer.ts'

/** What is there now and was not when the watch began. */
export interface Leaks {
  /** Processes started since, oldest first. */
  readonly processes: readonly Pid[]
  readonly names: readonly string[]
  /** Timers, timeouts and waits more than before. */
  readonly timers: number
  /** Monitors held by processes started since. */
  readonly monitors: number
}

export class LeakWatch {
  readonly #processes: Set<Pid> = new Set()
  readonly #names: ReadonlySet<string> = new Set(registered())
  readonly #timers: number = armedTimers()
  readonly #detach: () => void

  constructor() {
    this.#detach = attachTracer(
      (event) => {
        if (event.type === 'spawn') this.#processes.add(event.pid)
        else if (event.type === 'exit') this.#processes.delete(event.pid)
      },
      { types: ['spawn', 'exit'] },
    )
  }

  /** What is left so far. */
  leaks(): Leaks {
    const processes = [...this.#processes].sort((a, b) => a.id - b.id)
    return {
      processes,
      names: registered().filter((name) => !this.#names.has(name)),
      timers: Math.max(0, armedTimers() - this.#timers),
      monitors: processes.reduce((sum, pid) => sum + processInfo(pid).monitors.length, 0),
    }
  }

  /** Ends the watch; throws with code `leak` when something is left. */
  check(): void {
    this.#detach()
    const { processes, names, timers, monitors } = this.leaks()
    const parts = [
      ...processes.map(described),
      ...names.filter((name) => !isNamed(processes, name)).map((name) => `the name "${name}"`),
      ...(timers > 0 ? [`${timers} timers`] : []),
      ...(monitors > 0 ? [`${monitors} monitors`] : []),
    ]
    if (parts.length === 0) return
    const message = `left behind: ${parts.join(', ')}`
    const advice = 'stop what the test has started, and cancel its timers'
    throw new ArborError('leak', message, advice, { operation: 'leak check' })
  }
}

function isNamed(processes: readonly Pid[], name: string): boolean {
  return processes.some((pid) => nameOf(pid) === name)
}

function described(pid: Pid): string {
  const { behaviour, name, links } = processInfo(pid)
  const who = name === undefined ? behaviour : `${behaviour} "${name}"`
  const with_ = links.length === 0 ? '' : ` linked to ${links.map(String).join(' and ')}`
  return `${who} ${processOf(pid)}${with_}`
}

/** Watches from now on. */
export function watchLeaks(): LeakWatch {
  return new LeakWatch()
}
