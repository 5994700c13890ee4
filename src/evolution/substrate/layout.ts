// A substrate laid out: its nodes at their places, and the links that a CPPN is asked for.
import { linkInnovation } from '../innovation.ts'
import { nodesOf, type SubstrateGene } from '../substrate.ts'

export interface SubstrateNode {
  /** Id in the painted network. */
  readonly id: number
  /** Coordinates, the depth last. */
  readonly place: readonly number[]
}

/** A link that may be. */
export interface Candidate {
  readonly innovation: number
  readonly from: SubstrateNode
  readonly to: SubstrateNode
}

export interface Layout {
  readonly inputs: readonly SubstrateNode[]
  readonly hidden: readonly SubstrateNode[]
  readonly outputs: readonly SubstrateNode[]
  /** In the order of innovation numbers, which is that of a genotype's links. */
  readonly candidates: readonly Candidate[]
}

/** The last layout of this thread: a run has one, and laying it out takes longer than painting. */
let last: { readonly key: string; readonly layout: Layout } | undefined

export function layoutOf(gene: SubstrateGene): Layout {
  const { input, hidden, output, linkForm, inputPlaces, outputPlaces } = gene
  const key = JSON.stringify([input, hidden, output, linkForm, inputPlaces, outputPlaces])
  if (last?.key !== key) last = { key, layout: laidOut(gene) }
  return last.layout
}

/** The nodes of the input and the output layer, which all substrates have. */
export function endsOf(gene: SubstrateGene): Pick<Layout, 'inputs' | 'outputs'> {
  const { input, output, inputPlaces, outputPlaces } = gene
  const count = nodesOf(input)
  return {
    inputs: (inputPlaces ?? placesOf(input)).map((place, i) => ({ id: i, place: [...place, -1] })),
    outputs: (outputPlaces ?? placesOf(output)).map((place, i) => {
      return { id: count + i, place: [...place, 1] }
    }),
  }
}

function laidOut(gene: SubstrateGene): Layout {
  const { inputs, outputs } = endsOf(gene)
  let id = inputs.length + outputs.length
  const hidden = gene.hidden.map((grid, layer) => {
    const depth = -1 + (2 * (layer + 1)) / (gene.hidden.length + 1)
    return placesOf(grid).map((place) => ({ id: id++, place: [...place, depth] }))
  })
  const layers = [inputs, ...hidden, outputs]
  const candidates: Candidate[] = []
  for (const [one, sources] of layers.entries()) {
    for (const [other, targets] of layers.entries()) {
      if (!mayLink(gene, one, other, layers.length - 1)) continue
      for (const from of sources) {
        for (const to of targets) {
          candidates.push({ innovation: linkInnovation(from.id, to.id), from, to })
        }
      }
    }
  }
  candidates.sort((a, b) => a.innovation - b.innovation)
  return { inputs, hidden: hidden.flat(), outputs, candidates }
}

function mayLink({ linkForm }: SubstrateGene, from: number, to: number, last: number): boolean {
  switch (linkForm) {
    case 'l2l_feedforward':
      return to === from + 1
    case 'jordan_recurrent':
      return to === from + 1 || (from === last && to === 1)
    case 'freeform':
      return to > from
    case 'fully_connected':
      return to > 0
  }
}

/** The places of a grid, the last dimension fastest: from -1 to 1, a single one at 0. */
function placesOf(grid: readonly number[]): number[][] {
  return grid.reduce<number[][]>(
    (places, extent) =>
      places.flatMap((place) =>
        Array.from({ length: extent }, (_, i) => {
          return [...place, extent === 1 ? 0 : -1 + (2 * i) / (extent - 1)]
        }),
      ),
    [[]],
  )
}
