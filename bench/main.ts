// Runs benchmarks, one file a question, each in a process of its own:
//
//   npm run bench                            all of them, which takes its time
//   npm run bench -- ping-pong call          these two
//   npm run bench -- --list                  their names
//
//   --json          one object a line: name, value, unit, peer, peerValue, ratio
//   --quick         short rounds, to see that they run; the figures mean nothing
//   --peers A,B     of our peers only these: erlang, nact, effect, xstate, node
//   --plot FILE     a bar chart of the ratios, as SVG
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ratioChart } from './ratio-chart.ts'
import { type Measurement, progress, report, round } from './report.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
/** Files of this folder that others use. */
const notQuestions = ['main.ts', 'report.ts', 'question.ts', 'ratio-chart.ts', 'turns.ts']
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !notQuestions.includes(file))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()

function refuse(complaint: string): never {
  console.error(`${complaint}; see npm run bench -- --list`)
  process.exit(2)
}

interface Command {
  readonly chosen: readonly string[]
  readonly plot: string | undefined
  readonly json: boolean
  /** Passed on to each question. */
  readonly flags: readonly string[]
}

const options = {
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  peers: { type: 'string' },
  plot: { type: 'string' },
} as const

function readCommand(): Command {
  // What a single question takes beside, such as `solve --seeds 3`, is its own business.
  const { values, positionals, tokens } = parseArgs({
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  if (values.list === true) {
    console.log(names.join('\n'))
    process.exit(0)
  }
  const given = process.argv.slice(2)
  const chosen = positionals.filter((name) => names.includes(name))
  const unknown = positionals.find((name) => !names.includes(name))
  const foreign = tokens.some((token) => token.kind === 'option' && !(token.name in options))
  if (foreign && chosen.length !== 1)
    refuse(`one of the options in "${given.join(' ')}" is unknown`)
  if (unknown !== undefined && !foreign) refuse(`there is no benchmark "${unknown}"`)
  for (const option of ['peers', 'plot'] as const) {
    if (option in values && typeof values[option] !== 'string') refuse(`--${option} needs a value`)
  }
  const plot = typeof values.plot === 'string' ? values.plot : undefined
  const flags = given.filter((_, i) => given[i] !== '--plot' && given[i - 1] !== '--plot')
  const passed = flags.filter((flag) => !chosen.includes(flag) && flag !== '--json')
  return {
    chosen: chosen.length > 0 ? chosen : names,
    plot,
    json: values.json === true,
    flags: passed.filter((flag) => !flag.startsWith('--plot=')),
  }
}

/** Runs one question and hands on its figures as they come; whether it went well. */
async function run(
  name: string,
  flags: readonly string[],
  tell: (measurement: Measurement) => void,
): Promise<boolean> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--expose-gc', `${folder}${name}.ts`, '--json', ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) {
      const measurement = measurementFrom(line)
      if (measurement !== undefined) tell(measurement)
    }
  }
  const [code] = await ended
  return code === 0
}

function measurementFrom(line: string): Measurement | undefined {
  if (!line.startsWith('{')) return undefined
  const { name, value, unit, peer, peerValue, ratio } = JSON.parse(line)
  if (peer === null || peer === undefined) return { name, value, unit }
  return { name, value, unit, peer, peerValue, ratio }
}

/** All figures once more, below each other. */
function table(measurements: readonly Measurement[]): string {
  const head = ['question', 'arbor', 'unit', 'peer', 'its figure', 'ratio']
  const rows = measurements.map(({ name, value, unit, peer = '', peerValue, ratio }) => {
    const figures = [peerValue, ratio].map((n) => (n === undefined ? '' : round(n)))
    return [name, round(value), unit, peer, ...figures]
  })
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const isNumber = [false, true, false, false, true, true]
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join(
    '\n',
  )
}

const { chosen, plot, json, flags } = readCommand()
const measurements: Measurement[] = []
const failed: string[] = []
for (const name of chosen) {
  progress(name)
  const isWell = await run(name, flags, (measurement) => {
    measurements.push(measurement)
    progress('')
    report(measurement)
  })
  if (!isWell) failed.push(name)
}
if (!json && measurements.length > 1) console.log(`\n${table(measurements)}`)
if (plot !== undefined) writeFileSync(plot, ratioChart(measurements))
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
