import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createKeyFile,
  decodeKeyFile,
  encodeKeyFile,
  KeyFileError,
  openKeyFile,
  readKeyFile,
} from '../../src/identity/key-file.ts'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'

const keys = keyPairFromSeed(new Uint8Array(32).fill(9))
const failure = (code: string) => expect.objectContaining({ name: 'KeyFileError', code })
const hasModes = process.platform !== 'win32'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arbor-key-'))
  path = join(folder, 'deep', 'node.key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Puts bytes where the key file would be, private. */
function put(bytes: Uint8Array): void {
  mkdirSync(join(folder, 'deep'), { recursive: true })
  writeFileSync(path, bytes, { mode: 0o600 })
}

describe('encodeKeyFile and decodeKeyFile', () => {
  it('undo each other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const original = keyPairFromSeed(seed)
        expect(decodeKeyFile(encodeKeyFile(original)).nodeId).toBe(original.nodeId)
      }),
      { numRuns: 20 },
    )
  })

  it('refuse a file with any byte changed', () => {
    const change = fc.tuple(fc.nat({ max: 77 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(change, ([at, mask]) => {
        const bytes = encodeKeyFile(keys)
        bytes[at] = (bytes[at] ?? 0) ^ mask
        expect(() => decodeKeyFile(bytes)).toThrow(failure('corrupt'))
      }),
    )
  })

  it('refuse any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => decodeKeyFile(bytes)).toThrow(KeyFileError)
      }),
    )
  })
})

describe('createKeyFile', () => {
  it('writes 78 bytes for the owner alone, in a folder for the owner alone', () => {
    createKeyFile(path, keys)
    expect(new Uint8Array(readFileSync(path))).toEqual(encodeKeyFile(keys))
    if (hasModes) {
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
    }
  })

  it('never overwrites, whatever is there', () => {
    for (const bytes of [new Uint8Array(0), encodeKeyFile(keys), new Uint8Array(200).fill(1)]) {
      put(bytes)
      expect(() => createKeyFile(path, keys)).toThrow(failure('exists'))
      expect(new Uint8Array(readFileSync(path))).toEqual(bytes)
      rmSync(path)
    }
    mkdirSync(path)
    expect(() => createKeyFile(path, keys)).toThrow(failure('exists'))
  })

  it('says so when the folder cannot be made', () => {
    writeFileSync(join(folder, 'deep'), 'a file')
    expect(() => createKeyFile(path, keys)).toThrow(failure('unwritable'))
  })
})

describe('readKeyFile', () => {
  it('reads what was created', () => {
    createKeyFile(path, keys)
    expect(readKeyFile(path).seed).toEqual(keys.seed)
  })

  it('names the path and the mend for a missing and a corrupt file', () => {
    expect(() => readKeyFile(path)).toThrow(failure('missing'))
    for (const bytes of [new Uint8Array(0), new Uint8Array(77), new Uint8Array(1_000_000)]) {
      put(bytes)
      expect(() => readKeyFile(path)).toThrow(failure('corrupt'))
      expect(() => readKeyFile(path)).toThrow(`${path} is no key file`)
      rmSync(path)
    }
    mkdirSync(path)
    expect(() => readKeyFile(path)).toThrow('it is not a regular file')
  })

  it.runIf(hasModes)('refuses a file others may read, with the command that mends it', () => {
    createKeyFile(path, keys)
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      chmodSync(path, mode)
      expect(() => readKeyFile(path)).toThrow(failure('exposed'))
      expect(() => readKeyFile(path)).toThrow(`chmod 600 ${path}`)
    }
    chmodSync(path, 0o400)
    expect(readKeyFile(path).nodeId).toBe(keys.nodeId)
  })

  it('says so when the system refuses', () => {
    writeFileSync(join(folder, 'deep'), 'a file, not a folder')
    expect(() => readKeyFile(path)).toThrow(failure('unreadable'))
  })

  it.runIf(hasModes)('does not wait for a pipe', () => {
    mkdirSync(join(folder, 'deep'))
    execFileSync('mkfifo', ['-m', '600', path])
    expect(() => readKeyFile(path)).toThrow('it is not a regular file')
  })
})

describe('openKeyFile', () => {
  it('makes keys once', () => {
    let made = 0
    const generate = () => {
      made++
      return keys
    }
    expect(openKeyFile(path, generate).nodeId).toBe(keys.nodeId)
    expect(openKeyFile(path, generate).nodeId).toBe(keys.nodeId)
    expect(made).toBe(1)
  })

  it('makes none where something is that it cannot read', () => {
    put(new Uint8Array(10))
    expect(() => openKeyFile(path, () => keys)).toThrow(failure('corrupt'))
    expect(readFileSync(path)).toHaveLength(10)
  })

  it('leaves nothing behind when no keys can be made', () => {
    const generate = () => {
      throw new RangeError('no chance')
    }
    expect(() => openKeyFile(path, generate)).toThrow('no chance')
    expect(existsSync(path)).toBe(false)
  })
})
