// Matches: genotypes that play against each other instead of being evaluated one by one. A problem
// that is a game has `play`; strategies that need it say who meets whom (`Strategy.matches`).
import type { Evaluation, Problem } from './environment/environment.ts'
import { failedEvaluation } from './environment/failed-evaluation.ts'
import { evaluatePlan } from './evaluate-plan.ts'
import type { Genotype } from './genotype.ts'
import { Network } from './network/interpreter.ts'
import { compile } from './network/plan.ts'
import type { Match } from './strategy/strategy.ts'

/**
 * Evaluates what a strategy has asked for, here and now: every genotype, or every match. Throws a
 * RangeError when there are matches and the problem is no game.
 */
export function evaluateAsked(
  problem: Problem,
  genotypes: readonly Genotype[],
  matches?: readonly Match[],
): Evaluation[] {
  if (matches === undefined) {
    return genotypes.map((genotype) => evaluatePlan(problem, compile(genotype)))
  }
  const networks = genotypes.map((genotype) => new Network(compile(genotype)))
  return matches.map(([first, second]) => {
    // A player of both sides needs a second state.
    const other = first === second ? new Network(compile(genotypes[second]!)) : networks[second]!
    return playedMatch(problem, [networks[first]!, other])
  })
}

/** One match; without scores, and so drawn, when it could not be played. */
export function playedMatch(problem: Problem, players: readonly [Network, Network]): Evaluation {
  if (problem.play === undefined) throw notAGame(problem)
  try {
    return problem.play(players)
  } catch (cause) {
    return failedEvaluation(cause)
  }
}

/** Why a problem has no matches. */
export function notAGame({ name }: Problem): RangeError {
  return new RangeError(`${name} is no game: use a problem that has Problem.play`)
}

/** The score of the first player, within [0, 1]; a match that failed is lost by nobody: 0.5. */
export function firstScore({ scores = [] }: Evaluation): number {
  const [own = Number.NaN] = scores
  return Number.isNaN(own) ? 0.5 : Math.max(0, Math.min(1, own))
}

/** The mean score of each of so many genotypes over its matches; NaN for who had none. */
export function meanScores(
  size: number,
  matches: readonly Match[],
  evaluations: readonly Evaluation[],
): Float64Array {
  const sums = new Float64Array(size)
  const counts = new Float64Array(size)
  for (const [place, [first, second]] of matches.entries()) {
    const score = firstScore(evaluations[place]!)
    sums[first] = sums[first]! + score
    sums[second] = sums[second]! + 1 - score
    counts[first]!++
    counts[second]!++
  }
  return sums.map((sum, index) => sum / counts[index]!)
}

/**
 * One evaluation a genotype, whatever was evaluated: its own, or what its matches say of it. For
 * reports; strategies are told of the matches themselves.
 */
export function standings(
  genotypes: readonly Genotype[],
  matches: readonly Match[] | undefined,
  evaluations: readonly Evaluation[],
): readonly Evaluation[] {
  if (matches === undefined) return evaluations
  const scores = meanScores(genotypes.length, matches, evaluations)
  const steps = new Float64Array(genotypes.length)
  const solved = genotypes.map(() => false)
  const failures = new Map<number, string>()
  for (const [place, [first, second]] of matches.entries()) {
    const evaluation = evaluations[place]!
    for (const player of [first, second]) steps[player] = steps[player]! + evaluation.steps
    if (evaluation.solved) solved[first] = true
    if (evaluation.failure === undefined) continue
    for (const player of [first, second]) failures.set(player, evaluation.failure)
  }
  return genotypes.map((_, index) => {
    const failure = failures.get(index)
    return {
      fitness: scores[index]!,
      steps: steps[index]!,
      solved: solved[index]!,
      ...(failure === undefined ? {} : { failure: `a match was not played: ${failure}` }),
    }
  })
}
