// The file a node's key lives in (Macula protocol, section 1): `macula-v2-key` and NUL, public key,
// seed: 78 bytes, mode 0600. An existing file is never written to, whatever is in it.
//
//   const keys = openKeyFile(path, () => generateKeyPair(secureRandomBytes))
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { KEY_BYTES, type KeyPair, keyPairFromSeed } from './key-pair.ts'

const MAGIC: Uint8Array = new TextEncoder().encode('macula-v2-key\0')

/** Bytes of a key file. */
export const KEY_FILE_BYTES: number = MAGIC.length + 2 * KEY_BYTES

/** Bits of a mode that let anyone but the owner at a file. */
const OTHERS = 0o077

/** A key file that cannot be used or made: `code` is stable, the message names the mend. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
  readonly code: 'missing' | 'exists' | 'corrupt' | 'exposed' | 'unreadable' | 'unwritable'

  constructor(code: KeyFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The 78 bytes of a key file. */
export function encodeKeyFile(keys: KeyPair): Uint8Array {
  return Uint8Array.from([...MAGIC, ...keys.publicKey, ...keys.seed])
}

/**
 * The keys in the bytes of a key file.
 * @throws KeyFileError `corrupt`: another size, another magic, or a public key that is not the
 * seed's
 */
export function decodeKeyFile(bytes: Uint8Array): KeyPair {
  if (bytes.length !== KEY_FILE_BYTES) {
    throw new KeyFileError('corrupt', `it has ${bytes.length} bytes, not ${KEY_FILE_BYTES}`)
  }
  if (!startsWith(bytes, MAGIC)) {
    throw new KeyFileError('corrupt', 'it does not start with macula-v2-key')
  }
  const keys = keyPairFromSeed(bytes.subarray(MAGIC.length + KEY_BYTES))
  if (!startsWith(bytes.subarray(MAGIC.length), keys.publicKey)) {
    throw new KeyFileError('corrupt', 'its public key does not belong to its seed')
  }
  return keys
}

/**
 * The keys in a file.
 * @throws KeyFileError `missing`, `unreadable`, `corrupt`, or `exposed` when others may read it
 */
export function readKeyFile(path: string): KeyPair {
  try {
    return decodeKeyFile(readPrivate(path))
  } catch (error) {
    if (error instanceof KeyFileError) {
      if (error.code !== 'corrupt') throw error
      throw new KeyFileError(
        'corrupt',
        `${path} is no key file: ${error.message}; restore it from a backup or choose another path`,
      )
    }
    if (codeOf(error) === 'ENOENT') {
      throw new KeyFileError('missing', `there is no key file ${path}`, { cause: error })
    }
    throw new KeyFileError(
      'unreadable',
      `cannot read the key file ${path}: ${codeOf(error)}; check its owner and mode`,
      { cause: error },
    )
  }
}

/**
 * Writes keys to a new file of mode 0600; a folder that is missing is made with mode 0700.
 * @throws KeyFileError `exists` when anything is there already, `unwritable`
 */
export function createKeyFile(path: string, keys: KeyPair): void {
  const file = createExclusively(path)
  try {
    writeSync(file, encodeKeyFile(keys))
    fsyncSync(file)
  } catch (error) {
    unlinkSync(path) // ours, and half-written
    throw unwritable(path, error)
  } finally {
    closeSync(file)
  }
}

/**
 * The keys in a file; when there is none, those that `generate` makes, written to it first.
 * @throws KeyFileError as `readKeyFile` and `createKeyFile` do
 */
export function openKeyFile(path: string, generate: () => KeyPair): KeyPair {
  try {
    return readKeyFile(path)
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.code !== 'missing') throw error
  }
  const keys = generate()
  createKeyFile(path, keys)
  return keys
}

function createExclusively(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unwritable(path, error)
  }
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unwritable(path, error)
    throw new KeyFileError('exists', `${path} exists: it is never overwritten`, { cause: error })
  }
}

function unwritable(path: string, cause: unknown): KeyFileError {
  const message = `cannot write the key file ${path}: ${codeOf(cause)}; choose another path`
  return new KeyFileError('unwritable', message, { cause })
}

/**
 * The bytes of a regular file that nobody but its owner can read; never more than one byte too
 * many.
 */
function readPrivate(path: string): Uint8Array {
  // Not blocking, for a path that names a pipe.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new KeyFileError('corrupt', 'it is not a regular file')
    if (process.platform !== 'win32' && (stat.mode & OTHERS) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
      throw new KeyFileError(
        'exposed',
        `${path} has mode ${mode}, so others can read the key: chmod 600 ${path}`,
      )
    }
    const bytes = new Uint8Array(KEY_FILE_BYTES + 1)
    return bytes.subarray(0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
