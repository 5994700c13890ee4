// Does evolution get better at the plain, and how much of it holds in plains unseen?
//
//   npm run bench -- flatland [--json] [--seeds 5] [--generations 30] [--population 100]
//                             [--task flatland_prey|flatland_predator|coevolution]
//
// Tasks: mean fitness of the first and of the last generation, what the champion eats in 20 other
// plains, and what 20 genotypes of the first generation eat there. Coevolution: the part of its
// lives that a flock lives, champions of the last five generations against each other, and each
// against twenty of the first generation of the other side.
import { parseArgs } from 'node:util'
import {
  ask,
  coevolution,
  compile,
  evaluateAsked,
  flatlandPrey,
  type Genotype,
  matchesOf,
  Network,
  type Problem,
  problemOf,
  settingsFor,
  startEvolution,
  tell,
} from '../src/evolution/index.ts'
import { isQuick, notice, report } from './report.ts'

interface Effort {
  readonly seeds: number
  readonly generations: number
  readonly population: number
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
const networkOf = (genotype: Genotype): Network => new Network(compile(genotype))
const mealsOf = (problem: Problem, genotype: Genotype): number =>
  Number.parseFloat(problem.verify(networkOf(genotype)).detail)

function measureTask(problem: Problem, { seeds, generations, population }: Effort): void {
  const before = process.cpuUsage().user
  const runs = Array.from({ length: seeds }, (_, i) => {
    let state = startEvolution(problem, settingsFor(problem.name, population), i + 1)
    const unselected = ask(state).slice(0, 20)
    const means: number[] = []
    for (let generation = 0; generation < generations; generation++) {
      const evaluations = evaluateAsked(problem, ask(state))
      means.push(mean(evaluations.map(({ fitness }) => fitness)))
      state = tell(state, evaluations)
    }
    notice(`${problem.name} seed ${i + 1}: ${means[0]} to ${means.at(-1)}`)
    return {
      first: means[0]!,
      last: means.at(-1)!,
      champion: state.champion!.fitness,
      unselected: mean(unselected.map((genotype) => mealsOf(problem, genotype))),
      meals: mealsOf(problem, state.champion!.genotype),
    }
  })
  const seconds = (process.cpuUsage().user - before) / 1e6
  const { name } = problem
  const put = (what: string, of: (run: (typeof runs)[0]) => number, unit: string): void =>
    report({ name: `${name}-${what}`, value: mean(runs.map(of)), unit })
  put('first-generation-mean', ({ first }) => first, 'fitness')
  put('last-generation-mean', ({ last }) => last, 'fitness')
  put('champion', ({ champion }) => champion, 'fitness')
  put('unselected-meals-unseen', ({ unselected }) => unselected, 'eaten a plain')
  put('champion-meals-unseen', ({ meals }) => meals, 'eaten a plain')
  const evaluations = seeds * generations * population
  report({ name: `${name}-evaluation`, value: (1_000 * seconds) / evaluations, unit: 'CPU ms' })
}

function measureCoevolution({ seeds, generations, population }: Effort): void {
  const strategy = coevolution({ opponents: 4, hofOpponents: 2, hofMax: generations })
  const lived = (flocks: readonly Genotype[], packs: readonly Genotype[]): number =>
    mean(
      flocks.flatMap((flock) =>
        packs.map((pack) => flatlandPrey.play!([networkOf(flock), networkOf(pack)]).fitness),
      ),
    )
  const runs = Array.from({ length: seeds }, (_, i) => {
    const settings = { ...settingsFor('flatland_prey', population), strategy }
    let state = startEvolution(flatlandPrey, settings, i + 1)
    const first = ask(state)
    const [flocks, packs] = [first.slice(0, 20), first.slice(population, population + 20)]
    for (let generation = 0; generation < generations; generation++) {
      state = tell(state, evaluateAsked(flatlandPrey, ask(state), matchesOf(state)))
    }
    const halls = ask(state).slice(2 * population)
    const [prey, predators] = [halls.slice(0, generations), halls.slice(generations)]
    const [best, worst] = [prey.slice(-5), predators.slice(-5)]
    const run = {
      firsts: lived(flocks, packs),
      prey: lived(best, packs),
      predators: lived(flocks, worst),
      champions: lived(best, worst),
    }
    notice(`coevolution seed ${i + 1}: ${JSON.stringify(run)}`)
    return run
  })
  const put = (what: string, of: (run: (typeof runs)[0]) => number): void =>
    report({ name: `coevolution-${what}`, value: mean(runs.map(of)), unit: 'of its lives' })
  put('first-flock-first-pack', ({ firsts }) => firsts)
  put('last-flock-first-pack', ({ prey }) => prey)
  put('first-flock-last-pack', ({ predators }) => predators)
  put('last-flock-last-pack', ({ champions }) => champions)
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    seeds: { type: 'string', default: '5' },
    generations: { type: 'string', default: '30' },
    population: { type: 'string', default: '100' },
    task: { type: 'string' },
  },
})
const asked: Effort = {
  seeds: Number(values.seeds),
  generations: Number(values.generations),
  population: Number(values.population),
}
for (const [name, value] of Object.entries(asked)) {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} takes a whole number`)
}
const effort: Effort = isQuick ? { seeds: 1, generations: 2, population: 8 } : asked
for (const task of ['flatland_prey', 'flatland_predator']) {
  if ((values.task ?? task) === task) measureTask(problemOf({ task }), effort)
}
if ((values.task ?? 'coevolution') === 'coevolution') measureCoevolution(effort)
