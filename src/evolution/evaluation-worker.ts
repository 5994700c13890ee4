// A pool worker's module: scores the plans of a job, or verifies one. No actor runtime runs in a
// worker; nothing but the engine and the problem's own module is loaded there (evaluate.ts says
// what a job is).
import type { Verification } from './environment/environment.ts'
import { loadProblem } from './environment/problem.ts'
import { type EvaluationJob, type Failure, runJob, type VerificationJob } from './evaluate.ts'
import { type MatchJob, playJob } from './evaluate-matches.ts'
import { type LivesJob, runLives } from './evaluate-tuned.ts'

type Job = EvaluationJob | VerificationJob | MatchJob | LivesJob
type Answer = Verification | readonly Failure[]

export default function work(job: Job): Answer | Promise<Answer> {
  return 'module' in job.problem ? loadProblem(job.problem).then(() => done(job)) : done(job)
}

function done(job: Job): Answer {
  if ('lives' in job) return runLives(job)
  return 'matches' in job ? playJob(job) : runJob(job)
}
