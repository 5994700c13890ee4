// `arbor key new|show`: the identity of a node.
import { createKeyFile } from '../../identity/key-file.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import { nodeIdToText } from '../../identity/node-id.ts'
import { generateKeyPair } from '../../identity/puzzle.ts'
import { secureRandomBytes } from '../../runtime/random.ts'
import { defaultKeyFile, orBadInput, readKeys } from '../configuration.ts'

interface KeyOptions {
  readonly json: boolean
}

/** Draws a hardened key and writes it to a new file; an existing one is never touched. */
export async function newKey(file: string | undefined, { json }: KeyOptions): Promise<void> {
  const path = file ?? defaultKeyFile('node')
  const keys = generateKeyPair(secureRandomBytes)
  orBadInput(() => createKeyFile(path, keys))
  print(path, keys, json)
}

/** Prints who a key file makes us; never the secret. */
export async function showKey(file: string | undefined, { json }: KeyOptions): Promise<void> {
  const path = file ?? defaultKeyFile('node')
  print(path, readKeys(path), json)
}

function print(file: string, { nodeId }: KeyPair, json: boolean): void {
  const short = nodeIdToText(nodeId)
  process.stdout.write(
    json
      ? `${JSON.stringify({ nodeId, z32: short, file })}\n`
      : `node id  ${nodeId}\nz32      ${short}\nfile     ${file}\n`,
  )
}
