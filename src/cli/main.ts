#!/usr/bin/env node
// The command `arbor`. It asks for the Node version first and only then loads the rest, because an
// older Node could fail on the rest with a message that helps nobody.
import { refuseNodeVersion } from './node-version.ts'

const refusal = refuseNodeVersion(process.versions.node)
if (refusal === undefined) {
  const { runProgram } = await import('./program.ts')
  await runProgram(process.argv.slice(2))
} else {
  process.stderr.write(`arbor: ${refusal}\n`)
  process.exitCode = 2
}
