// How a command ends when it cannot go on: one sentence that names the cause and the mend. A
// process that crashes inside is a line on stderr; its supervisor goes on.
import { formatReason } from '../runtime/exit-reason.ts'
import type { Logger } from '../runtime/logger.ts'

/** The person can mend this: bad option, unreadable file, port in use. Exit code 2. */
export class BadInput extends Error {
  readonly code = 'bad_input'
}

/** Exit code of a command that was asked for something impossible. */
export const EXIT_BAD_INPUT = 2
/** Exit code of a command that failed through no fault of its input. */
export const EXIT_FAILED = 1

/** Runs a command; a failure becomes a sentence on stderr and an exit code, never a stack trace. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (failure) {
    const isBadInput = failure instanceof BadInput
    process.exitCode = isBadInput ? EXIT_BAD_INPUT : EXIT_FAILED
    process.stderr.write(`arbor: ${sentenceOf(failure)}\n`)
    if (!isBadInput && process.env.ARBOR_DEBUG !== undefined && failure instanceof Error) {
      process.stderr.write(`${failure.stack}\n`)
    }
  }
}

/** A logger that tells of crashes in a line each, and of nothing else. */
export function crashReporter(tell: (line: string) => void): Logger {
  return ({ event, server = 'a process', reason }) => {
    if (event !== 'crash' || reason === undefined || reason === null) return
    const why = typeof reason === 'object' ? formatReason({ ...reason }) : String(reason)
    tell(`${String(server)} crashed (${sentenceOf(why)})`)
  }
}

function sentenceOf(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure)
  return text.replaceAll(/\s*\n\s*/g, ' ').trim()
}
