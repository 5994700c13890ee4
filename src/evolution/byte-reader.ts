// Reads what byte-writer.ts wrote, or what claims to be it: whatever is missing throws `Truncated`.
//
//   const reader = new ByteReader(bytes)
//   const version = reader.uint16()

/** The bytes ended before the value did. */
export class Truncated extends Error {}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  float64List(): number[] {
    const count = this.uint8()
    return Array.from({ length: count }, () => this.float64())
  }

  /** Text; undefined when its bytes are not UTF-8. */
  text(): string | undefined {
    const count = this.uint8()
    const at = this.#take(count)
    try {
      return decoder.decode(this.#bytes.subarray(at, at + count))
    } catch {
      return undefined
    }
  }

  /** A copy of so many bytes. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count)
    return this.#bytes.slice(at, at + count)
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) {
      throw new Truncated(`${count} bytes are missing at ${at} of ${this.#bytes.length}`)
    }
    this.#at += count
    return at
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
