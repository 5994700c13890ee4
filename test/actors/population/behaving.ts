// XOR that says what a network did: its answers to the four cases, and two objectives. Worker
// threads import it from here.
import type { Evaluation, Problem } from '../../../src/evolution/environment/environment.ts'
import {
  type Episode,
  type Outcome,
  runEpisode,
} from '../../../src/evolution/environment/episode.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'

class BehavingEpisode implements Episode {
  readonly #inner = xor.episode()
  readonly #answers: number[] = []

  sense(inputs: Float64Array): void {
    this.#inner.sense(inputs)
  }

  act(outputs: Float64Array): Outcome {
    this.#answers.push(outputs[0]!)
    return this.#inner.act(outputs)
  }

  evaluation(): Evaluation {
    const evaluation = this.#inner.evaluation()
    const boldness = this.#answers.reduce((sum, answer) => sum + Math.abs(answer - 0.5), 0)
    const objectives = [evaluation.fitness, boldness]
    return { ...evaluation, behaviour: this.#answers.slice(-4), objectives }
  }
}

export const behaving: Problem = {
  ...xor,
  name: 'behaving',
  reference: { module: import.meta.url, export: 'behaving' },
  behaviourSize: 4,
  objectivesSize: 2,
  episode: () => new BehavingEpisode(),
  evaluate: (network) => runEpisode(new BehavingEpisode(), network),
}
