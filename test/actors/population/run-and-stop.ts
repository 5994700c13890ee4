// A program that evolves a little, stops, and says what still keeps Node running.
import { setImmediate } from 'node:timers/promises'
import { startPopulation } from '../../../src/actors/population/population-supervisor.ts'
import { stop } from '../../../src/behaviours/gen-server.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { spawn } from '../../../src/runtime/process.ts'

const done = Promise.withResolvers<void>()
const { supervisor } = await startPopulation({
  problem: xor,
  seed: 1,
  settings: settingsFor('xor', 20),
  evaluator: { kind: 'pool', workers: 1 },
  generationsMax: 3,
  reporters: [spawn(({ type }: { type: string }) => type === 'done' && done.resolve())],
})
await done.promise
await stop(supervisor)
// The timer wheel rests at the end of the slice.
await setImmediate()
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
process.stdout.write(JSON.stringify(timers))
