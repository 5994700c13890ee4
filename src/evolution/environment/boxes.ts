// Two boxes in a field of 11 by 11 pixels, one of one pixel and one of three by three: where is the
// centre of the large one? (After the visual discrimination of Stanley, D'Ambrosio & Gauci 2009, "A
// hypercube-based encoding for evolving large-scale neural networks", section 4.) A network has one
// input and one output a pixel; the output that answers most is its guess. The answer depends on
// where pixels lie to each other, which a substrate tells (docs/substrates.md) and 14,641 weights of
// their own do not.
//
//   arbor evolve run --task boxes --substrate '{"hidden":[],"length":true}'
//
// Fitness is 200, the square of the longest distance, less the mean square of the distances between
// guess and centre over 75 pictures: the small box at 25 places, the large one five pixels to the
// right, below, and both, beyond an edge on from the other side, and moved into full view. Solved
// is a mean distance below half a pixel, then for 75 pictures with the boxes on their other sides.
import type { Network } from '../network/interpreter.ts'
import { argmax } from '../network/output-processing.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

const SIDE = 11
const PIXELS: number = SIDE * SIDE
/** Places of the small box, in either direction. */
const PLACES = [1, 3, 5, 7, 9]
/** Pixels from the small box to the centre of the large one. */
const APART = 5
const LONGEST_SQUARE: number = 2 * (SIDE - 1) * (SIDE - 1)
const SOLVED_DISTANCE = 0.5

interface Pictures {
  /** Picture after picture, row after row: 1 in a box, 0 elsewhere. */
  readonly pixels: Float64Array
  /** Column and row of each large box. */
  readonly centres: readonly (readonly [x: number, y: number])[]
}

/** The centre of a large box of which nothing is out of view. */
function inView(at: number): number {
  return Math.max(1, Math.min(SIDE - 2, (at + SIDE) % SIDE))
}

function picturesOf(apart: number): Pictures {
  const centres: [number, number][] = []
  const pixels: number[] = []
  for (const y of PLACES) {
    for (const x of PLACES) {
      for (const [right, down] of [
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const centre: [number, number] = [inView(x + right * apart), inView(y + down * apart)]
        const picture = Array<number>(PIXELS).fill(0)
        picture[y * SIDE + x] = 1
        for (const row of [-1, 0, 1]) {
          for (const column of [-1, 0, 1]) {
            picture[(centre[1] + row) * SIDE + centre[0] + column] = 1
          }
        }
        pixels.push(...picture)
        centres.push(centre)
      }
    }
  }
  return { pixels: Float64Array.from(pixels), centres }
}

class Guesses implements Episode {
  readonly #pictures: Pictures
  #at = 0
  #distances = 0
  #squares = 0

  constructor(pictures: Pictures) {
    this.#pictures = pictures
  }

  begin(): this {
    this.#at = 0
    this.#distances = 0
    this.#squares = 0
    return this
  }

  sense(inputs: Float64Array): void {
    const first = this.#at * PIXELS
    for (let i = 0; i < PIXELS; i++) inputs[i] = this.#pictures.pixels[first + i]!
  }

  act(outputs: Float64Array): Outcome {
    const guess = argmax(outputs)
    const [x, y] = this.#pictures.centres[this.#at]!
    const [right, down] = [(guess % SIDE) - x, Math.floor(guess / SIDE) - y]
    const square = right * right + down * down
    this.#squares += square
    this.#distances += Math.sqrt(square)
    this.#at++
    return this.#at < this.#pictures.centres.length ? 'reset' : 'ended'
  }

  evaluation(): Evaluation {
    const steps = this.#pictures.centres.length
    const fitness = LONGEST_SQUARE - this.#squares / steps
    return { fitness, steps, solved: this.meanDistance < SOLVED_DISTANCE }
  }

  /** In pixels, once all pictures have been seen. */
  get meanDistance(): number {
    return this.#distances / this.#pictures.centres.length
  }
}

const pictures = picturesOf(APART)
/** Evaluations of one thread never overlap. */
const guesses = new Guesses(pictures)

function verify(network: Network): Verification {
  const others = new Guesses(picturesOf(-APART))
  const { solved, steps } = runEpisode(others, network)
  return { solved, detail: `${others.meanDistance.toFixed(2)} pixels off, over ${steps} pictures` }
}

function namesOf(what: string): string[] {
  return Array.from({ length: PIXELS }, (_, i) => `${what} ${i % SIDE},${Math.floor(i / SIDE)}`)
}

export const boxes: Problem = {
  name: 'boxes',
  reference: { task: 'boxes' },
  inputs: PIXELS,
  outputs: PIXELS,
  inputNames: namesOf('pixel'),
  outputNames: namesOf('centre'),
  // Sums as they are: where activations saturate, the first of many equals would be the guess.
  outputActivation: 'identity',
  hiddenActivation: 'steep_sigmoid',
  needsMemory: false,
  geometry: { input: [SIDE, SIDE], output: [SIDE, SIDE] },
  samples: { values: pictures.pixels, begin: () => guesses.begin() },
  evaluate: (network) => runEpisode(guesses.begin(), network),
  episode: () => new Guesses(pictures),
  verify,
}
