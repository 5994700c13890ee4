// What holds for the events of every strategy: they add up to the states between which they stand.
import { describe, expect, it } from 'vitest'
import {
  ask,
  type EvolutionState,
  matchesOf,
  measuresOf,
  speciesSizesOf,
  startEvolution,
  tell,
} from '../../src/evolution/evolution.ts'
import type { EvolutionEvent } from '../../src/evolution/evolution-event.ts'
import {
  advanceEvents,
  evaluationEvents,
  firstEvents,
} from '../../src/evolution/evolution-events.ts'
import type { EvolutionSettings } from '../../src/evolution/evolution-settings.ts'
import { genotypeId } from '../../src/evolution/genotype-codec.ts'
import { evaluateAsked } from '../../src/evolution/match.ts'
import { coevolution } from '../../src/evolution/strategy/coevolution.ts'
import { hallOfFame } from '../../src/evolution/strategy/hall-of-fame.ts'
import { islands } from '../../src/evolution/strategy/islands.ts'
import { mapElites } from '../../src/evolution/strategy/map-elites.ts'
import { noveltySearch } from '../../src/evolution/strategy/novelty.ts'
import { rtneat } from '../../src/evolution/strategy/rtneat.ts'
import { selfPlay } from '../../src/evolution/strategy/self-play.ts'
import { steadyState } from '../../src/evolution/strategy/steady-state.ts'
import type { StrategySettings } from '../../src/evolution/strategy/strategy.ts'
import { nim } from './strategy/nim.ts'
import { evaluated, settingsOf, shape } from './strategy/strategy-run.ts'

const strategies: readonly (readonly [what: string, strategy: StrategySettings])[] = [
  ['generational', { name: 'generational' }],
  ['steady_state', steadyState({ replace: 3 })],
  ['rtneat', rtneat({ minimumAge: 2, agentsPerTick: 5, ticksPerReplacement: 1 })],
  ['islands', islands({ islands: 3, migrationInterval: 2 })],
  ['novelty', noveltySearch({ noveltyThreshold: 0.05, archiveMax: 30 })],
  ['hall_of_fame', hallOfFame({ hofMax: 6 })],
  ['map_elites', mapElites()],
  ['coevolution', coevolution({ hofMax: 5 })],
  ['self_play', selfPlay({ archiveMax: 5 })],
  ['cma_es', { name: 'cma_es' }],
]

const rounds = 14

interface Round {
  readonly before: EvolutionState
  readonly after: EvolutionState
  readonly events: readonly EvolutionEvent[]
}

function roundsOf(settings: EvolutionSettings): Round[] {
  const isGame = /coevolution|self_play/.test(settings.strategy!.name)
  let before = startEvolution(isGame ? nim : shape, settings, 1)
  return Array.from({ length: rounds }, () => {
    const asked = ask(before)
    const matches = matchesOf(before)
    const scores = matches === undefined ? asked.map(evaluated) : evaluateAsked(nim, asked, matches)
    const after = tell(before, scores)
    const told = evaluationEvents(before, scores)
    const events = [...told, ...advanceEvents(before, scores, after)]
    // From copies, as after a checkpoint, they are the same.
    const copies = [before, after].map((state) => structuredClone(state))
    const again = evaluationEvents(copies[0]!, scores)
    expect([...again, ...advanceEvents(copies[0]!, scores, copies[1]!)]).toEqual(events)
    const round = { before, after, events }
    before = after
    return round
  })
}

function those<Type extends EvolutionEvent['type']>(
  events: readonly EvolutionEvent[],
  type: Type,
): Extract<EvolutionEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<EvolutionEvent, { type: Type }> => {
    return event.type === type
  })
}

