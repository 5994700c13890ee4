// The oldest Node that runs Arbor, asked before anything else is loaded.

const MAJOR_MIN = 22
const MINOR_MIN = 18

/** A sentence with cause and mend when `version` (as in `process.versions.node`) is too old. */
export function refuseNodeVersion(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > MAJOR_MIN || (major === MAJOR_MIN && minor >= MINOR_MIN)) return undefined
  return (
    `Arbor needs Node ${MAJOR_MIN}.${MINOR_MIN} or newer and this is Node ${version}: ` +
    'install a newer Node or, in a checkout, run it through npm, which brings its own.'
  )
}
