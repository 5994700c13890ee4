// A whole run in one picture, panel below panel: fitness with the band from worst to best, species,
// the size of the best network, and the champion.
//
//   runPlot({ title: 'dpnv', points, champion: genotype })
import type { Genotype } from '../evolution/genotype.ts'
import { type FitnessPoint, fitnessPlot } from './fitness-plot.ts'
import { networkPlot } from './network-plot.ts'
import { linearScale, tickTexts } from './scale.ts'
import { coordinate, element, faintInk, gridLine, ink, label, svgDocument } from './svg.ts'

/** One generation. */
export interface RunPoint extends FitnessPoint {
  readonly worst: number
  readonly species: number
  /** Of the best network. */
  readonly neurons: number
  readonly links: number
}

export interface RunPlotOptions {
  readonly title: string
  readonly points: readonly RunPoint[]
  readonly champion: Genotype
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
}

const WIDTH = 860
const FITNESS_HEIGHT = 480
const COUNTS_HEIGHT = 220
const MARGIN = { top: 40, right: 28, bottom: 36, left: 68 } as const

/** Values of a panel, and their colour. */
interface Counted {
  readonly name: string
  readonly colour: string
  readonly value: (point: RunPoint) => number
}

export function runPlot({ title, points, champion, inputs, outputs }: RunPlotOptions): string {
  const banded = points.map((point) => ({ ...point, low: point.worst, high: point.best }))
  const fitness = fitnessPlot({
    title: `${title}: fitness by evaluations`,
    series: [{ name: title, points: banded }],
    bandLabel: 'worst to best',
    width: WIDTH,
    height: FITNESS_HEIGHT,
  })
  const species: Counted = { name: 'species', colour: '#009e73', value: (point) => point.species }
  const size: readonly Counted[] = [
    { name: 'neurons', colour: '#d55e00', value: ({ neurons }) => neurons },
    { name: 'links', colour: '#0072b2', value: ({ links }) => links },
  ]
  const labels = {
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
  }
  const network = networkPlot(champion, { title: `${title}: champion`, ...labels })
  const networkTop = FITNESS_HEIGHT + 2 * COUNTS_HEIGHT
  const below = (y: number, panel: string): string =>
    element('g', { transform: `translate(0 ${y})` }, [panel])
  return svgDocument(WIDTH, networkTop + heightOf(network), `${title}: a run`, [
    fitness,
    below(FITNESS_HEIGHT, counts('species', points, [species])),
    below(FITNESS_HEIGHT + COUNTS_HEIGHT, counts('size of the best network', points, size)),
    below(networkTop, network),
  ])
}

/** Curves from 0, over evaluations as the fitness above them. */
function counts(title: string, points: readonly RunPoint[], lines: readonly Counted[]): string {
  const last = points.reduce((most, { evaluations }) => Math.max(most, evaluations), 1)
  const values = points.flatMap((point) => lines.map(({ value }) => value(point)))
  const most = values.reduce((a, b) => Math.max(a, b), 1)
  const right = WIDTH - MARGIN.right
  const bottom = COUNTS_HEIGHT - MARGIN.bottom
  const x = linearScale(0, last, [MARGIN.left, right], 8)
  const y = linearScale(0, most, [bottom, MARGIN.top], 4)
  const texts = tickTexts(y.ticks)
  const grid = y.ticks.map((value, i) => {
    const at = y.at(value)
    return (
      element('path', { d: `M${MARGIN.left} ${coordinate(at)}H${right}`, stroke: gridLine }) +
      label(MARGIN.left - 8, at + 4, texts[i]!, { 'text-anchor': 'end', fill: faintInk })
    )
  })
  const curves = lines.map(({ value, colour }) => {
    const places = points.map((point) => {
      return `${coordinate(x.at(point.evaluations))} ${coordinate(y.at(value(point)))}`
    })
    const d = places.length === 0 ? 'M0 0' : `M${places.join('L')}`
    return element('path', { d, fill: 'none', stroke: colour, 'stroke-width': 1.8 })
  })
  const names = lines.map(({ name, colour }, i) =>
    label(right - 70 * (lines.length - 1 - i), 24, name, { 'text-anchor': 'end', fill: colour }),
  )
  const ground = element('path', { d: `M${MARGIN.left} ${bottom}H${right}`, stroke: ink })
  const heading = label(MARGIN.left, 24, title, { 'font-size': 14, 'font-weight': 600 })
  return [heading, ...names, ...grid, ground, ...curves].join('\n')
}

/** Of a document made here. */
function heightOf(document: string): number {
  return Number(/ height="([\d.]+)"/.exec(document)?.[1] ?? 0)
}
