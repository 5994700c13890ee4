// `arbor tree`: who supervises whom in a running node.
import type { ProcessTree } from '../../actors/inspection/process-tree.ts'
import { type AttachOptions, attach, orBadInput } from '../inspection/attach.ts'
import { writeEvent } from '../output.ts'

export interface TreeOptions extends AttachOptions {
  readonly json: boolean
}

export async function runTree(options: TreeOptions): Promise<void> {
  const client = await attach(options)
  try {
    const trees = await orBadInput(client.ask({ op: 'tree' }))
    if (options.json) writeEvent({ event: 'tree', trees })
    else process.stdout.write(`${trees.flatMap((tree) => drawTree(tree)).join('\n')}\n`)
  } finally {
    client.close()
  }
}

/** A tree as lines, with branches. */
export function drawTree(tree: ProcessTree): string[] {
  const lines = [labelOf(tree)]
  tree.children.forEach((child, index) => {
    const isLast = index === tree.children.length - 1
    const [head = '', ...rest] = drawTree(child)
    lines.push(`${isLast ? '└─' : '├─'} ${head}`)
    for (const line of rest) lines.push(`${isLast ? '  ' : '│ '} ${line}`)
  })
  return lines
}

function labelOf({ pid, name, behaviour, status, mailboxLength }: ProcessTree): string {
  const who = name === null ? behaviour : `${name} ${behaviour}`
  const waiting = mailboxLength > 0 ? `  ${mailboxLength} waiting` : ''
  return `${who} <${pid}>${status === 'suspended' ? '  suspended' : ''}${waiting}`
}
