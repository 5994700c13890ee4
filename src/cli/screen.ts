// What a person watches: a block of lines that is redrawn in place on a terminal, and plain lines,
// one after the other, anywhere else.
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { REDRAW_MS } from '../limits.ts'

/** A stream that may be a terminal. */
export type Terminal = Writable & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>

/** What is redrawn: lines for a terminal of so many columns. */
export type Block = (columns: number) => readonly string[]

export class Screen {
  readonly #stream: Terminal
  /** Whether the stream is a terminal that can be redrawn. */
  readonly isLive: boolean
  #drawnLines = 0
  #next: Block | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(stream: Terminal, options: { readonly live?: boolean } = {}) {
    this.#stream = stream
    this.isLive = options.live ?? (stream.isTTY === true && process.env.TERM !== 'dumb')
  }

  /** Writes a line that stays, above the block. */
  line(text: string): void {
    this.#erase()
    this.#stream.write(`${text}\n`)
    this.#draw()
  }

  /** Sets what the block shows; drawn on a terminal only, and soon rather than at once. */
  show(block: Block): void {
    this.#next = block
    if (!this.isLive || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#erase()
      this.#draw()
    }, REDRAW_MS)
    this.#timer.unref()
  }

  /** Draws the block a last time and leaves it there. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#erase()
    this.#draw()
    this.#drawnLines = 0
    this.#next = undefined
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#stream.write(`${ESCAPE}[${this.#drawnLines}A${ESCAPE}[J`)
    this.#drawnLines = 0
  }

  #draw(): void {
    if (!this.isLive || this.#next === undefined) return
    const { columns = 80, rows = 24 } = this.#stream
    // What has scrolled out cannot be erased: a block is lower than its terminal.
    const lines = this.#next(columns).slice(0, Math.max(1, rows - 1))
    const text = lines.map((line) => `${cut(line, columns)}\n`).join('')
    this.#stream.write(text)
    this.#drawnLines = lines.length
  }
}

/** What starts an escape sequence of a terminal. */
const ESCAPE = '\u001b'
/** A styling sequence, or one character. */
const sequenceOrCharacter = new RegExp(`${ESCAPE}\\[[0-9;]*m|.`, 'gu')

/**
 * Cuts a line to a terminal's width, so that it takes one row and can be counted; escapes take no
 * room.
 */
function cut(line: string, width: number): string {
  let visible = 0
  return line.replaceAll(sequenceOrCharacter, (part) => {
    if (part.length > 1 && part.startsWith(ESCAPE)) return part
    visible += 1
    return visible <= width ? part : ''
  })
}

type Style = Parameters<typeof styleText>[0]

/** Styles text for a stream; plain where it is no terminal or NO_COLOR is set. */
export function styled(style: Style, text: string, stream: Terminal): string {
  return styleText(style, text, { stream })
}
