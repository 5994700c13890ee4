// Results as lines of JSON for programs: one object an event.

/** Writes one event. */
export function writeEvent(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}
