// A genotype as a picture: inputs left, outputs right, weights as colour and width of the links,
// recurrent links as dashed arcs, in every neuron the curve of its activation and below it its
// bias. Of a genotype with a substrate, the network that it paints.
//
//   networkPlot(genotype, { title: 'dpnv: champion', inputs: ['x', 'θ₁', 'θ₂'] })
//
// Made for champions of up to some hundred links; beyond that it is a picture of size, not of
// structure.
import type { Genotype, NeuronGene } from '../evolution/genotype.ts'
import { activate, activationCode } from '../evolution/network/activation.ts'
import { phenotypeOf } from '../evolution/network/plan.ts'
import {
  layoutNetwork,
  type NetworkLayout,
  type PlacedLink,
  type PlacedNode,
} from './network-layout.ts'
import { coordinate, element, faintInk, ink, label, svgDocument } from './svg.ts'

export interface NetworkPlotOptions {
  readonly title: string
  /** Names of the inputs and outputs, by index. */
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
}

const POSITIVE = '#0072b2'
const NEGATIVE = '#d55e00'
const RADIUS = 17
const MARGIN = { top: 78, bottom: 84, side: 40 } as const
/** Pixels a character of a name takes. */
const CHARACTER = 7
const WIDTH_MIN = 740
/** Pixels by which arcs and loops rise above the higher of their ends. */
const ARC_REACH_MAX = 70
const LOOP_REACH = 30
/** Links beyond this are drawn finer, so that something can be seen of each. */
const MANY_LINKS = 120
/** Opacity of what cannot influence an output. */
const IDLE_OPACITY = '0.28'

/** The picture as an SVG document. */
export function networkPlot(given: Genotype, options: NetworkPlotOptions): string {
  const genotype = phenotypeOf(given)
  const layout = layoutNetwork(genotype)
  const left = MARGIN.side + nameWidth(options.inputs, `in ${genotype.inputs - 1}`)
  const right = MARGIN.side + nameWidth(options.outputs, `out ${genotype.outputs - 1}`)
  const width = Math.max(WIDTH_MIN, left + layout.width + right)
  const stretch = (width - left - right) / Math.max(1, layout.width)
  const widened = layout.links.map((placed) => {
    const points = placed.points.map(([x, y]): Point => [left + x * stretch, y])
    return { ...placed, points, side: sideOf(placed, layout) }
  })
  const crests = widened.filter(({ isRecurrent }) => isRecurrent).map(crestOf)
  const top = MARGIN.top - crests.reduce((least, y) => Math.min(least, y), 0)
  const bottom = crests.reduce((most, y) => Math.max(most, y), layout.height)
  const height = top + bottom + MARGIN.bottom
  const links = widened.map((placed) => {
    return { ...placed, points: placed.points.map(([x, y]): Point => [x, y + top]) }
  })
  const nodes = layout.nodes.map((node) => {
    return { ...node, x: left + node.x * stretch, y: top + node.y }
  })
  const drawn = [...links].sort((a, b) => Math.abs(a.link.weight) - Math.abs(b.link.weight))
  const genes = new Map(genotype.neurons.map((gene) => [gene.id, gene]))
  const fine = links.length > MANY_LINKS ? 0.6 : 1
  return svgDocument(width, height, options.title, [
    arrowHeads,
    label(MARGIN.side, 30, options.title, { 'font-size': 16, 'font-weight': 600 }),
    label(MARGIN.side, 50, describe(genotype, layout), { fill: faintInk }),
    ...drawn.map((link) => linkPath(link, fine)),
    ...nodes.map((node) => nodeSign(node, genes.get(node.id), nameOf(node, genotype, options))),
    ...legend(height - 26, crests.length > 0),
  ])
}

type Point = readonly [x: number, y: number]

/** A link with the side to which it leaves the row of neurons, if it is recurrent. */
interface SidedLink extends PlacedLink {
  readonly points: readonly Point[]
  readonly side: 'above' | 'below' | 'right' | 'left'
}

/**
 * Arcs turn to the nearer edge of the picture; within a column, aside, but not over an output's
 * name.
 */
function sideOf({ points }: PlacedLink, { width, height }: NetworkLayout): SidedLink['side'] {
  const [[x1, y1] = [0, 0], [x2, y2] = [0, 0]] = points
  if (x1 !== x2 || y1 === y2) return (y1 + y2) / 2 <= height / 2 ? 'above' : 'below'
  return x1 === width ? 'left' : 'right'
}

