// npm run test:onnx: holds exported models to onnxruntime-node, which is fetched into a folder of
// its own for the purpose: 100 MB that nobody else needs.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const VERSION = '1.30.0'
const folder = join(tmpdir(), `arbor-onnx-${VERSION}`)

if (!existsSync(join(folder, 'node_modules', 'onnxruntime-node'))) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const install = ['install', '--ignore-scripts', '--no-audit', `onnxruntime-node@${VERSION}`]
  const { status } = spawnSync('npm', install, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) {
    console.error('test:onnx: onnxruntime-node cannot be fetched; is there a network?')
    process.exit(1)
  }
}
const { status } = spawnSync('vitest', ['run', 'test/export'], {
  stdio: 'inherit',
  env: { ...process.env, ARBOR_ONNX: folder },
})
process.exit(status ?? 1)
