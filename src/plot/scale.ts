// Axes: from numbers to places on the paper, and the round numbers to write beside them.

/** A linear map of a domain onto a range of coordinates. */
export interface Scale {
  readonly domain: readonly [number, number]
  /** Where a value lies; one outside the domain lies at its end. */
  at(value: number): number
  /** Round values within the domain, ascending. */
  readonly ticks: readonly number[]
}

/**
 * The scale whose domain holds `low` to `high`, widened to round numbers, with about `count` ticks.
 * A domain of one value, or of values too close to write down apart, is widened. Values beyond
 * 1e300 are taken for 1e300.
 */
export function linearScale(
  low: number,
  high: number,
  range: readonly [number, number],
  count: number,
): Scale {
  const from = Math.max(-LARGEST, Math.min(LARGEST, low))
  const to = Math.max(-LARGEST, Math.min(LARGEST, high))
  const size = Math.max(Math.abs(from), Math.abs(to), SMALLEST)
  const spread = to - from > size * 1e-9 ? to - from : Math.max(size, to === from ? 1 : 0)
  const step = roundStep(spread / count)
  const first = Math.floor(from / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(to / step - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tick(first + i, step))
  const domain = [first * step, last * step] as const
  const at = (value: number): number => {
    const inside = Math.max(domain[0], Math.min(domain[1], value))
    const share = (inside - domain[0]) / (domain[1] - domain[0])
    return range[0] + share * (range[1] - range[0])
  }
  return { domain, at, ticks }
}

/** The scale of exactly `low` to `high`, with the round numbers within. */
export function exactScale(
  low: number,
  high: number,
  range: readonly [number, number],
  count: number,
): Scale {
  const round = linearScale(low, high, range, count)
  if (!(low < high)) return round
  const at = (value: number): number => {
    const inside = Math.max(low, Math.min(high, value))
    return range[0] + ((inside - low) / (high - low)) * (range[1] - range[0])
  }
  const ticks = round.ticks.filter((value) => value >= low && value <= high)
  return { domain: [low, high], at, ticks }
}

const LARGEST = 1e300
const SMALLEST = 1e-12

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size))
  const lead = size / power
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)
}

/** n steps, without the rounding error of the product. */
function tick(n: number, step: number): number {
  return Number((n * step).toPrecision(12))
}

/** What to write beside ticks, all in one unit: thousands as k, millions as M. */
export function tickTexts(ticks: readonly number[]): string[] {
  const size = ticks.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (size >= 1e9 || size < 1e-4) return ticks.map((value) => value.toExponential(1))
  const [unit, suffix] = size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, '']
  return ticks.map((value) => {
    return value === 0 ? '0' : `${Number((value / unit).toPrecision(6))}${suffix}`
  })
}
