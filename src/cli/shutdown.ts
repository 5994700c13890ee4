// When a command that runs until told otherwise has to stop: Ctrl-C, SIGTERM, the end of its
// parent, or of whoever reads what it prints.
import { SIGNAL_REPEAT_MS } from '../limits.ts'
import { type OutputLoss, outputLossCodes, outputLost } from './output.ts'

/** Why a command stops. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent' | OutputLoss

/** Exit code of a command ended by a signal, as shells report it: 128 + number. */
export const exitCodes: Readonly<Record<StopSignal, number>> = {
  ...outputLossCodes,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
  parent: 0,
}

export interface StopOptions {
  /**
   * Our parent keeps our stdin open while it lives: its end stops us. A terminal's Ctrl-C then
   * reaches the parent, which stops us in its own order, so SIGINT is ignored.
   */
  readonly withStdin: boolean
}

/**
 * Resolves with the first reason to stop. A signal that comes again later than SIGNAL_REPEAT_MS
 * ends the program at once.
 */
export function stopRequested({ withStdin }: StopOptions): Promise<StopSignal> {
  return new Promise((resolve) => {
    let stoppingFromMs: number | undefined
    const stop = (signal: StopSignal): void => {
      const nowMs = performance.now()
      stoppingFromMs ??= nowMs
      if (nowMs - stoppingFromMs >= SIGNAL_REPEAT_MS) process.exit(exitCodes[signal])
      resolve(signal)
    }
    process.on('SIGINT', () => {
      if (!withStdin) stop('SIGINT')
    })
    process.on('SIGTERM', () => stop('SIGTERM'))
    process.on('SIGHUP', () => stop('SIGHUP'))
    void outputLost.then(resolve)
    if (withStdin) onStdinEnd(() => resolve('parent'))
  })
}

/** An open stdin does not keep the program alive when everything else has ended. */
function onStdinEnd(ended: () => void): void {
  const { stdin } = process
  stdin.on('error', () => {})
  stdin.once('close', ended)
  stdin.resume()
  // A file has no `unref`, and ends by itself.
  if ('unref' in stdin) stdin.unref()
}
