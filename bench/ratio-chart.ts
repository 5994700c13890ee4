// The ratios of a run as horizontal bars on a logarithmic scale: from 1, where both are equal, to
// the right where we win, to the left where the peer does.
import { coordinate, element, faintInk, gridLine, label, svgDocument } from '../src/plot/svg.ts'
import { type Measurement, round } from './report.ts'

/** From the names to the right edge. */
const BARS = 570
const ROW = 18
const TOP = 56
/** Room a character of a name takes, at most. */
const CHARACTER = 6.6
const RIGHT = 60

/** One colour a peer, told apart also without colours: the peer stands beside the bar. */
const colours: Readonly<Record<string, string>> = {
  erlang: '#a90533',
  nact: '#2f6fb2',
  effect: '#5a5a5a',
  xstate: '#2b8a3e',
}

/** The chart as an SVG document; figures without a peer are not in it. */
export function ratioChart(measurements: readonly Measurement[]): string {
  const bars = measurements.flatMap(({ name, peer, ratio }) =>
    peer === undefined || ratio === undefined || !Number.isFinite(ratio) || ratio <= 0
      ? []
      : [{ name, peer, ratio }],
  )
  const longest = Math.max(0, ...bars.map(({ name, peer }) => `${name} / ${peer}`.length))
  const left = 24 + longest * CHARACTER
  const width = left + BARS
  const powers = bars.map(({ ratio }) => Math.log10(ratio))
  const low = Math.floor(Math.min(0, ...powers))
  const high = Math.ceil(Math.max(1, ...powers))
  const x = (power: number): number => left + ((power - low) / (high - low)) * (BARS - RIGHT)
  const height = TOP + bars.length * ROW + 20
  const grid = Array.from({ length: high - low + 1 }, (_, i) => low + i).flatMap((power) => [
    element('path', {
      d: `M${coordinate(x(power))} ${TOP - 8}V${height - 16}`,
      stroke: power === 0 ? faintInk : gridLine,
    }),
    label(x(power), TOP - 14, `${round10(power)}x`, { 'text-anchor': 'middle', fill: faintInk }),
  ])
  const rows = bars.flatMap(({ name, peer, ratio }, row) => {
    const power = Math.log10(ratio)
    const y = TOP + row * ROW
    const from = x(Math.min(0, power))
    const length = Math.max(1, x(Math.max(0, power)) - from)
    return [
      label(left - 10, y + 12, `${name} / ${peer}`, { 'text-anchor': 'end' }),
      element('rect', {
        x: from,
        y: y + 2,
        width: length,
        height: ROW - 5,
        fill: colours[peer] ?? '#8a6d3b',
      }),
      label(Math.max(x(power), x(0)) + 5, y + 12, `${round(ratio)}`, { fill: faintInk }),
    ]
  })
  const title = 'How many times better Arbor is than its peers'
  return svgDocument(width, height, title, [
    label(12, 22, title, { 'font-size': 15, 'font-weight': 'bold' }),
    ...grid,
    ...rows,
  ])
}

function round10(power: number): string {
  return power >= 0 ? String(10 ** power) : `1/${10 ** -power}`
}
