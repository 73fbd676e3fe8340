import { defineConfig } from 'vitest/config'

/** `pnpm test:slow`: what takes long and finds little in each run; a shorter version of most of it is in `pnpm test`. */
export default defineConfig({
  test: {
    include: ['{server,web}/**/*.slow.test.ts'],
    globalSetup: ['server/test/harness/database-server.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 3,
    isolate: false,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-slow-report.json' }]] : ['default'],
  },
})
