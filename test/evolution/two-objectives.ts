// A problem with a behaviour and two objectives, in a module that worker threads can import.
import type { Problem } from '../../src/evolution/environment/environment.ts'
import { xor } from '../../src/evolution/environment/xor.ts'

export const twoObjectives: Problem = {
  ...xor,
  name: 'two_objectives',
  reference: { module: import.meta.url, export: 'twoObjectives' },
  behaviourSize: 1,
  objectivesSize: 2,
  evaluate: (network) => {
    const evaluation = xor.evaluate(network)
    const links = network.plan.links
    return { ...evaluation, behaviour: [links], objectives: [evaluation.fitness, -links] }
  },
}
