// What a brain tells the program that runs it: facts as plain data, one union. `arbor node start
// --json` prints each as a line; the parent of `arbor brain` reads those lines back.
import type { Genotype } from '../../evolution/genotype.ts'
import type { NodeId } from '../../identity/key-pair.ts'

/** Where a genotype came from when it was not bred here. */
export interface Origin {
  /** Content id of the record it arrived in. */
  readonly id: string
  /** Node id of who signed it, and of who bred it first, as the signer says. */
  readonly signer: NodeId
  readonly breeder: NodeId
  /** Milliseconds since 1970 when it was signed. */
  readonly createdMs: number
  /** The fitness measured here before it was let in. */
  readonly fitness: number
}

export type BrainEvent =
  | {
      readonly event: 'started'
      readonly nodeId: NodeId
      readonly task: string
      readonly seed: number
    }
  | { readonly event: 'connected'; readonly station: string }
  | { readonly event: 'disconnected'; readonly reason: string }
  | {
      readonly event: 'generation'
      readonly generation: number
      /** Since the brain started, of genotypes from elsewhere too. */
      readonly evaluations: number
      readonly bestFitness: number
      readonly meanFitness: number
      readonly worstFitness: number
      readonly species: number
      /** The strategy's own figures, by name. */
      readonly measures?: Readonly<Record<string, number>>
      readonly evaluationsPerSecond: number
      /** Genotypes published, heard and let in since the brain started. */
      readonly sent: number
      readonly received: number
      readonly imports: number
      /** Genotypes refused, by reason. */
      readonly refused: Readonly<Record<string, number>>
    }
  | { readonly event: 'published'; readonly id: string; readonly fitness: number }
  | {
      readonly event: 'imported'
      readonly id: string
      readonly from: string
      readonly fitness: number
    }
  | { readonly event: 'refused'; readonly from: string; readonly reason: string }
  | {
      readonly event: 'solved'
      readonly id: string
      readonly fitness: number
      /** Passed starts of the problem's generalisation test, where it has one. */
      readonly generalisation?: number
      readonly detail: string
      readonly evaluations: number
      readonly generation: number
      readonly genotype: Genotype
      /** Set when the champion, or the ancestor it is a copy of, was bred elsewhere. */
      readonly origin?: Origin
    }
  | {
      readonly event: 'stopped'
      /**
       * `solved`, `generations` when their number was reached, or `stop`: somebody asked, or its
       * processes failed again and again. Always the last event.
       */
      readonly reason: string
      /** The best this node knew. */
      readonly best?: {
        readonly fitness: number
        readonly genotype: Genotype
        readonly origin?: Origin
      }
    }
