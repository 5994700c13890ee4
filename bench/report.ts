// How a benchmark says what it measured: a line for a person, or with --json one object a line.
// Whatever is no figure (notices, progress) goes to standard error, so that it mixes with nothing.

export interface Measurement {
  /** What was measured, e.g. `ping-pong`. */
  readonly name: string
  readonly value: number
  /** Unit of `value` and `peerValue`, e.g. `ns/message`. */
  readonly unit: string
  /** Who was measured beside us in the same run; absent when nobody was. */
  readonly peer?: string
  readonly peerValue?: number
  /** How many times better we are than the peer: above 1 we win. */
  readonly ratio?: number
}

const asJson: boolean = process.argv.includes('--json')

/** Short rounds, to see that a benchmark still runs; its figures mean nothing. */
export const isQuick: boolean = process.argv.includes('--quick')

/** Prints one measurement. */
export function report(measurement: Measurement): void {
  const { name, value, unit, peer = null, peerValue = null, ratio = null } = measurement
  console.log(
    asJson
      ? JSON.stringify({ name, value, unit, peer, peerValue, ratio })
      : formatMeasurement(measurement),
  )
}

/** One measurement as a line for a person. */
export function formatMeasurement({
  name,
  value,
  unit,
  peer,
  peerValue,
  ratio,
}: Measurement): string {
  const figure = `${name.padEnd(44)} ${round(value)} ${unit}`
  if (peer === undefined || peerValue === undefined || ratio === undefined) return figure
  return `${figure}   ${peer} ${round(peerValue)} ${unit}   ratio ${round(ratio)}`
}

/** Tells a person something beside the figures; silent with --json. */
export function notice(text: string): void {
  if (!asJson) console.error(text)
}

/** Says what is being done, on a terminal only: the line is overwritten by the next. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.slice(0, 78).padEnd(79)}\r`)
}

/** The middle value; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle]
  if (upper === undefined || lower === undefined) throw new RangeError('the median of nothing')
  return (lower + upper) / 2
}

/** The value below which a share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Three digits are all that a measurement deserves. */
export function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}
