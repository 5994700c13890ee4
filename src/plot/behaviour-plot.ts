// What networks did, as points in the plane of the first two numbers of their behaviours, coloured
// by fitness; with the archive of novelty search, the elites of MAP-Elites, and the champion. A map
// of elites on a grid of two dimensions is drawn as that: a box a cell.
//
//   behaviourPlot({ title: 'maze', samples: [{ fitness: 120, behaviour: [36, 184] }] })
//
// Behaviours of one number are drawn against their fitness; of more than two, two are shown.
import type { BehaviourAxis } from '../evolution/environment/environment.ts'
import { rampColour } from './palette.ts'
import { exactScale, linearScale, type Scale, tickTexts } from './scale.ts'
import { coordinate, element, faintInk, gridLine, ink, label, svgDocument } from './svg.ts'

/** Numbers of a behaviour that a picture shows. */
export const BEHAVIOUR_AXES_SHOWN = 2

export interface BehaviourPoint {
  readonly fitness: number
  readonly behaviour: readonly number[]
}

/** The elites of a grid of two dimensions. */
export interface EliteMap {
  readonly bounds: readonly (readonly [low: number, high: number])[]
  readonly bins: readonly number[]
  /** Cells by their number: that of the first dimension times the bins of the second, and so on. */
  readonly cells: readonly { readonly cell: number; readonly fitness: number }[]
}

export interface BehaviourPlotOptions {
  readonly title: string
  readonly samples: readonly BehaviourPoint[]
  readonly axes?: readonly BehaviourAxis[]
  /** Lines in the plane, e.g. the walls of a maze: x and y of both ends. */
  readonly lines?: readonly (readonly number[])[]
  readonly archive?: readonly (readonly number[])[]
  /** Drawn as points of their own, or else as a map. */
  readonly elites?: readonly BehaviourPoint[]
  readonly map?: EliteMap
  readonly champion?: BehaviourPoint
}

/** Beyond it differences overflow. */
const LARGEST = 1e300
const WIDTH = 860
const AREA = { left: 68, top: 56, width: 500, height: 440 } as const
const HEIGHT = AREA.top + AREA.height + 64
const LEGEND = AREA.left + AREA.width + 44

interface Frame {
  readonly x: Scale
  readonly y: Scale
  readonly xName: string
  readonly yName: string
  /** The place of a point. */
  at(point: BehaviourPoint): readonly [x: number, y: number]
  colour(fitness: number): string
  readonly low: number
  readonly high: number
}

/** The plot as an SVG document. What is not finite is left out. */
export function behaviourPlot(options: BehaviourPlotOptions): string {
  const { title, lines = [], map, champion: best } = options
  const size = sizeOf(options)
  const isDrawable = (point: BehaviourPoint): boolean => isFinitePoint(point, size)
  const samples = options.samples.filter(isDrawable)
  const elites = (options.elites ?? []).filter(isDrawable)
  const champion = best !== undefined && isDrawable(best) ? [best] : []
  const known = (options.archive ?? [])
    .map((behaviour) => ({ behaviour, fitness: 0 }))
    .filter(isDrawable)
  const frame = frameOf(options, size, [...samples, ...elites, ...champion], known)
  const isMap = map !== undefined && map.bins.length === 2
  const marks = isMap
    ? cells(map, frame)
    : [
        ...samples.toSorted((a, b) => a.fitness - b.fitness).map((one) => dot(one, frame)),
        ...known.map((one) => ring(frame.at(one))),
        ...elites.map((one) => square(one, frame)),
      ]
  const isEmpty = samples.length + elites.length + known.length + champion.length === 0 && !isMap
  const empty = label(AREA.left + AREA.width / 2, AREA.top + AREA.height / 2, 'no behaviour yet', {
    'text-anchor': 'middle',
    fill: faintInk,
  })
  return svgDocument(WIDTH, HEIGHT, title, [
    label(AREA.left, 30, title, { 'font-size': 16, 'font-weight': 600 }),
    ...axes(frame),
    ...(isEmpty ? [empty] : marks),
    ...lines.map((line) => wall(line, frame)),
    ...champion.map((one) => star(frame.at(one))),
    ...legend(frame, {
      samples: samples.length > 0 && !isMap,
      archive: known.length > 0 && !isMap,
      elites: elites.length > 0 && !isMap,
      empty: isMap,
      lines: lines.length > 0,
      champion: champion.length > 0,
    }),
  ])
}

