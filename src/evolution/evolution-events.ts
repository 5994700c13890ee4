// The events of a run, from its states: pure, so that they can be had of any run, while it goes on
// or afterwards.
//
//   const evaluations = ...of ask(state)...
//   const next = tell(state, evaluations)
//   for (const event of advanceEvents(state, evaluations, next)) {
//     if (event.type === 'species_emerged') console.log(event.species, event.size)
//   }
//
// Whoever lived in both rounds is neither born nor dies, so that what lives is what was born less
// what has died. Events cost a content id of each genotype that lives; who does not ask does not
// pay.
import type { Evaluation } from './environment/environment.ts'
import {
  ask,
  type EvolutionState,
  eventsOfStrategy,
  kinOf,
  livingOf,
  matchesOf,
  measuresOf,
  speciesSizesOf,
} from './evolution.ts'
import type { BornEvent, EvolutionEvent } from './evolution-event.ts'
import { bestIndex, rankable } from './fitness.ts'
import { type GenomePool, unpackGenotype } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'
import { genotypeId } from './genotype-codec.ts'
import { firstScore, standings } from './match.ts'

/** What there is to tell when all that were asked for have been evaluated, given as `tell` is. */
export function evaluationEvents(
  state: EvolutionState,
  evaluations: readonly Evaluation[],
): EvolutionEvent[] {
  const { generation } = state
  const asked = ask(state)
  const matches = matchesOf(state)
  const scored = standings(asked, matches, evaluations)
  const ids = asked.map(genotypeId)
  const evaluated = scored.map(
    ({ fitness, solved, failure }, place): EvolutionEvent => ({
      ...{ type: 'evaluated', generation, id: ids[place]!, fitness, solved },
      ...(failure === undefined ? {} : { failure }),
    }),
  )
  const results = (matches ?? []).map(
    ([first, second], place): EvolutionEvent => ({
      ...{ type: 'competition_result', generation, first: ids[first]!, second: ids[second]! },
      score: firstScore(evaluations[place]!),
    }),
  )
  const finite = scored.map(({ fitness }) => fitness).filter(Number.isFinite)
  const cohort: EvolutionEvent = {
    ...{ type: 'cohort_evaluated', generation, size: asked.length },
    best: finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    mean: finite.reduce((a, b) => a + b, 0) / Math.max(1, finite.length),
    worst: finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  }
  const records = matches === undefined ? recordsOf(state, asked, scored) : []
  return [...evaluated, ...results, cohort, ...records]
}

/** The best so far, and whether it is larger than the one before. */
function recordsOf(
  { generation, champion }: EvolutionState,
  asked: readonly Genotype[],
  scored: readonly Evaluation[],
): EvolutionEvent[] {
  const best = bestIndex(scored.map(({ fitness }) => fitness))
  const fitness = rankable(scored[best]?.fitness ?? Number.NaN)
  if (best < 0 || fitness === Number.NEGATIVE_INFINITY) return []
  if (champion !== undefined && fitness <= champion.fitness) return []
  const genotype = asked[best]!
  const id = genotypeId(genotype)
  const previous = champion === undefined ? {} : { previous: champion.fitness }
  const record: EvolutionEvent = { type: 'fitness_record', generation, id, fitness, ...previous }
  const [neurons, links] = [genotype.neurons.length, genotype.links.length]
  const before = champion?.genotype
  const isLarger =
    before !== undefined && (neurons > before.neurons.length || links > before.links.length)
  return isLarger
    ? [record, { type: 'complexity_increased', generation, id, neurons, links }]
    : [record]
}

/** What there is to tell of the step from one round to the next: `after` is what `tell` answered. */
export function advanceEvents(
  before: EvolutionState,
  evaluations: readonly Evaluation[],
  after: EvolutionState,
): EvolutionEvent[] {
  const { generation, evaluations: spent } = after
  const [lived, lives] = [livingIds(before), livingIds(after)]
  const died = [...lived].filter((id) => !lives.has(id))
  const born = bornIn(after, lived)
  return [
    ...speciesEvents(before, after),
    ...eventsOfStrategy(before, evaluations, after),
    ...phaseEvents(before, after),
    ...died.map((id): EvolutionEvent => ({ type: 'died', generation, id })),
    ...born,
    { type: 'breeding_complete', generation, born: born.length, died: died.length },
    { type: 'generation_advanced', generation, evaluations: spent },
  ]
}

/** What there is to tell of the first round before it is evaluated. */
export function firstEvents(state: EvolutionState): EvolutionEvent[] {
  return bornIn(state, new Set())
}

/** Those that live now and did not, each once. */
function bornIn(state: EvolutionState, lived: ReadonlySet<string>): BornEvent[] {
  const { generation } = state
  const { births = [] } = kinOf(state, [])
  const born = new Map<string, BornEvent>()
  for (const [place, genotype] of ask(state).entries()) {
    const id = genotypeId(genotype)
    if (!lived.has(id) && !born.has(id)) {
      born.set(id, { type: 'born', generation, id, ...births[place] })
    }
  }
  const lives = livingIds(state)
  for (const id of lives) {
    if (!lived.has(id) && !born.has(id)) born.set(id, { type: 'born', generation, id })
  }
  // Champions of the past that play again are no newcomers.
  return [...born.values()].filter(({ id }) => lives.has(id))
}

const known = new WeakMap<GenomePool, readonly string[]>()

/** Content ids of those that live, and of those that are asked for to join them. */
function livingIds(state: EvolutionState): Set<string> {
  const ids = new Set(idsOfPool(livingOf(state)))
  // Where there are matches, some that are asked for are of the past.
  if (matchesOf(state) === undefined) for (const one of ask(state)) ids.add(genotypeId(one))
  return ids
}

/** A pool never changes once it is written. */
function idsOfPool(pool: GenomePool): readonly string[] {
  const before = known.get(pool)
  if (before !== undefined) return before
  const ids = Array.from({ length: pool.size }, (_, i) => genotypeId(unpackGenotype(pool, i)))
  known.set(pool, ids)
  return ids
}

function speciesEvents(before: EvolutionState, after: EvolutionState): EvolutionEvent[] {
  const { generation } = after
  const [had, has] = [before, after].map((state) => new Map(speciesSizesOf(state)))
  const gone = [...had!.keys()].filter((species) => !has!.has(species))
  const come = [...has!].filter(([species]) => !had!.has(species))
  return [
    ...gone.map((species): EvolutionEvent => ({ type: 'species_extinct', generation, species })),
    ...come.map(
      ([species, size]): EvolutionEvent => ({ type: 'species_emerged', generation, species, size }),
    ),
  ]
}

function phaseEvents(before: EvolutionState, after: EvolutionState): EvolutionEvent[] {
  const { generation } = after
  const [had, has] = [measuresOf(before), measuresOf(after)]
  const events: EvolutionEvent[] = []
  const { restarts = 0, simplifying = 0 } = has
  if (restarts > (had.restarts ?? 0)) events.push({ type: 'restarted', generation, restarts })
  if (simplifying !== (had.simplifying ?? 0)) {
    const phase = simplifying === 1 ? 'simplifying' : 'complexifying'
    events.push({ type: 'complexity_phase', generation, phase })
  }
  return events
}
