// Processes as a tree of who supervises whom. What no supervisor has stands below whoever started
// or linked it first, or at the root.
import { Server } from '../../behaviours/server-loop.ts'
import type { Process } from '../../runtime/pid.ts'
import { linksOf } from '../../runtime/signal.ts'
import { describeProcess, type ProcessDescription } from './process-description.ts'
import { childrenOf } from './process-list.ts'

export interface ProcessTree extends ProcessDescription {
  readonly children: readonly ProcessTree[]
}

/** The trees of living processes, roots by age, children in their supervisor's order. */
export function treesOf(processes: readonly Process[]): ProcessTree[] {
  const living = new Set(processes)
  const children = new Map<Process, Process[]>()
  const placed = new Set<Process>()
  const put = (parent: Process, child: Process): void => {
    if (placed.has(child) || !living.has(child) || isAbove(child, parent, children)) return
    placed.add(child)
    const siblings = children.get(parent) ?? []
    siblings.push(child)
    children.set(parent, siblings)
  }
  for (const parent of processes) {
    for (const child of childrenOf(parent))
      if (living.has(child as Process)) put(parent, child as Process)
  }
  for (const process of processes) {
    const parent = process.state instanceof Server ? process.state.parent : null
    if (parent !== null && living.has(parent)) put(parent, process)
  }
  for (const process of processes) {
    if (placed.has(process)) continue
    const elder = linksOf(process).find((other) => other.id < process.id)
    if (elder !== undefined && living.has(elder as Process)) put(elder as Process, process)
  }
  return processes.filter((process) => !placed.has(process)).map((root) => grow(root, children))
}

/** Whether one process stands above another already: a tree has no circles. */
function isAbove(
  process: Process,
  other: Process,
  children: ReadonlyMap<Process, readonly Process[]>,
): boolean {
  const work = [process]
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (next === other) return true
    work.push(...(children.get(next) ?? []))
  }
  return false
}

function grow(process: Process, children: ReadonlyMap<Process, readonly Process[]>): ProcessTree {
  const below = children.get(process) ?? []
  return { ...describeProcess(process), children: below.map((child) => grow(child, children)) }
}