/** Numbers of a behaviour. */
function sizeOf({ axes, samples, elites = [], archive = [] }: BehaviourPlotOptions): number {
  const one = [...samples, ...elites][0]?.behaviour ?? archive[0]
  return axes?.length ?? one?.length ?? BEHAVIOUR_AXES_SHOWN
}

function isFinitePoint({ behaviour, fitness }: BehaviourPoint, size: number): boolean {
  const needed = Math.max(1, Math.min(size, BEHAVIOUR_AXES_SHOWN))
  const shown = behaviour.slice(0, needed)
  return shown.length === needed && [...shown, fitness].every((value) => Math.abs(value) < LARGEST)
}

function frameOf(
  { axes = [], map }: BehaviourPlotOptions,
  size: number,
  points: readonly BehaviourPoint[],
  archive: readonly BehaviourPoint[],
): Frame {
  const fitnesses = [...points, ...(map?.cells ?? [])].map(({ fitness }) => fitness)
  const low = least(fitnesses, 0)
  const high = most(fitnesses, 1)
  const behaviours = [...points, ...archive].map(({ behaviour }) => behaviour)
  const isFlat = size < BEHAVIOUR_AXES_SHOWN
  const scaleOf = (axis: number, range: readonly [number, number]): Scale => {
    const own = behaviours.flatMap((behaviour) => behaviour[axis] ?? [])
    const { low: from, high: to } = axes[axis] ?? {}
    const [first, last] = map?.bounds[axis] ?? [from, to]
    if (first === undefined || last === undefined) {
      return linearScale(least(own, 0), most(own, 1), range, 5)
    }
    return exactScale(least([...own, first], first), most([...own, last], last), range, 5)
  }
  const xRange = [AREA.left, AREA.left + AREA.width] as const
  const yRange = [AREA.top + AREA.height, AREA.top] as const
  const x = scaleOf(0, xRange)
  const y = isFlat ? linearScale(low, high, yRange, 5) : scaleOf(1, yRange)
  const of = size > BEHAVIOUR_AXES_SHOWN ? ` (of ${size} numbers)` : ''
  return {
    x,
    y,
    xName: `${axes[0]?.name ?? 'behaviour 0'}${of}`,
    yName: isFlat ? 'fitness' : (axes[1]?.name ?? 'behaviour 1'),
    at: ({ behaviour, fitness }) => [x.at(behaviour[0]!), y.at(isFlat ? fitness : behaviour[1]!)],
    colour: (fitness) => rampColour(high > low ? (fitness - low) / (high - low) : 1),
    low,
    high,
  }
}

function least(values: readonly number[], other: number): number {
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  return Number.isFinite(lowest) ? lowest : other
}

function most(values: readonly number[], other: number): number {
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return Number.isFinite(highest) ? highest : other
}

function axes({ x, y, xName, yName }: Frame): string[] {
  const { left, top, width, height } = AREA
  const bottom = top + height
  const xTexts = tickTexts(x.ticks)
  const yTexts = tickTexts(y.ticks)
  return [
    ...x.ticks.map((value, i) => {
      const at = x.at(value)
      const line = { d: `M${coordinate(at)} ${top}V${bottom}`, stroke: gridLine }
      const text = { 'text-anchor': 'middle', fill: faintInk }
      return element('path', line) + label(at, bottom + 20, xTexts[i]!, text)
    }),
    ...y.ticks.map((value, i) => {
      const at = y.at(value)
      const line = { d: `M${left} ${coordinate(at)}H${left + width}`, stroke: gridLine }
      const text = { 'text-anchor': 'end', fill: faintInk }
      return element('path', line) + label(left - 8, at + 4, yTexts[i]!, text)
    }),
    label(left + width / 2, bottom + 44, xName, { 'text-anchor': 'middle' }),
    label(0, 0, yName, {
      transform: `translate(20 ${coordinate(top + height / 2)}) rotate(-90)`,
      'text-anchor': 'middle',
    }),
  ]
}

/** A box a cell that has an elite; the others show the ground of the whole grid. */
function cells({ bounds, bins, cells: elites }: EliteMap, { x, y, colour }: Frame): string[] {
  const [columns, rows] = [bins[0]!, bins[1]!]
  const [[left, right], [bottom, top]] = [bounds[0]!, bounds[1]!]
  const box = (column: number, row: number, width: number, height: number) => {
    const at = x.at(left + ((right - left) * column) / columns)
    const end = x.at(left + ((right - left) * (column + width)) / columns)
    const low = y.at(bottom + ((top - bottom) * row) / rows)
    const high = y.at(bottom + ((top - bottom) * (row + height)) / rows)
    return { x: at, y: high, width: end - at, height: low - high }
  }
  return [
    element('rect', { ...box(0, 0, columns, rows), fill: gridLine }),
    ...elites.map(({ cell, fitness }) => {
      const title = element('title', {}, [`fitness ${fitness.toPrecision(5)}`])
      const place = box(Math.floor(cell / rows), cell % rows, 1, 1)
      const line = { stroke: '#ffffff', 'stroke-width': 0.5 }
      return element('rect', { ...place, fill: colour(fitness), ...line }, [title])
    }),
  ]
}

