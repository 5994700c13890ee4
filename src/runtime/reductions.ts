// What processes have used of their thread's time, in reductions: a message handled, a message sent,
// and what callbacks are charged beside (erts, "reductions").
import { DEAD, extensionOf, type Process } from './pid.ts'

/** What a record counts itself: well below what is no small integer any more. */
const REDUCTIONS_MAX = 0x3fff_ffff

/** Of all processes of this thread since it started. */
export const totals: { reductions: number; messages: number } = { reductions: 0, messages: 0 }

/** Reductions used and messages handled by all processes of this thread since it started. */
export function turnTotals(): { readonly reductions: number; readonly messages: number } {
  return { ...totals }
}

/** Adds to what a process has used. */
export function countReductions(process: Process, count: number): void {
  totals.reductions += count
  process.reductions += count
  if (process.reductions > REDUCTIONS_MAX) carryReductions(process)
}

/** A counter that left the small integers would change the hidden class of all processes. */
function carryReductions(process: Process): void {
  if (process.status !== DEAD) extensionOf(process).earlierReductions += process.reductions
  process.reductions = 0
}
