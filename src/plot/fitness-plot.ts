// The course of a run: best and mean fitness over evaluations, one colour a node, with a band where
// the points say how far the population spreads.
//
//   const points = [{ evaluations: 200, best: 3, mean: 1 }]
//   fitnessPlot({ title: 'dpnv', series: [{ name: 'node-1', points }] })
import { colourOf } from './palette.ts'
import { linearScale, type Scale, tickTexts } from './scale.ts'
import { coordinate, element, faintInk, gridLine, ink, label, svgDocument } from './svg.ts'

/** One generation. */
export interface FitnessPoint {
  /** Evaluations of the node so far. */
  readonly evaluations: number
  readonly best: number
  readonly mean: number
  /** Ends of the band, e.g. the quartiles. */
  readonly low?: number
  readonly high?: number
}

/** The generations of one node, in order. */
export interface FitnessSeries {
  readonly name: string
  readonly points: readonly FitnessPoint[]
}

export interface FitnessPlotOptions {
  readonly title: string
  readonly series: readonly FitnessSeries[]
  /** What the horizontal axis counts. Default `evaluations`. */
  readonly xLabel?: string
  /** What the band shows. Default `quartiles`. */
  readonly bandLabel?: string
  /** Pixels. Default 860 x 480. */
  readonly width?: number
  readonly height?: number
}

/** Names that fit into the legend; of more nodes the rest is counted. */
const LEGEND_NAMES_MAX = 12
const MARGIN = { top: 56, right: 28, bottom: 88, left: 68 } as const

interface Frame {
  readonly width: number
  readonly height: number
  readonly x: Scale
  readonly y: Scale
}

/** The plot as an SVG document. Points that are not finite are left out. */
export function fitnessPlot(options: FitnessPlotOptions): string {
  const { title, width = 860, height = 480, xLabel = 'evaluations' } = options
  const series = options.series.map(({ name, points }) => ({
    name,
    points: points.filter(isDrawable),
  }))
  const points = series.flatMap(({ points }) => points)
  const values = points.flatMap((p) => [p.best, p.mean, p.low ?? p.mean, p.high ?? p.best])
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const last = points.reduce((most, { evaluations }) => Math.max(most, evaluations), 1)
  const bottom = height - MARGIN.bottom
  const frame: Frame = {
    width,
    height,
    x: linearScale(0, last, [MARGIN.left, width - MARGIN.right], 8),
    // Fitness mostly begins at 0; an axis that shows it does not exaggerate.
    y: linearScale(
      Math.min(0, points.length > 0 ? lowest : 0),
      points.length > 0 ? highest : 1,
      [bottom, MARGIN.top],
      6,
    ),
  }
  const hasBand = points.some(({ low, high }) => low !== undefined && high !== undefined)
  const empty = label(width / 2, (MARGIN.top + bottom) / 2, 'no generation yet', {
    'text-anchor': 'middle',
    fill: faintInk,
  })
  return svgDocument(width, height, title, [
    label(MARGIN.left, 30, title, { 'font-size': 16, 'font-weight': 600 }),
    ...axes(frame, xLabel),
    ...(points.length === 0 ? [empty] : []),
    ...series.map(({ points }, i) => band(points, frame, colourOf(i))),
    ...series.map(({ points }, i) => curve(points, 'mean', frame, colourOf(i))),
    ...series.map(({ points }, i) => curve(points, 'best', frame, colourOf(i))),
    ...legend(series, frame, hasBand ? (options.bandLabel ?? 'quartiles') : undefined),
  ])
}

function isDrawable(point: FitnessPoint): boolean {
  const { evaluations, best, mean, low = 0, high = 0 } = point
  return [evaluations, best, mean, low, high].every(Number.isFinite)
}

