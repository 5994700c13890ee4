// A plain of the flatland as a picture: the way of every body, what it has eaten and where it has
// got to; the one that the network drives with a dark line.
//
//   flatlandPlot(traceFlatland('prey', network), { title: 'flatland_prey: champion' })
import { PREY, RADII } from '../evolution/environment/flatland.ts'
import type { BodyTrace, FlatlandTrace, Place } from '../evolution/environment/flatland-trace.ts'
import { coordinate, element, faintInk, gridLine, ink, label, svgDocument } from './svg.ts'

export interface FlatlandPlotOptions {
  readonly title: string
}

const MARGIN = { top: 66, side: 24, bottom: 52 } as const
const PLANT_COLOUR = '#009e73'
const PREY_COLOUR = '#0072b2'
const PREDATOR_COLOUR = '#d55e00'
const MEAL_RADIUS = 4

/** The picture as an SVG document, a unit of the plain a pixel. */
export function flatlandPlot(trace: FlatlandTrace, { title }: FlatlandPlotOptions): string {
  const { width, height } = trace.options
  const ground = element('rect', { width, height, fill: '#fbfaf5', stroke: gridLine })
  // The network's own body above the others.
  const bodies = [...trace.bodies].sort((a, b) => Number(a.isOwn) - Number(b.isOwn))
  const plain = element('g', { transform: `translate(${MARGIN.side} ${MARGIN.top})` }, [
    ground,
    ...trace.plants.map(([x, y]) => disc([x, y], RADII[0]! + 1, { fill: PLANT_COLOUR })),
    ...bodies.map((body) => wayOf(body)),
    ...bodies.flatMap((body) => body.meals.map((place) => mealAt(place))),
    ...bodies.map((body) => signOf(body)),
  ])
  const full = { width: width + 2 * MARGIN.side, height: height + MARGIN.top + MARGIN.bottom }
  return svgDocument(full.width, full.height, title, [
    label(MARGIN.side, 28, title, { 'font-size': 16, 'font-weight': 600 }),
    label(MARGIN.side, 48, describe(trace), { fill: faintInk }),
    plain,
    ...legend(full.height - 20),
  ])
}

function describe({ ticks, bodies }: FlatlandTrace): string {
  const own = bodies.find(({ isOwn }) => isOwn)
  const lived = `${ticks} ticks, ${own?.isAlive === true ? 'alive at the end' : 'then dead'}`
  return `${lived}; it has eaten ${own?.meals.length ?? 0} times`
}

const colourOf = ({ kind }: BodyTrace): string => (kind === PREY ? PREY_COLOUR : PREDATOR_COLOUR)

function wayOf(body: BodyTrace): string {
  const d = body.path
    .map(([x, y], tick) => `${tick === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`)
    .join('')
  return element('path', {
    d,
    fill: 'none',
    stroke: body.isOwn ? ink : colourOf(body),
    'stroke-width': body.isOwn ? 1.6 : 1,
    opacity: body.isOwn ? '0.85' : '0.4',
  })
}

function mealAt(place: Place): string {
  return disc(place, MEAL_RADIUS, { fill: 'none', stroke: PLANT_COLOUR, 'stroke-width': 2 })
}

/** Where a body has got to; hollow when it is dead. */
function signOf(body: BodyTrace): string {
  const colour = colourOf(body)
  const fill = body.isAlive ? colour : '#ffffff'
  const stroke = body.isOwn ? ink : colour
  return disc(body.path.at(-1)!, RADII[body.kind]!, { fill, stroke, 'stroke-width': 2 })
}

function disc([cx, cy]: Place, r: number, attributes: Record<string, string | number>): string {
  return element('circle', { cx, cy, r, ...attributes })
}

function legend(y: number): string[] {
  const entries = [
    ['plant', PLANT_COLOUR, 4],
    ['prey', PREY_COLOUR, 8],
    ['predator', PREDATOR_COLOUR, 6],
  ] as const
  const signs = entries.flatMap(([name, fill, r], i) => {
    const x = MARGIN.side + 10 + 110 * i
    return [disc([x, y - 4], r, { fill }), label(x + 14, y, name)]
  })
  const x = MARGIN.side + 10 + 110 * entries.length
  return [
    ...signs,
    disc([x, y - 4], MEAL_RADIUS, { fill: 'none', stroke: PLANT_COLOUR, 'stroke-width': 2 }),
    label(x + 14, y, 'a meal; hollow bodies are dead, the dark line is the way of the network'),
  ]
}
