import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['arbor-source'] },
  test: {
    setupFiles: ['test/silent-logger.ts'],
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    reporters: ['default', './test/counts-reporter.ts'],
    hookTimeout: 30_000,
    // A second is too little for a thread to end in while another test has the cores.
    expect: { poll: { timeout: 10_000 } },
    fileParallelism: true,
  },
})
