// Terms: what a message consists of, as bytes on its way to another thread. A stream of values,
// each encoded when it is sent: what the sender changes afterwards is its own. The names of an
// object's fields cross once; later objects of the same shape cross without them, so writer and
// reader are a pair that must see every frame in order.
//
//   const writer = new TermWriter((frame) => reader.read(frame, (value) => seen.push(value)))
//   writer.begin(7)
//   writer.term({ type: 'add', by: 2 })
//   writer.flush()
//
// The only door of cbor-x, which is loaded with the first stream. Its records, extensions and
// buffers are used as they are; what it would silently turn into something else (instances of
// classes) is caught by an extension of ours.
import { OUT_BUFFER_BYTES } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { codecNamed, codecOf, type ErrorData, errorData, errorFrom } from './codec.ts'
import { lateImport } from './late-import.ts'
import { Process } from './pid.ts'
import { cannotCross, isBuiltIn, sanitized } from './term-check.ts'

/** How pids cross: by node and number; set by remote-export.ts. */
export interface PidTable {
  /** Its node. */
  nodeOf(process: Process): number
  /** Its number there; makes a process of this thread known to others. */
  idOf(process: Process): number
  find(node: number, id: number): Process
}

let pids: PidTable | null = null

export function usePidTable(table: PidTable): void {
  pids = table
}

function pidTable(): PidTable {
  if (pids === null) throw new TypeError('no other thread is connected')
  return pids
}

// --- Extensions of cbor-x ---

// One-byte tags that neither CBOR's registry nor cbor-x gives a meaning.
const PID_TAG = 7
const ERROR_TAG = 8
const INSTANCE_TAG = 9
const ARRAY_BUFFER_TAG = 10
const DATE_TAG = 11

type Write = (value: unknown) => unknown

// Types of cbor-x say that an extension returns bytes; it writes them by `write`.
interface Extension<T, Data> {
  readonly Class: unknown
  readonly tag: number
  encode(value: T, write: Write): void
  decode(data: Data): unknown
}

type Extend = <T, Data>(extension: Extension<T, Data>) => void

/** Matches what cbor-x would write as if it were a plain object. */
const Instance = {
  [Symbol.hasInstance]: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !isBuiltIn(value),
}

/** What a decoder of ours threw; cbor-x itself must go on with the values behind. */
let failure: unknown
let hasFailed = false

function decodeFailed(error: unknown): undefined {
  failure = error
  hasFailed = true
  return undefined
}

/** The latest is asked first. */
function extendCbor(extend: Extend): void {
  extend({
    Class: Instance,
    tag: INSTANCE_TAG,
    encode(value: object, write) {
      const codec = codecOf(value)
      if (codec === undefined) throw new TypeError('an instance without codec')
      write([codec.name, codec.encode(value)])
    },
    decode([name, data]: readonly [string, unknown]) {
      const codec = codecNamed(name)
      try {
        return codec === undefined ? decodeFailed(unknownCodec(name)) : codec.decode(data)
      } catch (error) {
        return decodeFailed(error)
      }
    },
  })
  extend({
    Class: ArrayBuffer,
    tag: ARRAY_BUFFER_TAG,
    encode: (value: ArrayBuffer, write) => write(new Uint8Array(value)),
    decode: (bytes: Uint8Array) => bytes.slice().buffer,
  })
  // In seconds, as cbor-x writes them, far dates are a millisecond off.
  extend({
    Class: Date,
    tag: DATE_TAG,
    encode: (date: Date, write) => write(date.getTime()),
    decode: (ms: number) => new Date(ms),
  })
  extend({
    Class: Error,
    tag: ERROR_TAG,
    encode: (error: Error, write) => write(errorData(error, sanitized)),
    decode: (data: ErrorData) => errorFrom(data),
  })
  extend({
    Class: Process,
    tag: PID_TAG,
    encode(process: Process, write) {
      const table = pidTable()
      write([table.nodeOf(process), table.idOf(process)])
    },
    decode: ([node, id]: readonly [number, number]) => pidTable().find(node, id),
  })
}

function unknownCodec(name: string): ArborError {
  const attempt = { operation: 'receive', target: name }
  const advice = 'load the module that registers it in this thread, too'
  return new ArborError('unknown_codec', `there is no codec "${name}" here`, advice, attempt)
}

// --- Streams ---

/** The buffer of an encoder, and where in it the value lies. */
type Encoded = Uint8Array & { readonly start?: number; readonly end?: number }

/** What of cbor-x is used, with the parts that its types leave out. */
interface Cbor {
  encode(value: unknown, options: number): Encoded
  decodeMultiple(bytes: Uint8Array, each: (value: unknown) => void): void
}

/**
 * Reuse the encoder's own buffer, always from the same place, and say where the value lies in it:
 * cbor-x's flags REUSE_BUFFER_MODE and RESET_BUFFER_MODE. Any further bit keeps it from aligning.
 */
const IN_PLACE = 512 | 1024 | 1

let cborX: typeof import('cbor-x') | null = null

function makeCbor(): Cbor {
  if (cborX === null) {
    cborX = lateImport('cbor-x') as typeof import('cbor-x')
    extendCbor(cborX.addExtension as Extend)
  }
  return new cborX.Encoder({ sequential: true, structures: [], copyBuffers: true }) as Cbor
}

