// The bytes of Protocol Buffers messages, as far as ONNX needs them (protobuf.dev, "Encoding"):
// varints, fixed 32-bit numbers, and fields of bytes. A message is its fields one behind the other.
//
//   const node = new ProtobufWriter()
//   node.text(4, 'Tanh')
//   graph.message(1, node)

const encoder = new TextEncoder()

export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  /** A whole number of at least 0, at most 2^53. */
  integer(field: number, value: number): void {
    this.#put(varint(field * 8))
    this.#put(varint(value))
  }

  float(field: number, value: number): void {
    this.#put(varint(field * 8 + 5))
    this.#put(new Uint8Array(Float32Array.of(value).buffer))
  }

  bytes(field: number, value: Uint8Array): void {
    this.#put(varint(field * 8 + 2))
    this.#put(varint(value.length))
    this.#put(value)
  }

  text(field: number, value: string): void {
    this.bytes(field, encoder.encode(value))
  }

  message(field: number, value: ProtobufWriter): void {
    this.bytes(field, value.finish())
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  #put(part: Uint8Array): void {
    this.#parts.push(part)
    this.#length += part.length
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
