// Which running node a command looks into: the only one there is, or the one named.
import { InspectionClient } from '../../actors/inspection/inspection-client.ts'
import {
  inspectionFolder,
  type SocketFile,
  socketFiles,
} from '../../actors/inspection/inspection-socket.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { BadInput } from '../failure.ts'

export interface AttachOptions {
  /** Name or operating-system pid of the node. */
  readonly node?: string
}

/** Attaches to the node meant; refuses with a sentence when there is none, or more than one. */
export async function attach({ node }: AttachOptions): Promise<InspectionClient> {
  const { path } = chosen(socketFiles(inspectionFolder()), node)
  return orBadInput(InspectionClient.connect(path))
}

/** What the person can mend is said in a sentence. */
export async function orBadInput<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (failure) {
    if (!(failure instanceof ArborError)) throw failure
    throw new BadInput(`${failure.message}.`, { cause: failure })
  }
}

function chosen(files: readonly SocketFile[], node: string | undefined): SocketFile {
  const meant =
    node === undefined
      ? files
      : files.filter(({ name, osPid }) => name === node || String(osPid) === node)
  const [only, second] = meant
  if (only !== undefined && second === undefined) return only
  const names = files.map(({ name, osPid }) => `${name} (${osPid})`).join(', ')
  if (only !== undefined) throw new BadInput(`several nodes run: choose with --node: ${names}.`)
  if (node !== undefined && files.length > 0) {
    throw new BadInput(`no node ${node} runs here: take one of ${names}.`)
  }
  throw new BadInput(
    'no node runs here that can be inspected: start an InspectionServer in it, or use arbor dev.',
  )
}

/** `12` is a pid, anything else a registered name. */
export function parsePid(argument: string): number | string {
  return /^\d+$/.test(argument) ? Number(argument) : argument
}
