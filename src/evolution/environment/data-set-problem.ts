// Predicting the target of a data set, as a problem for evolution: the fitness is measured on the
// training part, `verify` on the held-out one.
//
//   regression      one identity output in units of the target's deviation; fitness 1 / (1 + mean
//                   squared error), so 1/2 for a constant guess; solved when R^2 of the held-out
//                   rows is REGRESSION_SOLVED or more
//   classification  two classes: one sigmoid output, above one half for the second; more: one
//                   output each, the largest wins. Fitness 1 - mean squared error of the outputs
//                   (Brier's score); solved when CLASSIFICATION_SOLVED of the held-out rows are right
import type { Network } from '../network/interpreter.ts'
import type { DataPart, DataSet } from './data-set.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

/** Share of the variance explained that counts as a solution. */
const REGRESSION_SOLVED = 0.9
/** Share of rows predicted right that counts as a solution. */
const CLASSIFICATION_SOLVED = 0.95

/** One row a tick, the network reset before each. */
class DataSetEpisode implements Episode {
  readonly #part: DataPart
  readonly #width: number
  /** 0 for regression. */
  readonly #classes: number
  readonly #mean: number
  #row = 0
  #error = 0
  #spread = 0
  #right = 0

  constructor(set: DataSet, part: DataPart) {
    this.#part = part
    this.#width = set.inputs.length
    this.#classes = set.classes.length
    this.#mean = part.targets.reduce((sum, value) => sum + value / part.rows, 0)
  }

  begin(): this {
    this.#row = 0
    this.#error = 0
    this.#spread = 0
    this.#right = 0
    return this
  }

  sense(inputs: Float64Array): void {
    const row = this.#row * this.#width
    for (let i = 0; i < this.#width; i++) inputs[i] = this.#part.inputs[row + i]!
  }

  act(outputs: Float64Array): Outcome {
    const target = this.#part.targets[this.#row]!
    if (this.#classes === 0) this.#actRegression(outputs[0]!, target)
    else if (this.#classes === 2) this.#actBinary(outputs[0]!, target)
    else this.#actClasses(outputs, target)
    this.#row += 1
    return this.#row === this.#part.rows ? 'ended' : 'reset'
  }

  #actRegression(output: number, target: number): void {
    this.#error += (output - target) * (output - target)
    this.#spread += (target - this.#mean) * (target - this.#mean)
  }

  #actBinary(output: number, target: number): void {
    this.#error += squaredMiss(output, target)
    if (target === 1 ? output > 0.5 : output <= 0.5) this.#right += 1
  }

  #actClasses(outputs: Float64Array, target: number): void {
    let best = 0
    let error = 0
    for (let k = 0; k < this.#classes; k++) {
      if (outputs[k]! > outputs[best]!) best = k
      error += squaredMiss(outputs[k]!, k === target ? 1 : 0)
    }
    this.#error += error / this.#classes
    if (best === target) this.#right += 1
  }

