// What is counted for whoever looks later, where the fact itself leaves no trace: plain numbers, so
// that counting costs nothing and needs no library. Metrics read them (metrics.ts).

let restarted = 0

/** A supervisor has restarted a child; supervisors only. */
export function countRestart(): void {
  restarted++
}

/** Restarts by supervisors of this thread since it started. */
export function restartCount(): number {
  return restarted
}
