// A pool worker whose thread dies once in every batch, and then does its work.
import {
  type EvaluationJob,
  runJob,
  type VerificationJob,
} from '../../../src/evolution/evaluate.ts'

export default (job: EvaluationJob | VerificationJob): unknown => {
  // The count at the head of the plans is for nobody: here it says whether a thread has died
  // already.
  if ('plans' in job && Atomics.exchange(new Int32Array(job.plans), 0, 0) !== 0) process.exit(1)
  return runJob(job)
}
