// Loads behaviour modules, and takes the servers that live of them to newer versions (Erlang/OTP,
// "code" and "release_handler"). A process for each thread; it does one thing at a time.
//
//   start(new CodeServer(), { name: CODE_SERVER })
//   const counter = new URL('./counter.ts', import.meta.url)
//   await CodeServer.load(CODE_SERVER, counter)         // its exported classes have versions now
//   // … somebody edits counter.ts …
//   await CodeServer.upgrade(CODE_SERVER, counter)      // { instances: 3, version: 2, … }
//
// An upgrade runs `codeChange` of the new class on every living instance, in supervision order, all
// or none (upgrade.ts). Mailboxes, pids, names and calls in flight are not touched. Whatever starts
// later from the old class, by a supervisor's spec say, starts with the newest code.
//
// What it does not do: replace plain functions (`spawn(receive)`), static fields, or a class that
// nobody exports. Erlang keeps two versions, and so do we: a server that an upgrade could not take
// along, because its class is no longer exported, runs on with the old one, and the next upgrade of
// that module is refused until `purge` has ended it.
import { UPGRADE_ATTEMPTS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { type LoadedModule, ModuleVersions, withoutVersion } from '../runtime/module-versions.ts'
import type { Name, Pid } from '../runtime/pid.ts'
import { exit, onExit } from '../runtime/signal.ts'
import { now } from '../runtime/timer-wheel.ts'
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  type ServerPid,
} from './gen-server.ts'
import { onServerStart } from './server-start.ts'
import { type ClassChange, prepareUpgrade, UpgradeStep } from './upgrade.ts'
import {
  anyServerStarts,
  ExportedClass,
  type ServerClass,
  serverStarts,
  versionOfClass,
} from './versioned-class.ts'

/** A module the code server knows. */
export interface ModuleInfo {
  /** The file's URL. */
  readonly module: string
  /** 1 for what Node loaded first. */
  readonly version: number
  /** Exported classes of behaviours. */
  readonly classes: readonly string[]
  /** Living servers that run the newest version. */
  readonly instances: number
  /** Living servers that run an older one; see `purge`. */
  readonly old: readonly Pid[]
}

/** What an upgrade did. */
export interface UpgradeReport {
  /** The modules with their new versions. */
  readonly modules: readonly { readonly module: string; readonly version: number }[]
  /** Servers whose code and state were changed. */
  readonly instances: number
  /** Servers that were held because they were in an async callback. */
  readonly held: number
  /** Milliseconds for loading, holding and changing. */
  readonly elapsedMs: number
}

export interface UpgradeRequest {
  /** Handed to each `codeChange`. */
  readonly extra?: unknown
  /** Milliseconds to wait, a few times, for servers in async callbacks. */
  readonly holdMs?: number
  /** Code servers of other threads, which upgrade too, or none does. */
  readonly others?: readonly CodeServerRef[]
}

type UpgradeFields = { readonly urls: readonly string[] } & Omit<UpgradeRequest, 'others'>

/** What a code server answers; failures are answered, and thrown by the client functions. */
export type CodeServerCall =
  | Call<'load', { url: string }, ModuleInfo | ArborError>
  | Call<'modules', object, ModuleInfo[]>
  | Call<'affected', { url: string }, string[]>
  | Call<'upgrade', UpgradeFields, UpgradeReport | ArborError>
  | Call<'prepare', UpgradeFields, UpgradeReport | ArborError>
  | Call<'commit', object, undefined>
  | Call<'rollback', object, undefined>
  | Call<'purge', { url: string }, number>

export type CodeServerPid = ServerPid<CodeServerCall>
export type CodeServerRef = CodeServerPid | Name<CodeServerPid>

/** The name under which a node's code server is registered. */
export const CODE_SERVER: Name<CodeServerPid> = 'code_server'

const NO_TIMEOUT = { timeoutMs: 'infinity' } as const
const KEEP: { readonly state: undefined } = { state: undefined }

export interface CodeServerOptions {
  /** Which modules get versions; default: all but packages. */
  readonly versions?: ModuleVersions
  /**
   * Also takes along servers that were started before their module was given to `load`; costs some
   * 150 bytes for each server of any class, so this is for development.
   */
  readonly remembersAll?: boolean
}

export class CodeServer extends GenServer<undefined, CodeServerCall> {
  readonly #versions: ModuleVersions
  readonly #serverStarts: typeof serverStarts
  readonly #classes: Map<string, ExportedClass[]> = new Map()
  /** An upgrade of several threads, between its two phases. */
  #prepared: UpgradeStep | null = null
  /** Names of the classes that a version of a module exports, by `url version`. */
  readonly #exported: Map<string, ReadonlySet<string>> = new Map()

  constructor(options: CodeServerOptions = {}) {
    super()
    this.#versions = options.versions ?? new ModuleVersions()
    this.#serverStarts = options.remembersAll === true ? anyServerStarts : serverStarts
  }

