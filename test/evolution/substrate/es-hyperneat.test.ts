// Where nodes stand, on patterns that can be seen through (Risi & Stanley 2012, section 4).
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom, type LinkSketch } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { phenotypeOf } from '../../../src/evolution/network/plan.ts'
import { Cppn } from '../../../src/evolution/substrate/cppn.ts'
import { type Discovered, discovered } from '../../../src/evolution/substrate/es-hyperneat.ts'
import {
  type EvolvableGene,
  evolvableDefaults,
  type SubstrateGene,
} from '../../../src/evolution/substrate.ts'
import { grownCppn } from './generated-substrate.ts'

const evolvable: EvolvableGene = { ...evolvableDefaults, iterationLevel: 0 }

const gene: SubstrateGene = {
  input: [1],
  hidden: [],
  output: [1],
  linkForm: 'freeform',
  plasticity: 'none',
  threshold: 0.2,
  weightRange: 3,
  evolvable,
}

type Pattern = (x1: number, y1: number, x2: number, y2: number) => number

/** What a CPPN that computes this pattern leads to; the input is at (0, -1), the output at (0, 1). */
function nodesOf(
  pattern: Pattern,
  change: Partial<SubstrateGene> = {},
): Discovered & { asked: number } {
  let asked = 0
  const network = {
    reset: () => {},
    step: ([x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float64Array, outputs: Float64Array) => {
      asked++
      outputs[0] = pattern(x1, y1, x2, y2)
    },
  }
  const changed = { ...gene, ...change }
  const cppn = new Cppn(network, changed, { inputs: 4, outputs: 1 })
  return {
    ...discovered(changed, cppn),
    get asked() {
      return asked
    },
  }
}

const placesOf = ({ hidden }: Discovered): string[] => hidden.map(({ place }) => place.join(' '))

describe('ES-HyperNEAT', () => {
  it('places no node where the pattern tells nothing', () => {
    expect(nodesOf(() => 1)).toMatchObject({ hidden: [], links: [] })
    expect(nodesOf(() => 0)).toMatchObject({ hidden: [], links: [] })
    // A slope differs from one neighbour as much as from the other, but by little.
    expect(nodesOf((_x1, _y1, x2) => 0.5 * x2)).toMatchObject({ hidden: [] })
  })

  it('places nodes along a band, and nowhere else', () => {
    // A stripe of one finest cell in x, centred at 0.125, at every depth.
    const stripe = nodesOf((x1, y1, x2, y2) => {
      const x = y1 === -1 ? x2 : x1
      return Math.abs(x - 0.125) < 0.1 || y2 === y1 ? 1 : 0
    })
    expect(placesOf(stripe)).toEqual(
      [-0.875, -0.625, -0.375, -0.125, 0.125, 0.375, 0.625, 0.875].map((y) => `0.125 ${y}`),
    )
    // Each leads from the input and to the output.
    expect(stripe.links).toHaveLength(16)
    expect(stripe.links.every(({ weight }) => weight === 3)).toBe(true)
  })

  it('divides on where the pattern varies: finer cells, and nodes, there alone', () => {
    const half: Pattern = (x1, y1, x2, y2) => {
      const [x, y] = y1 === -1 ? [x2, y2] : [x1, y1]
      // Left: one value. Right: a checkerboard of cells of width 1/2.
      if (x < 0) return 1
      return (Math.floor(2 * x) + Math.floor(2 * y)) % 2 === 0 ? -1 : 1
    }
    const settings = { ...evolvable, initialDepth: 1 }
    const shallow = nodesOf(half, { evolvable: { ...settings, maxDepth: 1 } })
    const deep = nodesOf(half, { evolvable: { ...settings, maxDepth: 3, divisionThreshold: 0.5 } })
    const even = nodesOf(half, { evolvable: { ...settings, initialDepth: 3 } })
    expect(shallow.hidden.length).toBeLessThan(deep.hidden.length)
    expect(deep.hidden.every(({ place: [x = 0] }) => x > 0)).toBe(true)
    expect(deep.hidden.length).toBeLessThanOrEqual(even.hidden.length)
    // The left half is never looked into more closely.
    expect(deep.asked).toBeLessThan(even.asked)
  })

  it('finds more with a lower band threshold, and all of it with none', () => {
    const waves: Pattern = (x1, y1, x2, y2) => {
      const [x, y] = y1 === -1 ? [x2, y2] : [x1, y1]
      return 0.6 + 0.4 * Math.sin(9 * x) * Math.cos(5 * y)
    }
    const counts = [0.5, 0.3, 0.1, 0.02].map((bandThreshold) => {
      return nodesOf(waves, { evolvable: { ...evolvable, bandThreshold } }).hidden.length
    })
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    expect(counts.at(-1)).toBeGreaterThan(counts[0]!)
  })

  it('keeps points instead of their parts where these vary too little (pruning)', () => {
    const checks: Pattern = (x1, y1, x2, y2) => {
      const [x, y] = y1 === -1 ? [x2, y2] : [x1, y1]
      return (Math.floor(2 * x) + Math.floor(2 * y)) % 2 === 0 ? 1 : -0.9
    }
    const widths = (varianceThreshold: number): Set<number> => {
      const settings = { ...evolvable, varianceThreshold }
      const { hidden } = nodesOf(checks, { evolvable: settings })
      // The centre of a cell is an odd multiple of half its edge.
      return new Set(hidden.map(({ place: [x = 0] }) => (Number.isInteger(x * 4) ? 0.5 : 0.25)))
    }
    expect(widths(0.03)).toEqual(new Set([0.5]))
    // No pattern varies by more than 1 about its mean: the coarsest cells stay.
    expect(nodesOf(checks, { evolvable: { ...evolvable, varianceThreshold: 2 } }).hidden).toEqual(
      [],
    )
  })

  it('asks the nodes that it has found where they lead, so often', () => {
    // From depth y1 there is a stripe at the next eighth: each step finds the nodes of the next.
    const steps: Pattern = (x1, y1, x2, y2) => {
      if (y2 === 1) return Math.hypot(x1 - 0.125, y1 - 0.375) < 0.1 ? 1 : 0
      const next = y1 === -1 ? -0.375 : y1 + 0.25
      return Math.abs(x2 - 0.125) < 0.1 && Math.abs(y2 - next) < 0.1 ? 1 : 0
    }
    const depths = (iterationLevel: number): string[] =>
      placesOf(nodesOf(steps, { evolvable: { ...evolvable, iterationLevel } }))
    const chain = ['0.125 -0.375', '0.125 -0.125', '0.125 0.125', '0.125 0.375']
    expect(depths(3)).toEqual(chain)
    // One step fewer, and the chain does not reach a node that the output knows: all of it goes.
    expect(depths(2)).toEqual([])
    expect(depths(9)).toEqual(chain)
  })

  it('takes out what is not on a way from an input to an output', () => {
    // Two stripes are found from the input, but the output comes from one of them alone.
    const pattern: Pattern = (x1, y1, x2, y2) => {
      if (y1 === -1) return Math.abs(Math.abs(x2) - 0.625) < 0.1 ? 1 : 0
      return y2 === 1 && Math.abs(x1 - 0.625) < 0.1 ? 1 : 0
    }
    const { hidden, links } = nodesOf(pattern)
    expect(hidden.length).toBe(8)
    expect(hidden.every(({ place: [x] }) => x === 0.625)).toBe(true)
    expect(links).toHaveLength(16)
  })

  it('links upwards alone, and downwards and across where all may be linked', () => {
    const settings = { evolvable: { ...evolvable, iterationLevel: 1 } }
    const isUp = ({ links }: Discovered): boolean[] =>
      links.map(({ from, to }) => to.place.at(-1)! > from.place.at(-1)!)
    const checks: Pattern = (x1, y1, x2, y2) => {
      return 0.5 + 0.5 * ((Math.floor(4 * (x2 + x1)) + Math.floor(4 * (y2 + y1))) % 2)
    }
    expect(new Set(isUp(nodesOf(checks, settings)))).toEqual(new Set([true]))
    const free = nodesOf(checks, { ...settings, linkForm: 'fully_connected' })
    expect(new Set(isUp(free))).toEqual(new Set([true, false]))
  })

  it('has a space of as many dimensions as a place has', () => {
    const { hidden } = nodesIn3(0.125)
    expect(hidden.length).toBeGreaterThan(0)
    expect(hidden.every(({ place: [row] }) => row === 0.125)).toBe(true)
    expect(hidden.every(({ place }) => place.length === 3)).toBe(true)
  })

  it('gives the same network every time, in the order of a genotype', () => {
    for (let seed = 0; seed < 20; seed++) {
      const cppn = grownCppn({ ...gene, input: [3], evolvable: evolvableDefaults }, seed, 25)
      const { painter: _, ...painted } = phenotypeOf(cppn)
      expect(checkGenotype(painted)).toMatchObject({ ok: true })
      expect(phenotypeOf(structuredClone(cppn))).toEqual(painted)
    }
  })

  it('places nodes on the hills of a CPPN of the engine', () => {
    const painted = phenotypeOf(hills)
    // Beside both inputs, where the outputs come from, at each of eight depths.
    const depths = painted.neurons.filter(({ layer }) => layer < 1).map(({ layer }) => layer)
    const eighths = [-0.875, -0.625, -0.375, -0.125, 0.125, 0.375, 0.625, 0.875]
    expect(depths).toEqual(eighths.flatMap((depth) => [depth, depth]))
    expect(painted.links).toHaveLength(2 * 2 * 8)
  })
})

/** A ridge across the first of three dimensions. */
function nodesIn3(row: number): Discovered {
  const changed: SubstrateGene = {
    ...gene,
    input: [1, 1],
    output: [1, 1],
    evolvable: { ...evolvable, initialDepth: 3 },
  }
  const network = {
    reset: () => {},
    step: (shown: Float64Array, outputs: Float64Array) => {
      const from = shown[2] === -1 ? 3 : 0
      outputs[0] = Math.abs(shown[from]! - row) < 0.1 ? 1 : 0
    },
  }
  return discovered(changed, new Cppn(network, changed, { inputs: 6, outputs: 1 }))
}

/** tanh(2 gaussian(6 (x2 - x1) - 0.75)): a hill an eighth beside each node's own place. */
const hills: Genotype = (() => {
  const id = 2 ** 40
  const links: LinkSketch[] = [
    { from: 0, to: id, weight: -6 },
    { from: 2, to: id, weight: 6 },
    { from: id, to: 4, weight: 2 },
  ]
  return genotypeFrom({
    inputs: 4,
    outputs: 1,
    activation: 'tanh',
    neurons: [{ id, layer: 0, activation: 'gaussian', bias: -0.75 }],
    links,
    substrate: {
      ...gene,
      input: [2],
      inputPlaces: [[-1], [0]],
      output: [2],
      outputPlaces: [[-0.75], [0.25]],
      evolvable: evolvableDefaults,
    },
  })
})()
