// Files that a running program was loaded from, and which of them have changed since. An editor
// saves in several steps, and a file system tells of each, so a change counts when the text is
// another and nothing has happened for DEV_QUIET_MS.
import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEV_QUIET_MS } from '../../limits.ts'

export class SourceFiles {
  /** URL → text as last loaded. */
  readonly #texts: Map<string, string> = new Map()
  readonly #watchers: Map<string, FSWatcher> = new Map()
  readonly #changed: (urls: readonly string[]) => void
  #quiet: NodeJS.Timeout | null = null

  /** `changed` is told of files whose text is another; it is told once for each text. */
  constructor(changed: (urls: readonly string[]) => void) {
    this.#changed = changed
  }

  /** Watches a file from now on; one watched already stays as it is. */
  add(url: string): void {
    if (this.#texts.has(url)) return
    this.#texts.set(url, textOf(url) ?? '')
    const folder = dirname(fileURLToPath(url))
    if (this.#watchers.has(folder)) return
    // Editors replace files rather than write to them, so the folder is watched.
    this.#watchers.set(
      folder,
      watch(folder, () => this.#touch()),
    )
  }

  close(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #touch(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#compare(), DEV_QUIET_MS)
  }

  #compare(): void {
    this.#quiet = null
    const changed: string[] = []
    for (const [url, before] of this.#texts) {
      const text = textOf(url)
      // Gone for a moment, or for good: what runs goes on.
      if (text === undefined || text === '' || text === before) continue
      this.#texts.set(url, text)
      changed.push(url)
    }
    if (changed.length > 0) this.#changed(changed)
  }
}

function textOf(url: string): string | undefined {
  try {
    return readFileSync(fileURLToPath(url), 'utf8')
  } catch {
    return undefined
  }
}
