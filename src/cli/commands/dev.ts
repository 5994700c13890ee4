// `arbor dev <entry>`: runs a program, and takes its servers along whenever a file is saved.
// State, mailboxes and connections stay; only code changes. What fails to load leaves the program
// as it is.
import { existsSync, statSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { InspectionServer } from '../../actors/inspection/inspection-server.ts'
import {
  CODE_SERVER,
  CodeServer,
  type CodeServerPid,
  type UpgradeReport,
} from '../../behaviours/code-server.ts'
import { start } from '../../behaviours/gen-server.ts'
import { UpgradeError } from '../../behaviours/upgrade.ts'
import { ModuleVersions } from '../../runtime/module-versions.ts'
import { ownFolder, useOwnPackage } from '../dev/own-package.ts'
import { planReload } from '../dev/reload-plan.ts'
import { SourceFiles } from '../dev/source-files.ts'
import { BadInput } from '../failure.ts'
import { writeEvent } from '../output.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'

interface DevOptions {
  readonly json: boolean
}

export async function runDev(entryArgument: string, options: DevOptions): Promise<void> {
  const entry = entryUrl(entryArgument)
  const requested = stopRequested({ withStdin: false })
  useOwnPackage()
  const name = basename(entry)
    .replace(/\.\w+$/, '')
    .replaceAll(/[^\w-]/g, '_')
    .slice(0, 40)
  await start(new InspectionServer({ name }))
  const program = new DevProgram(entry, options)
  await program.run()
  const signal = await requested
  program.close()
  // The program's own processes and sockets would keep Node alive.
  process.exit(exitCodes[signal])
}

function entryUrl(argument: string): string {
  const path = resolve(argument)
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new BadInput(`there is no file ${argument}: name the module that starts your program.`)
  }
  if (!/\.[cm]?[jt]s$/.test(path)) {
    throw new BadInput(`${argument} is no module: name a file that ends in .ts, .js or .mjs.`)
  }
  return pathToFileURL(path).href
}

/** Neither packages nor Arbor itself. */
function isOfTheProgram(url: string): boolean {
  return !url.includes('/node_modules/') && !url.startsWith(ownFolder)
}

class DevProgram {
  readonly #entry: string
  readonly #isJson: boolean
  readonly #versions: ModuleVersions = new ModuleVersions(isOfTheProgram)
  readonly #code: CodeServerPid
  readonly #files: SourceFiles = new SourceFiles((urls) => this.#changed(urls))
  /** Modules that export behaviour classes. */
  readonly #withServers: Set<string> = new Set()
  /** Files that have changed while an upgrade was on its way. */
  readonly #waiting: Set<string> = new Set()
  #isUpgrading = false

  constructor(entry: string, { json }: DevOptions) {
    this.#entry = entry
    this.#isJson = json
    this.#code = start(new CodeServer({ versions: this.#versions, remembersAll: true }), {
      name: CODE_SERVER,
    })
  }

  /** Loads the entry, which starts the program. */
  async run(): Promise<void> {
    await CodeServer.load(this.#code, this.#entry)
    await this.#watchModules()
    this.#tell(`watching ${this.#versions.modules().length} files of ${nameOf(this.#entry)}`, {
      event: 'watching',
      modules: this.#versions.modules().length,
    })
  }

  close(): void {
    this.#files.close()
  }

  /** Modules may have come with the last load. */
  async #watchModules(): Promise<void> {
    for (const url of this.#versions.modules()) {
      const { classes } = await CodeServer.load(this.#code, url)
      if (classes.length > 0) this.#withServers.add(url)
      this.#files.add(url)
    }
  }

  #changed(urls: readonly string[]): void {
    for (const url of urls) this.#waiting.add(url)
    if (!this.#isUpgrading) void this.#upgradeWaiting()
  }

  async #upgradeWaiting(): Promise<void> {
    this.#isUpgrading = true
    while (this.#waiting.size > 0) {
      const changed = [...this.#waiting]
      this.#waiting.clear()
      await this.#upgrade(changed)
    }
    this.#isUpgrading = false
  }

  async #upgrade(changed: readonly string[]): Promise<void> {
    const plan = planReload(changed, this.#entry, {
      affectedBy: (url) => this.#versions.affectedBy(url),
      importersOf: (url) => this.#versions.importersOf(url),
      hasServers: (url) => this.#withServers.has(url),
    })
    for (const url of plan.restart) {
      const file = nameOf(url)
      this.#tell(`${file} changed, and is used by the entry: restart to bring it in`, {
        event: 'restart_needed',
        module: file,
      })
    }
    if (plan.reload.length === 0) return
    try {
      this.#upgraded(await CodeServer.upgrade(this.#code, plan.reload))
      await this.#watchModules()
    } catch (failure) {
      this.#failed(failure, changed)
    }
  }

  #upgraded({ modules, instances, elapsedMs }: UpgradeReport): void {
    const names = modules.map(({ module, version }) => `${nameOf(module)} (${version})`)
    const servers = instances === 1 ? '1 server' : `${instances} servers`
    this.#tell(`upgraded ${names.join(', ')}: ${servers} in ${elapsedMs.toFixed(1)} ms`, {
      event: 'upgraded',
      modules: modules.map(({ module, version }) => ({ module: nameOf(module), version })),
      instances,
      elapsedMs,
    })
  }

  #failed(failure: unknown, changed: readonly string[]): void {
    const cause = failure instanceof UpgradeError ? failure.cause : failure
    const why = cause instanceof Error ? cause.message : String(cause)
    const files = changed.map(nameOf).join(', ')
    const sentence = why.replaceAll(/\s*\n\s*/g, ' ')
    this.#tell(`${files} is not in use (${sentence}): what ran before goes on`, {
      event: 'failed',
      modules: changed.map(nameOf),
      reason: sentence,
    })
  }

  #tell(line: string, event: { readonly event: string } & Readonly<Record<string, unknown>>): void {
    if (this.#isJson) writeEvent(event)
    else process.stdout.write(`arbor: ${line}\n`)
  }
}

/** A module as a person knows it: its path from here. */
function nameOf(url: string): string {
  const path = fileURLToPath(url)
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? basename(path) : near
}
