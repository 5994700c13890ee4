// How a question is asked: the same work is given to us and to our peers, each in a fresh process
// of its own (a compiler that has seen one contestant's code must not run another's), and they take
// turns: a round of ours, one of Erlang's, one of nact's, then again. The median of the rounds
// counts.
//
//   await ask({
//     name: 'ping-pong',
//     unit: 'ns/message',
//     contestants: {
//       arbor: { units: 3_000_000, measure: (n) => cpuNs(n, () => play(n)) },
//       erlang: { units: 3_000_000, module: 'ping_pong' },
//     },
//   })
//
// The first contestant is ours. A JavaScript contestant is run by starting the question's own file
// once more with `--as <question>/<contestant>`; Erlang's by a virtual machine that lives as long as
// the question (peers/beam.ts). Both are told over standard input to run a round, and answer with a
// line of JSON. With --quick there are no processes but Erlang's and one short round.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { beam, hasErlang } from './peers/beam.ts'
import { type Figures, LineProcess } from './peers/line-process.ts'
import { isQuick, type Measurement, median, notice, progress, report } from './report.ts'

const ROUNDS = 5
const WARM_UPS = 2
/** Rounds of the small warm-up, and of --quick, do so small a part of the work. */
const SMALL = 20
const QUICK_UNITS_MAX = 500

/** Somebody of JavaScript who does the work. */
export interface ScriptContestant {
  /** Messages, calls, processes of one round. */
  readonly units: number
  /** Does the work once; the figure in the question's unit, or several by name. */
  readonly measure: (units: number) => Measured | Promise<Measured>
  /** What it does less than we do, or differently. */
  readonly note?: string
}

/** A module of bench/erlang; its `round/1` is given the units and answers with the figure. */
export interface ErlangContestant {
  readonly units: number
  readonly module: string
  /** Schedulers of its virtual machine, default 1. */
  readonly schedulers?: number
  readonly note?: string
}

export type Contestant = ScriptContestant | ErlangContestant
export type Measured = number | Figures

export interface Question {
  readonly name: string
  readonly unit: string
  /** Ours is the first. */
  readonly contestants: Readonly<Record<string, Contestant>>
  /** Units of which more is better, such as `messages/s`. */
  readonly isMoreBetter?: boolean
}

/** Who can be told to do a round. */
interface Player {
  readonly name: string
  readonly units: number
  readonly isScript: boolean
  round(units: number): Promise<Figures>
  stop(): void
}

const role: string | undefined = optionOf('--as')
const only: readonly string[] | undefined = optionOf('--peers')?.split(',')

/** Asks a question and reports the answers. */
export async function ask(question: Question): Promise<void> {
  if (role !== undefined) {
    await playRole(role, question)
    return
  }
  const players = gather(question)
  try {
    tell(question, await compete(question.name, players))
  } finally {
    for (const player of players) player.stop()
  }
  for (const [name, { note }] of Object.entries(question.contestants)) {
    if (note !== undefined) notice(`  (${question.name}, ${name}: ${note})`)
  }
}

/** CPU nanoseconds a unit: user and system, the collector's and compiler's threads included. */
export async function cpuNs(
  units: number,
  work: () => Promise<unknown> | unknown,
): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / units
}

/** Heap bytes of each of so many things; `make` returns what keeps them alive. */
export async function heapBytes(
  units: number,
  make: () => Promise<unknown> | unknown,
): Promise<number> {
  collect()
  const before = process.memoryUsage().heapUsed
  const kept = await make()
  collect()
  const bytes = (process.memoryUsage().heapUsed - before) / units
  if (kept === undefined) throw new TypeError('return what was made, or it is collected')
  return bytes
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}

// --- The referee ---

function gather({ name, contestants }: Question): Player[] {
  const chosen = Object.entries(contestants).filter(
    ([who], index) => index === 0 || only === undefined || only.includes(who),
  )
  const players: Player[] = []
  for (const [who, contestant] of chosen) {
    if (!('module' in contestant)) players.push(scriptPlayer(name, who, contestant))
    else if (hasErlang()) players.push(erlangPlayer(who, contestant))
    else notice(`(${name}: no Erlang found, not compared with it)`)
  }
  return players
}

