// The rows of a data set as the kernel reads them, laid out once for all genotypes that answer
// them.
//
//   const samples = new KernelSamples(part.inputs, 4)   // rows of 4 numbers, one after the other
//   const answers = network.load(plan).answer(samples)
import type { Kernel, Region } from './kernel-memory.ts'

export class KernelSamples {
  readonly values: Float64Array
  /** Numbers of a sample. */
  readonly width: number
  readonly count: number
  readonly #held = new Map<string, Region>()
  #kernel: Kernel | undefined

  constructor(values: Float64Array, width: number) {
    this.values = values
    this.width = width
    this.count = Math.floor(values.length / width)
  }

  /** The address of the samples in the order given; undefined if there is no room. */
  rowsIn(kernel: Kernel, precision: 'f64' | 'f32'): number | undefined {
    return this.#placed(kernel, `${precision} rows`, precision, this.values.length, (target) => {
      target.set(this.values)
    })
  }

  /** The address of the samples in [tile][number][lane], the last tile filled up with zeros. */
  tilesIn(kernel: Kernel, precision: 'f64' | 'f32', lanes: number): number | undefined {
    const { values, width, count } = this
    const size = Math.ceil(count / lanes) * lanes * width
    return this.#placed(kernel, `${precision} ${lanes}`, precision, size, (target) => {
      target.fill(0)
      for (let sample = 0; sample < count; sample++) {
        const lane = sample % lanes
        const tile = (sample - lane) * width + lane
        for (let i = 0; i < width; i++) target[tile + i * lanes] = values[sample * width + i]!
      }
    })
  }

  #placed(
    kernel: Kernel,
    name: string,
    precision: 'f64' | 'f32',
    count: number,
    fill: (target: Float64Array | Float32Array) => void,
  ): number | undefined {
    const held = this.#held.get(name)
    if (held !== undefined) return held.address
    const region = kernel.allocate(count * (precision === 'f64' ? 8 : 4))
    if (region === undefined) return undefined
    this.#kernel = kernel
    this.#held.set(name, region)
    const { buffer } = kernel
    fill(
      precision === 'f64'
        ? new Float64Array(buffer, region.address, count)
        : new Float32Array(buffer, region.address, count),
    )
    return region.address
  }

  /** Gives its memory back; it may be used again. */
  [Symbol.dispose](): void {
    for (const region of this.#held.values()) this.#kernel?.release(region)
    this.#held.clear()
  }
}
