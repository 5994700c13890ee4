// ES-HyperNEAT: where hidden nodes stand follows from where the CPPN's pattern has information
// (Risi & Stanley 2012, "An enhanced hypercube-based encoding for evolving the placement, density,
// and connectivity of neurons", Artificial Life 18, section 4 and appendix A).
//
//   const { hidden, links } = discovered(gene, cppn)
//
// From each input the space of the other end is divided into cells, in each dimension into two,
// finer where the pattern varies (division). Cells in which it does not vary enough become one
// point (pruning), and of the points those stay that differ from both neighbours in some
// dimension: a band (banding). The points are nodes, and the links to them are theirs. Nodes found
// so are asked in the same way where they lead, `iterationLevel` times; then each output is asked
// where it comes from. What is not on a way from an input to an output is taken out.
//
// The paper has two dimensions, one of a layer and its depth; here as many as a place has.
import { GENOTYPE_LINKS_MAX } from '../../limits.ts'
import { linkInnovation } from '../innovation.ts'
import { type EvolvableGene, placeSize, type SubstrateGene } from '../substrate.ts'
import type { Cppn, PaintedLink } from './cppn.ts'
import { endsOf, type SubstrateNode } from './layout.ts'

/** A link that was found. */
export interface FoundLink extends PaintedLink {
  readonly innovation: number
  readonly from: SubstrateNode
  readonly to: SubstrateNode
}

export interface Discovered {
  /** By depth, then by the other coordinates. */
  readonly hidden: readonly SubstrateNode[]
  /** In the order of innovation numbers. */
  readonly links: readonly FoundLink[]
}

/** A cube of the space, known by its centre. */
interface Cell {
  readonly place: readonly number[]
  /** Half of an edge. */
  readonly width: number
  readonly level: number
  readonly value: number
  parts: readonly Cell[]
}

type Place = readonly number[]

interface Connection extends PaintedLink {
  readonly from: Place
  readonly to: Place
}

export function discovered(gene: SubstrateGene, cppn: Cppn): Discovered {
  const { evolvable } = gene
  if (evolvable === undefined) throw new RangeError('this substrate has its nodes given')
  const ends = endsOf(gene)
  const search = new Search(gene, evolvable, cppn)
  for (const { place } of ends.inputs) search.explore(place, 'outgoing')
  let unexplored = search.newPlaces()
  for (let i = 0; i < evolvable.iterationLevel; i++) {
    for (const place of unexplored) search.explore(place, 'outgoing')
    unexplored = search.newPlaces()
  }
  for (const { place } of ends.outputs) search.explore(place, 'incoming')
  return onTheWay(search.connections, ends.inputs, ends.outputs)
}

class Search {
  readonly connections: Connection[] = []
  readonly #gene: SubstrateGene
  readonly #settings: EvolvableGene
  readonly #cppn: Cppn
  /** Of all nodes found so far. */
  readonly #known = new Set<string>()
  #new: Place[] = []

  constructor(gene: SubstrateGene, settings: EvolvableGene, cppn: Cppn) {
    this.#gene = gene
    this.#settings = settings
    this.#cppn = cppn
  }

  /** The nodes found since this was asked last. */
  newPlaces(): readonly Place[] {
    const found = this.#new
    this.#new = []
    return found
  }

  /** Finds the nodes that one leads to, or comes from. */
  explore(end: Place, way: 'outgoing' | 'incoming'): void {
    const valueAt = (place: Place): number =>
      way === 'outgoing' ? this.#cppn.pattern(end, place) : this.#cppn.pattern(place, end)
    for (const place of this.#points(this.#divided(valueAt), valueAt)) {
      const [from, to] = way === 'outgoing' ? [end, place] : [place, end]
      if (!this.#mayLink(from, to)) continue
      const link = this.#cppn.link(from, to)
      if (link === undefined) continue
      this.connections.push({ ...link, from, to })
      // What an output comes from must have been found from the inputs.
      if (way === 'incoming' || this.#known.has(String(place))) continue
      this.#known.add(String(place))
      this.#new.push(place)
    }
  }

  #mayLink(from: Place, to: Place): boolean {
    return this.#gene.linkForm === 'fully_connected' || to.at(-1)! > from.at(-1)!
  }

  /** Division: the tree of cells. */
  #divided(valueAt: (place: Place) => number): Cell {
    const { initialDepth, maxDepth, divisionThreshold } = this.#settings
    const centre = Array<number>(placeSize(this.#gene)).fill(0)
    const root: Cell = { place: centre, width: 1, level: 1, value: 0, parts: [] }
    const queue = [root]
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      cell.parts = partsOf(cell, valueAt)
      const isDivided =
        cell.level < initialDepth || (cell.level < maxDepth && variance(cell) > divisionThreshold)
      if (isDivided) queue.push(...cell.parts)
    }
    return root
  }

  /** Pruning and banding: the points that stay. */
  #points(cell: Cell, valueAt: (place: Place) => number): Place[] {
    const { varianceThreshold, bandThreshold } = this.#settings
    return cell.parts.flatMap((part) => {
      if (variance(part) > varianceThreshold) return this.#points(part, valueAt)
      return bandAt(part, cell.width, valueAt) > bandThreshold ? [part.place] : []
    })
  }
}

