import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

const check = (): string =>
  execFileSync(process.execPath, ['.ci/build-kernel.mjs', '--check'], { encoding: 'utf8' })

it('the kernel is what its sources compile to', ({ skip }) => {
  // Throws unless the bytes, or without the compiler at least the hash of the sources, agree.
  const notice = check()
  if (notice !== '') skip(notice.trim())
  expect(notice).toBe('')
})
