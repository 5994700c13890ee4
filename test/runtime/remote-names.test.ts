import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NAME_BYTES_MAX, NAMES_MAX } from '../../src/limits.ts'
import { Process } from '../../src/runtime/pid.ts'
import { spawn } from '../../src/runtime/process.ts'
import { setOwnNode } from '../../src/runtime/remote-export.ts'
import { NameTable } from '../../src/runtime/remote-names.ts'

/** One table as two threads see it; which one acts is set by the number of this node. */
function tables(): { readonly memory: SharedArrayBuffer; readonly table: NameTable } {
  const memory = NameTable.allocate()
  const find = (node: number, id: number): Process => new Process(id, () => undefined, node)
  return { memory, table: new NameTable(memory, find) }
}

function newProcess(): Process {
  return spawn(() => undefined) as Process
}

describe('the table of names of all threads', () => {
  it('does what a map does, whoever claims, frees and is lost', () => {
    const name = fc.constantFrom('a', 'b', 'ä'.repeat(20), 'd', 'e')
    const node = fc.constantFrom(1, 2, 3)
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('claim' as const, 'release' as const), name, node }),
      fc.record({ do: fc.constant('lose' as const), name, node }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { table } = tables()
        const model = new Map<string, { node: number; id: number }>()
        for (const { do: what, name: wanted, node: actor } of steps) {
          setOwnNode(actor)
          const holder = model.get(wanted)
          if (what === 'claim') {
            const process = newProcess()
            const taken = table.claim(wanted, process)
            expect(taken?.id).toBe(holder?.id)
            if (holder === undefined) model.set(wanted, { node: actor, id: process.id })
          } else if (what === 'release') {
            table.release(wanted)
            if (holder?.node === actor) model.delete(wanted)
          } else {
            table.releaseAll(actor)
            for (const [key, { node: owner }] of model) if (owner === actor) model.delete(key)
          }
          // A fourth thread sees what the model says.
          setOwnNode(4)
          for (const key of ['a', 'b', 'ä'.repeat(20), 'd', 'e']) {
            expect(table.find(key)?.id).toBe(model.get(key)?.id)
          }
          expect(new Set(table.names())).toEqual(new Set(model.keys()))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('tells who waits that there has been a claim, once', async () => {
    const { table } = tables()
    const told = Promise.withResolvers<void>()
    const seen = table.claims()
    table.whenClaimed(seen, told.resolve)
    table.claim('a', newProcess())
    await told.promise
    expect(table.claims()).toBe(seen + 1)
    table.claim('a', newProcess()) // it is taken, so that is none
    expect(table.claims()).toBe(seen + 1)
    const late = Promise.withResolvers<void>()
    table.whenClaimed(seen, late.resolve) // at once: there has been one meanwhile
    await late.promise
  })

  it('finds names that share a place, also after one of them is freed', () => {
    const { table } = tables()
    const names = Array.from({ length: NAMES_MAX >> 1 }, (_, i) => `name ${i}`)
    setOwnNode(1)
    const ids = names.map((name) => {
      const process = newProcess()
      expect(table.claim(name, process)).toBeUndefined()
      return process.id
    })
    for (let i = 0; i < names.length; i += 2) table.release(names[i] as string)
    setOwnNode(2)
    for (const [i, name] of names.entries()) {
      expect(table.find(name)?.id).toBe(i % 2 === 0 ? undefined : ids[i])
    }
  })

  it('refuses a name that is too long, and one too many, with advice', () => {
    const { table } = tables()
    setOwnNode(1)
    const process = newProcess()
    const long = 'x'.repeat(NAME_BYTES_MAX + 1)
    expect(() => table.claim(long, process)).toThrow('does not fit')
    expect(table.find(long)).toBeUndefined()
    for (let i = 0; i < NAMES_MAX; i++) table.claim(`name ${i}`, process)
    expect(() => table.claim('one too many', process)).toThrow('names are taken')
    expect(table.find('one too many')).toBeUndefined()
  })

  it('outlives a thread that was killed while it held the lock', () => {
    const { memory, table } = tables()
    setOwnNode(1)
    const process = newProcess()
    // The first field is the lock; so the dead left it.
    Atomics.store(new Int32Array(memory), 0, 99)
    expect(table.claim('a', process)).toBeUndefined()
    setOwnNode(2)
    expect(table.find('a')?.id).toBe(process.id)
  })
})
