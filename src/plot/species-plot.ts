// The species of a run as a stream: each an area as high as it has members, from the generation
// that founded it to the one that it did not live to see. Older ones lie below younger ones.
//
//   speciesPlot({ title: 'species', points: [{ at: 150, sizes: [[0, 100], [3, 50]] }, ...] })

import { STREAM_POINTS_MAX } from '../limits.ts'
import { inkOn, shadeOf } from './palette.ts'
import { linearScale, type Scale, tickTexts } from './scale.ts'
import { coordinate, element, faintInk, gridLine, ink, label, svgDocument } from './svg.ts'

/** One generation. */
export interface SpeciesPoint {
  /** Where it lies on the horizontal axis. */
  readonly at: number
  /** Species by their ids, with their members. */
  readonly sizes: readonly (readonly [id: number, size: number])[]
}

export interface SpeciesPlotOptions {
  readonly title: string
  readonly points: readonly SpeciesPoint[]
  /** What the horizontal axis counts. Default `evaluations`. */
  readonly xLabel?: string
  /** Pixels. Default 860 x 340. */
  readonly width?: number
  readonly height?: number
}

const MARGIN = { top: 56, right: 28, bottom: 56, left: 68 } as const
/** Room that the name of a species needs; where it has none it is not written. */
const NAME_HEIGHT = 15
const NAME_WIDTH = 26
/** Areas are set off by a line as long as so many pixels lie between points. */
const LINE_SPACE = 3

/** The life of a species: sizes from its first point on, one a point. */
interface Life {
  readonly id: number
  readonly first: number
  /** Lower and upper edge, by point from `first` on. */
  readonly edges: (readonly [low: number, high: number])[]
}

interface Frame {
  readonly points: readonly SpeciesPoint[]
  /** Where each lies. */
  readonly places: readonly number[]
  readonly y: Scale
}

/** The plot as an SVG document. */
export function speciesPlot(options: SpeciesPlotOptions): string {
  const { title, width = 860, height = 340, xLabel = 'evaluations' } = options
  const points = thinned(options.points.filter(({ at }) => Number.isFinite(at)))
  const lives = livesOf(points)
  const most = points.reduce((highest, { sizes }) => Math.max(highest, membersOf(sizes)), 1)
  const last = points.reduce((latest, { at }) => Math.max(latest, at), 1)
  const right = width - MARGIN.right
  const bottom = height - MARGIN.bottom
  const x = linearScale(0, last, [MARGIN.left, right], 8)
  const y = linearScale(0, most, [bottom, MARGIN.top], 4)
  const frame: Frame = { points, places: points.map(({ at }) => x.at(at)), y }
  const isEmpty = lives.length === 0
  const empty = label(width / 2, (MARGIN.top + bottom) / 2, 'no species', {
    'text-anchor': 'middle',
    fill: faintInk,
  })
  return svgDocument(width, height, title, [
    label(MARGIN.left, 30, title, { 'font-size': 16, 'font-weight': 600 }),
    label(right, 30, isEmpty ? '' : summary(lives, points.length), {
      'text-anchor': 'end',
      fill: faintInk,
    }),
    ...axes(x, y, { right, bottom, xLabel }),
    ...(isEmpty ? [empty] : lives.map((life) => area(life, frame))),
    ...lives.map((life) => name(life, frame)),
  ])
}

/** So many that each has a pixel, the last among them; the first generation begins at 0. */
function thinned(points: readonly SpeciesPoint[]): readonly SpeciesPoint[] {
  const every = Math.ceil(points.length / STREAM_POINTS_MAX)
  const last = points.length - 1
  const kept = points.filter((_, place) => (last - place) % every === 0)
  const [first] = kept
  return first === undefined ? [] : [{ ...first, at: 0 }, ...kept]
}

function membersOf(sizes: SpeciesPoint['sizes']): number {
  return sizes.reduce((sum, [, size]) => sum + size, 0)
}

/** Every species with its edges, the oldest lowest. One that is gone for a while ends there. */
function livesOf(points: readonly SpeciesPoint[]): Life[] {
  const lives: Life[] = []
  const open = new Map<number, Life>()
  for (const [place, { sizes }] of points.entries()) {
    let low = 0
    for (const [id, size] of sizes.toSorted(([a], [b]) => a - b)) {
      if (!(size > 0)) continue
      const known = open.get(id)
      const isGoingOn = known !== undefined && known.first + known.edges.length === place
      const life = isGoingOn ? known : { id, first: place, edges: [] }
      if (!isGoingOn) {
        open.set(id, life)
        lives.push(life)
      }
      life.edges.push([low, low + size])
      low += size
    }
  }
  return lives
}

