// `arbor inspect <pid>` and `arbor trace <pid>`: one process of a running node, once or as it goes.
import type { InspectAnswer, TraceLine } from '../../actors/inspection/inspection-protocol.ts'
import { type AttachOptions, attach, orBadInput, parsePid } from '../inspection/attach.ts'
import { writeEvent } from '../output.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'

export interface InspectOptions extends AttachOptions {
  readonly json: boolean
}

export async function runInspect(pid: string, options: InspectOptions): Promise<void> {
  const client = await attach(options)
  try {
    const details = await orBadInput(client.ask({ op: 'inspect', pid: parsePid(pid) }))
    if (options.json) writeEvent({ event: 'process', ...details })
    else process.stdout.write(`${linesOf(details).join('\n')}\n`)
  } finally {
    client.close()
  }
}

function linesOf({ dictionary, state, ...facts }: InspectAnswer): string[] {
  const lines = Object.entries(facts).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') || 'none' : String(value ?? 'none'),
  ])
  for (const [key, value] of dictionary) lines.push([`dictionary ${key}`, value])
  if (state !== null) lines.push(['state', state])
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, text]) => {
    return `${name.padEnd(width)}  ${text.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`
  })
}

export async function runTrace(pid: string, options: InspectOptions): Promise<void> {
  const client = await attach(options)
  const requested = stopRequested({ withStdin: false })
  try {
    const ended = orBadInput(
      client.trace(parsePid(pid), (answer) => {
        if (options.json) writeEvent({ event: 'trace', ...answer })
        else
          process.stdout.write(
            `${'dropped' in answer ? droppedLine(answer.dropped) : lineOf(answer)}\n`,
          )
      }),
    )
    const end = await Promise.race([requested, ended])
    if (typeof end === 'string') process.exitCode = exitCodes[end]
  } finally {
    client.close()
  }
}

function lineOf({ atMs, type, text }: TraceLine): string {
  return `${(atMs / 1000).toFixed(6)}  ${type.padEnd(10)}  ${text}`
}

function droppedLine(count: number): string {
  return `… ${count} events more than a second can show`
}
