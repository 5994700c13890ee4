// Runs genotypes as neuron processes, each under an exoself of its own. Some 20 to 35 times slower
// than compiled (`npm run bench -- actor-cycle`), with the same scores; for small populations one
// wants to look into.
import type { Evaluation, Problem, Verification } from '../../evolution/environment/environment.ts'
import {
  checkedEvaluation,
  failedEvaluation,
} from '../../evolution/environment/failed-evaluation.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile } from '../../evolution/network/plan.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'
import { EXOSELVES_AT_ONCE } from '../../limits.ts'
import { CallError } from '../../runtime/call.ts'
import { type ExitReason, formatReason } from '../../runtime/exit-reason.ts'
import type { Pid } from '../../runtime/pid.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import { Exoself, startExoself } from '../neuron/exoself.ts'
import type { Batch, Runner } from './runner.ts'

export interface ProcessRunnerOptions {
  readonly problem: Problem
  /** Where the exoselves live. */
  readonly supervisor: DynamicSupervisorRef
  /** The networks end with this process. */
  readonly owner: Pid
}

export class ProcessRunner implements Runner {
  readonly width: number = EXOSELVES_AT_ONCE
  readonly #options: ProcessRunnerOptions

  constructor(options: ProcessRunnerOptions) {
    this.#options = options
  }

  batch(genotypes: readonly Genotype[], matches?: readonly Match[]): Batch {
    if (matches !== undefined) throw new RangeError('networks as processes cannot play matches')
    const scores: Evaluation[] = []
    const jobs = genotypes.map((genotype, i) => async () => {
      scores[i] = await this.#evaluate(genotype)
    })
    return { jobs, evaluations: () => scores }
  }

  /**
   * The full criterion takes a hundred thousand cycles and more: it is tried on the compiled
   * network.
   */
  async verify(genotype: Genotype): Promise<Verification> {
    return this.#options.problem.verify(new Network(compile(genotype)))
  }

  /** The networks end with their owner. */
  async close(): Promise<void> {}

  async #evaluate(genotype: Genotype): Promise<Evaluation> {
    const { supervisor, problem, owner } = this.#options
    const exoself = await startExoself(supervisor, { problem, genotype, owner })
    try {
      const evaluation = await Exoself.evaluate(exoself)
      await DynamicSupervisor.terminateChild(supervisor, exoself)
      return checkedEvaluation(evaluation, problem)
    } catch (error) {
      // The network has ended: that is the genotype's doing, or its environment's.
      if (!(error instanceof CallError && error.code === 'exit')) throw error
      return failedEvaluation(reasonOf(error.reason))
    }
  }
}

/** What a process that crashed threw, or the reason that it ended with. */
function reasonOf(reason: ExitReason): unknown {
  const isCrash = typeof reason === 'object' && reason !== null && 'error' in reason
  return isCrash ? reason.error : formatReason(reason)
}
