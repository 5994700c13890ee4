// Expected and seen traces, side by side.
import type { Scenario, Segment } from './scenario.ts'
import { canonical } from './term.ts'

/** Nothing when the traces agree; otherwise both, step by step, the differing ones marked. */
export function difference(
  { name, rule, steps }: Scenario,
  expected: readonly Segment[],
  seen: readonly Segment[],
): string {
  if (canonical(expected) === canonical(seen)) return ''
  const lines = steps.flatMap((step, index) => {
    const wanted = canonical(expected[index] ?? {})
    const got = canonical(seen[index] ?? {})
    const title = `  ${index} ${canonical(step)}`
    if (wanted === got) return [title]
    return [title, `  ≠    expected ${wanted}`, `       seen     ${got}`]
  })
  return [name, rule, ...lines].join('\n')
}
