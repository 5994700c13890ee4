// A plan is a genotype compiled for running: one flat, immutable image in one ArrayBuffer, with
// numbers only, so that it crosses threads as bytes and runs in one interpreter
// (network/interpreter.ts).
//
//   const plan = compile(genotype)
//   const network = new Network(plan)
//
// Compiling is two counting sorts, some 30 ns a gene (bench/forward-pass.ts): cheap enough for
// every genotype of every generation. plan-image.ts says what the bytes mean.
import { GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX, GENOTYPE_SENSORS_MAX } from '../../limits.ts'
import type { Genotype } from '../genotype.ts'
import { type Painter, type Phenotype, painted } from '../substrate/painting.ts'
import { cppnShape, placeSize } from '../substrate.ts'
import { activationCode } from './activation.ts'
import { Network } from './interpreter.ts'
import {
  type Plan,
  PlanError,
  type PlanPainter,
  planBytes,
  viewPlan,
  withPainter,
  writeHeader,
} from './plan-image.ts'
import { countTraits, fillTraits, hasTraits } from './plan-traits.ts'

export type { Plan }

function refuse(reason: string): never {
  throw new PlanError('malformed_genotype', `this genotype cannot be compiled: ${reason}`)
}

// Scratch of compile, grown on demand and never shrunk: a generation compiles thousands of
// genotypes.
let hashIds = new Float64Array(256)
let hashPositions = new Int32Array(256)
let fromScratch = new Int32Array(512)
let toScratch = new Int32Array(512)
let weightScratch = new Float64Array(512)
let bySourceScratch = new Int32Array(512)
let geneScratch = new Int32Array(512)
let orderScratch = new Int32Array(512)
let countScratch = new Int32Array(512)
let heldScratch = new Int32Array(512)
let rankScratch = new Int32Array(512)

function growScratch(positions: number, links: number): void {
  if (hashIds.length < 4 * positions) {
    const size = 4 << (31 - Math.clz32(2 * positions))
    hashIds = new Float64Array(size)
    hashPositions = new Int32Array(size)
  }
  if (fromScratch.length < links) {
    fromScratch = new Int32Array(2 * links)
    toScratch = new Int32Array(2 * links)
    weightScratch = new Float64Array(2 * links)
    bySourceScratch = new Int32Array(2 * links)
    geneScratch = new Int32Array(2 * links)
    orderScratch = new Int32Array(2 * links)
  }
  if (countScratch.length < positions + 1) {
    countScratch = new Int32Array(2 * positions + 2)
    heldScratch = new Int32Array(2 * positions + 2)
    rankScratch = new Int32Array(2 * positions + 2)
  }
}

/**
 * Ids are fingerprints: their low bits are as good a hash as there is, and small ids do not
 * collide.
 */
function slotOf(id: number): number {
  const low = id | 0
  return low ^ (low >>> 15)
}

/** Fills the table id -> position (open addressing); returns the mask of the table. */
function indexPositions({ inputs, neurons }: Genotype): number {
  const ids = hashIds
  const size = 2 << (31 - Math.clz32(2 * (inputs + neurons.length) - 1))
  const mask = size - 1
  ids.fill(-1, 0, size)
  for (let position = 0; position < inputs + neurons.length; position++) {
    const id = position < inputs ? position : neurons[position - inputs]!.id
    let at = slotOf(id) & mask
    while (ids[at]! !== -1) {
      if (ids[at] === id) refuse(`neuron ${id} occurs twice`)
      at = (at + 1) & mask
    }
    ids[at] = id
    hashPositions[at] = position
  }
  return mask
}

/**
 * Throws unless the neurons are complete, in canonical order, with the outputs last. Numbers their
 * layers from 1 in rankScratch, by position (inputs: 0).
 */
function rankLayers({ inputs, outputs, neurons }: Genotype): void {
  const hidden = neurons.length - outputs
  let layer = -1
  let rank = 0
  let last = -1
  rankScratch.fill(0, 0, inputs)
  for (let i = 0; i < neurons.length; i++) {
    const neuron = neurons[i]!
    const { id } = neuron
    if (neuron.layer > layer) {
      layer = neuron.layer
      rank++
    } else if (neuron.layer !== layer || id <= last || rank === 0) {
      refuse(`neuron ${id} is not in ascending order of (layer, id)`)
    }
    last = id
    rankScratch[inputs + i] = rank
    const fits = i < hidden ? id >= inputs + outputs : id === inputs + i - hidden && layer === 1
    if (!fits) refuse(`neuron ${id} stands where a hidden neuron or another output belongs`)
  }
}

