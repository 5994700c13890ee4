import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Exoself, startExoself } from '../../../src/actors/neuron/exoself.ts'
import type { NeuronMessage } from '../../../src/actors/neuron/neuron.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import { cartPole } from '../../../src/evolution/environment/cart-pole.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { type Genotype, genotypeFrom, minimalGenotype } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { systemClock, VirtualClock } from '../../../src/runtime/clock.ts'
import { type Pid, processOf } from '../../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../../src/runtime/process.ts'
import { processInfo } from '../../../src/runtime/process-info.ts'
import { suspend } from '../../../src/runtime/scheduler.ts'
import { exit, processCount, unlink, waitForExit } from '../../../src/runtime/signal.ts'
import { useClock } from '../../../src/runtime/timer.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../../src/supervisors/dynamic-supervisor.ts'

/** One hidden neuron that leads to the output, one that leads nowhere, one recurrent link. */
const genotype: Genotype = genotypeFrom({
  inputs: 2,
  outputs: 1,
  activation: 'sigmoid',
  neurons: [
    { id: 10, layer: 0, activation: 'tanh', bias: 0.5 },
    { id: 11, layer: 0, activation: 'tanh', bias: -0.5 },
  ],
  links: [
    { from: 0, to: 10, weight: 1 },
    { from: 10, to: 2, weight: 2 },
    { from: 2, to: 10, weight: 0.5 },
    { from: 1, to: 11, weight: 1 },
  ],
})

/** Never ends by itself. */
const endless: Problem = {
  ...xor,
  episode: () => ({
    sense: () => {},
    act: () => 'running',
    evaluation: () => ({ fitness: 0, steps: 0, solved: false }),
  }),
}

let supervisor: DynamicSupervisorPid
let before: number

beforeEach(() => {
  before = processCount()
  supervisor = start(new DynamicSupervisor())
})
afterEach(async () => {
  await stop(supervisor)
  expect(processCount()).toBe(before)
})

async function nodeOf(
  exoself: Parameters<typeof Exoself.processes>[0],
  name: string,
): Promise<Pid> {
  const processes = await Exoself.processes(exoself)
  return processes.find(({ role, id }) => `${role} ${id}` === name || role === name)!.pid
}

describe('Exoself.evaluate', () => {
  it('gives the score of the compiled network, as often as asked', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype })
    const expected = xor.evaluate(new Network(compile(genotype)))
    expect(await Exoself.evaluate(exoself)).toEqual(expected)
    const both = await Promise.all([Exoself.evaluate(exoself), Exoself.evaluate(exoself)])
    expect(both).toEqual([expected, expected])
  })

  it.each(['cortex', 'scape', 'sensor 1', 'neuron 10', 'neuron 11', 'actuator 2'])(
    'fails with the reason when %s ends, and leaves nothing behind',
    async (name) => {
      const count = processCount()
      const exoself = await startExoself(supervisor, { problem: endless, genotype })
      const pids = (await Exoself.processes(exoself)).map(({ pid }) => pid)
      expect(processCount()).toBe(count + pids.length)
      const evaluation = Exoself.evaluate(exoself)
      const victim = await nodeOf(exoself, name)
      exit(victim, 'struck_by_lightning')
      await expect(evaluation).rejects.toMatchObject({
        code: 'exit',
        reason: 'struck_by_lightning',
      })
      expect(pids.filter(isAlive)).toEqual([])
      expect(processCount()).toBe(count)
    },
  )

  it('fails with what the environment throws', async () => {
    const broken: Problem = {
      ...xor,
      episode: () => ({
        ...endless.episode(),
        act: () => {
          throw new RangeError('the pole is broken')
        },
      }),
    }
    const exoself = await startExoself(supervisor, { problem: broken, genotype })
    await expect(Exoself.evaluate(exoself)).rejects.toMatchObject({
      code: 'exit',
      reason: { error: new RangeError('the pole is broken') },
    })
  })
})

describe('a neuron', () => {
  it('crashes when it is sent more values than a cycle has', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype })
    const neuron = (await nodeOf(exoself, 'neuron 10')) as Pid<NeuronMessage>
    const ended = waitForExit(exoself)
    // The first of four completes the cycle, two have a place, the last has none.
    for (let i = 0; i < 4; i++) send(neuron, { type: 'forward', slot: 0, value: 1 })
    expect(await ended).toMatchObject({ error: { code: 'overrun' } })
  })
})

