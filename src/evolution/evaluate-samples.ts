// Evaluating on samples that do not depend on each other: the kernel answers 16 at a time, the
// problem's own episode scores the answers, in the order and to the bits of its `evaluate`.
//
//   const evaluation = evaluateSamples(problem.samples, plan)
import type { Evaluation, ProblemSamples } from './environment/environment.ts'
import { KernelNetwork } from './kernel/kernel-network.ts'
import { KernelSamples } from './kernel/kernel-samples.ts'
import type { Plan } from './network/plan.ts'

const LANES = 16

/** Of this thread: evaluations never overlap, and memory is laid out once for all of them. */
let network: KernelNetwork | undefined
let placed: { readonly of: ProblemSamples; readonly samples: KernelSamples } | undefined

/** Scores a plan on all samples, each answered by a network that remembers nothing. */
export function evaluateSamples(samples: ProblemSamples, plan: Plan): Evaluation {
  network ??= new KernelNetwork({ lanes: LANES })
  if (placed?.of !== samples) {
    placed?.samples[Symbol.dispose]()
    placed = { of: samples, samples: new KernelSamples(samples.values, plan.inputs) }
  }
  const answers = network.load(plan).answer(placed.samples)
  const episode = samples.begin()
  const outputs = new Float64Array(plan.outputs)
  for (let sample = 0; sample < placed.samples.count; sample++) {
    const lane = sample % LANES
    const tile = (sample - lane) * plan.outputs + lane
    for (let i = 0; i < plan.outputs; i++) outputs[i] = answers[tile + i * LANES]!
    if (episode.act(outputs) === 'ended') break
  }
  return episode.evaluation()
}
