// Where the neurons of a genotype stand on paper: columns from inputs (left) to outputs (right),
// the links between them as paths that cross little. The layered method of Sugiyama, Tagawa & Toda
// (1981): columns by the longest path, long links led through every column they pass, order within
// a column by barycentres.
import type { Genotype, LinkGene } from '../evolution/genotype.ts'

export interface PlacedNode {
  readonly id: number
  readonly column: number
  readonly x: number
  readonly y: number
  readonly isInput: boolean
  /** Whether it can influence an output at all. */
  readonly matters: boolean
}

export interface PlacedLink {
  readonly link: LinkGene
  readonly isRecurrent: boolean
  readonly matters: boolean
  /** From source to target; those in between are where the link passes other columns. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface NetworkLayout {
  readonly columns: number
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  /** Enabled links only. */
  readonly links: readonly PlacedLink[]
}

/** Pixels between neighbours of a column, between passing links, and between columns. */
const NODE_GAP = 62
const PASS_GAP = 18
const COLUMN_GAP = 130
/**
 * Height (pixels) from which rows move closer together, and how close, so that neurons do not
 * overlap.
 */
const HEIGHT_WIDE = 900
const CLOSEST = 0.62
/**
 * Beyond this many, long links are drawn straight: leading each through its columns takes too long.
 */
const LED_LINKS_MAX = 1_500
/** Passes of the barycentre method; more change nothing to see. */
const SWEEPS = 12

/** A place in a column: a node, or where a long link passes. */
interface Cell {
  readonly column: number
  readonly isNode: boolean
  readonly before: Cell[]
  readonly after: Cell[]
  order: number
  y: number
}

/** Places a genotype. Units are pixels, the origin is the upper left corner of what is drawn. */
export function layoutNetwork(genotype: Genotype): NetworkLayout {
  const links = genotype.links.filter(({ enabled }) => enabled)
  const layers = layersOf(genotype)
  const isRecurrent = ({ from, to }: LinkGene): boolean => layers.get(to)! <= layers.get(from)!
  const column = columnsOf(genotype, links, isRecurrent)
  const columns = Math.max(...column.values()) + 1
  const grid: Cell[][] = Array.from({ length: columns }, () => [])
  const cells = new Map<number, Cell>()
  for (const id of column.keys()) cells.set(id, addCell(grid, column.get(id)!, true))
  const lead = links.length <= LED_LINKS_MAX
  const routes = links.map((link) => {
    const from = cells.get(link.from)!
    const to = cells.get(link.to)!
    return isRecurrent(link) ? [from, to] : route(grid, from, to, lead)
  })
  orderColumns(grid)
  const height = placeColumns(grid)
  const useful = influential(genotype, links)
  const point = ({ column, y }: Cell): [number, number] => [column * COLUMN_GAP, y]
  return {
    columns,
    height,
    width: (columns - 1) * COLUMN_GAP,
    nodes: [...cells].map(([id, cell]) => {
      const [x, y] = point(cell)
      const isInput = id < genotype.inputs
      return { id, column: cell.column, x, y, isInput, matters: useful.has(id) }
    }),
    links: links.map((link, i) => ({
      link,
      isRecurrent: isRecurrent(link),
      matters: useful.has(link.to),
      points: routes[i]!.map(point),
    })),
  }
}

function layersOf({ inputs, neurons }: Genotype): Map<number, number> {
  const layers = new Map<number, number>()
  for (let id = 0; id < inputs; id++) layers.set(id, -1)
  for (const { id, layer } of neurons) layers.set(id, layer)
  return layers
}

