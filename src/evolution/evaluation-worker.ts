// A pool worker's module: scores the plans of a job, or verifies one. No actor runtime runs in a
// worker; nothing but the engine is loaded there (evaluate.ts says what a job is).
import { runJob } from './evaluate.ts'

export default runJob