function summary(lives: readonly Life[], count: number): string {
  const living = lives.filter(({ first, edges }) => first + edges.length === count).length
  const all = new Set(lives.map(({ id }) => id)).size
  return `${all} species, ${living} of them alive at the end`
}

function axes(
  x: Scale,
  y: Scale,
  { right, bottom, xLabel }: { right: number; bottom: number; xLabel: string },
): string[] {
  const yTexts = tickTexts(y.ticks)
  const xTexts = tickTexts(x.ticks)
  const end = { 'text-anchor': 'end', fill: faintInk }
  const middle = { 'text-anchor': 'middle', fill: faintInk }
  return [
    ...y.ticks.map((value, i) => {
      const at = y.at(value)
      const line = { d: `M${MARGIN.left} ${coordinate(at)}H${right}`, stroke: gridLine }
      return element('path', line) + label(MARGIN.left - 8, at + 4, yTexts[i]!, end)
    }),
    ...x.ticks.map((value, i) => {
      const at = x.at(value)
      const line = { d: `M${coordinate(at)} ${bottom}v5`, stroke: ink }
      return element('path', line) + label(at, bottom + 20, xTexts[i]!, middle)
    }),
    element('path', { d: `M${MARGIN.left} ${bottom}H${right}`, stroke: ink }),
    label((MARGIN.left + right) / 2, bottom + 40, xLabel, { 'text-anchor': 'middle' }),
    label(0, 0, 'genotypes', {
      transform: `translate(20 ${coordinate((MARGIN.top + bottom) / 2)}) rotate(-90)`,
      'text-anchor': 'middle',
    }),
  ]
}

/** From a point where it was founded, through its edges, to a point where it is no more. */
function area({ id, first, edges }: Life, { points, places, y }: Frame): string {
  const upper = edges.map(([, high], i) => `${coordinate(places[first + i]!)} ${at(y, high)}`)
  const lower = edges.map(([low], i) => `${coordinate(places[first + i]!)} ${at(y, low)}`)
  // Between its neighbours, as if it had no members there.
  const none = (place: number): string[] => {
    const x = places[place]
    if (x === undefined) return []
    return [`${coordinate(x)} ${at(y, membersOf(olderThan(id, points[place])))}`]
  }
  const outline = [...none(first - 1), ...upper, ...none(first + edges.length), ...lower.reverse()]
  const most = edges.reduce((highest, [low, high]) => Math.max(highest, high - low), 0)
  const title = element('title', {}, [`species ${id}: ${most} at most`])
  const spaced = (places.at(-1)! - places[0]!) / places.length >= LINE_SPACE
  const line = spaced ? { stroke: '#ffffff', 'stroke-width': 0.6 } : {}
  return element('path', { d: `M${outline.join('L')}Z`, fill: shadeOf(id), ...line }, [title])
}

function olderThan(id: number, point: SpeciesPoint | undefined): SpeciesPoint['sizes'] {
  return point?.sizes.filter(([other]) => other < id) ?? []
}

function at(y: Scale, value: number): string {
  return coordinate(y.at(value))
}

/** The id where the species has most room; nothing where it has none. */
function name({ id, first, edges }: Life, { places, y }: Frame): string {
  const half = NAME_WIDTH / 2
  let best = { x: 0, y: 0, height: NAME_HEIGHT }
  for (let i = 0; i < edges.length; i++) {
    const x = Math.max(places[0]! + half, Math.min(places.at(-1)! - half, places[first + i]!))
    // What is its own over the whole width of the name.
    let [begin, end] = [first + i, first + i]
    while (begin > 0 && places[begin - 1]! > x - half) begin--
    while (end < places.length - 1 && places[end + 1]! < x + half) end++
    const own = edges.slice(Math.max(0, begin - first), end - first + 1)
    if (own.length < end - begin + 1) continue
    const top = own.reduce((lowest, [, high]) => Math.max(lowest, y.at(high)), 0)
    const bottom = own.reduce((highest, [low]) => Math.min(highest, y.at(low)), Infinity)
    if (bottom - top > best.height) best = { x, y: (top + bottom) / 2 + 4, height: bottom - top }
  }
  if (best.height === NAME_HEIGHT) return ''
  const text = { 'text-anchor': 'middle', 'font-size': 11, fill: inkOn(shadeOf(id)) }
  return label(best.x, best.y, `${id}`, text)
}
