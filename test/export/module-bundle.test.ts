import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { bundleOf } from '../../src/export/module-bundle.ts'

it('bundles what the compiler writes for the built package', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(
    join(folder, 'low.js'),
    '// low\nexport const ONE = 1;\n/** Twice. */\nexport function twice(x) {\n    return 2 * x;\n}\n',
  )
  writeFileSync(
    join(folder, 'high.js'),
    'import { ONE, twice as double, } from "./low.js";\nexport class High {\n    two = double(ONE);\n}\n',
  )
  const { text, entry } = bundleOf(pathToFileURL(join(folder, 'high.js')))
  expect(text).not.toMatch(/\/\/|\/\*|import/)
  const code = `${text}\nexport const { High } = ${entry}`
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  const { High } = await import(/* @vite-ignore */ url)
  expect(new High().two).toBe(2)
})
