// Runs a scenario and returns its trace. After each step the world settles: nothing can happen any
// more before the clock moves or the next step comes.
import { systemClock, VirtualClock } from '../../../src/runtime/clock.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { runUntilIdle } from '../../../src/runtime/scheduler.ts'
import { useClock } from '../../../src/runtime/timer.ts'
import { Puppet } from './puppet.ts'
import type { Operation, Scenario, Segment } from './scenario.ts'
import { World } from './world.ts'

/** Turns of the event loop a settle takes: a callback that awaits a call that awaits a call. */
const SETTLE_TURNS = 6

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    runUntilIdle()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** Runs a scenario on the virtual clock, or on the machine's. */
export async function runScenario(
  scenario: Scenario,
  time: 'virtual' | 'real' = 'virtual',
): Promise<Segment[]> {
  const clock = new VirtualClock()
  useClock(time === 'virtual' ? clock : systemClock)
  const world: World = new World((label, isHolding): Puppet => new Puppet(world, label, isHolding))
  world.spawnPuppet('main', false)
  const trace: Segment[] = []
  try {
    for (const step of scenario.steps) {
      if (step.op === 'sleep' && step.by === undefined) {
        const { ms = 0 } = step
        if (time === 'virtual') await clock.advanceAsync(ms)
        else await new Promise<void>((wake) => setTimeout(wake, ms))
      } else order(world, step)
      await settle()
      trace.push(world.segment(scenario))
    }
  } finally {
    world.close()
    await settle()
    useClock(systemClock)
  }
  return trace
}

/** Hands a step to its puppet. */
function order(world: World, step: Operation): void {
  if (step.op === 'burst') {
    for (const inner of step.steps ?? []) order(world, inner)
    return
  }
  const by = step.by ?? 'main'
  const pid = world.pids.get(by)
  if (pid === undefined || !isAlive(pid)) world.log(by, ['dead'])
  else world.puppet(by).command(step.op === 'seq' ? (step.ops ?? []) : [step])
}
