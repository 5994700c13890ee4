// One evaluation, by the fastest way there is: samples or episodes side by side in the kernel, or
// one tick after the other in the interpreter. All ways answer the same bits.
//
//   const { fitness } = evaluatePlan(problem, compile(genotype))
import type { Evaluation, Problem } from './environment/environment.ts'
import { EnvironmentError } from './environment/environment-error.ts'
import { evaluateLanes } from './evaluate-lanes.ts'
import { evaluateSamples } from './evaluate-samples.ts'
import { Network } from './network/interpreter.ts'
import type { Plan } from './network/plan.ts'

/** Scores a plan. Throws what the environment throws. */
export function evaluatePlan(problem: Problem, plan: Plan): Evaluation {
  return sideBySide(problem, plan) ?? problem.evaluate(new Network(plan))
}

function sideBySide({ samples, lanes }: Problem, plan: Plan): Evaluation | undefined {
  if (plan.painter !== null) return undefined
  if (samples !== undefined) return evaluateSamples(samples, plan)
  if (lanes === undefined || lanes.episodes === 1) return undefined
  try {
    return evaluateLanes(lanes, plan)
  } catch (error) {
    // Side by side another episode may be the first to fail: the error shall be the same however it
    // is run.
    if (error instanceof EnvironmentError) return undefined
    throw error
  }
}
