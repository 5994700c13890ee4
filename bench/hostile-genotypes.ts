// What do hostile bytes do to the decoder of genotypes? A million mutilated encodings, of plain
// genotypes, of such with every trait, and of CPPNs with substrates of all kinds: bytes changed,
// cut out, put in, ends cut, and pure noise. Each must be refused with a reason, or be a genotype
// whose encoding it is; anything thrown, and anything that takes more than a tenth of a second of
// CPU time, ends the run with its seed.
import type { Genotype } from '../src/evolution/genotype.ts'
import { decodeGenotype, encodeGenotype } from '../src/evolution/genotype-codec.ts'
import { type Random, seededRandom } from '../src/runtime/random.ts'
import { grownGenotype, richGenotype } from '../test/evolution/generated-genotype.ts'
import { anySubstrate, grownCppn } from '../test/evolution/substrate/generated-substrate.ts'
import { isQuick, notice, report } from './report.ts'

const CASES = isQuick ? 20_000 : 1_000_000
const SLOW_MS = 100

const kinds: readonly ((seed: number) => Genotype)[] = [
  (seed) => grownGenotype(3, 2, seed, seed % 30),
  (seed) => richGenotype(3, 2, seed, seed % 30),
  (seed) => grownCppn(anySubstrate(seed), seed, seed % 10),
]
const originals = Array.from({ length: 96 }, (_, seed) =>
  encodeGenotype(kinds[seed % kinds.length]!(seed)),
)

/** One hostile input. */
function mutilated(random: Random): Uint8Array {
  const bytes = Uint8Array.from(originals[random.integer(originals.length)]!)
  const at = random.integer(bytes.length)
  switch (random.integer(5)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)])
    case 2:
      return Uint8Array.from([...bytes.subarray(0, at), random.integer(256), ...bytes.subarray(at)])
    case 3:
      return Uint8Array.from({ length: random.integer(400) }, () => random.integer(256))
    default:
      for (let n = 1 + random.integer(6); n > 0; n--) {
        bytes[random.integer(bytes.length)] = random.integer(256)
      }
      return bytes
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

const refused = new Map<string, number>()
let accepted = 0
let slowestMs = 0
const startedMs = performance.now()
for (let seed = 0; seed < CASES; seed++) {
  const bytes = mutilated(seededRandom(seed))
  const began = process.cpuUsage()
  const decoded = decodeGenotype(bytes)
  const { user, system } = process.cpuUsage(began)
  const tookMs = (user + system) / 1000
  slowestMs = Math.max(slowestMs, tookMs)
  if (tookMs > SLOW_MS) throw new Error(`case ${seed} took ${tookMs} ms`)
  if (!decoded.ok) refused.set(decoded.reason, (refused.get(decoded.reason) ?? 0) + 1)
  else if (isSame(encodeGenotype(decoded.genotype), bytes)) accepted++
  else if (bytes[5] !== 1) throw new Error(`case ${seed} was accepted and encodes otherwise`)
}
const seconds = (performance.now() - startedMs) / 1000
for (const [reason, count] of [...refused].sort(([, a], [, b]) => b - a)) {
  notice(`${String(count).padStart(8)} refused: ${reason}`)
}
notice(`${String(accepted).padStart(8)} accepted: another weight, bias or name`)
report({ name: 'hostile genotypes decoded', value: CASES, unit: 'cases' })
report({ name: 'cases a second', value: CASES / seconds, unit: '1/s' })
report({ name: 'the slowest', value: slowestMs, unit: 'ms' })
