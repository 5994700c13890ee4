// Which modules are loaded again when files have changed: those, and whoever uses them, up to the
// first behaviour module. That one's servers go over to the new code, so its own users need
// nothing; a module of plain functions has nobody to take over, so all its users have to bind anew.
// The entry is never run a second time: it would start everything twice.

/** What the plan has to know of the modules. */
export interface ModuleGraph {
  /** The module and its users, direct or not, used before users. */
  affectedBy(url: string): readonly string[]
  importersOf(url: string): readonly string[]
  /** Whether a module exports behaviour classes. */
  hasServers(url: string): boolean
}

export interface ReloadPlan {
  /** Modules to load again, used before users. */
  readonly reload: readonly string[]
  /** Changed modules that only a restart brings in. */
  readonly restart: readonly string[]
}

export function planReload(
  changed: Iterable<string>,
  entry: string,
  graph: ModuleGraph,
): ReloadPlan {
  const reload = new Set<string>()
  const restart = new Set<string>()
  for (const url of changed) {
    const marked = new Set([url])
    for (const module of graph.affectedBy(url)) {
      if (!marked.has(module) || module === entry || graph.hasServers(module)) continue
      for (const importer of graph.importersOf(module)) marked.add(importer)
    }
    if (marked.has(entry)) restart.add(url)
    marked.delete(entry)
    if (url === entry) continue
    // In the order of the graph, so that users find what they use loaded again.
    for (const module of graph.affectedBy(url)) if (marked.has(module)) reload.add(module)
  }
  return { reload: usedFirst(reload, graph), restart: [...restart] }
}

/** Two changes may mark the same modules in different orders. */
function usedFirst(modules: ReadonlySet<string>, graph: ModuleGraph): string[] {
  const order: string[] = []
  const placed = new Set<string>()
  const place = (module: string): void => {
    if (placed.has(module)) return
    placed.add(module)
    for (const other of modules) {
      if (graph.importersOf(other).includes(module)) place(other)
    }
    order.push(module)
  }
  for (const module of modules) place(module)
  return order
}
