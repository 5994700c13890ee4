// Asking after processes wherever they live. Within a thread, `isAlive` and `processInfo` answer at
// once; of another thread only that thread knows, so these take a message and time.
import { CallError, request } from './call.ts'
import { DEAD, type Pid, processOf, REMOTE } from './pid.ts'
import { type ProcessInfo, processInfo } from './process.ts'
import { loadTable } from './remote-node.ts'
import { serviceName } from './remote-spawn.ts'

/**
 * What is known of a process of any thread, or undefined when it has ended. Its `id` is the number
 * it has in its own thread.
 */
export async function askProcessInfo(pid: Pid): Promise<ProcessInfo | undefined> {
  const process = processOf(pid)
  if (process.status === DEAD) return undefined
  if (process.status !== REMOTE) return processInfo(pid)
  const scheduler = loadTable()?.schedulerOf(process.debt)
  if (scheduler === undefined) return undefined
  try {
    const info = await request(serviceName(scheduler), { type: 'info', pid })
    return info as ProcessInfo | undefined
  } catch (error) {
    // Its thread was lost meanwhile.
    if (error instanceof CallError && error.code !== 'timeout') return undefined
    throw error
  }
}

/** Whether a process of any thread lives, as its own thread says. */
export async function askIsAlive(pid: Pid): Promise<boolean> {
  return (await askProcessInfo(pid)) !== undefined
}
