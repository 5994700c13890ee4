// How a benchmark says what it measured: a line for a person, or with --json one object a line.

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

/** Prints one measurement. */
export function report(measurement: Measurement): void {
  const { name, value, unit, peer = null, peerValue = null, ratio = null } = measurement
  if (asJson) {
    console.log(JSON.stringify({ name, value, unit, peer, peerValue, ratio }))
    return
  }
  const against =
    peer === null || peerValue === null || ratio === null
      ? ''
      : `   ${peer} ${round(peerValue)} ${unit}   ratio ${ratio.toFixed(2)}`
  console.log(`${name.padEnd(36)} ${round(value)} ${unit}${against}`)
}

/** Tells a person something beside the figures; silent with --json. */
export function notice(text: string): void {
  if (!asJson) console.log(text)
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

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}
