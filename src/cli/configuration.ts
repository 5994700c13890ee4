// Where the command line keeps what outlives a command: the node's key.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { KeyFileError, openKeyFile, readKeyFile } from '../identity/key-file.ts'
import type { KeyPair } from '../identity/key-pair.ts'
import { generateKeyPair } from '../identity/puzzle.ts'
import { secureRandomBytes } from '../runtime/random.ts'
import { BadInput } from './failure.ts'

/** The configuration folder: ARBOR_HOME, else XDG_CONFIG_HOME/arbor, else ~/.config/arbor. */
export function configurationFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { ARBOR_HOME: own, XDG_CONFIG_HOME: base } = environment
  if (own !== undefined && own !== '') return own
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.config'), 'arbor')
}

/** The key file a command uses when none is named; `role` is `node` or `station`. */
export function defaultKeyFile(role: string): string {
  return join(configurationFolder(), `${role}.key`)
}

/** The keys in a file, drawn and written first if it does not exist. */
export function openKeys(path: string): KeyPair {
  return orBadInput(() => openKeyFile(path, () => generateKeyPair(secureRandomBytes)))
}

/** The keys in a file that has to exist. */
export function readKeys(path: string): KeyPair {
  return orBadInput(() => readKeyFile(path))
}

/** Turns what a person can mend about a key file into one sentence. */
export function orBadInput<T>(act: () => T): T {
  try {
    return act()
  } catch (failure) {
    if (!(failure instanceof KeyFileError)) throw failure
    const mend = failure.code === 'missing' ? ': make one with `arbor key new`.' : '.'
    throw new BadInput(`${failure.message}${mend}`, { cause: failure })
  }
}