/** Where the table has `id`, or -1. */
function find(ids: Float64Array, id: number, mask: number): number {
  let at = slotOf(id) & mask
  while (ids[at]! !== -1) {
    if (ids[at] === id) return at
    at = (at + 1) & mask
  }
  return -1
}

/**
 * Enabled links into fromScratch (positions) and toScratch (neuron indices); returns their number.
 */
function collectLinks({ inputs, links }: Genotype, mask: number): number {
  if (links.length > GENOTYPE_LINKS_MAX) refuse(`${links.length} links are too many`)
  const ids = hashIds
  const positions = hashPositions
  const sources = fromScratch
  const targets = toScratch
  const weights = weightScratch
  const genes = geneScratch
  let count = 0
  for (let k = 0; k < links.length; k++) {
    const link = links[k]!
    if (!link.enabled) continue
    const from = find(ids, link.from, mask)
    const to = find(ids, link.to, mask)
    if (from < 0 || to < 0 || positions[to]! < inputs) {
      refuse(`link ${link.innovation} joins ${link.from} to ${link.to}`)
    }
    sources[count] = positions[from]!
    targets[count] = positions[to]! - inputs
    genes[count] = k
    weights[count++] = link.weight
  }
  return count
}

/**
 * What acts: the network of a genotype, or the one that it paints on its substrate. Throws as
 * `compile`.
 */
export function phenotypeOf(genotype: Genotype): Phenotype {
  const { substrate, inputs, outputs } = genotype
  if (substrate === undefined) return genotype
  const shape = cppnShape(substrate)
  if (inputs !== shape.inputs || outputs !== shape.outputs) {
    const wanted = `${shape.inputs} and ${shape.outputs}`
    refuse(`${inputs} inputs and ${outputs} outputs, but its substrate needs ${wanted}`)
  }
  return painted(substrate, new Network(networkPlan(genotype)), genotype)
}

/**
 * The plan of a genotype: of what acts, so of the painted network if it has a substrate.
 *
 * Throws PlanError `malformed_genotype` where the genotype breaks its own rules: neurons out of
 * order, a missing output, a link to an input or to a neuron that does not exist, a CPPN that is
 * not as wide as its substrate needs.
 */
export function compile(genotype: Genotype): Plan {
  if (genotype.substrate === undefined) return networkPlan(genotype)
  const phenotype = phenotypeOf(genotype)
  const plan = networkPlan(phenotype)
  return phenotype.painter === undefined ? plan : withPainter(plan, planPainter(phenotype.painter))
}

/** A painter for a network that runs (network/painter.ts). */
export function planPainter({ cppn, gene, places }: Painter): PlanPainter {
  const { length, threshold, weightRange } = gene
  return {
    cppn: networkPlan(cppn),
    dimensions: placeSize(gene),
    hasLength: length === true,
    threshold,
    weightRange,
    places: Float64Array.from(places.flat()),
  }
}

/** The plan of a genotype's own network. */
function networkPlan(genotype: Genotype): Plan {
  const { inputs, outputs, neurons } = genotype
  const hidden = neurons.length - outputs
  if (!(inputs >= 1 && outputs >= 1 && hidden >= 0)) {
    refuse(`${inputs} inputs, ${outputs} outputs and ${neurons.length} neurons make no network`)
  }
  if (inputs > GENOTYPE_SENSORS_MAX || neurons.length > GENOTYPE_NEURONS_MAX) {
    refuse(`${inputs} inputs and ${neurons.length} neurons are more than a network may have`)
  }
  growScratch(inputs + neurons.length, genotype.links.length)
  rankLayers(genotype)
  const count = collectLinks(genotype, indexPositions(genotype))
  const rich = hasTraits(genotype) ? genotype : null
  const held = findHeld(inputs, inputs + neurons.length, count, rich)
  const counts = rich === null ? null : countTraits(rich, plainTargets(rich, count), count)
  const image = new ArrayBuffer(planBytes(outputs, neurons.length, count, held, counts))
  const plan = viewPlan(image, 0, inputs, outputs, neurons.length, count, held, counts)
  writeHeader(plan)
  for (let i = 0; i < neurons.length; i++) {
    const neuron = neurons[i]!
    plan.id[i] = neuron.id
    plan.bias[i] = neuron.bias
    plan.activation[i] = activationCode(neuron.activation)
  }
  for (let p = 0; p < inputs + neurons.length; p++) {
    const slot = heldScratch[p]!
    if (slot >= 0) plan.held[slot] = p
  }
  if (rich === null) {
    sortBySource(plan)
    countScratch.set(plan.rowPtr, 0)
    if (held === 0) fillFlat(plan)
    else fillRows(plan, null, false)
  } else fillRich(plan, rich)
  return plan
}