  // --- Client functions ---

  /** Imports a module, unless it is loaded, and gives the classes it exports versions. */
  static async load(server: CodeServerRef, url: string | URL): Promise<ModuleInfo> {
    return orThrow(await call(server, { type: 'load', url: String(url) }, NO_TIMEOUT))
  }

  /** Modules with versions. */
  static modules(server: CodeServerRef): Promise<ModuleInfo[]> {
    return call(server, { type: 'modules' })
  }

  /** A module and those that import it, imported before importers: what its change concerns. */
  static affectedBy(server: CodeServerRef, url: string | URL): Promise<string[]> {
    return call(server, { type: 'affected', url: String(url) })
  }

  /**
   * Loads modules again, imported before importers, and takes their servers along, all or none.
   * Rejects, and changes nothing, with code `load_failed`, `code_change_failed`, `cannot_renew`,
   * `upgrade_timeout`, `old_code_in_use` or `not_loaded`.
   */
  static async upgrade(
    server: CodeServerRef,
    urls: string | URL | readonly (string | URL)[],
    { others = [], ...request }: UpgradeRequest = {},
  ): Promise<UpgradeReport> {
    const list = Array.isArray(urls) ? urls.map(String) : [String(urls)]
    if (others.length > 0) return upgradeThreads([server, ...others], { urls: list, ...request })
    return orThrow(await call(server, { type: 'upgrade', urls: list, ...request }, NO_TIMEOUT))
  }

  /** Ends servers that run an old version of a module; returns how many. */
  static purge(server: CodeServerRef, url: string | URL): Promise<number> {
    return call(server, { type: 'purge', url: String(url) })
  }

  // --- Callbacks ---

  init(): InitResult<undefined> {
    onServerStart(this.#serverStarts)
    this.#versions.watch()
    onExit(this.self, () => {
      this.#settle('rollback')
      this.#versions.close()
    })
    return KEEP
  }

  override handleCall(
    request: CodeServerCall,
    _from: From<unknown>,
  ): MaybePromise<CallResult<undefined, ReplyOf<CodeServerCall>>> {
    const answer = this.#answer(request)
    if (!(answer instanceof Promise)) return { reply: answer, state: undefined }
    return answer.then(
      (reply) => ({ reply, state: undefined }),
      (error: unknown) => {
        if (error instanceof ArborError) return { reply: error, state: undefined }
        throw error
      },
    )
  }

  override terminate(_reason: ExitReason): void {
    this.#settle('rollback')
  }

  #answer(request: CodeServerCall): MaybePromise<ReplyOf<CodeServerCall>> {
    switch (request.type) {
      case 'load':
        return this.#load(request.url)
      case 'modules':
        return [...this.#classes.keys()].map((module) => this.#infoOf(module))
      case 'affected':
        return this.#versions.affectedBy(request.url)
      case 'upgrade':
        return this.#upgrade(request, false)
      case 'prepare':
        return this.#upgrade(request, true)
      case 'commit':
      case 'rollback':
        return this.#settle(request.type)
      case 'purge':
        return this.#purge(request.url)
    }
  }

  async #load(url: string): Promise<ModuleInfo> {
    const loaded = await this.#versions.current(url)
    const known = this.#classes.get(loaded.url) ?? []
    this.#noteExports(loaded)
    for (const [name, serverClass] of serverClassesOf(loaded)) {
      if (known.some(({ exportName }) => exportName === name)) continue
      const other = versionOfClass(serverClass)
      // Exported again from another module: it belongs to where it was first seen.
      if (other === undefined) {
        known.push(new ExportedClass(loaded.url, name, loaded.version, serverClass))
      }
    }
    this.#classes.set(loaded.url, known)
    return this.#infoOf(loaded.url)
  }

