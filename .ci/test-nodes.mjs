// npm run test:nodes: do the same genotypes answer the same bits under other releases of Node? Runs
// the tests of bit identity, and those with golden hashes, under Node 22, 24 and 26, fetched as the
// npm package `node` into a temporary folder that stays, so that they are fetched once.
//
//   npm run test:nodes            # all of them
//   npm run test:nodes -- 26      # one
//
// A release that cannot be fetched, e.g. without a network, is skipped, and the last line says so.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const releases = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24', '26']
const tests = [
  'test/conformance/bit-identity.test.ts',
  'test/evolution/network',
  'test/evolution/kernel',
].filter((path) => existsSync(path))

/** The program of that release, fetched if need be; undefined if it cannot be. */
function nodeOf(release) {
  const folder = join(tmpdir(), 'arbor-nodes', release)
  const node = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    const manifest = {
      private: true,
      dependencies: { node: release },
      // The package fetches the program of this platform when it is installed.
      allowScripts: { node: true },
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
    spawnSync('npm', ['install', ...quiet], { cwd: folder, stdio: 'inherit' })
  }
  return existsSync(node) ? node : undefined
}

const outcomes = releases.map((release) => {
  const node = nodeOf(release)
  if (node === undefined) return { release, outcome: 'skipped: it could not be fetched' }
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim()
  console.log(`\nNode ${version}`)
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(node, [vitest, 'run', ...tests], { stdio: 'inherit' })
  return { release: version ?? release, outcome: status === 0 ? 'the same bits' : 'FAILED' }
})

console.log()
for (const { release, outcome } of outcomes) console.log(`Node ${release}: ${outcome}`)
if (outcomes.some(({ outcome }) => outcome === 'FAILED')) process.exit(1)
