// What a program may publish by hand: a genotype of the task that fits into an event. Misuse is an
// error with advice; it never ends the brain.
import type { Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { checkGenotype } from '../../evolution/genotype-check.ts'
import { encodeGenotype } from '../../evolution/genotype-codec.ts'
import { phenotypeShape } from '../../evolution/substrate.ts'
import { GENOTYPE_RECORD_BYTES_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'

/** Why a genotype is not published for a problem; undefined when it may be. */
export function publishFault(genotype: Genotype, problem: Problem): ArborError | undefined {
  const check = checkGenotype(genotype)
  if (!check.ok) {
    return notPublished(problem, `this is no genotype (${check.detail})`, 'see checkGenotype')
  }
  const { inputs, outputs } = phenotypeShape(genotype)
  if (inputs !== problem.inputs || outputs !== problem.outputs) {
    const shape = `${problem.inputs} inputs and ${problem.outputs} outputs`
    return notPublished(problem, 'its shape is not that of the task', `give it ${shape}`)
  }
  if (!fitsRecord(genotype)) {
    const advice = `publish genotypes of ${GENOTYPE_RECORD_BYTES_MAX} bytes at most`
    return notPublished(problem, 'it is too large for an event', advice)
  }
  return undefined
}

/** Whether others would take it: larger records are refused. */
export function fitsRecord(genotype: Genotype): boolean {
  return encodeGenotype(genotype).length <= GENOTYPE_RECORD_BYTES_MAX
}

/** The error `not_published`. */
export function notPublished(problem: Problem, why: string, advice: string): ArborError {
  const attempt = { operation: 'publish', target: problem.name }
  return new ArborError('not_published', why, advice, attempt)
}
