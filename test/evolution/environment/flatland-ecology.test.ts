// Life without generations: who eats multiplies, energy is accounted for, and a seed decides it.
import { describe, expect, it } from 'vitest'
import {
  type EcologySettings,
  FlatlandEcology,
  flatlandEcology,
} from '../../../src/evolution/environment/flatland-ecology.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'

const small: EcologySettings = { ...flatlandEcology, prey: 12, founders: 6 }

function live(ecology: FlatlandEcology, ticks: number, after: () => void = () => {}): void {
  for (let i = 0; i < ticks; i++) {
    for (const body of ecology.bodies) ecology.think(body)
    ecology.tick()
    after()
  }
}

describe('an ecology', () => {
  it('fills its places with the children of those that eat', () => {
    const ecology = new FlatlandEcology(small, 3)
    live(ecology, 300)
    const early = ecology.measures
    live(ecology, 1_700)
    const { prey, births, seedings, generations } = ecology.measures
    expect(early.prey).toBeLessThanOrEqual(small.founders + early.births + early.seedings)
    expect(prey).toBe(small.prey)
    expect(births).toBeGreaterThan(20)
    expect(generations).toBeGreaterThan(2)
    // It lives on by itself.
    live(ecology, 500)
    expect(ecology.measures.seedings).toBe(seedings)
    for (const body of ecology.bodies) {
      const genotype = ecology.genotypeOf(body)
      expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
    }
  })

  it('accounts for energy at every birth and death, and never has more bodies than places', () => {
    const ecology = new FlatlandEcology({ ...small, predators: 4, founders: 3 }, 2)
    const { world } = ecology
    live(ecology, 600, () => {
      const { grown, burnt, spilled } = world.ledger
      expect(Math.abs(world.totalEnergy - (grown - burnt - spilled))).toBeLessThan(1e-6)
    })
    const { births, deaths, seedings, prey, predators } = ecology.measures
    expect(deaths).toBeGreaterThan(0)
    expect(prey + predators).toBe(6 + births + seedings - deaths)
  })

  it('is decided by its seed, whatever the order in which brains think', () => {
    const [one, other] = [new FlatlandEcology(small, 5), new FlatlandEcology(small, 5)]
    live(one, 400)
    for (let i = 0; i < 400; i++) {
      for (const body of other.bodies.reverse()) other.think(body)
      other.tick()
    }
    expect(other.world.x).toEqual(one.world.x)
    expect(other.world.energy).toEqual(one.world.energy)
    expect(other.measures).toEqual(one.measures)
    expect(new FlatlandEcology(small, 6).world.x).not.toEqual(new FlatlandEcology(small, 5).world.x)
  })

  it('seeds anew a kind that has died out', () => {
    const ecology = new FlatlandEcology({ ...small, plants: 0 }, 1)
    live(ecology, 500)
    expect(ecology.measures.births).toBe(0)
    expect(ecology.measures.seedings).toBeGreaterThanOrEqual(small.founders)
    expect(ecology.measures.prey).toBeGreaterThan(0)
  })

  it.each([
    [{ founders: 0 }, /founders is 0/],
    [{ bearing: Number.NaN }, /bearing is NaN/],
    [{ respawn: true }, /respawn is true/],
    [{ prey: -1 }, /prey is -1/],
  ])('refuses %j', (options, message) => {
    expect(() => new FlatlandEcology({ ...small, ...options }, 1)).toThrow(message)
  })
})