/** Rows of a genotype with traits: of each neuron the plain links first, then the modulatory. */
function fillRich(plan: Plan, rich: Genotype): void {
  const { traits, rowPtr, weight } = plan
  if (traits === null) return
  sortBySource(plan)
  countScratch.set(rowPtr, 0)
  fillRows(plan, rich, false)
  traits.modulatory.set(countScratch.subarray(0, plan.neurons))
  fillRows(plan, rich, true)
  fillTraits(traits, rowPtr, weight, rich, (k) => rich.links[geneScratch[orderScratch[k]!]!]!)
}

/** The targets of the links in scratch, -1 for those of modulatory ones. */
function plainTargets({ links }: Genotype, count: number): Int32Array {
  return toScratch.slice(0, count).map((target, k) => {
    return links[geneScratch[k]!]!.modulatory === true ? -1 : target
  })
}

/**
 * Marks in heldScratch, by position, which values must be held: -1 or their index. Returns how
 * many. A delay of `rich` needs none: it reads its sources when all have run.
 */
function findHeld(inputs: number, positions: number, count: number, rich: Genotype | null): number {
  const from = fromScratch
  heldScratch.fill(-1, 0, positions)
  let found = false
  for (let k = 0; k < count; k++) {
    if (isHeld(from[k]!, toScratch[k]!, inputs, rich)) {
      heldScratch[from[k]!] = 0
      found = true
    }
  }
  if (!found) return 0
  let held = 0
  for (let p = 0; p < positions; p++) if (heldScratch[p] === 0) heldScratch[p] = held++
  return held
}

/** Does a link from a position to a neuron read a value that must be held? */
function isHeld(source: number, to: number, inputs: number, rich: Genotype | null): boolean {
  const target = to + inputs
  if (!(source < target && rankScratch[source] === rankScratch[target])) return false
  return rich?.neurons[to]?.neuronType !== 'delay'
}

/**
 * The first of two stable counting sorts, linear and without a comparison to mispredict: into
 * bySourceScratch, and the lengths of the rows into rowPtr.
 */
function sortBySource({ rowPtr, inputs, neurons, links: count }: Plan): void {
  const from = fromScratch
  const to = toScratch
  const next = countScratch
  const bySource = bySourceScratch
  const positions = inputs + neurons
  next.fill(0, 0, positions + 1)
  for (let k = 0; k < count; k++) {
    next[from[k]! + 1]!++
    rowPtr[to[k]! + 1]!++
  }
  for (let p = 1; p <= positions; p++) next[p]! += next[p - 1]!
  for (let i = 1; i <= neurons; i++) rowPtr[i]! += rowPtr[i - 1]!
  for (let k = 0; k < count; k++) bySource[next[from[k]!]!++] = k
}

/** The second, by target, of a plain genotype without held values: most have neither. */
function fillFlat({ col, weight, links: count }: Plan): void {
  const from = fromScratch
  const to = toScratch
  const next = countScratch
  const bySource = bySourceScratch
  const weights = weightScratch
  for (let s = 0; s < count; s++) {
    const k = bySource[s]!
    const at = next[to[k]!]!++
    col[at] = from[k]!
    weight[at] = weights[k]!
  }
}

/**
 * The second, by target, from where countScratch says for each neuron: of all links, or of those of
 * `rich` that are modulatory or are not.
 */
function fillRows(plan: Plan, rich: Genotype | null, modulatory: boolean): void {
  const { col, weight, inputs, links: count } = plan
  const from = fromScratch
  const to = toScratch
  const next = countScratch
  const bySource = bySourceScratch
  const order = orderScratch
  const positions = inputs + plan.neurons
  for (let s = 0; s < count; s++) {
    const k = bySource[s]!
    if (rich !== null) {
      if ((rich.links[geneScratch[k]!]!.modulatory === true) !== modulatory) continue
    }
    const source = from[k]!
    const at = next[to[k]!]!++
    const held = isHeld(source, to[k]!, inputs, rich)
    col[at] = held ? positions + heldScratch[source]! : source
    weight[at] = weightScratch[k]!
    order[at] = k
  }
}
