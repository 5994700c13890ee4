// What does owning the activations cost: ours, equal on every machine, against the platform's Math?
//
// CPU time a call over 4,096 inputs drawn from a normal distribution of deviation 2, the median of
// 9 rounds, the two sides taking turns; and the largest relative difference between the two.
import { type ActivationName, activate, activationCode } from '../src/evolution/index.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { median, notice, report } from './report.ts'

const ROUNDS = 9
const PASSES = 2_000
const SEED = 3

const random = seededRandom(SEED)
const inputs = Float64Array.from({ length: 4_096 }, () => 2 * random.gaussian())

const peers: readonly (readonly [ActivationName, (x: number) => number])[] = [
  ['tanh', Math.tanh],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x))],
  ['gaussian', (x) => Math.exp(-x * x)],
  ['sin', Math.sin],
]

/** CPU nanoseconds a call. The sum keeps the calls from being optimised away. */
function timed(f: (x: number) => number): number {
  let sum = 0
  const before = process.threadCpuUsage()
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < inputs.length; i++) sum += f(inputs[i]!)
  }
  const { user } = process.threadCpuUsage(before)
  if (Number.isNaN(sum)) throw new Error('an activation answered NaN')
  return (user * 1_000) / (PASSES * inputs.length)
}

notice(`seed ${SEED}; the difference is relative to the platform's value`)
for (const [name, peer] of peers) {
  const code = activationCode(name)
  const ours = (x: number): number => activate(code, x)
  const differences = inputs.map((x) => Math.abs(ours(x) / peer(x) - 1))
  const largest = differences.reduce((most, each) => Math.max(most, each), 0)
  timed(ours)
  timed(peer)
  const our: number[] = []
  const their: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    our.push(timed(ours))
    their.push(timed(peer))
  }
  const value = median(our)
  const peerValue = median(their)
  notice(`${name}: largest relative difference ${largest.toExponential(1)}`)
  report({ name, value, unit: 'ns', peer: 'Math', peerValue, ratio: peerValue / value })
}
