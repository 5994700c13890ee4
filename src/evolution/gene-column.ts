// Columns of genes: typed arrays that grow while a pool is written, and are cut when it is done
// (genome-writer.ts).

/**
 * The used part of a column: as it is when little is unused, otherwise a copy that wastes nothing.
 */
export function fitted<T extends Float64Array | Uint8Array | Int32Array>(
  column: T,
  used: number,
): T {
  const isTight = column.length - used <= used / 16
  return (isTight ? column.subarray(0, used) : column.slice(0, used)) as T
}

/** The column with room for as many as are needed, and for as many again as it has. */
export function grownFloats(column: Float64Array, needed: number): Float64Array {
  const next = new Float64Array(Math.max(needed, column.length * 2))
  next.set(column)
  return next
}

export function grownBytes(column: Uint8Array, needed: number): Uint8Array {
  const next = new Uint8Array(Math.max(needed, column.length * 2))
  next.set(column)
  return next
}

export function grownIndices(column: Int32Array, needed: number): Int32Array {
  const next = new Int32Array(Math.max(needed, column.length * 2))
  next.set(column)
  return next
}