function scriptPlayer(question: string, name: string, contestant: ScriptContestant): Player {
  const { units, measure } = contestant
  if (isQuick) {
    const round = async (count: number): Promise<Figures> => figuresOf(await measure(count))
    return { name, units, isScript: true, round, stop: () => {} }
  }
  const file = process.argv[1] ?? ''
  const flags = [...process.execArgv.filter((flag) => flag !== '--expose-gc'), '--expose-gc']
  const child = spawn(process.execPath, [...flags, file, '--as', `${question}/${name}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = new LineProcess(name, child)
  return {
    name,
    units,
    isScript: true,
    round: (count) => lines.ask(String(count)),
    stop: () => lines.stop(),
  }
}

function erlangPlayer(name: string, contestant: ErlangContestant): Player {
  const { units, module, schedulers } = contestant
  const lines = beam(module, schedulers)
  return {
    name,
    units,
    isScript: false,
    round: (count) => lines.ask(String(count)),
    stop: () => lines.stop(),
  }
}

/** Rounds of one player, by the names of its figures; null once it has failed. */
type Rounds = Map<string, number[]> | null

/**
 * The figures of all, in the order of the players. A peer that fails is left out with a notice;
 * when the first fails, which is ours, there is nothing to tell.
 */
async function compete(
  name: string,
  players: readonly Player[],
): Promise<Map<string, Map<string, number[]>>> {
  const figures = new Map<Player, Rounds>(players.map((player) => [player, new Map()]))
  const attempt = async (player: Player, act: () => Promise<void>): Promise<void> => {
    if (figures.get(player) === null) return
    try {
      await act()
    } catch (failure) {
      if (player === players[0]) throw failure
      figures.set(player, null)
      notice(`(${name}: ${player.name} failed and is left out: ${failure})`)
    }
  }
  if (!isQuick) for (const player of players) await attempt(player, () => warmUp(name, player))
  for (let round = 1; round <= (isQuick ? 1 : ROUNDS); round++) {
    for (const player of players) {
      progress(`${name}: round ${round} of ${ROUNDS}, ${player.name}`)
      await attempt(player, async () => note(figures.get(player) ?? null, await measured(player)))
    }
  }
  progress('')
  return new Map(
    [...figures].flatMap(([player, rounds]) => (rounds === null ? [] : [[player.name, rounds]])),
  )
}

async function warmUp(name: string, player: Player): Promise<void> {
  progress(`${name}: warming up ${player.name}`)
  if (player.isScript) await player.round(Math.ceil(player.units / SMALL))
  for (let i = 0; i < (player.isScript ? WARM_UPS : 1); i++) await player.round(player.units)
}

function measured(player: Player): Promise<Figures> {
  return player.round(isQuick ? Math.min(QUICK_UNITS_MAX, player.units) : player.units)
}

function note(rounds: Rounds, figures: Figures): void {
  for (const [key, value] of Object.entries(figures)) {
    rounds?.set(key, [...(rounds.get(key) ?? []), value])
  }
}

function tell(question: Question, figures: Map<string, Map<string, number[]>>): void {
  const [[, ours] = [], ...peers] = figures.entries()
  for (const [key, rounds] of ours ?? []) {
    const value = median(rounds)
    const name = key === '' ? question.name : `${question.name}, ${key}`
    const answer = { name, value, unit: question.unit }
    const compared = peers.flatMap(([peer, theirs]): Measurement[] => {
      const peerRounds = theirs.get(key)
      if (peerRounds === undefined) return []
      const peerValue = median(peerRounds)
      const ratio = question.isMoreBetter === true ? value / peerValue : peerValue / value
      return [{ ...answer, peer, peerValue, ratio }]
    })
    for (const measurement of compared.length > 0 ? compared : [answer]) report(measurement)
  }
}

// --- A contestant, in its own process ---

/** Runs the rounds it is told to run, if this question is meant; otherwise does nothing. */
async function playRole(wanted: string, { name, contestants }: Question): Promise<void> {
  const slash = wanted.lastIndexOf('/')
  if (wanted.slice(0, slash) !== name) return
  const contestant = contestants[wanted.slice(slash + 1)]
  if (contestant === undefined || 'module' in contestant) throw new Error(`nobody is ${wanted}`)
  for await (const line of createInterface({ input: process.stdin })) {
    const measured = figuresOf(await contestant.measure(Number(line)))
    process.stdout.write(`${JSON.stringify(measured)}\n`)
  }
  process.exit(0)
}

function figuresOf(measured: Measured): Figures {
  return typeof measured === 'number' ? { '': measured } : measured
}

function optionOf(flag: string): string | undefined {
  const at = process.argv.indexOf(flag)
  return at < 0 ? undefined : process.argv[at + 1]
}
