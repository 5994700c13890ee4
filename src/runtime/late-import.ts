// Packages that few programs need and that take long to load are loaded at their first use, by the
// door of each. An `import()` would do that too, but later than where it stands.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require: NodeJS.Require = createRequire(import.meta.url)

/**
 * A module of another package, loaded now unless it has been. It is resolved as `import` does: the
 * same instance as that of a program that imports it.
 */
export function lateImport(specifier: string): unknown {
  return require(fileURLToPath(import.meta.resolve(specifier)))
}
