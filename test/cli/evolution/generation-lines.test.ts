import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GenerationLines,
  rowsBackwards,
  rowsOf,
} from '../../../src/cli/evolution/generation-lines.ts'
import { BadInput } from '../../../src/cli/failure.ts'
import { FILE_CHUNK_BYTES } from '../../../src/limits.ts'
import { emptyFolder } from '../arbor.ts'

interface Row {
  readonly generation: number
  readonly text: string
}

const path = (): string => join(emptyFolder(), 'lines.jsonl')
const textOf = (rows: readonly Row[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** Rows of ascending generations, some of them longer than what is read at a time. */
const someRows = fc
  .array(fc.tuple(fc.nat(2), fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('long'))))
  .map((steps) => {
    let generation = 0
    return steps.map(([step, text]): Row => {
      generation += step
      return { generation, text: text === 'long' ? 'ä'.repeat(FILE_CHUNK_BYTES) : text }
    })
  })

const asked = { numRuns: 60 }

describe('a file of generations', () => {
  it('is read from either end, wherever its bytes were cut', async () => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.double({ min: 0, max: 1, noNaN: true }), async (rows, part) => {
        const file = path()
        const bytes = Buffer.from(textOf(rows))
        const cut = bytes.subarray(0, Math.round(part * bytes.length))
        writeFileSync(file, cut)
        const whole = rows.slice(0, cut.filter((byte) => byte === 10).length)
        expect([...rowsBackwards<Row>(file)]).toEqual(whole.toReversed())
        const forwards: Row[] = []
        for await (const row of rowsOf<Row>(file)) forwards.push(row)
        expect(forwards.slice(0, whole.length)).toEqual(whole)
      }),
      asked,
    )
  })

  it('goes on at any generation without a line too many or too few', () => {
    fc.assert(
      fc.property(someRows, fc.nat(20), fc.nat(40), (rows, generation, lost) => {
        const file = path()
        const bytes = Buffer.from(textOf(rows))
        // What a kill may leave: all before the checkpoint, and anything behind it.
        const before = Buffer.from(textOf(rows.filter((row) => row.generation < generation)))
        writeFileSync(file, bytes.subarray(0, Math.max(before.length, bytes.length - lost)))
        const lines = GenerationLines.continuing<Row>(file, generation)
        const generations = new Set(rows.map((row) => row.generation))
        for (const one of generations) {
          const own = rows.filter((row) => row.generation === one)
          lines.add(one, own)
          // Told again, as after a crash within the process.
          lines.add(one, own)
        }
        lines.close()
        expect(readFileSync(file, 'utf8')).toBe(textOf(rows))
      }),
      asked,
    )
  })

  it('is refused with its path where there is no place for it', () => {
    const file = join(emptyFolder(), 'none', 'lines.jsonl')
    expect(() => GenerationLines.continuing(file, 0)).toThrow(BadInput)
    expect(() => GenerationLines.continuing(file, 0)).toThrow(/lines\.jsonl cannot be written/)
  })
})
