// An ecology as processes: the same life, bit for bit; a brain that is killed is the death of its
// body alone.
import { afterEach, describe, expect, it } from 'vitest'
import { type LivingFlatland, startFlatland } from '../../../src/actors/ecology/flatland-server.ts'
import {
  FlatlandEcology,
  flatlandEcology,
} from '../../../src/evolution/environment/flatland-ecology.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { processInfo } from '../../../src/runtime/process-info.ts'
import { exit, processCount, waitForExit } from '../../../src/runtime/signal.ts'

const settings = { ...flatlandEcology, prey: 10, predators: 3, founders: 5 }
let living: LivingFlatland
afterEach(() => living.stop())

describe('an ecology as processes', () => {
  it('lives as it does without processes, through births and deaths', async () => {
    living = await startFlatland({ settings, seed: 4 })
    const alone = new FlatlandEcology(settings, 4)
    while (alone.world.ticks < 400) {
      for (const body of alone.bodies) alone.think(body)
      alone.tick()
    }
    await living.live(150)
    expect(await living.live(250)).toEqual(alone.measures)
    expect(alone.measures.births + alone.measures.seedings).toBeGreaterThan(0)
    expect(alone.measures.deaths).toBeGreaterThan(0)
    expect((await living.bodies()).map(({ body }) => body).sort((a, b) => a - b)).toEqual(
      alone.bodies,
    )
  })

  it('has a process for each that lives, by name, and none for the dead', async () => {
    const before = processCount()
    living = await startFlatland({ settings, seed: 4 })
    const born = await living.bodies()
    expect(processInfo(born[0]!.pid).behaviour).toBe(`brain ${born[0]!.body}`)
    const { prey, predators } = await living.live(300)
    const bodies = await living.bodies()
    expect(bodies).toHaveLength(prey + predators)
    const now = new Set(bodies.map(({ pid }) => pid))
    expect(born.filter(({ pid }) => !now.has(pid)).every(({ pid }) => !isAlive(pid))).toBe(true)
    await living.stop()
    expect(processCount()).toBe(before)
  })

  it('loses a body to a brain that is killed, and goes on', async () => {
    living = await startFlatland({ settings, seed: 4 })
    await living.live(1)
    const [victim, ...others] = await living.bodies()
    const { deaths } = await living.live(1)
    const further = living.live(20)
    exit(victim!.pid, 'kill')
    await waitForExit(victim!.pid)
    const after = await further
    expect(after.deaths).toBeGreaterThan(deaths)
    expect(isAlive(others[0]!.pid)).toBe(true)
    const bodies = await living.bodies()
    expect(bodies.some(({ pid }) => pid === victim!.pid)).toBe(false)
  })

  it('goes on when all brains are killed: both kinds are seeded anew', async () => {
    living = await startFlatland({ settings, seed: 4 })
    for (const { pid } of await living.bodies()) {
      exit(pid, 'kill')
      await waitForExit(pid)
    }
    const { seedings, prey, predators } = await living.live(1)
    expect({ seedings, prey, predators }).toEqual({ seedings: 8, prey: 5, predators: 3 })
    expect(await living.bodies()).toHaveLength(8)
  })
})
