// `arbor node start`: a node that evolves a problem and shares its bests with others by way of a
// station.
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import { meetingOf } from '../../actors/brain/meeting.ts'
import { isNodeId, type NodeId } from '../../identity/key-pair.ts'
import { nodeIdFromText } from '../../identity/node-id.ts'
import { parseAddr } from '../../mesh/address.ts'
import type { Addr } from '../../mesh/transport.ts'
import { startNode } from '../../node.ts'
import { setLogger } from '../../runtime/logger.ts'
import { runLocalBrain } from '../brain/local-brain.ts'
import { advance, newProgress } from '../brain/progress.ts'
import { brainView } from '../brain/view.ts'
import { defaultKeyFile, openKeys } from '../configuration.ts'
import { BadInput, crashReporter } from '../failure.ts'
import { drawSeed, type EvolutionOptions } from '../options.ts'
import { writeEvent } from '../output.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'
import { loadTask, type Task } from '../task.ts'

interface NodeOptions extends EvolutionOptions {
  /** `host:port`. */
  readonly station: string
  /** Hex or z-base-32. */
  readonly stationId: string
  readonly key?: string
  readonly realm: string
  readonly name: string
  readonly workers: number
  readonly untilStdinEnds?: boolean
}

export async function runNode(options: NodeOptions): Promise<void> {
  const stop = stopRequested({ withStdin: options.untilStdinEnds === true })
  const station = { addr: parseAddress(options.station), nodeId: parseId(options.stationId) }
  const task = loadTask(options.task, options.target)
  checkRealm(options.realm, task)
  const keys = openKeys(options.key ?? defaultKeyFile('node'))
  const seed = options.seed ?? drawSeed()
  const onEvent = options.json ? forProgram() : forPerson(options, task.name, seed)
  const node = await startNode({ keys, stations: [station] })
  const { workers, realm } = options
  const end = await runLocalBrain({ node, task, seed, workers, realm, options, onEvent, stop })
  if (end !== 'solved' && end !== 'generations') process.exitCode = exitCodes[end]
}

type OnEvent = (event: BrainEvent) => void

function forProgram(): OnEvent {
  setLogger(crashReporter((line) => process.stderr.write(`arbor: ${line}\n`)))
  return writeEvent
}

function forPerson({ name }: NodeOptions, task: string, seed: number): OnEvent {
  const view = brainView({ task, seed, nodes: 1, json: false })
  let progress = newProgress([name])
  return (report) => {
    progress = advance(progress, { node: name, report })
    view.report({ node: name, report }, progress)
    if (report.event === 'stopped') view.stopping()
  }
}

function parseAddress(text: string): Addr {
  try {
    const addr = parseAddr(text)
    if (addr.port > 0) return addr
  } catch {
    // Told below.
  }
  throw new BadInput(`--station ${JSON.stringify(text)} is no address: write host:port.`)
}

function checkRealm(realm: string, { problem }: Task): void {
  try {
    meetingOf(realm, problem.name)
  } catch {
    throw new BadInput(
      `--realm ${JSON.stringify(realm)} is no name of a realm: use a few of a-z 0-9 . _ and -.`,
    )
  }
}

function parseId(text: string): NodeId {
  if (isNodeId(text)) return text
  try {
    return nodeIdFromText(text)
  } catch {
    throw new BadInput(
      `--station-id ${JSON.stringify(text)} is no node id: copy it from the station's first lines.`,
    )
  }
}
