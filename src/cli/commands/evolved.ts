// `arbor evolve status`, `champion`, `replay` and `export`: what a run has come to.
import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Evaluation, Problem } from '../../evolution/environment/environment.ts'
import type { Outcome } from '../../evolution/environment/episode.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile, phenotypeOf } from '../../evolution/network/plan.ts'
import { needOf } from '../../evolution/strategy/strategy-for.ts'
import { formatFitness } from '../brain/table.ts'
import { showLineage } from '../evolution/champion-lineage.ts'
import { exportGenotype } from '../evolution/export-genotype.ts'
import { RunFolder } from '../evolution/run-folder.ts'
import { historyCsv, historyOf } from '../evolution/run-history.ts'
import { EXIT_FAILED } from '../failure.ts'
import type { ExportFormat } from '../options.ts'
import { writeEvent } from '../output.ts'
import { writeWhole } from '../results.ts'
import { counted, groupDigits } from '../table.ts'
import { taskOf } from './evolve.ts'

interface Printing {
  readonly json: boolean
}

export async function showStatus(
  path: string,
  { json, csv = false }: Printing & { readonly csv?: boolean },
): Promise<void> {
  const folder = RunFolder.open(resolve(path))
  if (csv) {
    for await (const line of historyCsv(folder.historyPath)) process.stdout.write(line)
    return
  }
  const { task, module, seed, settings } = folder.settings()
  const result = folder.result()
  const { generation, evaluations, bestFitness: best } = await standingOf(folder)
  const status = {
    task: module ?? task,
    seed,
    strategy: settings.strategy?.name ?? 'generational',
    /** Without a result it runs, or was killed. */
    state: result?.reason ?? 'unfinished',
    solved: result?.solved ?? false,
    generations: result?.generations ?? generation,
    evaluations: result?.evaluations ?? evaluations,
    bestFitness: result?.bestFitness ?? best,
  }
  if (json) return writeEvent(status)
  const { state, strategy, bestFitness, generations } = status
  process.stdout.write(
    `${status.task} (seed ${seed}, ${strategy}): ${stateText(state, folder)}\n` +
      `${groupDigits(generations)} generations, ${groupDigits(status.evaluations)} evaluations, ` +
      `best fitness ${formatFitness(bestFitness ?? undefined)}\n`,
  )
}

/** How far a run is: its history has what was evaluated since its last checkpoint, too. */
async function standingOf(folder: RunFolder): Promise<Standing> {
  const { population, best } = (await folder.checkpoint()) ?? {}
  let { generation = 0, evaluations = 0 } = population ?? {}
  let bestFitness = best?.fitness ?? null
  if (existsSync(folder.historyPath)) {
    for await (const row of historyOf(folder.historyPath)) {
      if (row.generation < generation) continue
      generation = row.generation + 1
      evaluations = row.evaluations
      // Of a generation without any score JSON has null.
      if (Number.isFinite(row.best)) bestFitness = Math.max(bestFitness ?? row.best, row.best)
    }
  }
  return { generation, evaluations, bestFitness }
}

interface Standing {
  readonly generation: number
  readonly evaluations: number
  readonly bestFitness: number | null
}

function stateText(state: string, folder: RunFolder): string {
  const goOn = `arbor evolve resume ${folder.shown}`
  if (state === 'unfinished') return `runs, or was killed; then go on with: ${goOn}`
  if (state === 'solved') return 'solved'
  if (state === 'generations' || state === 'evaluations') return `has had all its ${state}`
  return `stopped by ${state}; go on with: ${goOn}`
}

export async function showChampion(
  path: string,
  { json, lineage = false }: Printing & { readonly lineage?: boolean },
): Promise<void> {
  const folder = RunFolder.open(resolve(path))
  if (lineage) return showLineage(folder, { json })
  const champion = await folder.champion()
  const id = genotypeId(champion.genotype)
  if (json) return writeEvent({ id, ...champion })
  const { task, seed, solved, fitness, generation, evaluations, detail, genotype } = champion
  const painted = phenotypeOf(genotype)
  const paints = ` that paint ${sizeText(painted)}`
  const own = sizeText(genotype)
  const size = genotype.substrate === undefined ? own : own + paints
  process.stdout.write(
    `${task} (seed ${seed}): ${solved ? 'solved' : 'not solved'}, fitness ${fitness}\n` +
      `genotype ${id}: ${size}\n` +
      `found in generation ${generation}, after ${groupDigits(evaluations)} evaluations\n` +
      (detail === undefined || detail === '' ? '' : `${detail}\n`),
  )
}

function sizeText({ neurons, links }: Pick<Genotype, 'neurons' | 'links'>): string {
  return `${counted(neurons.length, 'neuron')}, ${counted(links.length, 'link')}`
}

/**
 * Evaluates the champion again. Exit code 1 when its fitness is not the same, bit for bit; that of
 * a game is of matches with others who are gone, so nothing can be verified.
 */
export async function replay(path: string, { json }: Printing): Promise<void> {
  const folder = RunFolder.open(resolve(path))
  const run = folder.settings()
  const { problem } = await taskOf(run)
  const { genotype, fitness: recorded } = await folder.champion()
  const { fitness, steps, solved } = evaluate(problem, genotype, json)
  const isGame = needOf(run.settings.strategy?.name ?? '') === 'game'
  const verified = isGame ? null : Object.is(fitness, recorded)
  if (verified === false) process.exitCode = EXIT_FAILED
  if (json) return writeEvent({ event: 'replay', verified, fitness, recorded, steps, solved })
  process.stdout.write(replayText(verified, { fitness, recorded, steps }))
}

function replayText(
  verified: boolean | null,
  { fitness, recorded, steps }: Record<'fitness' | 'recorded' | 'steps', number>,
): string {
  const inSteps = `in ${groupDigits(steps)} steps`
  if (verified === null) return `fitness ${fitness} by itself, ${inSteps}; in matches ${recorded}\n`
  return verified
    ? `verified: fitness ${fitness} again, bit for bit, ${inSteps}\n`
    : `not verified: fitness ${fitness}, recorded was ${recorded}\n`
}

/** An evaluation, tick by tick; told, if you like. */
function evaluate(problem: Problem, genotype: Genotype, isTold: boolean): Evaluation {
  const network = new Network(compile(genotype))
  const inputs = new Float64Array(problem.inputs)
  const outputs = new Float64Array(problem.outputs)
  const episode = problem.episode()
  let outcome: Outcome = 'running'
  for (let tick = 0; outcome !== 'ended'; tick++) {
    if (outcome === 'reset') network.reset()
    episode.sense(inputs)
    network.step(inputs, outputs)
    outcome = episode.act(outputs)
    if (isTold) {
      writeEvent({ event: 'tick', tick, inputs: [...inputs], outputs: [...outputs], outcome })
    }
  }
  return episode.evaluation()
}

export async function exportChampion(
  path: string,
  { format, file }: { readonly format: ExportFormat; readonly file?: string },
): Promise<void> {
  const { genotype } = await RunFolder.open(resolve(path)).champion()
  const content = exportGenotype(genotype, format)
  if (file === undefined) process.stdout.write(content)
  else writeWhole(dirname(resolve(file)), basename(file), content, '--file')
}
