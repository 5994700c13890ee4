// Runs genotypes as neuron processes, each under an exoself of its own. Some 20 to 35 times slower
// than compiled (`npm run bench -- actor-cycle`), with the same scores; for small populations one
// wants to look into.
import type { Evaluation, Problem, Verification } from '../../evolution/environment/environment.ts'
import {
  checkedEvaluation,
  failedEvaluation,
} from '../../evolution/environment/failed-evaluation.ts'
import { type Lives, lifeSeed, withLifeAgent } from '../../evolution/evaluate-tuned.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile } from '../../evolution/network/plan.ts'
import { CYCLE_TIMEOUT_MS, EXOSELVES_AT_ONCE } from '../../limits.ts'
import { CallError } from '../../runtime/call.ts'
import type { Pid } from '../../runtime/pid.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorRef,
} from '../../supervisors/dynamic-supervisor.ts'
import { Exoself, type ExoselfPid, startExoself } from '../neuron/exoself.ts'
import { causeOf } from '../neuron/life.ts'
import type { Batch, HowToScore, Runner } from './runner.ts'

export interface ProcessRunnerOptions {
  readonly problem: Problem
  /** Where the exoselves live. */
  readonly supervisor: DynamicSupervisorRef
  /** The networks end with this process. */
  readonly owner: Pid
  /** As `ExoselfOptions.stallTimeoutMs`: a network that stalls has no score. */
  readonly stallTimeoutMs?: number
}

export class ProcessRunner implements Runner {
  readonly width: number = EXOSELVES_AT_ONCE
  readonly #options: ProcessRunnerOptions

  constructor(options: ProcessRunnerOptions) {
    this.#options = options
  }

  batch(genotypes: readonly Genotype[], { matches, lives }: HowToScore = {}): Batch {
    if (matches !== undefined) throw new RangeError('networks as processes cannot play matches')
    const scores: Evaluation[] = []
    const jobs = genotypes.map((genotype, place) => async () => {
      scores[place] =
        lives === undefined
          ? await this.#evaluate(genotype)
          : await this.#live(genotype, lives, place)
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

  #evaluate(genotype: Genotype): Promise<Evaluation> {
    return this.#run(genotype, async (exoself) => {
      return checkedEvaluation(await Exoself.evaluate(exoself), this.#options.problem)
    })
  }

  #live(genotype: Genotype, lives: Lives, place: number): Promise<Evaluation> {
    return this.#run(withLifeAgent(genotype, lives), async (exoself) => {
      const { evaluation } = await Exoself.tune(exoself, { seed: lifeSeed(lives, place) })
      return evaluation
    })
  }

  /** A network from its start to its end. */
  async #run(
    genotype: Genotype,
    work: (exoself: ExoselfPid) => Promise<Evaluation>,
  ): Promise<Evaluation> {
    const { supervisor, problem, owner, stallTimeoutMs = CYCLE_TIMEOUT_MS } = this.#options
    const options = { problem, genotype, owner, stallTimeoutMs }
    const exoself = await startExoself(supervisor, options)
    try {
      const evaluation = await work(exoself)
      await DynamicSupervisor.terminateChild(supervisor, exoself)
      return evaluation
    } catch (error) {
      // The network has ended: that is the genotype's doing, or its environment's.
      if (!(error instanceof CallError && error.code === 'exit')) throw error
      return failedEvaluation(causeOf(error.reason))
    }
  }
}
