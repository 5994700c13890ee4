// Upgrades on all cores: a code server in each scheduler thread, and one upgrade for all of them,
// everywhere or nowhere.
//
//   await startSchedulers({ count: 3, preload: [codeServerPreload] })
//   start(new CodeServer(), { name: CODE_SERVER })
//   await spawn<typeof Counter>({ module: counter, export: 'Counter' })
//   // … somebody edits counter.ts …
//   await upgradeEverywhere(counter)
//
// A thread that is restarted loads modules as they are on disk by then, so it needs no upgrade;
// that is also how to get rid of what old versions leave behind: `drainScheduler`, one by one.
import {
  CODE_SERVER,
  CodeServer,
  type CodeServerPid,
  type CodeServerRef,
  type UpgradeReport,
  type UpgradeRequest,
} from '../behaviours/code-server.ts'
import type { Name } from '../runtime/pid.ts'
import { whereis } from '../runtime/registry.ts'
import { schedulers } from './scheduler-supervisor.ts'

/** Give it to `startSchedulers` as one of `preload`, so that each thread has a code server. */
export const codeServerPreload: URL = new URL('./code-server-thread.ts', import.meta.url)

/** The name of a scheduler thread's code server. */
export function codeServerName(scheduler: number): Name<CodeServerPid> {
  return scheduler === 0 ? CODE_SERVER : `${CODE_SERVER}-${scheduler}`
}

/** Code servers of the scheduler threads that are up and have one. */
export function otherCodeServers(): CodeServerRef[] {
  return schedulers()
    .filter(({ scheduler, state }) => scheduler > 0 && state === 'up')
    .map(({ scheduler }) => codeServerName(scheduler))
    .filter((name) => whereis(name) !== undefined)
}

/**
 * Upgrades modules in all threads, or in none: a `codeChange` that throws in one takes back all.
 * Servers are held from the first thread's change to the last's. Rejects as `CodeServer.upgrade`.
 */
export async function upgradeEverywhere(
  urls: string | URL | readonly (string | URL)[],
  request: Omit<UpgradeRequest, 'others'> = {},
): Promise<UpgradeReport> {
  const others = otherCodeServers()
  const modules: readonly (string | URL)[] =
    typeof urls === 'string' || urls instanceof URL ? [urls] : urls
  // A thread may not have had a server of it yet.
  for (const server of [CODE_SERVER, ...others]) {
    for (const module of modules) await CodeServer.load(server, module)
  }
  return CodeServer.upgrade(CODE_SERVER, modules, { ...request, others })
}
