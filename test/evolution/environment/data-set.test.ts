import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type DataSetOptions, dataSetFromCsv } from '../../../src/evolution/environment/data-set.ts'

const bytesOf = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.join('\n'))
const read = (lines: readonly string[], options: DataSetOptions) => {
  return dataSetFromCsv(bytesOf(lines), options)
}

/** Rows 1 to 12: x counts up, y = 2x + 1, colour takes turns. */
const numbers = Array.from({ length: 12 }, (_, i) => i + 1)
const table = ['x,colour,y', ...numbers.map((x) => `${x},${'rgb'[x % 3]},${2 * x + 1}`)]
const irises = readFileSync(new URL('../../../examples/iris.csv', import.meta.url))

describe('dataSetFromCsv', () => {
  it('holds every fourth row out', () => {
    const { training, heldOut } = read(table, { target: 'y' })
    expect(training.rows).toBe(9)
    expect(heldOut.rows).toBe(3)
  })

  it('holds every fourth row of each class out, whatever their order', () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i * i},${'nesw'[i % 4]}`)
    const { training, heldOut } = read(['a,b,wind', ...rows], { target: 'wind' })
    for (const [part, count] of [
      [training, 8],
      [heldOut, 2],
    ] as const) {
      const counts = [0, 1, 2, 3].map((k) => part.targets.filter((target) => target === k).length)
      expect(counts).toEqual([count, count, count, count])
    }
  })

  it('scales numbers by the training part alone', () => {
    const set = read(table, { target: 'y' })
    const kept = numbers.filter((x) => x % 4 !== 0)
    const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length
    const variance = kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / kept.length
    const [x] = set.inputs
    expect(x?.mean).toBeCloseTo(mean, 12)
    expect(x?.deviation).toBeCloseTo(Math.sqrt(variance), 12)
    expect(set.targetMean).toBeCloseTo(2 * mean + 1, 12)
    expect(set.heldOut.inputs[0]).toBeCloseTo((4 - mean) / Math.sqrt(variance), 12)
    expect(set.heldOut.targets[0]).toBeCloseTo(set.heldOut.inputs[0]!, 12)
  })

  it('gives every category an input of 0 or 1, and two categories one', () => {
    const set = read(table, { target: 'y' })
    expect(set.inputs.map(({ column, category }) => [column, category])).toEqual([
      ['x', undefined],
      ['colour', 'b'],
      ['colour', 'g'],
      ['colour', 'r'],
    ])
    // Row 1 has colour g.
    expect([...set.training.inputs.slice(1, 4)]).toEqual([0, 1, 0])
    const pairs = table.map((line) => line.replace(/,[rg],/, ',r,'))
    const names = read(pairs, { target: 'y' }).inputs.map(({ category }) => category)
    expect(names).toEqual([undefined, 'r'])
  })

  it('leaves out columns that never change', () => {
    const constant = ['x,k,y', ...numbers.map((x) => `${x},0.1,${x * x}`)]
    expect(read(constant, { target: 'y' }).inputs.map(({ column }) => column)).toEqual(['x'])
  })

  it('takes many numbers for a quantity, few or names for classes', () => {
    expect(read(table, { target: 'y' })).toMatchObject({ kind: 'regression', classes: [] })
    const named = read(table, { target: 'colour' })
    expect(named).toMatchObject({ kind: 'classification', classes: ['b', 'g', 'r'] })
    expect(named.training.targets[0]).toBe(1)
    const ten = ['x,y', ...numbers.map((x) => `${x},${x % 10}`)]
    expect(read(ten, { target: 'y' }).kind).toBe('classification')
  })

  it('lets the caller decide', () => {
    const few = ['x,y', ...numbers.map((x) => `${x},${x % 3}`)]
    expect(read(few, { target: 'y', kind: 'regression' }).kind).toBe('regression')
    expect(read(table, { target: 'y', kind: 'classification' }).classes).toHaveLength(12)
  })

  it('reads the irises: Fisher’s values, three species, a quarter held out', () => {
    const set = dataSetFromCsv(irises, { target: 'species' })
    expect(set).toMatchObject({
      kind: 'classification',
      classes: ['setosa', 'versicolor', 'virginica'],
    })
    expect([set.training.rows, set.heldOut.rows]).toEqual([114, 36])
    const lines = irises.toString().split('\n')
    expect(lines[35]).toBe('4.9,3.1,1.5,0.2,setosa')
    expect(lines[38]).toBe('4.9,3.6,1.4,0.1,setosa')
    const sums = [0, 1, 2, 3].map((column) => {
      const cells = lines.slice(1, 151).map((line) => Number(line.split(',')[column]))
      return cells.reduce((sum, cell) => sum + cell, 0).toFixed(1)
    })
    expect(sums).toEqual(['876.5', '458.6', '563.7', '179.9'])
  })

  const words = numbers.map((x) => `${x},word${x},${x}`)
  const many = Array.from({ length: 40 }, (_, i) => `${i},name${i}`)
  it.each([
    ['no_such_column', table, 'z', /no column "z": the target must be one of x, colour, y/],
    ['too_few_rows', table.slice(0, 8), 'y', /7 rows of data: give at least 8/],
    ['missing_cell', [...table, '13,,27'], 'y', /row 14, column "colour" is empty: fill the cell/],
    ['missing_cell', [...table, 'NA,r,27'], 'y', /row 14, column "x" is "NA"/],
    ['missing_cell', [...table, '13,r,?'], 'y', /row 14, column "y" is "\?"/],
    ['constant_target', ['x,y', ...numbers.map((x) => `${x},7`)], 'y', /same value in every row/],
    ['no_inputs', ['k,y', ...numbers.map((x) => `1,${x}`)], 'y', /no column but the target/],
    ['too_many_classes', ['x,name', ...many], 'name', /more than 32 classes/],
    [
      'too_many_categories',
      ['name,y', ...many.map((line) => line.split(',').reverse().join())],
      'y',
      /row 2, column "name": "name0" is not a number, and the column has more than 32/,
    ],
  ])('refuses with %s', (code, lines, target, message) => {
    const reading = (): unknown => read(lines, { target })
    expect(reading).toThrow(expect.objectContaining({ name: 'TableError', code }))
    expect(reading).toThrow(message)
  })

  it('refuses words for a quantity, and numbers too large for one', () => {
    const options = { target: 'w', kind: 'regression' } as const
    expect(() => read(['x,w,z', ...words], options)).toThrow(/row 2, target "w": "word1" is not a/)
    const huge = ['x,w', ...numbers.map((x) => `${x},1e999`)]
    expect(() => read(huge, options)).toThrow(expect.objectContaining({ code: 'not_numeric' }))
  })
})