describe.each(strategies)('the events of %s', (_, strategy) => {
  const all = roundsOf(settingsOf(strategy))

  it('lead from who lived to who lives', () => {
    const lives = new Set(those(firstEvents(all[0]!.before), 'born').map(({ id }) => id))
    for (const { before, after, events } of all) {
      if (matchesOf(before) === undefined) {
        for (const genotype of ask(before)) expect(lives).toContain(genotypeId(genotype))
      }
      const [born, died] = [those(events, 'born'), those(events, 'died')]
      for (const { id } of died) expect(lives.delete(id)).toBe(true)
      for (const { id } of born) expect(lives).not.toContain(id)
      for (const { id } of born) lives.add(id)
      expect(those(events, 'breeding_complete')).toEqual([
        {
          ...{ type: 'breeding_complete', generation: after.generation },
          ...{ born: born.length, died: died.length },
        },
      ])
    }
  })

  it('are one of each genotype that was evaluated, and of each match', () => {
    for (const { before, events } of all) {
      const ids = ask(before).map(genotypeId)
      expect(those(events, 'evaluated').map(({ id }) => id)).toEqual(ids)
      expect(those(events, 'competition_result')).toHaveLength(matchesOf(before)?.length ?? 0)
      expect(those(events, 'cohort_evaluated')[0]).toMatchObject({ size: ids.length })
    }
  })

  it('have species emerge and go as the population has them', () => {
    const living = new Set(speciesSizesOf(all[0]!.before).map(([species]) => species))
    for (const { after, events } of all) {
      for (const { species } of those(events, 'species_extinct')) {
        expect(living.delete(species)).toBe(true)
      }
      for (const { species, size } of those(events, 'species_emerged')) {
        expect(size).toBeGreaterThan(0)
        living.add(species)
      }
      expect([...living].sort()).toEqual(
        speciesSizesOf(after)
          .map(([species]) => species)
          .sort(),
      )
    }
  })

  it('have a record whenever the best so far is better, and only then', () => {
    let best = Number.NEGATIVE_INFINITY
    for (const { before, after, events } of all) {
      const records = those(events, 'fitness_record')
      if (matchesOf(before) !== undefined) expect(records).toEqual([])
      else {
        const { fitness } = after.champion!
        expect(records.map((record) => record.fitness)).toEqual(fitness > best ? [fitness] : [])
        for (const { previous } of records) expect(previous).toBe(before.champion?.fitness)
        best = fitness
      }
      for (const { neurons, links } of those(events, 'complexity_increased')) {
        const { genotype } = before.champion!
        const isLarger = neurons > genotype.neurons.length || links > genotype.links.length
        expect(isLarger).toBe(true)
      }
    }
  })

  it('count what the strategy counts', () => {
    const [archived, cells] = [new Map<string, number>(), new Map<number, number>()]
    let migrations = 0
    for (const { after, events } of all) {
      migrations += those(events, 'migration').length
      for (const { archive, added, removed, size } of those(events, 'archive_updated')) {
        expect((archived.get(archive) ?? 0) + added - removed).toBe(size)
        archived.set(archive, size)
      }
      for (const { cell, fitness } of those(events, 'niche_discovered')) {
        expect(cells.has(cell)).toBe(false)
        cells.set(cell, fitness)
      }
      for (const { cell, fitness, previous } of those(events, 'niche_updated')) {
        expect(cells.get(cell)).toBe(previous)
        expect(fitness).toBeGreaterThan(previous)
        cells.set(cell, fitness)
      }
      const measures = measuresOf(after)
      expect(migrations).toBe(measures.migrations ?? 0)
      expect(cells.size).toBe(measures.elites ?? 0)
      const kept = measures.archive ?? measures.hallOfFame ?? 0
      expect([...archived.values()].reduce((a, b) => a + b, 0)).toBe(kept)
    }
    if (strategy.name === 'islands') expect(migrations).toBeGreaterThan(0)
    if (strategy.name === 'map_elites') expect(cells.size).toBeGreaterThan(0)
  })

  it('end with the round, in the order of their moments', () => {
    for (const { after, events } of all) {
      const { generation, evaluations } = after
      expect(events.at(-1)).toEqual({ type: 'generation_advanced', generation, evaluations })
      const isOfRound = events.map((event) => event.generation === generation)
      expect(isOfRound).toEqual(isOfRound.toSorted((a, b) => Number(a) - Number(b)))
    }
  })
})

describe('events', () => {
  it('tell how a genotype was born, with lineage', () => {
    const settings = settingsOf({ name: 'generational' }, { lineage: true })
    const [first] = roundsOf(settings)
    for (const { kind } of those(firstEvents(first!.before), 'born')) expect(kind).toBe('seed')
    for (const { kind, parents } of those(first!.events, 'born')) {
      expect(kind).toMatch(/mutant|crossed/)
      expect(parents!.length).toBeGreaterThan(0)
    }
  })

  it('tell of restarts and of the phases of complexity', () => {
    const { restart } = settingsOf({ name: 'generational' })
    const all = roundsOf(
      settingsOf(
        { name: 'generational' },
        {
          restart: { ...restart, patience: 3, gain: 10 },
          complexity: {
            ...{ ceiling: 'absolute', complexityCeiling: 7, minSimplificationGenerations: 2 },
            window: 2,
          },
        },
      ),
    )
    const restarted = all.flatMap(({ events }) => those(events, 'restarted'))
    expect(restarted.length).toBeGreaterThan(1)
    expect(restarted.map(({ restarts }) => restarts)).toEqual(restarted.map((_, i) => i + 1))
    const phases = all.flatMap(({ events }) => those(events, 'complexity_phase'))
    expect(phases.map(({ phase }) => phase).slice(0, 1)).toEqual(['simplifying'])
    for (const [i, { phase }] of phases.entries()) expect(phase).not.toBe(phases[i + 1]?.phase)
  })
})