/** Half in each dimension; bit i of a part's number says on which side of dimension i it is. */
function partsOf({ place, width, level }: Cell, valueAt: (place: Place) => number): Cell[] {
  const half = width / 2
  return Array.from({ length: 1 << place.length }, (_, number) => {
    const centre = place.map((x, i) => (((number >> i) & 1) === 0 ? x - half : x + half))
    return { place: centre, width: half, level: level + 1, value: valueAt(centre), parts: [] }
  })
}

/** Of the values of the smallest cells within. */
function variance(cell: Cell): number {
  if (cell.parts.length === 0) return 0
  const values = leavesOf(cell)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length
}

function leavesOf({ parts, value }: Cell): number[] {
  return parts.length === 0 ? [value] : parts.flatMap(leavesOf)
}

/** By how much a cell differs from both neighbours, in the dimension where that is most. */
function bandAt({ place, value }: Cell, step: number, valueAt: (place: Place) => number): number {
  let most = 0
  place.forEach((x, i) => {
    const before = Math.abs(value - valueAt(place.with(i, x - step)))
    const behind = Math.abs(value - valueAt(place.with(i, x + step)))
    most = Math.max(most, Math.min(before, behind))
  })
  return most
}

/** Nodes between inputs and outputs, and the links between what is left. */
function onTheWay(
  connections: readonly Connection[],
  inputs: readonly SubstrateNode[],
  outputs: readonly SubstrateNode[],
): Discovered {
  const placesOf = (nodes: readonly SubstrateNode[]): string[] => nodes.map((n) => String(n.place))
  const forward = connections.map(({ from, to }): Step => [String(from), String(to)])
  const backward = forward.map(([from, to]): Step => [to, from])
  const reached = reachable(placesOf(inputs), forward)
  const reaching = reachable(placesOf(outputs), backward)
  const isOnTheWay = (place: Place): boolean =>
    reached.has(String(place)) && reaching.has(String(place))
  const nodes = new Map([...inputs, ...outputs].map((node) => [String(node.place), node]))
  const places = new Map<string, Place>()
  for (const { from, to } of connections) {
    for (const place of [from, to]) {
      if (!nodes.has(String(place)) && isOnTheWay(place)) places.set(String(place), place)
    }
  }
  const first = inputs.length + outputs.length
  const hidden = [...places.values()]
    .sort(byDepth)
    .map((place, i): SubstrateNode => ({ id: first + i, place }))
  for (const node of hidden) nodes.set(String(node.place), node)
  const links = new Map<number, FoundLink>()
  for (const { from: source, to: target, ...painted } of connections) {
    const [from, to] = [nodes.get(String(source)), nodes.get(String(target))]
    if (from === undefined || to === undefined) continue
    const innovation = linkInnovation(from.id, to.id)
    links.set(innovation, { innovation, from, to, ...painted })
  }
  if (links.size > GENOTYPE_LINKS_MAX) throw new RangeError(`${links.size} links are too many`)
  return { hidden, links: [...links.values()].sort((a, b) => a.innovation - b.innovation) }
}

type Step = readonly [from: string, to: string]

function reachable(from: readonly string[], steps: readonly Step[]): ReadonlySet<string> {
  const next = new Map<string, string[]>()
  for (const [source, target] of steps) {
    const targets = next.get(source)
    if (targets === undefined) next.set(source, [target])
    else targets.push(target)
  }
  const reached = new Set(from)
  // What is added while a set is walked is walked, too.
  for (const place of reached) for (const target of next.get(place) ?? []) reached.add(target)
  return reached
}

/** The order of a genotype's neurons. */
function byDepth(a: Place, b: Place): number {
  const depth = a.at(-1)! - b.at(-1)!
  if (depth !== 0) return depth
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}