  /** R^2, or the share of rows that are right. */
  get score(): number {
    if (this.#classes > 0) return this.#right / this.#part.rows
    const score = 1 - this.#error / this.#spread
    return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score
  }

  evaluation(): Evaluation {
    const error = this.#error / this.#part.rows
    const steps = this.#part.rows
    if (this.#classes > 0) {
      return { fitness: 1 - error, steps, solved: this.score >= CLASSIFICATION_SOLVED }
    }
    // An error that overflowed is infinite or NaN: the worst there is.
    const fitness = error >= 0 ? 1 / (1 + error) : 0
    return { fitness, steps, solved: this.score >= REGRESSION_SOLVED }
  }
}

/** Squared distance of an output to 0 or 1; 1 where it is no share at all. */
function squaredMiss(output: number, target: number): number {
  return output >= 0 && output <= 1 ? (output - target) * (output - target) : 1
}

/**
 * The problem of a data set. Its name tells equal tables, read with equal options, from all others.
 */
export function dataSetProblem(set: DataSet): Problem {
  const table = packDataSet(set)
  return problemOfTable(set, `table-${fingerprint(new Uint8Array(table))}`, table)
}

/** The same problem from what `reference` holds, in another thread. */
export function dataSetProblemFrom(name: string, table: SharedArrayBuffer): Problem {
  return problemOfTable(unpackDataSet(table), name, table)
}

function problemOfTable(set: DataSet, name: string, table: SharedArrayBuffer): Problem {
  const isRegression = set.kind === 'regression'
  const training = new DataSetEpisode(set, set.training)
  return {
    name,
    reference: { name, table },
    inputs: set.inputs.length,
    outputs: set.classes.length > 2 ? set.classes.length : 1,
    inputNames: set.inputs.map(({ column, category }) => {
      return category === undefined ? column : `${column} = ${category}`
    }),
    outputNames: set.classes.length > 2 ? set.classes : [set.classes[1] ?? set.target],
    outputActivation: isRegression ? 'identity' : 'steep_sigmoid',
    hiddenActivation: isRegression ? 'tanh' : 'steep_sigmoid',
    needsMemory: false,
    samples: { values: set.training.inputs, begin: () => training.begin() },
    evaluate: (network) => runEpisode(training.begin(), network),
    episode: () => new DataSetEpisode(set, set.training),
    verify: (network) => verify(set, network),
  }
}

function verify(set: DataSet, network: Network): Verification {
  const training = new DataSetEpisode(set, set.training)
  const heldOut = new DataSetEpisode(set, set.heldOut)
  runEpisode(training, network)
  const { solved } = runEpisode(heldOut, network)
  const show = ({ score }: DataSetEpisode): string => {
    return set.kind === 'regression' ? `R² ${score.toFixed(3)}` : `${(100 * score).toFixed(1)} %`
  }
  const detail =
    `${show(heldOut)} of ${set.heldOut.rows} held-out rows, ` +
    `${show(training)} of ${set.training.rows} training rows`
  return { solved, detail }
}

// A packed data set: Int32 length of the description, the description as JSON in UTF-8, then from
// the next multiple of 8 the numbers: inputs and targets of the training part, then of the held-out
// one.

function packDataSet({ training, heldOut, ...about }: DataSet): SharedArrayBuffer {
  const description = new TextEncoder().encode(
    JSON.stringify({ about, rows: [training.rows, heldOut.rows] }),
  )
  const numbers = [training.inputs, training.targets, heldOut.inputs, heldOut.targets]
  const begin = (4 + description.length + 7) & ~7
  const size = numbers.reduce((sum, { byteLength }) => sum + byteLength, begin)
  const table = new SharedArrayBuffer(size)
  new Int32Array(table, 0, 1)[0] = description.length
  new Uint8Array(table).set(description, 4)
  let at = begin
  for (const part of numbers) {
    new Float64Array(table, at, part.length).set(part)
    at += part.byteLength
  }
  return table
}

function unpackDataSet(table: SharedArrayBuffer): DataSet {
  const length = new Int32Array(table, 0, 1)[0]!
  const text = new TextDecoder().decode(Uint8Array.from(new Uint8Array(table, 4, length)))
  const { about, rows } = JSON.parse(text) as {
    about: Omit<DataSet, 'training' | 'heldOut'>
    rows: [number, number]
  }
  let at = (4 + length + 7) & ~7
  const take = (count: number): Float64Array => {
    const values = new Float64Array(new Float64Array(table, at, count))
    at += values.byteLength
    return values
  }
  const part = (count: number): DataPart => {
    return { rows: count, inputs: take(count * about.inputs.length), targets: take(count) }
  }
  return { ...about, training: part(rows[0]), heldOut: part(rows[1]) }
}

/** 64 bits that tell tables apart: two lanes of FNV-1a. Not against forgery. */
function fingerprint(bytes: Uint8Array): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul(b ^ byte, 0x5bd1e995) ^ (b >>> 15)
  }
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}
