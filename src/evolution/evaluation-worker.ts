// A pool worker's module: scores the plans of a job, or verifies one. No actor runtime runs in a
// worker; nothing but the engine is loaded there (evaluate.ts says what a job is).
import type { Verification } from './environment/environment.ts'
import { type EvaluationJob, runJob, type VerificationJob } from './evaluate.ts'
import { type MatchJob, playJob } from './evaluate-matches.ts'

export default function work(
  job: EvaluationJob | VerificationJob | MatchJob,
): Verification | undefined {
  if (!('matches' in job)) return runJob(job)
  playJob(job)
  return undefined
}
