// Evolves networks for a task of one's own (walk.ts) on two threads.
import { type PopulationReport, spawn, startPopulation, stop } from 'arbor'
import { settingsFor } from 'arbor/evolution'
import { walking } from './walk.ts'

const over = Promise.withResolvers<void>()
const reporter = spawn((report: PopulationReport) => {
  if (report.type === 'generation') console.log(report.generation, report.best.fitness.toFixed(2))
  if (report.type === 'done') over.resolve()
})

const { supervisor } = await startPopulation({
  problem: walking,
  seed: 1,
  settings: settingsFor('walk', 60),
  evaluator: { kind: 'pool', workers: 2 },
  generationsMax: 20,
  reporters: [reporter],
})
await over.promise
await stop(supervisor)