describe('a stall', () => {
  const clock = new VirtualClock()
  beforeEach(() => useClock(clock))
  afterEach(() => useClock(systemClock))

  it.each(['neuron 10', 'neuron 11', 'scape', 'actuator 2'])(
    'of %s ends the network with a reason that says so',
    async (name) => {
      const options = { problem: endless, genotype, stallTimeoutMs: 100 }
      const exoself = await startExoself(supervisor, options)
      suspend(processOf(await nodeOf(exoself, name)))
      const failed = expect(Exoself.evaluate(exoself)).rejects.toMatchObject({
        code: 'exit',
        reason: { stalled: 'cycle', cycles: 0, timeoutMs: 100, busy: [name] },
      })
      await clock.advanceAsync(100)
      await failed
    },
  )

  it('of a node whose messages are lost, too', async () => {
    const options = { problem: endless, genotype, stallTimeoutMs: 100 }
    const exoself = await startExoself(supervisor, options)
    const victim = await nodeOf(exoself, 'neuron 10')
    for (const { pid } of await Exoself.processes(exoself)) unlink(victim, pid)
    exit(victim, 'kill')
    const failed = expect(Exoself.evaluate(exoself)).rejects.toMatchObject({
      reason: { stalled: 'cycle', busy: [] },
    })
    await clock.advanceAsync(100)
    await failed
  })
})

describe('startExoself', () => {
  it('ends with its owner', async () => {
    const count = processCount()
    const owner = spawn(() => {})
    const exoself = await startExoself(supervisor, { problem: endless, genotype, owner })
    const evaluation = Exoself.evaluate(exoself)
    exit(owner, 'kill')
    await expect(evaluation).rejects.toMatchObject({ code: 'exit', reason: 'shutdown' })
    expect(processCount()).toBe(count)
  })

  it('ends with its supervisor', async () => {
    const other = start(new DynamicSupervisor())
    const count = processCount()
    const exoself = await startExoself(other, { problem: endless, genotype })
    const evaluation = Exoself.evaluate(exoself)
    const failed = expect(evaluation).rejects.toMatchObject({ code: 'exit', reason: 'shutdown' })
    await stop(other)
    await failed
    expect(processCount()).toBe(count - 1)
  })

  it('refuses a genotype that is none, and one that does not fit', async () => {
    const dangling = { ...genotype, neurons: genotype.neurons.slice(1) }
    await expect(startExoself(supervisor, { problem: xor, genotype: dangling })).rejects.toThrow(
      /dangling-link/,
    )
    const problem = { ...xor, inputs: 3 }
    await expect(startExoself(supervisor, { problem, genotype })).rejects.toThrow(/do not fit/)
  })
})

describe('Exoself.processes', () => {
  it('names every process by its role and its node', async () => {
    const exoself = await startExoself(supervisor, { problem: xor, genotype })
    const processes = await Exoself.processes(exoself)
    expect(processes.map(({ role, id }) => (id === undefined ? role : `${role} ${id}`))).toEqual([
      'exoself',
      'cortex',
      'scape',
      'sensor 0',
      'sensor 1',
      'neuron 10',
      'neuron 11',
      'neuron 2',
      'actuator 2',
    ])
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(processes.length)
  })

  it('shows sensors and actuators by their names in the body, in the live tree, too', async () => {
    const shape = { inputs: 4, outputs: 1, activation: 'steep_sigmoid' } as const
    const pole = minimalGenotype({ ...shape, weight: () => 1 })
    const exoself = await startExoself(supervisor, { problem: cartPole, genotype: pole })
    const processes = await Exoself.processes(exoself)
    const names = processes.flatMap(({ name }) => (name === undefined ? [] : [name]))
    expect(names).toEqual(['cart[0]', 'cart[1]', 'pole[0]', 'pole[1]', 'push'])
    expect(processes.map(({ pid }) => processInfo(pid).behaviour)).toEqual([
      'Exoself',
      'cortex',
      'scape cartpole',
      ...names.slice(0, 4).map((name) => `sensor ${name}`),
      'neuron 4',
      'actuator push',
    ])
  })
})
