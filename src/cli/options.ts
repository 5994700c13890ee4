// Options of the commands: what they mean, which values they take, and the sentence for each
// refusal.
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { heredityTypes } from '../evolution/agent.ts'
import { type AdaptationSettings, adaptationKinds } from '../evolution/strategy/adaptation.ts'
import type { SubstrateSettings } from '../evolution/substrate/settings.ts'
import type { TuningSettings } from '../evolution/tuning-settings.ts'
import {
  EVALUATIONS_MAX,
  GENERATIONS_MAX,
  NODES_MAX,
  NODES_MIN,
  POPULATION_MAX,
  POPULATION_MIN,
  PORT_MAX,
  SEED_MAX,
  WORKERS_MAX,
} from '../limits.ts'
import { secureRandomBytes } from '../runtime/random.ts'
import { BadInput } from './failure.ts'

/** Options of everything that evolves. */
export interface EvolutionOptions {
  /** A task name or the path of a CSV file. */
  readonly task: string
  readonly target?: string
  readonly seed?: number
  readonly population?: number
  readonly generations?: number
  readonly strategy?: string
  /** HyperNEAT: evolve CPPNs that paint networks on this substrate. */
  readonly substrate?: SubstrateSettings
  /** Every genotype is tuned whenever it is evaluated. */
  readonly tuning?: TuningSettings
  readonly adaptation?: AdaptationSettings
  /** Not to stop when the task is solved. */
  readonly keepGoing?: boolean
  readonly json: boolean
}

/** Options of what also leaves results behind. */
export interface RunOptions extends EvolutionOptions {
  readonly out: string
}

/** A seed for a run that was given none; it is printed, so that the run can be repeated. */
export function drawSeed(): number {
  const [a = 0, b = 0, c = 0, d = 0] = secureRandomBytes(4)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** A whole number between `least` and `most`, or a refusal that names the option. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most)) {
      throw new BadInput(
        `${option} ${JSON.stringify(text)} is no whole number from ${least} to ${most}: give one.`,
      )
    }
    return value
  }
}

export const parseNodes: (text: string) => number = wholeNumber('--nodes', NODES_MIN, NODES_MAX)
export const parseSeed: (text: string) => number = wholeNumber('--seed', 0, SEED_MAX)
export const parsePopulation: (text: string) => number = wholeNumber(
  '--population',
  POPULATION_MIN,
  POPULATION_MAX,
)
export const parseGenerations: (text: string) => number = wholeNumber(
  '--generations',
  1,
  GENERATIONS_MAX,
)
/** What `--format` takes. */
export const exportFormats = ['json', 'js', 'onnx'] as const
export type ExportFormat = (typeof exportFormats)[number]

export function parseFormat(text: string): ExportFormat {
  const format = exportFormats.find((name) => name === text)
  if (format !== undefined) return format
  const names = exportFormats.join(', ')
  throw new BadInput(`there is no format ${JSON.stringify(text)}: take one of ${names}.`)
}

/** What `--strategy` takes; some need more of a task than a fitness (strategy-for.ts). */
const strategies = [
  ...['generational', 'steady_state', 'rtneat', 'islands', 'hall_of_fame'],
  ...['novelty', 'map_elites', 'coevolution', 'self_play'],
  ...['cma_es', 'sep_cma_es', 'xnes', 'snes', 'cosyne', 'es', 'one_fifth'],
]

export function parseStrategy(text: string): string {
  if (strategies.includes(text)) return text
  const names = strategies.join(', ')
  throw new BadInput(`there is no strategy ${JSON.stringify(text)}: take one of ${names}.`)
}

/** What `--substrate` takes beside JSON. */
const substrates: Readonly<Record<string, SubstrateSettings>> = {
  hyperneat: {},
  es_hyperneat: { evolvable: {} },
}

/** A name, or the settings themselves; what they say is checked when the run begins. */
export function parseSubstrate(text: string): SubstrateSettings {
  const known = substrates[text]
  if (known !== undefined) return known
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below.
  }
  const names = Object.keys(substrates).join(', ')
  throw new BadInput(
    `there is no substrate ${JSON.stringify(text)}: take one of ${names}, or settings in JSON ` +
      'as {"plasticity":"abcn"}.',
  )
}

/** What `--tuning` takes: a heredity, with DXNN's defaults, or settings. */
export function parseTuning(text: string): TuningSettings {
  const heredity = heredityTypes.find((name) => name === text)
  if (heredity !== undefined) return { heredityTypes: [heredity] }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below.
  }
  throw new BadInput(
    `there is no tuning ${JSON.stringify(text)}: take one of ${heredityTypes.join(', ')}, or ` +
      'settings in JSON as {"tuningDurationF":{"name":"const","parameter":5}}.',
  )
}

/** A name, or the settings themselves; what they say is checked when the run begins. */
export function parseAdaptation(text: string): AdaptationSettings {
  const kind = adaptationKinds.find((known) => known === text)
  if (kind !== undefined) return { kind }
  try {
    const value: unknown = JSON.parse(text)
    if (isAdaptation(value)) return value
  } catch {
    // Said below.
  }
  const names = adaptationKinds.join(', ')
  throw new BadInput(
    `there is no adaptation ${JSON.stringify(text)}: take one of ${names}, or settings in JSON ` +
      'as {"kind":"one_fifth","factor":0.9}.',
  )
}

function isAdaptation(value: unknown): value is AdaptationSettings {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  return adaptationKinds.some((known) => known === value.kind)
}

export const parseEvaluations: (text: string) => number = wholeNumber(
  '--evaluations',
  1,
  EVALUATIONS_MAX,
)
export const parseWorkers: (text: string) => number = wholeNumber('--workers', 1, WORKERS_MAX)
export const parsePort: (text: string) => number = wholeNumber('--port', 0, PORT_MAX)

/**
 * The folder results go to, made if it is missing. Checked before any work begins, so that a long
 * run does not end in front of a closed door.
 */
export function outputFolder(path: string): string {
  const folder = resolve(path)
  try {
    makeFolder(folder)
    if (!statSync(folder).isDirectory()) throw new Error('not a folder')
    accessSync(folder, constants.W_OK)
  } catch {
    throw new BadInput(
      `--out ${JSON.stringify(path)} cannot be written: name a folder in which you may create files.`,
    )
  }
  return folder
}

/** Makes a folder and those above it. Node's own recursion never ends where nothing can be made. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}
