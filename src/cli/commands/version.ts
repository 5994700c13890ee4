// `arbor version`: which Arbor, which Node.
import { readFileSync } from 'node:fs'

/** Version of this package, from its package.json. */
export function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url)
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version)
  }
  throw new Error('package.json names no version')
}

export async function runVersion(options: { readonly json: boolean }): Promise<void> {
  const version = packageVersion()
  const { platform, arch } = process
  const node = process.versions.node
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ name: 'arbor', version, node, platform, arch })}\n`
      : `arbor ${version} on Node ${node} (${platform} ${arch})\n`,
  )
}
