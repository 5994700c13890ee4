// The local socket of a node that can be inspected: a file that only its owner can open, in a
// folder that only its owner can enter. Where it lies, how it is made, and which ones there are.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { INSPECTION_CONNECTIONS_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'

/** Where sockets lie: ARBOR_HOME/run, else XDG_RUNTIME_DIR/arbor, else ~/.config/arbor/run. */
export function inspectionFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { ARBOR_HOME: own, XDG_RUNTIME_DIR: runtime } = environment
  if (own !== undefined && own !== '') return join(own, 'run')
  if (runtime !== undefined && runtime !== '') return join(runtime, 'arbor')
  return join(homedir(), '.config', 'arbor', 'run')
}

/** The socket of a node, named by it and by its process. */
export function socketPath(folder: string, name: string, osPid: number): string {
  return join(folder, `${name}-${osPid}.sock`)
}

/** A socket's file, its node's name and its process. */
export interface SocketFile {
  readonly path: string
  readonly name: string
  readonly osPid: number
}

/** Sockets of a folder whose processes live, by name; files of dead ones are removed. */
export function socketFiles(folder: string): SocketFile[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names.sort().flatMap((file): SocketFile[] => {
    const match = /^(.+)-(\d+)\.sock$/.exec(file)
    if (match === null) return []
    const found = { path: join(folder, file), name: match[1] ?? '', osPid: Number(match[2]) }
    if (isRunning(found.osPid)) return [found]
    rmSync(found.path, { force: true })
    return []
  })
}

function isRunning(osPid: number): boolean {
  try {
    process.kill(osPid, 0)
    return true
  } catch (failure) {
    // Another user's process lives, too.
    return failure instanceof Error && 'code' in failure && failure.code === 'EPERM'
  }
}

/**
 * Listens on a socket file with mode 0600. Rejects with code `inspection_failed` when the folder is
 * somebody else's or the file cannot be made.
 */
export function listen(
  folder: string,
  path: string,
  accept: (socket: Socket) => void,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      const attempt = { operation: 'inspection', target: path }
      const advice = 'give another folder, or leave inspection off'
      const why = cause instanceof Error ? cause.message : String(cause)
      reject(
        new ArborError('inspection_failed', `no socket ${path}, ${why}`, advice, attempt, cause),
      )
    }
    const server = createServer(accept)
    server.maxConnections = INSPECTION_CONNECTIONS_MAX
    server.once('error', fail)
    try {
      makeOwnFolder(folder)
      rmSync(path, { force: true })
      // The file is made within `listen`, with the mask of that moment.
      const mask = process.umask(0o177)
      try {
        server.listen(path, () => resolve(server))
      } finally {
        process.umask(mask)
      }
    } catch (cause) {
      fail(cause)
    }
  })
}

function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = statSync(folder)
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new Error('its folder belongs to another user')
  }
  if ((mode & 0o022) !== 0) throw new Error('others may write to its folder: chmod 700 it')
}