/** How far up, or down, an arc goes. */
function crestOf({ points, side }: SidedLink): number {
  const [[x1, y1] = [0, 0], [x2, y2] = [0, 0]] = points
  if (side === 'right' || side === 'left') return y1
  const sign = side === 'above' ? -1 : 1
  const reach = x1 === x2 ? LOOP_REACH : Math.min(ARC_REACH_MAX, 26 + 0.12 * Math.abs(x1 - x2))
  return (side === 'above' ? Math.min(y1, y2) : Math.max(y1, y2)) + sign * (RADIUS + reach)
}

function nameWidth(names: readonly string[] | undefined, standard: string): number {
  const longest = [...(names ?? []), standard].reduce(
    (most, { length }) => Math.max(most, length),
    0,
  )
  return RADIUS + CHARACTER * Math.min(longest, NAME_LENGTH_MAX)
}

/** Characters of a name that are shown. */
const NAME_LENGTH_MAX = 24

function nameOf(
  { id }: PlacedNode,
  { inputs, outputs }: Genotype,
  options: NetworkPlotOptions,
): string {
  const output = id - inputs
  if (output >= outputs) return ''
  const name = output < 0 ? options.inputs?.[id] : options.outputs?.[output]
  const shown = name ?? (output < 0 ? `in ${id}` : `out ${output}`)
  return shown.length > NAME_LENGTH_MAX ? `${shown.slice(0, NAME_LENGTH_MAX - 1)}…` : shown
}

/** The genotype in numbers. */
function describe({ inputs, outputs, neurons, links }: Genotype, layout: NetworkLayout): string {
  const recurrent = layout.links.filter(({ isRecurrent }) => isRecurrent).length
  const faint = layout.nodes.filter(({ matters, isInput }) => !matters && !isInput).length
  const disabled = links.length - layout.links.length
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
  return [
    count(inputs, 'input'),
    `${count(neurons.length - outputs, 'hidden neuron')}${faint > 0 ? `, ${faint} idle (faint)` : ''}`,
    count(outputs, 'output'),
    `${count(layout.links.length, 'link')}${recurrent > 0 ? `, ${recurrent} recurrent` : ''}`,
    ...(disabled > 0 ? [`${disabled} disabled (not drawn)`] : []),
  ].join(' · ')
}

