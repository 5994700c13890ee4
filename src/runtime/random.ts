// Chance, the only place it comes from: seeded streams for everything that must be repeatable, and
// unpredictable bytes for keys, ids and nonces.
//
//   const random = seededRandom(42)
//   random.fork('weights').gaussian()   // the same number on every machine, in every run
//
// Streams are xoshiro128** (Blackman & Vigna, "Scrambled linear pseudorandom number generators",
// 2021). A stream is named by a 128-bit key; seeds and labels are absorbed into it by MurmurHash3
// x86_128, so a fork depends on the names that lead to it and never on how many numbers were drawn
// before. Everything is 32-bit integer arithmetic, + - * / and sqrt: equal bits on every platform.
// Not for secrets: use `secureRandomBytes`.
import { randomBytes } from 'node:crypto'

export interface Random {
  /** An integer in [0, 2^32). */
  uint32(): number
  /** A multiple of 2^-53 in [0, 1). */
  next(): number
  /** An integer in [0, below), without bias; `below` is an integer in [1, 2^32]. */
  integer(below: number): number
  /** A normal deviate of mean 0 and variance 1. */
  gaussian(): number
  /**
   * The independent stream of that name; does not advance this one and does not depend on its
   * draws.
   */
  fork(label: string | number): Random
  /** Plain data from which `randomFromState` continues bit for bit. */
  state(): RandomState
}

type Words = readonly [number, number, number, number]

/** A stream as plain data: its name and where it stands, each four integers below 2^32. */
export interface RandomState {
  readonly key: Words
  readonly position: Words
}

/**
 * The stream of a seed. A number and its decimal text name different streams; 0 and -0 the same.
 */
export function seededRandom(seed: number | string): Random {
  return streamOf(absorb([0, 0, 0, 0], seed))
}

/**
 * Continues a stream where `state()` was taken. Throws a RangeError for what is not such a state.
 */
export function randomFromState(state: RandomState): Random {
  for (const words of [state.key, state.position]) {
    if (words.length !== 4 || words.some((word) => word >>> 0 !== word)) {
      throw new RangeError('a random state holds two groups of four integers in [0, 2^32)')
    }
  }
  if (state.position.every((word) => word === 0)) {
    throw new RangeError('a random position of four zeros would stay zero for ever')
  }
  return new Xoshiro128(state.key, state.position)
}

/** Unpredictable bytes for keys, ids and nonces. */
export function secureRandomBytes(size: number): Uint8Array {
  return new Uint8Array(randomBytes(size))
}

const TWO_32 = 0x1_0000_0000

class Xoshiro128 implements Random {
  readonly #key: Words
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(key: Words, position: Words) {
    this.#key = key
    this.#a = position[0] | 0
    this.#b = position[1] | 0
    this.#c = position[2] | 0
    this.#d = position[3] | 0
  }

  uint32(): number {
    const b = this.#b
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9)
    const c = this.#c ^ this.#a
    const d = this.#d ^ b
    this.#b = b ^ c
    this.#a ^= d
    this.#c = c ^ (b << 9)
    this.#d = rotate(d, 11)
    return scrambled >>> 0
  }

  next(): number {
    const high = this.uint32() >>> 5
    return (high * 0x400_0000 + (this.uint32() >>> 6)) / 0x20_0000_0000_0000
  }

  integer(below: number): number {
    if (!(below >= 1 && below <= TWO_32 && Math.floor(below) === below)) {
      throw new RangeError(`integer(${below}): give an integer in [1, 2^32]`)
    }
    for (;;) {
      const drawn = this.uint32()
      const value = drawn % below
      // The last, incomplete run of `below` numbers would favour small values.
      if (drawn - value <= TWO_32 - below) return value
    }
  }

  /**
   * Ziggurat of 128 layers: Marsaglia & Tsang 2000, layer and value from different bits (Doornik
   * 2005).
   */
  gaussian(): number {
    for (;;) {
      const drawn = this.uint32()
      const layer = drawn & 127
      // Bit 7 as arithmetic: a branch on it would be mispredicted every other time.
      const sign = 1 - ((drawn >>> 6) & 2)
      const u = ((drawn >>> 8) * 0x2000_0000 + (this.uint32() >>> 3)) / 0x20_0000_0000_0000
      const x = u * edges[layer]!
      const inner = edges[layer + 1]!
      if (x < inner) return sign * x
      if (layer === 0) return sign * this.#tail()
      const top = heights[layer + 1]!
      const bottom = heights[layer]!
      if (logarithm(bottom + this.next() * (top - bottom)) < -0.5 * x * x) return sign * x
    }
  }

  fork(label: string | number): Random {
    return streamOf(absorb(this.#key, label))
  }

  state(): RandomState {
    return {
      key: this.#key,
      position: [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0],
    }
  }

  /** Beyond the lowest layer (Marsaglia 1964). */
  #tail(): number {
    for (;;) {
      const x = -logarithm(1 - this.next()) / TAIL_START
      const y = -logarithm(1 - this.next())
      if (y + y > x * x) return TAIL_START + x
    }
  }
}

