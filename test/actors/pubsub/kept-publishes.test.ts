import { describe, expect, it } from 'vitest'
import { KeptPublishes } from '../../../src/actors/pubsub/kept-publishes.ts'
import { realmTag } from '../../../src/identity/realm.ts'

const realm = realmTag('io.example')
const wire = (id: number, sizeBytes = 4): Uint8Array => new Uint8Array(sizeBytes).fill(id)
const idsOf = (wires: readonly Uint8Array[]): unknown[] => wires.map(([id]) => id)

describe('keep', () => {
  it('keeps the latest of each topic, in order of the latest', () => {
    const kept = new KeptPublishes()
    kept.keep(realm, 'a', wire(1))
    kept.keep(realm, 'b', wire(2))
    kept.keep(realm, 'a', wire(3))
    expect(kept.size).toBe(2)
    expect(idsOf(kept.take())).toEqual([2, 3])
  })

  it('tells realms apart', () => {
    const kept = new KeptPublishes()
    kept.keep(realm, 'a', wire(1))
    kept.keep(realmTag('io.other'), 'a', wire(2))
    expect(idsOf(kept.take())).toEqual([1, 2])
  })

  it('drops the oldest topics beyond its bounds', () => {
    const byCount = new KeptPublishes({ topicsMax: 2 })
    for (const id of [1, 2, 3]) byCount.keep(realm, `topic ${id}`, wire(id))
    expect(idsOf(byCount.take())).toEqual([2, 3])
    const byBytes = new KeptPublishes({ bytesMax: 10 })
    for (const id of [1, 2, 3]) byBytes.keep(realm, `topic ${id}`, wire(id))
    expect(idsOf(byBytes.take())).toEqual([2, 3])
  })
})

describe('take', () => {
  it('leaves nothing', () => {
    const kept = new KeptPublishes({ bytesMax: 10 })
    kept.keep(realm, 'a', wire(1, 8))
    kept.take()
    expect(kept.size).toBe(0)
    kept.keep(realm, 'b', wire(2, 8))
    expect(idsOf(kept.take())).toEqual([2])
  })
})
