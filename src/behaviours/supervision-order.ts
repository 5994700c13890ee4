// Servers in the order in which their supervisors started them: parents before children, siblings
// from left to right, each subtree before the next. An upgrade changes them in this order, and
// takes it back in reverse.
import type { Process } from '../runtime/pid.ts'
import { Server } from './server-loop.ts'

/** Sorts servers; those without a common tree stand in the order of their roots' start. */
export function supervisionOrder(servers: Iterable<Process>): Process[] {
  const wanted = new Set(servers)
  const childrenOf = new Map<Process | null, Set<Process>>()
  for (const process of wanted) addPath(process, childrenOf)
  const order: Process[] = []
  const work = sorted(null, childrenOf).reverse()
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (wanted.has(next)) order.push(next)
    work.push(...sorted(next, childrenOf).reverse())
  }
  return order
}

/** Notes a server below its parent, that below its own, up to the root (below null). */
function addPath(process: Process, childrenOf: Map<Process | null, Set<Process>>): void {
  let child = process
  for (;;) {
    const parent = parentOf(child)
    let siblings = childrenOf.get(parent)
    if (siblings === undefined) {
      siblings = new Set()
      childrenOf.set(parent, siblings)
    }
    if (siblings.has(child)) return
    siblings.add(child)
    if (parent === null) return
    child = parent
  }
}

function parentOf(process: Process): Process | null {
  return process.state instanceof Server ? process.state.parent : null
}

/** Children in their supervisor's order; those it does not list by their age. */
function sorted(
  parent: Process | null,
  childrenOf: ReadonlyMap<Process | null, ReadonlySet<Process>>,
): Process[] {
  const children = [...(childrenOf.get(parent) ?? [])].sort((a, b) => a.id - b.id)
  const listed = parent?.state instanceof Server ? parent.state.callbacks.systemChildren?.() : null
  if (!listed || children.length < 2) return children
  const positions = new Map<unknown, number>([...listed].map((pid, index) => [pid, index]))
  const positionOf = (child: Process): number => positions.get(child) ?? Number.MAX_SAFE_INTEGER
  return children.sort((a, b) => positionOf(a) - positionOf(b) || a.id - b.id)
}
