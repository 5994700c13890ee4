// Compiles src/evolution/kernel/kernel.c with Debian's clang 14 into kernel-bytes.ts, where the built
// package finds it too. The same sources and the same compiler give the same bytes.
//
//   npm run build:kernel              writes kernel-bytes.ts
//   npm run build:kernel -- --check   changes nothing; fails if the file is not what it would write.
//                                     Without that clang it compares the sources' hash only, and says so
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../src/evolution/kernel/', import.meta.url))
const target = `${folder}kernel-bytes.ts`
const sources = [
  'kernel.c',
  'step.h',
  'activations.h',
  'elementary.h',
  'traits.h',
  'row.h',
  'aggregations.h',
  'liquid.h',
  'plasticity.h',
  'output-processing.h',
  'step-traits.h',
]
const compiler = 'Debian clang version 14.'
const flags = [
  '--target=wasm32',
  '-std=c11',
  '-O3',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-msimd128',
  '-mbulk-memory',
  '-ffp-contract=off',
  '-fno-builtin',
  '-ffreestanding',
  '-fvisibility=hidden',
  '-nostdlib',
  '-Wl,--no-entry',
  '-Wl,--export-dynamic',
  '-Wl,--import-memory',
  '-Wl,--export=__heap_base',
  '-Wl,--strip-all',
]

function sourceHash() {
  const hash = createHash('sha256').update(flags.join(' '))
  for (const name of sources) hash.update(`\n${name}\n`).update(readFileSync(folder + name))
  return hash.digest('hex')
}

function hasCompiler() {
  try {
    execFileSync('wasm-ld', ['--version'], { stdio: 'ignore' })
    return execFileSync('clang', ['--version'], { encoding: 'utf8' }).startsWith(compiler)
  } catch {
    return false
  }
}

function compile() {
  const build = mkdtempSync(join(tmpdir(), 'kernel-'))
  try {
    const output = join(build, 'kernel.wasm')
    execFileSync('clang', [...flags, 'kernel.c', '-o', output], { cwd: folder, stdio: 'inherit' })
    return readFileSync(output)
  } finally {
    rmSync(build, { recursive: true })
  }
}

function moduleText(hash, bytes) {
  const lines = bytes.toString('base64').match(/.{1,96}/g)
  return `// The kernel, compiled from kernel.c beside this file; made by \`npm run build:kernel\`, not by hand.

/** Of the flags and sources it was compiled with. */
export const KERNEL_SOURCE_SHA256 =
  '${hash}'

/** The WebAssembly module (${bytes.length} bytes) in base64. */
export const KERNEL_BASE64 = \`
${lines.join('\n')}
\`
`
}

const hash = sourceHash()
const present = readFileSync(target, { encoding: 'utf8', flag: 'a+' })
if (!hasCompiler()) {
  if (!process.argv.includes('--check')) {
    console.error(`${compiler}0 and lld are needed: apt-get install clang lld`)
    process.exit(1)
  }
  console.log(`no ${compiler}0: only the hash of the sources was compared`)
  if (!present.includes(hash)) process.exit(1)
} else if (process.argv.includes('--check')) {
  if (moduleText(hash, compile()) !== present) {
    console.error('kernel-bytes.ts is not what its sources give: npm run build:kernel')
    process.exit(1)
  }
} else {
  writeFileSync(target, moduleText(hash, compile()))
}
