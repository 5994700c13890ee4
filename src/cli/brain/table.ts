// The live table of a brain: a line a node.
import { type Column, groupDigits, renderTable } from '../table.ts'
import { countersOf, type NodeProgress } from './progress.ts'

const columns: readonly Column<NodeProgress>[] = [
  { title: 'node', align: 'left', cell: ({ name }) => name },
  { title: 'state', align: 'left', cell: ({ state }) => state },
  { title: 'generation', align: 'right', cell: ({ generation }) => groupDigits(generation) },
  { title: 'best', align: 'right', cell: ({ bestFitness }) => formatFitness(bestFitness) },
  {
    title: 'evals/s',
    align: 'right',
    cell: ({ evaluationsPerSecond }) => groupDigits(evaluationsPerSecond),
  },
  { title: 'sent', align: 'right', cell: (row) => groupDigits(countersOf(row).sent) },
  { title: 'received', align: 'right', cell: (row) => groupDigits(countersOf(row).received) },
  { title: 'let in', align: 'right', cell: (row) => groupDigits(countersOf(row).imports) },
  { title: 'refused', align: 'right', cell: (row) => groupDigits(countersOf(row).refused) },
]

/** What goes first where the terminal is narrow. */
const dispensable: readonly string[] = ['let in', 'received', 'sent', 'refused', 'state']

/** What is worth a column where nodes share. */
const shared: readonly string[] = ['node', 'state', 'sent', 'received', 'let in', 'refused']

/**
 * The table as lines, titles first; with as many columns as fit into a terminal of `width`. One
 * population by itself (`isAlone`) shares nothing.
 */
export function brainTable(
  rows: readonly NodeProgress[],
  width: number = Number.POSITIVE_INFINITY,
  isAlone = false,
): readonly string[] {
  let shown = isAlone ? columns.filter(({ title }) => !shared.includes(title)) : columns
  let lines = renderTable(shown, rows)
  for (const dropped of dispensable) {
    if (lines.every((line) => line.length <= width)) break
    shown = shown.filter(({ title }) => title !== dropped)
    lines = renderTable(shown, rows)
  }
  return lines
}

/** A fitness in about five significant digits; a dash where none is known. */
export function formatFitness(fitness: number | undefined): string {
  if (fitness === undefined) return '-'
  return fitness >= 10_000 ? groupDigits(fitness) : fitness.toPrecision(5)
}

/** Figures of a strategy that tell how far it is, with the words for them. */
const toldMeasures: Readonly<Record<string, (value: number) => string>> = {
  archive: (value) => `archive ${groupDigits(value)}`,
  coverage: (value) => `coverage ${(100 * value).toFixed(1)} %`,
  qdScore: (value) => `QD score ${formatFitness(value)}`,
  hallOfFame: (value) => `hall of fame ${groupDigits(value)}`,
  migrations: (value) => `migrated ${groupDigits(value)}`,
  bestRating: (value) => `Elo ${groupDigits(Math.round(value))}`,
}

/** The figures of a strategy that a person wants to see; empty where it has none. */
export function measuresText(measures: Readonly<Record<string, number>>): string {
  return Object.entries(toldMeasures)
    .flatMap(([name, text]) => (measures[name] === undefined ? [] : [text(measures[name])]))
    .join(', ')
}
