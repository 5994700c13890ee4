// Big-endian numbers one behind the other, for canonical encodings. `byte-reader.ts` reads them.
//
//   const writer = new ByteWriter()
//   writer.uint16(2)
//   writer.float64(0.5)
//   const bytes = writer.finish()

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length = 0

  /** `size` is how many bytes are expected; it grows as it must. */
  constructor(size = 256) {
    this.#bytes = new Uint8Array(size)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  uint8(value: number): void {
    const at = this.#reserve(1)
    this.#view.setUint8(at, value)
  }

  uint16(value: number): void {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
  }

  uint32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value)
  }

  float64(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value)
  }

  /** At most 255 numbers, their count (u8) first. */
  float64List(values: readonly number[]): void {
    this.uint8(values.length)
    for (const value of values) this.float64(value)
  }

  /** At most 255 bytes of UTF-8, their count (u8) first. */
  text(value: string): void {
    const bytes = encoder.encode(value)
    this.uint8(bytes.length)
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length)
      grown.set(this.#bytes)
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}

const encoder = new TextEncoder()
