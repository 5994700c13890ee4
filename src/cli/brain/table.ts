// The live table of a brain: a line a node.
import { type Column, groupDigits, renderTable } from '../table.ts'
import { countersOf, type NodeProgress } from './progress.ts'

const columns: readonly Column<NodeProgress>[] = [
  { title: 'node', align: 'left', cell: ({ name }) => name },
  { title: 'state', align: 'left', cell: ({ state }) => state },
  { title: 'generation', align: 'right', cell: ({ generation }) => groupDigits(generation) },
  { title: 'best', align: 'right', cell: ({ bestFitness }) => formatFitness(bestFitness) },
  {
    title: 'evaluations/s',
    align: 'right',
    cell: ({ evaluationsPerSecond }) => groupDigits(evaluationsPerSecond),
  },
  { title: 'sent', align: 'right', cell: (row) => groupDigits(countersOf(row).sent) },
  { title: 'received', align: 'right', cell: (row) => groupDigits(countersOf(row).received) },
  { title: 'let in', align: 'right', cell: (row) => groupDigits(countersOf(row).imports) },
  { title: 'refused', align: 'right', cell: (row) => groupDigits(countersOf(row).refused) },
  { title: 'restarts', align: 'right', cell: ({ restarts }) => groupDigits(restarts) },
]

/** The table as lines, titles first. */
export function brainTable(rows: readonly NodeProgress[]): readonly string[] {
  return renderTable(columns, rows)
}

/** A fitness in about five significant digits; a dash where none is known. */
export function formatFitness(fitness: number | undefined): string {
  if (fitness === undefined) return '-'
  return fitness >= 10_000 ? groupDigits(fitness) : fitness.toPrecision(5)
}