const arrowHead = (id: string, fill: string): string => {
  const size = { markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse' }
  const place = { viewBox: '0 0 10 10', refX: 9, refY: 5, orient: 'auto' }
  return element('marker', { id, ...place, ...size }, [
    element('path', { d: 'M0 0L10 5L0 10z', fill }),
  ])
}

const arrowHeads: string = element('defs', {}, [
  arrowHead('positive', POSITIVE),
  arrowHead('negative', NEGATIVE),
])

/** Pixels of a link: they grow with the logarithm, since weights differ by powers. */
function strokeWidth(weight: number): number {
  return Math.min(6, 0.7 + 1.3 * Math.log2(1 + Math.abs(weight)))
}

function linkPath(placed: SidedLink, fine: number): string {
  const { link, isRecurrent, matters, points } = placed
  const sign = link.weight >= 0 ? 'positive' : 'negative'
  const title = element('title', {}, [`${link.from} → ${link.to}: ${link.weight.toPrecision(4)}`])
  const dashed = { 'stroke-dasharray': '6 5', 'marker-end': `url(#${sign})` }
  return element(
    'path',
    {
      d: isRecurrent ? recurrentPath(placed) : forwardPath(points),
      fill: 'none',
      stroke: sign === 'positive' ? POSITIVE : NEGATIVE,
      'stroke-width': strokeWidth(link.weight) * fine,
      opacity: matters ? '0.75' : IDLE_OPACITY,
      ...(isRecurrent ? dashed : { 'stroke-linecap': 'round' }),
    },
    [title],
  )
}

const xy = (x: number, y: number): string => `${coordinate(x)} ${coordinate(y)}`

/** Level at every point, so that a link passes between neurons as straight as it can. */
function forwardPath(points: readonly Point[]): string {
  const [first] = points
  if (first === undefined) return ''
  let [x, y] = first
  let d = `M${xy(x, y)}`
  for (const [nextX, nextY] of points.slice(1)) {
    const bend = (nextX - x) * 0.42
    d += `C${xy(x + bend, y)} ${xy(nextX - bend, nextY)} ${xy(nextX, nextY)}`
    x = nextX
    y = nextY
  }
  return d
}

/** A loop, a bulge within a column, or an arc back over (or below) what lies between. */
function recurrentPath(link: SidedLink): string {
  const [[x1, y1] = [0, 0], [x2, y2] = [0, 0]] = link.points
  const crest = crestOf(link)
  if (link.side === 'right' || link.side === 'left') {
    const sign = link.side === 'right' ? 1 : -1
    const bulge = x1 + sign * (RADIUS + 18 + 0.16 * Math.abs(y2 - y1))
    const edge = x1 + sign * RADIUS
    return `M${xy(edge, y1)}C${xy(bulge, y1)} ${xy(bulge, y2)} ${xy(edge + sign, y2)}`
  }
  const sign = link.side === 'above' ? -1 : 1
  if (x1 === x2) {
    const edge = y1 + sign * (RADIUS - 2)
    return `M${xy(x1 + 6, edge)}C${xy(x1 + 22, crest)} ${xy(x1 - 22, crest)} ${xy(x1 - 6, edge)}`
  }
  // Away from the middle of the neurons, where their loops begin and end.
  const rise = sign * RADIUS * 0.82
  const start = xy(x1 - RADIUS * 0.57, y1 + rise)
  const end = xy(x2 + RADIUS * 0.6, y2 + rise + sign)
  const lean = Math.min(40, 0.2 * Math.abs(x1 - x2))
  return `M${start}C${xy(x1 - lean, crest)} ${xy(x2 + lean, crest)} ${end}`
}

function nodeSign(node: PlacedNode, gene: NeuronGene | undefined, name: string): string {
  const { x, y, isInput } = node
  const parts = isInput || gene === undefined ? [inputSign(node)] : neuronSign(node, gene)
  if (name !== '') {
    const side = isInput ? -1 : 1
    const anchor = isInput ? 'end' : 'start'
    parts.push(label(x + side * (RADIUS + 8), y + 4, name, { 'text-anchor': anchor }))
  }
  const ground = element('circle', { cx: x, cy: y, r: isInput ? 9 : RADIUS, fill: '#ffffff' })
  return ground + element('g', node.matters ? {} : { opacity: IDLE_OPACITY }, parts)
}

function inputSign({ x, y }: PlacedNode): string {
  const size = { width: 20, height: 20, rx: 4 }
  const paint = { fill: '#eef2f6', stroke: ink, 'stroke-width': 1.4 }
  return element('rect', { x: x - 10, y: y - 10, ...size, ...paint })
}

function neuronSign({ x, y }: PlacedNode, { activation, bias }: NeuronGene): string[] {
  const text = bias > 0 ? `+${biasText(bias)}` : biasText(bias)
  const below = { 'text-anchor': 'middle', 'font-size': 9.5, fill: faintInk }
  const halo = { 'paint-order': 'stroke', stroke: '#ffffff', 'stroke-width': 3 }
  return [
    element(
      'circle',
      { cx: x, cy: y, r: RADIUS, fill: '#ffffff', stroke: ink, 'stroke-width': 1.4 },
      [element('title', {}, [activation])],
    ),
    activationCurve(x, y, activationCode(activation)),
    ...(bias === 0 ? [] : [label(x, y + RADIUS + 11, text, { ...below, ...halo })]),
  ]
}

const biasText = (bias: number): string => bias.toPrecision(2).replace('-', '−')

/** The activation from -3 to 3, scaled into the neuron. */
function activationCurve(x: number, y: number, code: number): string {
  const inner = RADIUS - 6
  const samples = Array.from({ length: 33 }, (_, i) => activate(code, (i - 16) * (3 / 16)))
  const low = Math.min(...samples)
  const high = Math.max(...samples)
  const scale = high > low ? (1.5 * inner) / (high - low) : 0
  const places = samples.map((value, i) => {
    return xy(x + ((i - 16) / 16) * inner, y - (value - (low + high) / 2) * scale)
  })
  const stroke = { stroke: ink, 'stroke-width': 1.5, 'stroke-linejoin': 'round' }
  return element('path', { d: `M${places.join('L')}`, fill: 'none', ...stroke })
}

/** What colours, widths and dashes mean. */
function legend(y: number, hasRecurrent: boolean): string[] {
  const parts: string[] = []
  let x: number = MARGIN.side
  const entry = (text: string, stroke: string, width: number, dash = 'none'): void => {
    const line = { d: `M${coordinate(x)} ${coordinate(y - 4)}h28`, 'stroke-linecap': 'round' }
    parts.push(
      element('path', { ...line, stroke, 'stroke-width': width, 'stroke-dasharray': dash }),
      label(x + 36, y, text, { 'font-size': 11.5 }),
    )
    x += 56 + 6.4 * text.length
  }
  entry('positive weight', POSITIVE, 2.5)
  entry('negative', NEGATIVE, 2.5)
  entry('weight 0.5', faintInk, strokeWidth(0.5))
  entry('weight 5', faintInk, strokeWidth(5))
  if (hasRecurrent) entry('recurrent (last tick)', ink, 1.6, '6 5')
  return parts
}