function dot(point: BehaviourPoint, frame: Frame): string {
  const [cx, cy] = frame.at(point)
  return element('circle', { cx, cy, r: 3, fill: frame.colour(point.fitness), opacity: '0.8' })
}

function ring([cx, cy]: readonly [number, number]): string {
  const line = { stroke: ink, 'stroke-width': 0.8, 'stroke-opacity': '0.7' }
  return element('circle', { cx, cy, r: 4.5, fill: 'none', ...line })
}

function square(point: BehaviourPoint, frame: Frame): string {
  const [x, y] = frame.at(point)
  const size = { x: x - 4, y: y - 4, width: 8, height: 8 }
  const line = { stroke: ink, 'stroke-width': 0.8 }
  return element('rect', { ...size, fill: frame.colour(point.fitness), ...line })
}

function star([x, y]: readonly [number, number]): string {
  const places = Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 === 0 ? 11 : 4.6
    const angle = (Math.PI * i) / 5 - Math.PI / 2
    return `${coordinate(x + radius * Math.cos(angle))} ${coordinate(y + radius * Math.sin(angle))}`
  })
  const paint = { fill: '#d55e00', stroke: '#ffffff', 'stroke-width': 1.5 }
  return element('path', { d: `M${places.join('L')}Z`, ...paint })
}

function wall([x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[], { x, y }: Frame): string {
  const d = `M${coordinate(x.at(x1))} ${coordinate(y.at(y1))}L${coordinate(x.at(x2))} ${coordinate(y.at(y2))}`
  return element('path', { d, stroke: ink, 'stroke-width': 2, 'stroke-linecap': 'round' })
}

type Shown = Readonly<
  Record<'samples' | 'archive' | 'elites' | 'empty' | 'lines' | 'champion', boolean>
>

/** What colours and marks mean, beside the plane. */
function legend(frame: Frame, shown: Shown): string[] {
  const { low, high, colour } = frame
  const steps = 32
  const bar = { top: AREA.top + 24, height: 160 }
  const parts = Array.from({ length: steps }, (_, i) => {
    const height = bar.height / steps
    const y = bar.top + bar.height - (i + 1) * height
    const fill = rampColour((i + 0.5) / steps)
    return element('rect', { x: LEGEND, y, width: 16, height: height + 0.5, fill })
  })
  const texts = tickTexts([low, high].map((value) => Number(value.toPrecision(4))))
  parts.push(
    label(LEGEND, AREA.top + 10, 'fitness'),
    label(LEGEND + 24, bar.top + bar.height, texts[0]!, { fill: faintInk }),
    label(LEGEND + 24, bar.top + 9, texts[1]!, { fill: faintInk }),
  )
  let y = bar.top + bar.height + 44
  const entry = (isShown: boolean, text: string, mark: (x: number, y: number) => string): void => {
    if (!isShown) return
    parts.push(mark(LEGEND + 8, y - 4), label(LEGEND + 28, y, text))
    y += 26
  }
  const sample = { fill: colour((low + high) / 2) }
  entry(shown.samples, 'evaluated (a sample)', (cx, cy) =>
    element('circle', { cx, cy, r: 3, ...sample }),
  )
  entry(shown.archive, 'in the archive', (cx, cy) => ring([cx, cy]))
  entry(shown.elites, 'elite of its cell', (cx, cy) => {
    const size = { x: cx - 4, y: cy - 4, width: 8, height: 8 }
    return element('rect', { ...size, ...sample, stroke: ink, 'stroke-width': 0.8 })
  })
  entry(shown.empty, 'no elite yet', (cx, cy) =>
    element('rect', { x: cx - 6, y: cy - 6, width: 12, height: 12, fill: gridLine }),
  )
  entry(shown.champion, 'champion', (cx, cy) => star([cx, cy]))
  entry(shown.lines, 'walls', (cx, cy) =>
    element('path', { d: `M${cx - 8} ${cy}h16`, stroke: ink, 'stroke-width': 2 }),
  )
  return parts
}