/** Inputs 0, a hidden neuron one right of its rightmost source, outputs right of all. */
function columnsOf(
  { inputs, neurons }: Genotype,
  links: readonly LinkGene[],
  isRecurrent: (link: LinkGene) => boolean,
): Map<number, number> {
  const columns = new Map<number, number>()
  for (let id = 0; id < inputs; id++) columns.set(id, 0)
  const incoming = new Map<number, number[]>()
  for (const link of links) {
    if (isRecurrent(link)) continue
    const sources = incoming.get(link.to)
    if (sources === undefined) incoming.set(link.to, [link.from])
    else sources.push(link.from)
  }
  let deepest = 0
  // Ascending by layer, so the sources of forward links are known.
  for (const { id, layer } of neurons) {
    if (layer === 1) continue
    const sources = incoming.get(id) ?? []
    const column = sources.reduce((most, from) => Math.max(most, columns.get(from)!), 0) + 1
    columns.set(id, column)
    deepest = Math.max(deepest, column)
  }
  for (const { id, layer } of neurons) if (layer === 1) columns.set(id, deepest + 1)
  return columns
}

function addCell(grid: Cell[][], column: number, isNode: boolean): Cell {
  const order = grid[column]!.length
  const cell: Cell = { column, isNode, before: [], after: [], order, y: 0 }
  grid[column]!.push(cell)
  return cell
}

/** The cells a forward link goes through, ends included, joined to each other. */
function route(grid: Cell[][], from: Cell, to: Cell, lead: boolean): Cell[] {
  const cells = [from]
  for (let column = from.column + 1; lead && column < to.column; column++) {
    cells.push(addCell(grid, column, false))
  }
  cells.push(to)
  for (let i = 1; i < cells.length; i++) {
    cells[i - 1]!.after.push(cells[i]!)
    cells[i]!.before.push(cells[i - 1]!)
  }
  return cells
}

/**
 * Sorts columns by the mean place of their neighbours, forwards and backwards; inputs keep their
 * order.
 */
function orderColumns(grid: Cell[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forwards = sweep % 2 === 0
    for (let step = 1; step < grid.length; step++) {
      const index = forwards ? step : grid.length - 1 - step
      // Inputs and outputs stand in the order of their ids, where a reader looks for them.
      if (index === 0 || index === grid.length - 1) continue
      const column = grid[index]!
      const keys = new Map(
        column.map((cell) => [cell, barycentre(cell, forwards ? cell.before : cell.after, grid)]),
      )
      column.sort((a, b) => keys.get(a)! - keys.get(b)! || a.order - b.order)
      column.forEach((cell, order) => {
        cell.order = order
      })
    }
  }
}

/** Mean relative place (0 top, 1 bottom) of neighbours; its own where there are none. */
function barycentre(cell: Cell, neighbours: readonly Cell[], grid: readonly Cell[][]): number {
  const share = ({ order, column }: Cell): number => (order + 0.5) / grid[column]!.length
  if (neighbours.length === 0) return share(cell)
  return neighbours.reduce((sum, each) => sum + share(each), 0) / neighbours.length
}

/** Gives every cell its y, every column centred; returns the height. */
function placeColumns(grid: readonly Cell[][]): number {
  const heights = grid.map((column) => {
    let y = 0
    column.forEach((cell, i) => {
      const above = column[i - 1]
      if (above !== undefined) y += (gapOf(above) + gapOf(cell)) / 2
      cell.y = y
    })
    return y
  })
  const tallest = Math.max(...heights)
  const closeness = Math.max(CLOSEST, Math.min(1, HEIGHT_WIDE / tallest))
  grid.forEach((column, i) => {
    for (const cell of column) cell.y = closeness * (cell.y + (tallest - heights[i]!) / 2)
  })
  return closeness * tallest
}

const gapOf = ({ isNode }: Cell): number => (isNode ? NODE_GAP : PASS_GAP)

/** Ids from which an output can be reached. */
function influential({ neurons }: Genotype, links: readonly LinkGene[]): Set<number> {
  const reached = new Set(neurons.filter(({ layer }) => layer === 1).map(({ id }) => id))
  const sources = new Map<number, number[]>()
  for (const { from, to } of links) {
    const list = sources.get(to)
    if (list === undefined) sources.set(to, [from])
    else list.push(from)
  }
  // A set visits what is added to it while it is walked.
  for (const id of reached) for (const from of sources.get(id) ?? []) reached.add(from)
  return reached
}
