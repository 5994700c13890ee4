// What does a reload leave behind? An ES module cannot be unloaded, so a thousand versions of one
// behaviour module, each taken into use by an upgrade of a living server, show what every version
// costs for the rest of the thread's life. The way out is a thread that is replaced.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CodeServer } from '../src/behaviours/code-server.ts'
import { type ServerPid, start, stop } from '../src/behaviours/gen-server.ts'
import { median, notice, report } from './report.ts'

const RELOADS = process.argv.includes('--quick') ? 50 : 1_000
const source = new URL('../src/behaviours/gen-server.ts', import.meta.url).href

/** A module of a usual size: some 60 lines. */
function moduleText(version: number): string {
  const methods = Array.from(
    { length: 15 },
    (_, i) => `  method${i}(a: number): number {\n    return a * ${i} + ${version}\n  }\n`,
  )
  return `import { GenServer } from '${source}'
export class Versioned extends GenServer<number> {
  init() {
    return { state: 0 }
  }
  override codeChange(_: unknown, state: number): number {
    return state + 1
  }
${methods.join('\n')}}
`
}

const folder = mkdtempSync(join(tmpdir(), 'arbor-reload-'))
try {
  const file = join(folder, 'versioned.ts')
  writeFileSync(file, moduleText(0))
  const code = start(new CodeServer())
  const url = pathToFileURL(file)
  await CodeServer.load(code, url)
  const { Versioned } = (await import(url.href)) as { Versioned: new () => Startable }
  const server = start(new Versioned())
  if (globalThis.gc === undefined) notice('(without --expose-gc the bytes mean nothing)')
  globalThis.gc?.()
  const before = process.memoryUsage()
  const elapsed: number[] = []
  for (let i = 1; i <= RELOADS; i++) {
    writeFileSync(file, moduleText(i))
    elapsed.push((await CodeServer.upgrade(code, url)).elapsedMs)
  }
  globalThis.gc?.()
  const after = process.memoryUsage()
  const per = (field: 'heapUsed' | 'rss'): number => (after[field] - before[field]) / RELOADS / 1024
  report({ name: `heap kept, of ${RELOADS} reloads`, value: per('heapUsed'), unit: 'KiB/reload' })
  report({ name: `resident memory, of ${RELOADS} reloads`, value: per('rss'), unit: 'KiB/reload' })
  report({ name: 'reload and upgrade of one server', value: median(elapsed), unit: 'ms' })
  await stop(server)
  await stop(code)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Startable {
  readonly self: ServerPid
  init(): { state: number }
}
