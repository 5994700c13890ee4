// The kernel of this thread: one instance of the WebAssembly module with one memory, whose regions
// all networks of the thread share (an instance for each would exhaust the address space: every
// memory reserves gigabytes of it).
//
//   const kernel = threadKernel()       // undefined where WebAssembly has no SIMD
//   const address = kernel?.allocate(4_096)
//
// Not for use beside kernel-network.ts and kernel-samples.ts.
import { KERNEL_MEMORY_BYTES_MAX } from '../../limits.ts'
import { KERNEL_BASE64 } from './kernel-bytes.ts'

const PAGE_BYTES = 65_536
/** Regions are powers of two from here on, so that they are reused. */
const REGION_BYTES_MIN = 4_096

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The part of the WebAssembly interface that is used here; it is no part of ECMAScript's types. */
interface WebAssemblyInterface {
  Memory: new (options: { initial: number; maximum: number }) => Memory
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: object }
}

declare const WebAssembly: WebAssemblyInterface | undefined

export type KernelFunction = (...numbers: readonly number[]) => number

/** A part of the memory; who holds it writes nowhere else. */
export interface Region {
  readonly address: number
  readonly bytes: number
}

export class Kernel {
  readonly #memory: Memory
  readonly #functions: ReadonlyMap<string, KernelFunction>
  /** Regions given back, by size. */
  readonly #free = new Map<number, number[]>()
  /** Everything from here on was never used. */
  #end: number

  constructor(memory: Memory, exports: object) {
    this.#memory = memory
    const named = Object.entries(exports)
    this.#functions = new Map(named.filter(([, value]) => typeof value === 'function'))
    const base = Number(named.find(([name]) => name === '__heap_base')?.[1].value)
    this.#end = Math.ceil(base / REGION_BYTES_MIN) * REGION_BYTES_MIN
  }

  /** Of the whole memory; another one after the memory has grown, and the views of it are dead. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer
  }

  /** Throws a RangeError for a name that kernel.c does not export. */
  function(name: string): KernelFunction {
    const found = this.#functions.get(name)
    if (found === undefined) throw new RangeError(`the kernel has no ${name}`)
    return found
  }

  /**
   * A region of at least so many bytes, at a multiple of 4,096, with whatever was there; undefined
   * beyond KERNEL_MEMORY_BYTES_MAX.
   */
  allocate(bytes: number): Region | undefined {
    let size = REGION_BYTES_MIN
    while (size < bytes) size *= 2
    const address = this.#free.get(size)?.pop() ?? this.#extend(size)
    return address === undefined ? undefined : { address, bytes: size }
  }

  release({ address, bytes }: Region): void {
    const free = this.#free.get(bytes)
    if (free === undefined) this.#free.set(bytes, [address])
    else free.push(address)
  }

  #extend(size: number): number | undefined {
    const address = this.#end
    const present = this.#memory.buffer.byteLength
    const missing = address + size - present
    if (missing > 0) {
      const room = KERNEL_MEMORY_BYTES_MAX - present
      if (missing > room) return undefined
      // Doubling, so that views die seldom.
      const growth = Math.min(room, Math.max(missing, present))
      try {
        this.#memory.grow(Math.ceil(growth / PAGE_BYTES))
      } catch {
        return undefined
      }
    }
    this.#end = address + size
    return address
  }
}

function bytesOf(base64: string): Uint8Array {
  // atob ignores white space.
  const text = atob(base64)
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function makeKernel(): Kernel | undefined {
  if (typeof WebAssembly === 'undefined') return undefined
  let module: object
  try {
    module = new WebAssembly.Module(bytesOf(KERNEL_BASE64))
  } catch {
    // No SIMD, or compilation is not allowed here.
    return undefined
  }
  const memory = new WebAssembly.Memory({
    initial: 16,
    maximum: KERNEL_MEMORY_BYTES_MAX / PAGE_BYTES,
  })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return new Kernel(memory, exports)
}

let kernel: Kernel | undefined | null = null

/** The kernel of this thread, made when first asked for. */
export function threadKernel(): Kernel | undefined {
  if (kernel === null) kernel = makeKernel()
  return kernel
}
