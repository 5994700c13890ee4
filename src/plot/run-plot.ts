// A whole run in one picture, panel below panel: fitness with the band from worst to best, the
// stream of species, what the strategy counts, the size of the best network, what networks did, and
// the champion.
//
//   runPlot({ title: 'dpnv', points, champion: genotype })
import type { Genotype } from '../evolution/genotype.ts'
import { type BehaviourPlotOptions, behaviourPlot } from './behaviour-plot.ts'
import { type FitnessPoint, fitnessPlot } from './fitness-plot.ts'
import { networkPlot } from './network-plot.ts'
import { linearScale, tickTexts } from './scale.ts'
import { type SpeciesPoint, speciesPlot } from './species-plot.ts'
import { coordinate, element, faintInk, gridLine, ink, label, svgDocument } from './svg.ts'

/** One generation. */
export interface RunPoint extends FitnessPoint {
  readonly worst: number
  readonly species: number
  /** Of the best network. */
  readonly neurons: number
  readonly links: number
  /** Of each species, by id, where the strategy has species. */
  readonly sizes?: SpeciesPoint['sizes']
  /** The strategy's own figures, by name. */
  readonly measures?: Readonly<Record<string, number>>
}

export interface RunPlotOptions {
  readonly title: string
  readonly points: readonly RunPoint[]
  readonly champion: Genotype
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
  /** For a task that says what networks do. */
  readonly behaviours?: Omit<BehaviourPlotOptions, 'title'>
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

export function runPlot(options: RunPlotOptions): string {
  const { title, points, champion, inputs, outputs, behaviours } = options
  const banded = points.map((point) => ({ ...point, low: point.worst, high: point.best }))
  const labels = {
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
  }
  const panels = [
    fitnessPlot({
      title: `${title}: fitness by evaluations`,
      series: [{ name: title, points: banded }],
      bandLabel: 'worst to best',
      width: WIDTH,
      height: FITNESS_HEIGHT,
    }),
    ...speciesPanel(points),
    ...measurePanels(points),
    counts('size of the best network', points, [
      { name: 'neurons', colour: '#d55e00', value: ({ neurons }) => neurons },
      { name: 'links', colour: '#0072b2', value: ({ links }) => links },
    ]),
    ...(behaviours === undefined
      ? []
      : [behaviourPlot({ title: `${title}: what networks did`, ...behaviours })]),
    networkPlot(champion, { title: `${title}: champion`, ...labels }),
  ]
  let y = 0
  const placed = panels.map((panel) => {
    // A large network is wider than the page.
    const scale = Math.min(1, WIDTH / sizeOf(panel, 'width'))
    const size = scale === 1 ? '' : ` scale(${scale.toFixed(4)})`
    const at = element('g', { transform: `translate(0 ${coordinate(y)})${size}` }, [panel])
    y += scale * sizeOf(panel, 'height')
    return at
  })
  return svgDocument(WIDTH, y, `${title}: a run`, placed)
}

/** The stream of species; only how many there were, of a run that has not kept more. */
function speciesPanel(points: readonly RunPoint[]): string[] {
  const known = points.flatMap(({ evaluations, sizes }) =>
    sizes === undefined ? [] : [{ at: evaluations, sizes }],
  )
  if (known.length > 0) return [speciesPlot({ title: 'species', points: known, width: WIDTH })]
  const species: Counted = { name: 'species', colour: '#009e73', value: (point) => point.species }
  return points.every((point) => point.species <= 1) ? [] : [counts('species', points, [species])]
}

/** Figures of strategies that are worth a curve, and what a person calls them. */
const measureTitles: Readonly<Record<string, string>> = {
  bestRating: 'Elo rating of the best',
  archive: 'archive',
  hallOfFame: 'hall of fame',
  coverage: 'coverage: share of the cells that have an elite',
  qdScore: 'QD score: sum of the elites\u2019 fitness',
}

function measurePanels(points: readonly RunPoint[]): string[] {
  return Object.entries(measureTitles).flatMap(([name, title]) => {
    const told = points.filter(({ measures }) => Number.isFinite(measures?.[name]))
    if (told.length === 0) return []
    const line: Counted = { name: '', colour: '#0072b2', value: (one) => one.measures?.[name] ?? 0 }
    return [counts(title, told, [line])]
  })
}

/** Curves over evaluations, as the fitness above them; from 0, unless all lies far above it. */
function counts(title: string, points: readonly RunPoint[], lines: readonly Counted[]): string {
  const last = points.reduce((most, { evaluations }) => Math.max(most, evaluations), 1)
  const values = points.flatMap((point) => lines.map(({ value }) => value(point)))
  const most = values.reduce((a, b) => Math.max(a, b), values.length > 0 ? 0 : 1)
  const least = values.reduce((a, b) => Math.min(a, b), most)
  const right = WIDTH - MARGIN.right
  const bottom = COUNTS_HEIGHT - MARGIN.bottom
  const x = linearScale(0, last, [MARGIN.left, right], 8)
  const y = linearScale(
    least > most / 2 ? least : Math.min(0, least),
    most,
    [bottom, MARGIN.top],
    4,
  )
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
  return svgDocument(WIDTH, COUNTS_HEIGHT, title, [heading, ...names, ...grid, ground, ...curves])
}

/** Of a document made here. */
function sizeOf(document: string, side: 'width' | 'height'): number {
  return Number(new RegExp(` ${side}="([\\d.]+)"`).exec(document)?.[1] ?? 0)
}
