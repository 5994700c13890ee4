// `arbor node start`: a node that evolves a problem and shares its bests with others by way of a
// station.
import type { BrainEvent } from '../../actors/brain/brain-event.ts'
import { isNodeId, type NodeId } from '../../identity/key-pair.ts'
import { nodeIdFromText } from '../../identity/node-id.ts'
import type { Addr } from '../../mesh/transport.ts'
import { startNode } from '../../node.ts'
import { runBrainHere } from '../brain/here.ts'
import { advance, newProgress } from '../brain/progress.ts'
import { brainView } from '../brain/view.ts'
import { defaultKeyFile, openKeys } from '../configuration.ts'
import { BadInput } from '../failure.ts'
import { writeEvent } from '../lines.ts'
import { drawSeed, type EvolutionOptions, parsePort } from '../options.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'
import { loadTask } from '../task.ts'

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
  const keys = openKeys(options.key ?? defaultKeyFile('node'))
  const seed = options.seed ?? drawSeed()
  const onEvent = options.json ? writeEvent : showTo(options, task.name, seed)
  const node = await startNode({ keys, stations: [station] })
  const { workers, realm } = options
  const end = await runBrainHere({ node, task, seed, workers, realm, options, onEvent, stop })
  if (end !== 'solved' && end !== 'generations') process.exitCode = exitCodes[end]
}

/** Shows events to a person. */
function showTo({ name }: NodeOptions, task: string, seed: number): (event: BrainEvent) => void {
  const view = brainView({ task, seed, nodes: 1, json: false })
  let progress = newProgress([name])
  return (report) => {
    progress = advance(progress, { node: name, report })
    view.report({ node: name, report }, progress)
    if (report.event === 'stopped') view.stopping()
  }
}

function parseAddress(text: string): Addr {
  const match = /^(?:quic:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]+)):(\d+)$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined) {
    throw new BadInput(`--station ${JSON.stringify(text)} is no address: write host:port.`)
  }
  return { host, port: parsePort(match?.[3] ?? '') }
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
