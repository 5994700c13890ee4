// Leads a program's `import … from 'arbor'` to the Arbor that runs the command: two copies would be
// two runtimes, whose processes do not know each other.
import { registerHooks } from 'node:module'

/** Where this copy's doors are: the folder of the sources, or of what was built from them. */
export const ownFolder: string = new URL('../../', import.meta.url).href
const extension: string = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** The file behind a door: `arbor` → index, `arbor/testing` → testing/index. */
export function doorFile(specifier: string): string | undefined {
  const match = /^arbor(?:\/([a-z-]+))?$/.exec(specifier)
  if (match === null) return undefined
  const folder = match[1] === undefined ? '' : `${match[1]}/`
  return `${ownFolder}${folder}index.${extension}`
}

/** Resolves Arbor's name to this copy from now on. */
export function useOwnPackage(): void {
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const url = doorFile(specifier)
      if (url === undefined) return nextResolve(specifier, context)
      return {
        url,
        format: extension === 'ts' ? 'module-typescript' : 'module',
        shortCircuit: true,
      }
    },
  })
}
