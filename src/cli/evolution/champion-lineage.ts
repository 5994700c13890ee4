// Whom a champion descends from: `arbor evolve champion --lineage`.
//
//   generation  genotype  fitness  how it came about
//            0  5d0c82aa   1.2041  seed
//            4  91ff3e07   2.8810  mutant of 5d0c82aa: add_neuron
//           11  c27b1d4e   3.9987  crossed of 91ff3e07 and 0b6e6f21: mutate_weights
//
// People see one line, that of the better parent each time; with `--json` all ancestors are told.
import { existsSync } from 'node:fs'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { Ancestry, type LineageRow } from '../../evolution/lineage.ts'
import { formatFitness } from '../brain/table.ts'
import { BadInput } from '../failure.ts'
import { writeEvent } from '../output.ts'
import { type Column, groupDigits, renderTable } from '../table.ts'
import { rowsBackwards } from './generation-lines.ts'
import type { RunFolder } from './run-folder.ts'

/** Digits of a content id that are enough to tell one ancestor from another. */
const ID_DIGITS = 8

export async function showLineage(folder: RunFolder, { json }: { json: boolean }): Promise<void> {
  const { genotype, task, seed } = await folder.champion()
  if (!existsSync(folder.lineagePath)) {
    throw new BadInput(
      `${folder.shown} has no lineage: let it be kept, with \`arbor evolve run --lineage\`.`,
    )
  }
  const ancestry = new Ancestry(genotypeId(genotype))
  for (const row of rowsBackwards<LineageRow>(folder.lineagePath)) {
    ancestry.add(row)
    if (ancestry.isComplete) break
  }
  const { rows } = ancestry
  const line = mainLine(rows)
  if (json) {
    for (const row of rows) writeEvent({ event: 'ancestor', ...row, main: line.includes(row) })
    return
  }
  const [all, shown] = [rows.length, line.length].map(groupDigits)
  process.stdout.write(
    `${task} (seed ${seed}): the line of the champion, ${shown} of ${all} genotypes that led to it, ` +
      'the better parent each time\n' +
      renderTable(columns, line)
        .map((text) => `${text}\n`)
        .join(''),
  )
}

/** From one without parents to the last row, by the first parent each time. */
function mainLine(rows: readonly LineageRow[]): LineageRow[] {
  const line: LineageRow[] = []
  let wanted = rows.at(-1)?.id
  for (const row of rows.toReversed()) {
    if (row.id !== wanted) continue
    line.unshift(row)
    wanted = row.parents[0]
  }
  return line
}

const columns: readonly Column<LineageRow>[] = [
  { title: 'generation', align: 'right', cell: ({ generation }) => groupDigits(generation) },
  { title: 'genotype', align: 'left', cell: ({ id }) => shortId(id) },
  { title: 'fitness', align: 'right', cell: ({ fitness }) => formatFitness(fitness ?? undefined) },
  { title: 'how it came about', align: 'left', cell: howOf },
]

function howOf({ kind, parents, operators }: LineageRow): string {
  const of = parents.length === 0 ? '' : ` of ${parents.map(shortId).join(' and ')}`
  return `${kind}${of}${operators.length === 0 ? '' : `: ${operators.join(', ')}`}`
}

function shortId(id: string): string {
  return id.slice(0, ID_DIGITS)
}