function axes({ width, height, x, y }: Frame, xLabel: string): string[] {
  const left = MARGIN.left
  const right = width - MARGIN.right
  const bottom = height - MARGIN.bottom
  const yTexts = tickTexts(y.ticks)
  const horizontal = y.ticks.map((value, i) => {
    const at = y.at(value)
    return (
      element('path', { d: `M${left} ${coordinate(at)}H${right}`, stroke: gridLine }) +
      label(left - 8, at + 4, yTexts[i]!, { 'text-anchor': 'end', fill: faintInk })
    )
  })
  const xTexts = tickTexts(x.ticks)
  const vertical = x.ticks.map((value, i) => {
    const at = x.at(value)
    return (
      element('path', { d: `M${coordinate(at)} ${bottom}v5`, stroke: ink }) +
      label(at, bottom + 20, xTexts[i]!, { 'text-anchor': 'middle', fill: faintInk })
    )
  })
  const centre = (MARGIN.top + bottom) / 2
  return [
    ...horizontal,
    ...vertical,
    element('path', { d: `M${left} ${bottom}H${right}`, stroke: ink }),
    label((left + right) / 2, bottom + 40, xLabel, { 'text-anchor': 'middle' }),
    label(0, 0, 'fitness', {
      transform: `translate(20 ${coordinate(centre)}) rotate(-90)`,
      'text-anchor': 'middle',
    }),
  ]
}

function band(points: readonly FitnessPoint[], { x, y }: Frame, colour: string): string {
  const banded = points.filter(({ low, high }) => low !== undefined && high !== undefined)
  if (banded.length < 2) return ''
  const place = (at: number, value: number): string => {
    return `${coordinate(x.at(at))} ${coordinate(y.at(value))}`
  }
  const upper = banded.map(({ evaluations, high = 0 }) => place(evaluations, high))
  const lower = banded.map(({ evaluations, low = 0 }) => place(evaluations, low)).reverse()
  const d = `M${[...upper, ...lower].join('L')}Z`
  return element('path', { d, fill: colour, 'fill-opacity': '0.12' })
}

function curve(
  points: readonly FitnessPoint[],
  kind: 'best' | 'mean',
  { x, y }: Frame,
  colour: string,
): string {
  const isBest = kind === 'best'
  const places = points.map((point) => {
    return `${coordinate(x.at(point.evaluations))} ${coordinate(y.at(point[kind]))}`
  })
  const [first] = points
  if (points.length === 1 && first !== undefined) {
    const centre = { cx: x.at(first.evaluations), cy: y.at(first[kind]) }
    return element('circle', { ...centre, r: isBest ? 3.5 : 2.5, fill: colour })
  }
  if (places.length === 0) return ''
  return element('path', {
    d: `M${places.join('L')}`,
    fill: 'none',
    stroke: colour,
    'stroke-linejoin': 'round',
    ...(isBest
      ? { 'stroke-width': 2.2 }
      : { 'stroke-width': 1.2, 'stroke-dasharray': '4 3', 'stroke-opacity': '0.75' }),
  })
}

/** Colours by name, then what the two kinds of line and the band mean. */
function legend(
  series: readonly FitnessSeries[],
  { width, height }: Frame,
  bandLabel: string | undefined,
): string[] {
  const y = height - 22
  const parts: string[] = []
  let x = MARGIN.left
  const entry = (text: string, sign: (x: number) => string): void => {
    parts.push(sign(x), label(x + 30, y, text, { 'font-size': 11.5 }))
    x += 48 + 6.6 * text.length
  }
  const line = (stroke: string, extra: Record<string, string | number>) => (at: number) =>
    element('path', { d: `M${coordinate(at)} ${y - 4}h24`, stroke, ...extra })
  if (series.length > 1) {
    const shown = series.slice(0, LEGEND_NAMES_MAX)
    for (const [i, { name }] of shown.entries()) {
      if (x > width - 330) break
      entry(name, line(colourOf(i), { 'stroke-width': 6 }))
    }
    const named = parts.length / 2
    if (named < series.length) {
      parts.push(label(x, y, `+ ${series.length - named} more`, { fill: faintInk }))
      x += 70
    }
  }
  const plain = series.length > 1 ? ink : colourOf(0)
  entry('best', line(plain, { 'stroke-width': 2.2 }))
  entry('mean', line(plain, { 'stroke-width': 1.2, 'stroke-dasharray': '4 3' }))
  if (bandLabel !== undefined) {
    const fill = { fill: plain, 'fill-opacity': '0.15' }
    entry(bandLabel, (at) => element('rect', { x: at, y: y - 10, width: 24, height: 12, ...fill }))
  }
  return parts
}
