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
    fileParallelism: true,
  },
})
