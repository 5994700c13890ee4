// Completes package-lock.json with the optional platform packages that the registry in use does not carry.
//
// Some packages (@matrixai/quic, Biome, …) list one optional dependency per platform. Where a registry
// lacks one, `npm install` leaves it out of the lock and `npm ci` then refuses the lock as incomplete.
// The cure is an entry with exact version, os and cpu: npm never downloads an entry whose platform does
// not match. Run `npm run lock` after every `npm install`; `npm run lock -- --check` changes nothing and
// fails if there is something to do. This file is the one script that may run on any Node version.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const systems = [
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'openbsd',
  'netbsd',
  'android',
  'sunos',
  'aix',
  'openharmony',
]
const processors = [
  'x64',
  'arm64',
  'arm',
  'ia32',
  'ppc64',
  'ppc64le',
  's390x',
  'riscv64',
  'loong64',
  'mips64el',
  'wasm32',
  'universal',
]

/** The platform a package's name ends in, e.g. `@biomejs/cli-linux-arm64-musl` → linux, arm64. */
function platformOf(name) {
  const parts = name.split(/[-/]/)
  const os = systems.find((system) => parts.includes(system))
  const cpu = processors.find((processor) => parts.includes(processor))
  return { ...(os ? { os: [os] } : {}), ...(cpu && cpu !== 'universal' ? { cpu: [cpu] } : {}) }
}

/** Whether Node's resolution from `parent` finds `name` in the lock. */
function isLocked(packages, parent, name) {
  for (let base = parent; ; base = base.slice(0, base.lastIndexOf('/node_modules/'))) {
    if (packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`]) return true
    if (!base.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined
  }
}

/** Adds the missing stubs to the lock and returns their names. */
function completeLock(lock) {
  const added = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isLocked(lock.packages, path, name)) continue
      const version = range.replace(/^[\^~>=\s]+/, '')
      const platform = platformOf(name)
      if (!/^\d+\.\d+\.\d+/.test(version) || !(platform.os || platform.cpu)) {
        throw new Error(
          `no platform or version can be read from ${name}@${range}: add it to the lock by hand`,
        )
      }
      lock.packages[`node_modules/${name}`] = {
        version,
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
        ...platform,
      }
      added.push(name)
    }
  }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  )
  return added
}

const before = readFileSync(file, 'utf8')
const lock = JSON.parse(before)
const addresses = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)
for (const entry of addresses) delete entry.resolved
const added = completeLock(lock)
const after = `${JSON.stringify(lock, null, 2)}\n`

if (after === before) {
  console.log('package-lock.json is complete')
} else if (process.argv.includes('--check')) {
  console.error('package-lock.json is incomplete: run `npm run lock` and commit the result')
  process.exit(1)
} else {
  writeFileSync(file, after)
  console.log(
    `package-lock.json: ${added.length} platform packages added, ${addresses.length} addresses removed`,
  )
}
