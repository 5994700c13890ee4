// When a command that runs until told otherwise has to stop: Ctrl-C, SIGTERM, or the end of its
// parent.

/** Why a command stops. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent'

/** Exit code of a command ended by a signal, as shells report it: 128 + number. */
export const exitCodes: Readonly<Record<StopSignal, number>> = {
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

/** Resolves with the first reason to stop; a second signal ends the program at once. */
export function stopRequested({ withStdin }: StopOptions): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false
    const stop = (signal: StopSignal): void => {
      if (isStopping) process.exit(exitCodes[signal])
      isStopping = true
      // An open stdin would keep the program alive when everything else has ended.
      if (withStdin) process.stdin.destroy()
      resolve(signal)
    }
    if (withStdin) {
      process.on('SIGINT', () => {})
      process.stdin.resume()
      process.stdin.once('close', () => {
        if (!isStopping) stop('parent')
      })
    } else {
      process.on('SIGINT', () => stop('SIGINT'))
    }
    process.on('SIGTERM', () => stop('SIGTERM'))
    process.on('SIGHUP', () => stop('SIGHUP'))
  })
}