function streamOf(key: Words): Random {
  // The all-zero position is the one that xoshiro never leaves; a key hashes to it once in 2^128.
  const position = absorb(key, 0)
  return new Xoshiro128(key, position.some((word) => word !== 0) ? position : [1, 0, 0, 0])
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

function scramble(x: number): number {
  let h = x ^ (x >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The four lanes of the hash in progress, and the bits of a number. */
const lanes = new Int32Array(4)
const bits = new DataView(new ArrayBuffer(8))

/**
 * MurmurHash3 x86_128 begun at `key`, over the label as 32-bit words, padded with zeros to blocks
 * of four: for a number 1 and its 64 bits, for a text 2, its length and its UTF-16 units in pairs.
 */
function absorb(key: Words, label: string | number): Words {
  lanes.set(key)
  if (typeof label === 'number') {
    bits.setFloat64(0, label === 0 ? 0 : label)
    absorbBlock(1, bits.getUint32(0), bits.getUint32(4), 0)
    return hashed(3)
  }
  const pair = (i: number): number =>
    (i < label.length ? label.charCodeAt(i) : 0) |
    (i + 1 < label.length ? label.charCodeAt(i + 1) << 16 : 0)
  absorbBlock(2, label.length, pair(0), pair(2))
  for (let i = 4; i < label.length; i += 8) {
    absorbBlock(pair(i), pair(i + 2), pair(i + 4), pair(i + 6))
  }
  return hashed(2 + Math.ceil(label.length / 2))
}

function absorbBlock(k1: number, k2: number, k3: number, k4: number): void {
  let [h1, h2, h3, h4] = [lanes[0]!, lanes[1]!, lanes[2]!, lanes[3]!]
  h1 ^= Math.imul(rotate(Math.imul(k1, 0x239b961b), 15), 0xab0e9789)
  h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
  h2 ^= Math.imul(rotate(Math.imul(k2, 0xab0e9789), 16), 0x38b34ae5)
  h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
  h3 ^= Math.imul(rotate(Math.imul(k3, 0x38b34ae5), 17), 0xa1e38b93)
  h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
  h4 ^= Math.imul(rotate(Math.imul(k4, 0xa1e38b93), 18), 0x239b961b)
  h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  lanes[0] = h1
  lanes[1] = h2
  lanes[2] = h3
  lanes[3] = h4
}

/** The end of the hash over so many words. */
function hashed(words: number): Words {
  const length = words * 4
  let [h1, h2, h3, h4] = [lanes[0]!, lanes[1]!, lanes[2]!, lanes[3]!]
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = ((h1 ^ length) + h2 + h3 + h4) | 0
  h2 = scramble((h2 + h1) | 0)
  h3 = scramble((h3 + h1) | 0)
  h4 = scramble((h4 + h1) | 0)
  h1 = (scramble(h1) + h2 + h3 + h4) | 0
  return [h1 >>> 0, (h2 + h1) >>> 0, (h3 + h1) >>> 0, (h4 + h1) >>> 0]
}

// Ziggurat tables. Each of the 128 layers has the area LAYER_AREA under exp(-x²/2); the lowest one
// includes the tail beyond TAIL_START.
const TAIL_START = 3.442619855899
const LAYER_AREA = 9.91256303526217e-3
/** exp(-TAIL_START² / 2) */
const TAIL_HEIGHT = 0.0026696290839025

/**
 * Natural logarithm of x in (0, 1], to 2 units in the last place: an atanh series after scaling.
 */
function logarithm(x: number): number {
  let mantissa = x
  let exponent = 0
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2
    exponent -= 1
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let odd = 23; odd >= 1; odd -= 2) sum = sum * square + 1 / odd
  return 2 * s * sum + exponent * Math.LN2
}

/** `edges[layer]` is the width of a layer; `edges[layer + 1]` is how far it is certainly inside. */
const edges: Float64Array = new Float64Array(129)
const heights: Float64Array = new Float64Array(129)
edges[0] = LAYER_AREA / TAIL_HEIGHT
edges[1] = TAIL_START
heights[1] = TAIL_HEIGHT
for (let layer = 2, x = TAIL_START, height = TAIL_HEIGHT; layer < 128; layer++) {
  height += LAYER_AREA / x
  x = Math.sqrt(-2 * logarithm(height))
  edges[layer] = x
  heights[layer] = height
}
edges[128] = 0
heights[128] = 1
