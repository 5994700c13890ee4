// What a command prints for programs, one JSON object an event, and what becomes of a command whose
// standard output takes no more: its reader has gone (`| head`), or its disk is full.

/** Why nothing can be printed any more: the reader has gone, or writing failed otherwise. */
export type OutputLoss = 'SIGPIPE' | 'output'

const lost: PromiseWithResolvers<OutputLoss> = Promise.withResolvers()

/** Resolves when standard output takes no more; what is printed afterwards is dropped. */
export const outputLost: Promise<OutputLoss> = lost.promise

/** Exit codes of a command that could not print: as shells report SIGPIPE, or a failure. */
export const outputLossCodes: Readonly<Record<OutputLoss, number>> = { SIGPIPE: 141, output: 1 }

/** Keeps a failing standard output from ending the program with a stack trace. */
export function guardOutput(): void {
  let isLost = false
  process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
    if (isLost) return
    isLost = true
    const loss = failure.code === 'EPIPE' ? 'SIGPIPE' : 'output'
    process.exitCode = outputLossCodes[loss]
    if (loss === 'output') {
      const cause = failure.code ?? failure.message
      process.stderr.write(
        `arbor: cannot write to standard output (${cause}): send it elsewhere.\n`,
      )
    }
    lost.resolve(loss)
  })
  // Nothing is left to complain to.
  process.stderr.on('error', () => {})
}

/** Writes one event as a line of JSON. */
export function writeEvent(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}