  async #upgrade(request: UpgradeFields, isFirstPhase: boolean): Promise<UpgradeReport> {
    const startedMs = now()
    const urls = request.urls.map(withoutVersion)
    for (const url of urls) this.#checkUpgradable(url)
    const step = new UpgradeStep(this.#versions)
    try {
      for (const url of urls) step.loaded.push(await this.#versions.load(url))
      step.changes.push(...step.loaded.flatMap((module) => this.#changesTo(module)))
      step.prepared = await prepareUpgrade(step.changes, { ...request, holdAll: isFirstPhase })
    } catch (error) {
      step.rollback()
      throw error
    }
    const { changed, held } = step.prepared
    if (isFirstPhase) this.#prepared = step
    else step.commit()
    return {
      modules: step.loaded.map(({ url, version }) => ({ module: url, version })),
      instances: changed,
      held,
      elapsedMs: now() - startedMs,
    }
  }

  /** Which class of the new module takes over from which of the old; new ones are added. */
  #changesTo(loaded: LoadedModule): ClassChange[] {
    const known = this.#classes.get(loaded.url) ?? []
    const changes: ClassChange[] = []
    this.#noteExports(loaded)
    for (const [name, serverClass] of serverClassesOf(loaded)) {
      const before = known.find(({ exportName }) => exportName === name)
      if (before === undefined) {
        known.push(new ExportedClass(loaded.url, name, loaded.version, serverClass))
      } else if (before.newest.serverClass !== serverClass) {
        changes.push({
          from: before.newest,
          to: before.addVersion(loaded.version, serverClass),
        })
      }
    }
    this.#classes.set(loaded.url, known)
    return changes
  }

  #noteExports(loaded: LoadedModule): void {
    const names = serverClassesOf(loaded).map(([name]) => name)
    this.#exported.set(`${loaded.url} ${loaded.version}`, new Set(names))
  }

  #checkUpgradable(url: string): void {
    const attempt = { operation: 'upgrade', target: url }
    if (!this.#classes.has(url) && this.#versions.versionOf(url) === 0) {
      const advice = 'load it first: what was never loaded has no servers'
      throw new ArborError('not_loaded', `${url} is not loaded`, advice, attempt)
    }
    if (this.#prepared !== null) {
      const advice = 'wait for that one to end'
      throw new ArborError('upgrade_in_progress', 'an upgrade is being decided', advice, attempt)
    }
    const old = this.#oldOf(url)
    if (old.length === 0) return
    const advice = 'end them, or call purge: two versions are the most'
    const message = `${old.length} servers run an old version of ${url}`
    throw new ArborError('old_code_in_use', message, advice, { ...attempt, request: old })
  }

  #settle(decision: 'commit' | 'rollback'): undefined {
    const prepared = this.#prepared
    this.#prepared = null
    prepared?.[decision]()
    return undefined
  }

  #oldOf(url: string): Pid[] {
    const exported = this.#classes.get(url) ?? []
    const names = this.#exported.get(`${url} ${this.#versions.versionOf(url)}`)
    return exported.flatMap(({ exportName, newest, instances }) => {
      const isGone = names?.has(exportName) === false
      return [...instances].filter(([, run]) => isGone || run !== newest).map(([pid]) => pid)
    })
  }

  #purge(url: string): number {
    const old = this.#oldOf(withoutVersion(url))
    for (const pid of old) exit(pid, 'kill')
    return old.length
  }

  #infoOf(module: string): ModuleInfo {
    const exported = this.#classes.get(module) ?? []
    const old = this.#oldOf(module)
    const all = exported.reduce((count, { instances }) => count + instances.size, 0)
    return {
      module,
      version: this.#versions.versionOf(module),
      classes: exported.map(({ exportName }) => exportName),
      instances: all - old.length,
      old,
    }
  }
}

/** Exported classes that can serve: those whose instances have the loop's callbacks. */
function serverClassesOf({ exports }: LoadedModule): [string, ServerClass][] {
  return Object.entries(exports).filter((entry): entry is [string, ServerClass] =>
    isServerClass(entry[1]),
  )
}

function isServerClass(value: unknown): value is ServerClass {
  if (typeof value !== 'function' || typeof value.prototype !== 'object') return false
  const prototype: unknown = value.prototype
  return prototype !== null && typeof prototype === 'object' && 'codeChange' in prototype
}

/** Tried again when a server that is held may be what one of another thread waits for. */
async function upgradeThreads(
  servers: readonly CodeServerRef[],
  request: UpgradeFields,
): Promise<UpgradeReport> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await upgradeOnce(servers, request)
    } catch (error) {
      const isBusy = error instanceof ArborError && error.code === 'upgrade_timeout'
      if (!isBusy || attempt >= UPGRADE_ATTEMPTS) throw error
    }
  }
}

/** All prepare and hold their servers; then all commit, or all roll back. */
async function upgradeOnce(
  servers: readonly CodeServerRef[],
  request: UpgradeFields,
): Promise<UpgradeReport> {
  const prepared: CodeServerRef[] = []
  try {
    const reports: UpgradeReport[] = []
    for (const server of servers) {
      reports.push(orThrow(await call(server, { type: 'prepare', ...request }, NO_TIMEOUT)))
      prepared.push(server)
    }
    // A thread that has died meanwhile has nobody left to go on.
    await Promise.allSettled(prepared.map((server) => call(server, { type: 'commit' })))
    return total(reports)
  } catch (error) {
    await Promise.allSettled(prepared.map((server) => call(server, { type: 'rollback' })))
    throw error
  }
}

function total(reports: readonly UpgradeReport[]): UpgradeReport {
  const sum = (field: 'instances' | 'held' | 'elapsedMs'): number =>
    reports.reduce((count, report) => count + report[field], 0)
  return {
    modules: reports[0]?.modules ?? [],
    instances: sum('instances'),
    held: sum('held'),
    elapsedMs: sum('elapsedMs'),
  }
}

function orThrow<T>(reply: T | ArborError): T {
  if (reply instanceof ArborError) throw reply
  return reply
}
