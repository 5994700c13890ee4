// Bytes in, lines out. A line ends with \n or \r\n; one longer than the bound is cut, and what is
// beyond it is dropped up to its end, so that a program that never breaks a line cannot fill our
// memory.

export interface Line {
  readonly line: string
  /** Whether bytes beyond the bound were dropped. */
  readonly isCut: boolean
}

const NEWLINE = 0x0a
const RETURN = 0x0d

export class LineSplitter {
  readonly #bytesMax: number
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #isCut = false

  /** @param bytesMax bytes of a line without its break */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes a chunk; returns the lines it completes. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** The stream has ended: a last line without a break, if there is one. */
  end(): Line[] {
    return this.#pendingBytes > 0 || this.#isCut ? [this.#take()] : []
  }

  #keep(bytes: Uint8Array): void {
    // One more than the bound: it may be the \r of a line that fits.
    const room = this.#bytesMax + 1 - this.#pendingBytes
    if (bytes.length > room) this.#isCut = true
    const kept = bytes.subarray(0, Math.max(0, room))
    if (kept.length === 0) return
    this.#pending.push(kept)
    this.#pendingBytes += kept.length
  }

  #take(): Line {
    let bytes: Uint8Array = Buffer.concat(this.#pending)
    if (!this.#isCut && bytes.at(-1) === RETURN) bytes = bytes.subarray(0, -1)
    const isCut = this.#isCut || bytes.length > this.#bytesMax
    const line = new TextDecoder().decode(bytes.subarray(0, this.#bytesMax))
    this.#pending = []
    this.#pendingBytes = 0
    this.#isCut = false
    return { line, isCut }
  }
}
