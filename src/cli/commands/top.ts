// `arbor top`: the processes of a running node, the busiest first, again and again.
import type {
  NodeSummary,
  ProcessesAnswer,
  SortColumn,
} from '../../actors/inspection/inspection-protocol.ts'
import type { ProcessDescription } from '../../actors/inspection/process-description.ts'
import { INSPECTED_PROCESSES_MAX, TOP_INTERVAL_MS } from '../../limits.ts'
import { BadInput } from '../failure.ts'
import { type AttachOptions, attach, orBadInput } from '../inspection/attach.ts'
import { writeEvent } from '../output.ts'
import { Screen, styled } from '../screen.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'
import { type Column, formatDuration, groupDigits, renderTable } from '../table.ts'

export interface TopOptions extends AttachOptions {
  readonly sort: string
  readonly limit: string
  readonly once?: boolean
  readonly json: boolean
}

/** Words of --sort, and what they sort by. */
export const sorts: Readonly<Record<string, SortColumn>> = {
  mailbox: 'mailboxLength',
  reductions: 'reductions',
  memory: 'memoryBytes',
}

const columns: readonly Column<ProcessDescription>[] = [
  { title: 'pid', align: 'right', cell: ({ pid }) => String(pid) },
  { title: 'name', align: 'left', cell: ({ name }) => name ?? '' },
  { title: 'behaviour', align: 'left', cell: ({ behaviour }) => behaviour },
  { title: 'status', align: 'left', cell: ({ status }) => status },
  { title: 'mailbox', align: 'right', cell: ({ mailboxLength }) => groupDigits(mailboxLength) },
  { title: 'reductions', align: 'right', cell: ({ reductions }) => groupDigits(reductions) },
  { title: 'memory', align: 'right', cell: ({ memoryBytes }) => `${groupDigits(memoryBytes)} B` },
]

export async function runTop(options: TopOptions): Promise<void> {
  const sort = sorts[options.sort]
  if (sort === undefined) {
    throw new BadInput(`--sort ${options.sort}: take one of ${Object.keys(sorts).join(', ')}.`)
  }
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > INSPECTED_PROCESSES_MAX) {
    throw new BadInput(
      `--limit ${options.limit}: take a number from 1 to ${INSPECTED_PROCESSES_MAX}.`,
    )
  }
  const client = await attach(options)
  const ask = (): Promise<ProcessesAnswer> =>
    orBadInput(client.ask({ op: 'processes', sort, limit }))
  try {
    if (options.json) writeEvent({ event: 'processes', ...(await ask()) })
    else if (options.once === true || process.stdout.isTTY !== true) show(await ask())
    else await watch(ask)
  } finally {
    client.close()
  }
}

function show(answer: ProcessesAnswer): void {
  process.stdout.write(`${lines(answer).join('\n')}\n`)
}

async function watch(ask: () => Promise<ProcessesAnswer>): Promise<void> {
  const screen = new Screen(process.stdout)
  const requested = stopRequested({ withStdin: false })
  let stopped: Awaited<typeof requested> | undefined
  void requested.then((signal) => {
    stopped = signal
  })
  while (stopped === undefined) {
    const answer = await ask()
    screen.show(() => lines(answer))
    await Promise.race([requested, new Promise((wake) => setTimeout(wake, TOP_INTERVAL_MS))])
  }
  screen.end()
  process.exitCode = exitCodes[stopped]
}

function lines({ node, processes }: ProcessesAnswer): string[] {
  const [titles = '', ...rows] = renderTable(columns, processes)
  return [headOf(node), '', styled('bold', titles, process.stdout), ...rows]
}

function headOf({
  name,
  osPid,
  uptimeMs,
  processes,
  runQueue,
  heapBytes,
  deadLetters,
}: NodeSummary) {
  const facts = [
    `${name} (${osPid})`,
    `up ${formatDuration(uptimeMs / 1000)}`,
    `${groupDigits(processes)} processes`,
    `run queue ${groupDigits(runQueue)}`,
    `heap ${groupDigits(heapBytes / 1e6)} MB`,
    `dead letters ${groupDigits(deadLetters)}`,
  ]
  return facts.join(' · ')
}