/** First byte of a frame: the reader goes on with the shapes it knows, or starts with none. */
const GO_ON = 0
const START_AFRESH = 1

/** Values shorter than this are copied byte by byte, which is faster. */
const COPY_LOOP_BYTES_MAX = 64

/** Whether a value is being encoded: cbor-x has one state for all encoders of a thread. */
let isEncoding = false

/** Writes signals, each a few numbers and terms, into frames. */
export class TermWriter {
  readonly #emit: (frame: Uint8Array) => void
  #cbor: Cbor = makeCbor()
  #bytes: Uint8Array = new Uint8Array(OUT_BUFFER_BYTES)
  #view: DataView = new DataView(this.#bytes.buffer)
  #length = 1
  /** Where the signal begins that is being written. */
  #begin = 1

  /** `emit` is given each frame, and has to be done with its bytes when it returns. */
  constructor(emit: (frame: Uint8Array) => void) {
    this.#emit = emit
    this.#bytes[0] = START_AFRESH
  }

  /** Bytes that wait for `flush`. */
  get length(): number {
    return this.#length - 1
  }

  /** Begins a signal with its first number. */
  begin(header: number): void {
    this.#begin = this.#length
    this.number(header)
  }

  /** Writes an integer from 0 to 2^53. */
  number(value: number): void {
    if (this.#length + 9 > this.#bytes.length) this.#grow(9)
    const bytes = this.#bytes
    if (value < 24) bytes[this.#length++] = value
    else if (value <= 0xffff_ffff) {
      bytes[this.#length] = 0x1a
      this.#view.setUint32(this.#length + 1, value)
      this.#length += 5
    } else {
      bytes[this.#length] = 0xfb
      this.#view.setFloat64(this.#length + 1, value)
      this.#length += 9
    }
  }

  /**
   * Writes a value; throws an `ArborError` with code `cannot_cross` when it cannot be copied, and
   * takes the signal back.
   */
  term(value: unknown): void {
    if (isEncoding) {
      const attempt = { operation: 'send', request: value }
      const advice = 'its encode must only return data'
      throw new ArborError('codec_sends', 'a codec sent a message', advice, attempt)
    }
    isEncoding = true
    try {
      this.#append(this.#cbor.encode(value, IN_PLACE))
    } catch (error) {
      this.#takeBack()
      throw cannotCross(value, error)
    } finally {
      isEncoding = false
    }
  }

  /** Writes a value that has to cross: what cannot be copied is described by a word. */
  anyTerm(value: unknown): void {
    const begun = this.#bytes.slice(this.#begin, this.#length)
    try {
      this.term(value)
    } catch {
      this.#begin = this.#length
      for (const byte of begun) this.#bytes[this.#length++] = byte
      this.term(sanitized(value))
    }
  }

  /** Emits what has been written. */
  flush(): void {
    if (this.#length === 1) return
    this.#emit(this.#bytes.subarray(0, this.#length))
    if (this.#bytes.length > OUT_BUFFER_BYTES) this.#resize(OUT_BUFFER_BYTES, 0)
    this.#bytes[0] = GO_ON
    this.#length = 1
    this.#begin = 1
  }

  #append(encoded: Encoded): void {
    const { start = 0, end = encoded.length } = encoded
    const size = end - start
    if (this.#length + size > this.#bytes.length) this.#grow(size)
    if (size < COPY_LOOP_BYTES_MAX) {
      const bytes = this.#bytes
      let at = this.#length
      for (let i = start; i < end; i++) bytes[at++] = encoded[i] as number
    } else this.#bytes.set(encoded.subarray(start, end), this.#length)
    this.#length += size
  }

  /**
   * The reader does not see what was encoded of the value, shapes least of all: it starts with none
   * again.
   */
  #takeBack(): void {
    this.#length = this.#begin
    this.flush()
    this.#cbor = makeCbor()
    this.#bytes[0] = START_AFRESH
  }

  #grow(size: number): void {
    this.#resize(Math.max(this.#bytes.length * 2, this.#length + size), this.#length)
  }

  #resize(size: number, kept: number): void {
    const bytes = new Uint8Array(size)
    bytes.set(this.#bytes.subarray(0, kept))
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

/** Reads the frames of one writer, in its order. */
export class TermReader {
  #cbor: Cbor = makeCbor()

  /** Hands over each number and term of a frame; throws when it is no frame of a writer. */
  read(frame: Uint8Array, each: (value: unknown) => void): void {
    if (frame[0] === START_AFRESH) this.#cbor = makeCbor()
    this.#cbor.decodeMultiple(frame.subarray(1), each)
  }
}

/**
 * Why a part of the value just read could not be decoded, and is undefined instead; or undefined
 * when all of it could. Tells once.
 */
export function takeDecodeFailure(): { readonly error: unknown } | undefined {
  if (!hasFailed) return undefined
  hasFailed = false
  return { error: failure }
}

/** A copy of a value, as another thread would get it; throws `cannot_cross` as `send` would. */
export function copied<T>(value: T): T {
  let copy: unknown
  const writer = new TermWriter((frame) => new TermReader().read(frame.slice(), take))
  const take = (decoded: unknown): void => {
    copy = decoded
  }
  writer.begin(0)
  writer.term(value)
  writer.flush()
  return copy as T
}
