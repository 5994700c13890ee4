// How long does a generation take without its evaluation: 1,000 genotypes of 300 links? And one
// compatibility distance, against the common way with a map of innovation numbers?
//
// Figures are CPU time of this thread, medians. The peer `map` builds what most packages build: one
// Map a comparison, over gene objects.
import { distance, GenomeRow, InnovationIndex } from '../src/evolution/distance.ts'
import {
  type GenomePool,
  GenomeWriter,
  packGenotypes,
  unpackGenotype,
} from '../src/evolution/genome-pool.ts'
import { type Genotype, minimalGenotype } from '../src/evolution/genotype.ts'
import { addLink, addNeuron } from '../src/evolution/mutation/topological.ts'
import { createPopulation, nextGeneration, type Population } from '../src/evolution/population.ts'
import { chooseRepresentatives, membersOf, speciate } from '../src/evolution/speciation.ts'
import { defaultSettings } from '../src/evolution/strategy/settings.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { median, notice, report } from './report.ts'

const GENOTYPES = 1_000
const LINKS = 300
const INPUTS = 16
const OUTPUTS = 8
const FAMILIES = 20
const COEFFICIENTS = defaultSettings.speciation

/** 20 families of 300 links with a common ancestor of 200, in equal parts of the population. */
function families(): GenomePool {
  const random = seededRandom('generation')
  const grow = (from: Genotype, links: number, label: number): Genotype => {
    const stream = random.fork(label)
    const writer = new GenomeWriter(INPUTS, OUTPUTS)
    writer.append(from)
    while (writer.linkEnd < links) {
      if (stream.next() < 0.3) addNeuron(writer, 0, stream)
      else addLink(writer, stream.next() < 0.3, stream.gaussian(), stream)
    }
    return unpackGenotype(writer.finish(), 0)
  }
  const shape = { inputs: INPUTS, outputs: OUTPUTS, activation: 'tanh' } as const
  const first = grow(minimalGenotype({ ...shape, weight: () => random.gaussian() }), 200, 0)
  const grown = Array.from({ length: FAMILIES }, (_, i) => grow(first, LINKS, 1 + i))
  const all = Array.from({ length: GENOTYPES }, (_, i) => grown[i % FAMILIES]!)
  return packGenotypes(INPUTS, OUTPUTS, all)
}

const fitness = seededRandom('fitness')
const someFitness = (): Float64Array =>
  Float64Array.from({ length: GENOTYPES }, () => 1 + fitness.next())

/** The families after 30 generations under a fitness of chance, held at some 20 species. */
function evolved(): Population {
  const speciation = {
    ...defaultSettings.speciation,
    targetNumSpecies: FAMILIES,
    thresholdAdjustRate: 0.1,
  }
  const reproduction = { ...defaultSettings.reproduction, maxStagnation: 1_000 }
  const settings = { ...defaultSettings, populationSize: 1, speciation, reproduction }
  const shape = {
    inputs: INPUTS,
    outputs: OUTPUTS,
    outputActivation: 'tanh',
    hiddenActivation: 'relu',
  } as const
  const genomes = families()
  let population: Population = {
    ...createPopulation(shape, settings, 1),
    genomes,
    ...speciate(genomes, 0, [], 0, 0.3, COEFFICIENTS),
    threshold: 0.3,
  }
  for (let i = 0; i < 30; i++) population = nextGeneration(population, someFitness())
  return population
}

/** Runs of one sample: the thread's CPU clock ticks in milliseconds. */
const BATCH = 10

/** Median milliseconds of CPU of one run of `work` over `samples`, after two to warm up. */
function milliseconds(samples: number, work: () => void): number {
  const times: number[] = []
  for (let sample = -2; sample < samples; sample++) {
    const before = process.threadCpuUsage()
    for (let run = 0; run < BATCH; run++) work()
    const { user, system } = process.threadCpuUsage(before)
    if (sample >= 0) times.push((user + system) / 1_000 / BATCH)
  }
  return median(times)
}

function mapDistance(a: Genotype, b: Genotype): number {
  const links = new Map(b.links.map((link) => [link.innovation, link]))
  let [matching, difference] = [0, 0]
  for (const { innovation, weight } of a.links) {
    const other = links.get(innovation)
    if (other === undefined) continue
    matching++
    difference += Math.abs(weight - other.weight)
  }
  const size = Math.max(a.links.length, b.links.length)
  const unmatched = a.links.length + b.links.length - 2 * matching
  return unmatched / size + (COEFFICIENTS.compatibilityWeightCoefficient * difference) / matching
}

function measureDistance(pool: GenomePool): void {
  const plain = Array.from({ length: GENOTYPES }, (_, i) => unpackGenotype(pool, i))
  const per = (ms: number): number => (ms * 1_000) / GENOTYPES
  let sum = 0
  // As speciation does it: number the links of the pool once, then compare with 20 representatives.
  const packed =
    milliseconds(7, () => {
      const index = new InnovationIndex()
      const places = index.placesOf(pool)
      for (let one = 0; one < FAMILIES; one++) {
        const own = places.subarray(pool.linkStart[one], pool.linkStart[one + 1])
        const row = new GenomeRow(pool, one, own, index.size)
        for (let i = 0; i < GENOTYPES; i++) sum += row.distanceTo(pool, i, places, COEFFICIENTS)
      }
    }) / FAMILIES
  const merged = milliseconds(7, () => {
    const one = plain[0]!
    for (let i = 0; i < GENOTYPES; i++) sum += distance(one, plain[i]!, COEFFICIENTS)
  })
  const mapped = milliseconds(7, () => {
    const one = plain[0]!
    for (let i = 0; i < GENOTYPES; i++) sum += mapDistance(one, plain[i]!)
  })
  if (!Number.isFinite(sum)) throw new Error('a distance is not a number')
  report({
    name: 'distance',
    value: per(packed),
    unit: 'µs/pair',
    peer: 'map',
    peerValue: per(mapped),
    ratio: mapped / packed,
  })
  report({ name: 'distance-plain-merge', value: per(merged), unit: 'µs/pair' })
}

function measureGeneration(population: Population): void {
  const fitnesses = someFitness()
  const { genomes, species, speciesOf, threshold } = population
  const whole = milliseconds(7, () => {
    nextGeneration(population, fitnesses)
  })
  const members = membersOf(species, speciesOf)
  const representatives = chooseRepresentatives(genomes, species, members, fitness)
  const speciation = milliseconds(7, () => {
    speciate(genomes, 1, representatives, 100, threshold, COEFFICIENTS)
  })
  const mean = Math.round(genomes.innovation.length / genomes.size)
  notice(`${genomes.size} genotypes, ${mean} links each, ${species.length} species`)
  report({ name: 'generation', value: whole, unit: 'ms' })
  report({ name: 'generation-per-genotype', value: (whole * 1_000) / GENOTYPES, unit: 'µs' })
  report({ name: 'speciation', value: speciation, unit: 'ms' })
}

const population = evolved()
measureGeneration(population)
measureDistance(population.genomes)
