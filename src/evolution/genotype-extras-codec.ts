// The bytes of what stands beside the network in a genotype (genotype-codec.ts has the rest):
//
//   sensors    u16 count, each: name, length u32
//   actuators  u16 count, each: name, length u32, processing u8
//   agent      generation f64, tuning selection u8, duration u8 and f64, annealing f64, range f64,
//              mutation count u8 and f64, heredity u8, u8 count of operators,
//              each: name, weight f64
//
// and the substrate (substrate/codec.ts). Names are a u8 count of bytes and as many of UTF-8.
import {
  type AgentParameters,
  heredityTypes,
  mutationCounts,
  tuningDurations,
  tuningSelections,
} from './agent.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  type ActuatorGene,
  actuatorProcessings,
  type GenotypeExtras,
  type SensorGene,
} from './genotype.ts'
import {
  hasOptions,
  readOptions,
  readSubstrate,
  writeOptions,
  writeSubstrate,
} from './substrate/codec.ts'

const SENSORS = 1
const ACTUATORS = 2
const AGENT = 4
const SUBSTRATE = 8
const SUBSTRATE_OPTIONS = 16

/** Which parts are there, as bits. */
export function extraBits({ sensors, actuators, agent, substrate }: GenotypeExtras): number {
  return (
    (sensors === undefined ? 0 : SENSORS) |
    (actuators === undefined ? 0 : ACTUATORS) |
    (agent === undefined ? 0 : AGENT) |
    (substrate === undefined ? 0 : SUBSTRATE) |
    (substrate !== undefined && hasOptions(substrate) ? SUBSTRATE_OPTIONS : 0)
  )
}

export function writeExtras(writer: ByteWriter, extras: GenotypeExtras): void {
  const { sensors, actuators, agent, substrate } = extras
  if (sensors !== undefined) writeSensors(writer, sensors)
  if (actuators !== undefined) writeActuators(writer, actuators)
  if (agent !== undefined) writeAgent(writer, agent)
  if (substrate === undefined) return
  writeSubstrate(writer, substrate)
  if (hasOptions(substrate)) writeOptions(writer, substrate)
}

/** The parts that the bits announce, as data for `checkGenotype`. */
export function readExtras(reader: ByteReader, bits: number): object {
  return {
    ...((bits & SENSORS) === 0 ? {} : { sensors: readSensors(reader) }),
    ...((bits & ACTUATORS) === 0 ? {} : { actuators: readActuators(reader) }),
    ...((bits & AGENT) === 0 ? {} : { agent: readAgent(reader) }),
    ...((bits & SUBSTRATE) === 0 ? {} : { substrate: substrateIn(reader, bits) }),
  }
}

function substrateIn(reader: ByteReader, bits: number): object {
  const grids = readSubstrate(reader)
  return (bits & SUBSTRATE_OPTIONS) === 0 ? grids : { ...grids, ...readOptions(reader, grids) }
}

function writeSensors(writer: ByteWriter, sensors: readonly SensorGene[]): void {
  writer.uint16(sensors.length)
  for (const { name, length } of sensors) {
    writer.text(name)
    writer.uint32(length)
  }
}

function readSensors(reader: ByteReader): unknown {
  const count = reader.uint16()
  return Array.from({ length: count }, () => {
    return { name: reader.text(), length: reader.uint32() }
  })
}

function writeActuators(writer: ByteWriter, actuators: readonly ActuatorGene[]): void {
  writer.uint16(actuators.length)
  for (const { name, length, processing = 'identity' } of actuators) {
    writer.text(name)
    writer.uint32(length)
    writer.uint8(actuatorProcessings.indexOf(processing))
  }
}

function readActuators(reader: ByteReader): unknown {
  const count = reader.uint16()
  return Array.from({ length: count }, () => {
    const [name, length] = [reader.text(), reader.uint32()]
    return { name, length, processing: actuatorProcessings[reader.uint8()] ?? '' }
  })
}

function writeAgent(writer: ByteWriter, agent: AgentParameters): void {
  const { tuningDuration, mutationCount, operatorWeights } = agent
  writer.float64(agent.generation)
  writer.uint8(tuningSelections.indexOf(agent.tuningSelection))
  writer.uint8(tuningDurations.indexOf(tuningDuration.name))
  writer.float64(tuningDuration.parameter)
  writer.float64(agent.annealing)
  writer.float64(agent.perturbationRange)
  writer.uint8(mutationCounts.indexOf(mutationCount.name))
  writer.float64(mutationCount.parameter)
  writer.uint8(heredityTypes.indexOf(agent.heredity))
  writer.uint8(operatorWeights.length)
  for (const [operator, weight] of operatorWeights) {
    writer.text(operator)
    writer.float64(weight)
  }
}

function readAgent(reader: ByteReader): unknown {
  const generation = reader.float64()
  const tuningSelection = tuningSelections[reader.uint8()]
  const tuningDuration = { name: tuningDurations[reader.uint8()], parameter: reader.float64() }
  const [annealing, perturbationRange] = [reader.float64(), reader.float64()]
  const mutationCount = { name: mutationCounts[reader.uint8()], parameter: reader.float64() }
  const heredity = heredityTypes[reader.uint8()]
  const operators = reader.uint8()
  const operatorWeights = Array.from({ length: operators }, () => [reader.text(), reader.float64()])
  return {
    generation,
    tuningSelection,
    tuningDuration,
    annealing,
    perturbationRange,
    mutationCount,
    heredity,
    operatorWeights,
  }
}
