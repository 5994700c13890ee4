// Who is speaking: the process whose code runs.
import { ArborError } from './arbor-error.ts'
import type { Pid, Process } from './pid.ts'
import { currentProcess } from './scheduler.ts'

/** The process whose callback runs; throws outside of one, and after the first `await` in one. */
export function self(): Pid {
  return caller('self')
}

/** The calling process, for an operation that needs one; the runtime's own rooms only. */
export function caller(operation: string): Process {
  const process = currentProcess()
  if (process !== null) return process
  const advice =
    'call it in a callback before the first await, or name the process in the last argument'
  throw new ArborError('not_a_process', `${operation}: no process is running`, advice, {
    operation,
  })
}
