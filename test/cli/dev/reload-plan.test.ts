import { describe, expect, it } from 'vitest'
import { type ModuleGraph, planReload } from '../../../src/cli/dev/reload-plan.ts'

/** Who imports whom: `{ a: ['b'] }`, a is imported by b. */
function graph(importers: Record<string, string[]>, servers: string[]): ModuleGraph {
  const importersOf = (url: string): string[] => importers[url] ?? []
  return {
    importersOf,
    hasServers: (url) => servers.includes(url),
    affectedBy: (url) => {
      const order: string[] = []
      const visit = (module: string): void => {
        if (order.includes(module)) return
        for (const importer of importersOf(module)) visit(importer)
        order.push(module)
      }
      visit(url)
      return order.reverse()
    },
  }
}

describe('planReload', () => {
  it('loads a behaviour module alone', () => {
    const modules = graph({ counter: ['tree'], tree: ['main'] }, ['counter', 'tree'])
    expect(planReload(['counter'], 'main', modules)).toEqual({ reload: ['counter'], restart: [] })
  })

  it('loads the users of plain functions, up to the first behaviour module', () => {
    const modules = graph({ math: ['text'], text: ['counter'], counter: ['main'] }, ['counter'])
    expect(planReload(['math'], 'main', modules)).toEqual({
      reload: ['math', 'text', 'counter'],
      restart: [],
    })
  })

  it('asks for a restart when the entry uses what has changed', () => {
    const modules = graph({ math: ['counter', 'main'], counter: ['main'] }, ['counter'])
    expect(planReload(['math'], 'main', modules)).toEqual({
      reload: ['math', 'counter'],
      restart: ['math'],
    })
    expect(planReload(['main'], 'main', modules)).toEqual({ reload: [], restart: ['main'] })
  })

  it('puts what is used before its users, whatever changed first', () => {
    const modules = graph({ a: ['b'], b: ['c'], c: ['main'] }, ['c'])
    expect(planReload(['b', 'a'], 'main', modules).reload).toEqual(['a', 'b', 'c'])
  })
})
