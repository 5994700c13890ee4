// Versions of ES modules: loads a module again after its file has changed, beside the version that
// is in use. A module's URL is its identity to Node, so each version is imported under a URL of its
// own (`?arbor-version=3`), and a resolve hook leads the imports of a new version to the newest
// versions of what it imports.
//
//   const versions = new ModuleVersions()
//   const first = await versions.load(url)              // { version: 1, exports }
//   const second = await versions.load(url)             // { version: 2, exports: what it is now }
//
// What it costs: Node never unloads an ES module, so each version stays in memory until its thread
// ends. This is for upgrades, not for a loop. Programs use the code server
// (behaviours/code-server.ts), which takes living processes along.
import { registerHooks } from 'node:module'
import { MODULE_VERSIONS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'

const PARAMETER = 'arbor-version'

type Exports = Readonly<Record<string, unknown>>

/** What a load brought. */
export interface LoadedModule {
  /** The file's URL, without version. */
  readonly url: string
  /** 1 for what Node loads by itself. */
  readonly version: number
  readonly exports: Exports
}

/** A module's URL without its version. */
export function withoutVersion(url: string | URL): string {
  const href = typeof url === 'string' ? url : url.href
  const at = href.indexOf('?')
  return at < 0 ? href : href.slice(0, at)
}

function withVersion(url: string, version: number): string {
  return version <= 1 ? url : `${url}?${PARAMETER}=${version}`
}

/** What is known of one file. */
class ModuleFile {
  /** The version that new importers get. */
  current = 0
  /** What `current` was before the last load. */
  previous = 0
  /** The highest version tried: a number is never used twice, because Node remembers failures. */
  tried = 0
  readonly importers: Set<string> = new Set()
}

export class ModuleVersions {
  readonly #files: Map<string, ModuleFile> = new Map()
  readonly #isTracked: (url: string) => boolean
  #hooks: { deregister(): void } | null = null

  /** Which files get versions; default: all but packages (`node_modules`). */
  constructor(isTracked: (url: string) => boolean = isNoPackage) {
    this.#isTracked = isTracked
  }

  /** Watches imports from now on, so that later versions know who imports whom. */
  watch(): void {
    this.#hooks ??= registerHooks({
      resolve: (specifier, context, nextResolve) => {
        const resolved = nextResolve(specifier, context)
        const url = this.#resolved(resolved.url, context.parentURL)
        return url === resolved.url ? resolved : { ...resolved, url }
      },
    })
  }

  /** Resolves imports as Node does again; versions already loaded stay. */
  close(): void {
    this.#hooks?.deregister()
    this.#hooks = null
  }

  /** The version that new importers of a module get; 0 when it was never loaded. */
  versionOf(url: string | URL): number {
    return this.#files.get(withoutVersion(url))?.current ?? 0
  }

  /** Modules seen so far. */
  modules(): string[] {
    return [...this.#files.keys()]
  }

  /** Who imports a module directly. */
  importersOf(url: string | URL): string[] {
    return [...(this.#files.get(withoutVersion(url))?.importers ?? [])]
  }

  /** A module and whoever imports it, directly or not; imported modules come before importers. */
  affectedBy(url: string | URL): string[] {
    const order: string[] = []
    const seen = new Set<string>()
    const visit = (module: string): void => {
      if (seen.has(module)) return
      seen.add(module)
      for (const importer of this.#files.get(module)?.importers ?? []) visit(importer)
      order.push(module)
    }
    visit(withoutVersion(url))
    return order.reverse()
  }

  /** The module in the version it has; loads it when nobody has yet. */
  async current(url: string | URL): Promise<LoadedModule> {
    const bare = withoutVersion(url)
    return this.#import(bare, Math.max(1, this.versionOf(bare)))
  }

  /**
   * A new version of a module; for one that was never loaded, its first. Rejects with code
   * `load_failed` when it does not compile or throws; then the version before stays in use.
   */
  async load(url: string | URL): Promise<LoadedModule> {
    const bare = withoutVersion(url)
    const version = (this.#files.get(bare)?.tried ?? 0) + 1
    if (version <= MODULE_VERSIONS_MAX) return this.#import(bare, version)
    const attempt = { operation: 'load', target: bare, request: version }
    const advice = 'restart the node or its scheduler threads: modules are never unloaded'
    throw new ArborError('too_many_versions', `version ${version} of ${bare}`, advice, attempt)
  }

  /** Gives new importers the version before the last load again. */
  takeBack({ url, version }: LoadedModule): void {
    const file = this.#files.get(url)
    if (file?.current === version) file.current = file.previous
  }

  async #import(url: string, version: number): Promise<LoadedModule> {
    this.watch()
    const file = this.#file(url)
    file.tried = Math.max(file.tried, version)
    let exports: Exports
    try {
      exports = (await import(withVersion(url, version))) as Exports
    } catch (cause) {
      const attempt = { operation: 'load', target: url, request: version }
      const advice = 'see cause; the version before stays in use'
      throw new ArborError('load_failed', whatFailed(url, cause), advice, attempt, cause)
    }
    if (version > file.current) {
      file.previous = file.current
      file.current = version
    }
    return { url, version, exports }
  }

  /** The URL under which an import is loaded; notes who imports it. */
  #resolved(url: string, parent: string | undefined): string {
    const bare = withoutVersion(url)
    if (!bare.startsWith('file:') || !this.#isTracked(bare) || url.includes(PARAMETER)) return url
    const file = this.#file(bare)
    const importer = parent === undefined ? '' : withoutVersion(parent)
    // What is loaded from here is loaded for the code server, which does not depend on it.
    if (importer.startsWith('file:') && importer !== import.meta.url) file.importers.add(importer)
    if (file.current === 0) {
      file.current = 1
      file.tried = Math.max(file.tried, 1)
    }
    return url === bare ? withVersion(bare, file.current) : url
  }

  #file(url: string): ModuleFile {
    let file = this.#files.get(url)
    if (file === undefined) {
      file = new ModuleFile()
      this.#files.set(url, file)
    }
    return file
  }
}

function isNoPackage(url: string): boolean {
  return !url.includes('/node_modules/')
}

function whatFailed(url: string, cause: unknown): string {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return `${url} did not load, ${why}`
}
